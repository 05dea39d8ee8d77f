//! Since when a rule passes or does not, for every way in which that can come about.

use portolan::model::Scorecard;
use portolan::{Catalog, Seq, Viewer};
use serde_json::{Value as Json, json};

use crate::common::{declare, options, readiness, viewer};

fn write(catalog: &Catalog, blueprint: &str, document: &Json) -> Seq {
    let mut tx = catalog.write(&Viewer::system("ann")).unwrap();
    tx.merge(blueprint, document).unwrap();
    tx.commit().unwrap().seq
}

/// Each rule of `cart` with the commit since which it has its result.
fn since(catalog: &Catalog) -> Vec<(String, bool, u64)> {
    let card = catalog
        .read(&viewer())
        .scorecard("readiness", "cart")
        .unwrap();
    let rules = card.rules.into_iter();
    rules
        .map(|rule| {
            (
                rule.identifier.to_string(),
                rule.passed,
                rule.since.unwrap().seq.0,
            )
        })
        .collect()
}

/// What changes a rule is told: a write of the entity, of a related one, of the relation, of the
/// model. What leaves a result alone is not; neither are rules that are put before it.
#[test]
fn a_rule_tells_since_when_it_has_its_result() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rules.portolan");
    let mut catalog = Catalog::open_with(&path, options()).unwrap();
    declare(&catalog);
    write(&catalog, "team", &json!({"identifier": "payments"}));
    write(
        &catalog,
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 1}}),
    );
    write(
        &catalog,
        "service",
        &json!({"identifier": "cart", "relations": {"owner": "payments"}}),
    );
    write(
        &catalog,
        "team",
        &json!({"identifier": "payments", "properties": {"onCall": "eve"}}),
    );
    write(
        &catalog,
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 2}}),
    );
    let mut form = readiness().to_json();
    let critical = json!({"identifier": "critical", "level": "Gold", "when": "tier <= 2"});
    form["rules"].as_array_mut().unwrap().insert(0, critical);
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([], [Scorecard::from_json(&form).unwrap()])
        .unwrap();
    tx.commit().unwrap();
    write(
        &catalog,
        "service",
        &json!({"identifier": "cart", "properties": {"readme": "# Cart"}}),
    );
    let right = [
        ("critical", true, 7),
        ("owned", true, 4),
        ("readme", true, 8),
        ("onCall", true, 5),
        ("small", true, 3),
        ("trusted", true, 3),
    ];
    let right = right.map(|(rule, passed, seq)| (rule.to_owned(), passed, seq));
    assert_eq!(since(&catalog), right);
    catalog.checkpoint().unwrap();
    assert_eq!(since(&catalog), right);
    write(
        &catalog,
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 3}}),
    );
    for _ in 0..2 {
        let mut changed = right.clone();
        changed[0] = ("critical".to_owned(), false, 9);
        assert_eq!(since(&catalog), changed);
        catalog.close().unwrap();
        catalog = Catalog::open_with(&path, options()).unwrap();
    }
}

#[test]
fn a_commit_lists_the_results_that_it_changes() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    declare(&catalog);
    write(
        &catalog,
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 1}}),
    );
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.merge(
        "service",
        &json!({"identifier": "cart", "properties": {"readme": "# Cart"}}),
    )
    .unwrap();
    let commit = tx.commit().unwrap();
    let flips: Vec<_> = commit.rule_changes().collect();
    assert_eq!(flips.len(), 1);
    assert_eq!(
        (flips[0].entity.to_string(), &*flips[0].rule),
        ("service/cart".to_owned(), "readme")
    );
    assert_eq!((flips[0].from, flips[0].to), (Some(false), Some(true)));
    assert_eq!(&*flips[0].scorecard, "readiness");
}
