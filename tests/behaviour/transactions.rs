//! Transactions: all or nothing, equal writes, references, deletions, who may write when.

use std::time::Duration;

use crate::common::{blueprint, declare, empty_catalog, options, scorecard, service, viewer};
use portolan::{Catalog, ErrorKind};
use serde_json::json;

#[test]
fn a_transaction_commits_whole_and_is_seen_at_once() {
    let catalog = empty_catalog();
    let before = catalog.read(&viewer());
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert(
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 1}, "relations": {"owner": "shop"}}),
    )
    .unwrap();
    tx.upsert(
        "team",
        &json!({"identifier": "shop", "properties": {"onCall": "ann"}}),
    )
    .unwrap();
    let commit = tx.commit().unwrap();
    assert_eq!((commit.seq.0, commit.created, commit.updated), (2, 2, 0));

    assert_eq!(
        before.count("service").unwrap(),
        0,
        "a snapshot never changes"
    );
    let after = catalog.read(&viewer());
    let cart = after.get("service", "cart").unwrap();
    assert_eq!(cart["relations"]["owner"], "shop");
    assert_eq!(cart["properties"]["ownerOnCall"], "ann");
    assert_eq!(
        cart["properties"]["archived"], false,
        "a default fills what was not named"
    );
    assert_eq!(cart["createdAt"], "2026-11-01T12:00:00Z");
    assert_eq!(cart["createdBy"], "test");
}

#[test]
fn dropping_a_transaction_rolls_it_back() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("team", &json!({"identifier": "shop"})).unwrap();
    drop(tx);
    let snapshot = catalog.read(&viewer());
    assert_eq!((snapshot.seq().0, snapshot.count("team").unwrap()), (1, 0));
}

#[test]
fn an_equal_write_changes_nothing() {
    let catalog = empty_catalog();
    let cart =
        json!({"identifier": "cart", "title": "Cart", "properties": {"tier": 1, "tags": ["a"]}});
    for expected_seq in [2, 2] {
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.upsert("service", &cart).unwrap();
        let commit = tx.commit().unwrap();
        assert_eq!(commit.seq.0, expected_seq);
    }
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.merge(
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 1.0}}),
    )
    .unwrap();
    tx.declare([service()], []).unwrap();
    assert!(tx.commit().unwrap().is_empty());
    assert_eq!(catalog.read(&viewer()).seq().0, 2);
}

#[test]
fn upsert_replaces_and_merge_keeps() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    let full = json!({"identifier": "cart", "title": "Cart", "team": "shop",
        "properties": {"tier": 1, "language": "Go"}});
    tx.upsert("service", &full).unwrap();
    tx.merge(
        "service",
        &json!({"identifier": "cart", "title": null, "properties": {"tier": 2}}),
    )
    .unwrap();
    tx.commit().unwrap();
    let merged = catalog.read(&viewer()).get("service", "cart").unwrap();
    assert_eq!(merged["title"], json!(null));
    assert_eq!(merged["team"], json!(["shop"]));
    assert_eq!(
        merged["properties"],
        json!({"tier": 2, "language": "Go", "archived": false, "dependencyTiers": []})
    );

    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert(
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 3}}),
    )
    .unwrap();
    tx.commit().unwrap();
    let replaced = catalog.read(&viewer()).get("service", "cart").unwrap();
    let properties = json!({"tier": 3, "archived": false, "dependencyTiers": []});
    assert_eq!(
        (&replaced["team"], &replaced["properties"]),
        (&json!([]), &properties)
    );
}

#[test]
fn deleting_clears_optional_relations_and_is_refused_by_required_ones() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    let deployment = blueprint(json!({
        "identifier": "deployment", "title": "Deployment",
        "relations": {"service": {"target": "service", "required": true, "many": false}}
    }));
    tx.declare([deployment], []).unwrap();
    for (id, dependencies) in [
        ("ledger", json!([])),
        ("mail", json!([])),
        ("cart", json!(["ledger", "mail"])),
    ] {
        let document = json!({"identifier": id, "properties": {"tier": 1}, "relations": {"dependsOn": dependencies}});
        tx.upsert("service", &document).unwrap();
    }
    tx.upsert(
        "deployment",
        &json!({"identifier": "d1", "relations": {"service": "mail"}}),
    )
    .unwrap();
    tx.commit().unwrap();

    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("service", "ledger").unwrap();
    let commit = tx.commit().unwrap();
    assert_eq!((commit.deleted, commit.updated), (1, 1));
    let cart = catalog.read(&viewer()).get("service", "cart").unwrap();
    assert_eq!(cart["relations"]["dependsOn"], json!(["mail"]));

    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("service", "mail").unwrap();
    let error = tx.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        error.message(),
        "service `mail` cannot be deleted: deployment `d1` requires it as `service`"
    );
    assert_eq!(catalog.read(&viewer()).count("service").unwrap(), 2);

    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("deployment", "d1").unwrap();
    tx.delete("service", "mail").unwrap();
    assert_eq!(tx.commit().unwrap().deleted, 2);
    assert_eq!(tx_error(&catalog), "there is no service `mail`");
}

fn tx_error(catalog: &Catalog) -> String {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("service", "mail").unwrap_err().to_string()
}

#[test]
fn a_deleted_entity_can_come_back_in_the_same_transaction_and_later() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("team", &json!({"identifier": "shop", "title": "Old"}))
        .unwrap();
    tx.commit().unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("team", "shop").unwrap();
    tx.upsert("team", &json!({"identifier": "shop", "title": "New"}))
        .unwrap();
    tx.commit().unwrap();
    assert_eq!(
        catalog.read(&viewer()).get("team", "shop").unwrap()["title"],
        "New"
    );
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("team", "shop").unwrap();
    tx.commit().unwrap();
    let error = catalog.read(&viewer()).get("team", "shop").unwrap_err();
    assert_eq!(error.to_string(), "there is no team `shop`");
}

#[test]
fn a_changed_blueprint_must_suit_the_entities_that_are_there() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("team", &json!({"identifier": "shop"})).unwrap();
    tx.upsert(
        "team",
        &json!({"identifier": "bank", "properties": {"onCall": "bob"}}),
    )
    .unwrap();
    tx.commit().unwrap();

    let strict = blueprint(json!({
        "identifier": "team", "title": "Team",
        "schema": {"properties": {"onCall": {"type": "string"}}, "required": ["onCall"]},
        "relations": {"parent": {"target": "team", "required": false, "many": false}}
    }));
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([strict.clone()], []).unwrap();
    let error = tx.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let message = error.to_string();
    assert!(
        message.contains("the new blueprint `team` would break 1 entity"),
        "{message}"
    );
    assert!(message.contains("team `shop`"), "{message}");

    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([strict], []).unwrap();
    tx.merge(
        "team",
        &json!({"identifier": "shop", "properties": {"onCall": "ann"}}),
    )
    .unwrap();
    tx.commit().unwrap();
}

#[test]
fn one_writer_at_a_time() {
    let catalog =
        Catalog::in_memory_with(options().write_timeout(Duration::from_millis(20))).unwrap();
    declare(&catalog);
    let first = catalog.write(&viewer()).unwrap();
    let error = catalog.write(&viewer()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    drop(first);
    catalog.write(&viewer()).unwrap();
    let other = catalog.clone();
    catalog.close().unwrap();
    assert_eq!(
        other.write(&viewer()).unwrap_err().kind(),
        ErrorKind::Closed
    );
    assert_eq!(other.read(&viewer()).seq().0, 1);
}

#[test]
fn writers_on_many_threads_take_turns() {
    let catalog = empty_catalog();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let catalog = catalog.clone();
            scope.spawn(move || {
                for count in 0..25 {
                    let mut tx = catalog.write(&viewer()).unwrap();
                    let identifier = format!("t{thread}-{count}");
                    tx.upsert("team", &json!({"identifier": identifier}))
                        .unwrap();
                    tx.commit().unwrap();
                    let snapshot = catalog.read(&viewer());
                    assert!(snapshot.get("team", &identifier).is_ok());
                    assert_eq!(snapshot.count("team").unwrap(), snapshot.seq().0 - 1);
                }
            });
        }
    });
    assert_eq!(catalog.read(&viewer()).count("team").unwrap(), 100);
}

#[test]
fn a_panic_in_the_host_leaves_the_catalog_usable() {
    let catalog = empty_catalog();
    let other = catalog.clone();
    let panicked = std::thread::spawn(move || {
        let mut tx = other.write(&viewer()).unwrap();
        tx.upsert("team", &json!({"identifier": "shop"})).unwrap();
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("team", &json!({"identifier": "bank"})).unwrap();
    tx.commit().unwrap();
    assert_eq!(catalog.read(&viewer()).count("team").unwrap(), 1);
}

#[test]
fn blueprints_go_only_when_nothing_needs_them() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert(
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 1}}),
    )
    .unwrap();
    assert!(
        tx.remove_blueprint("service")
            .unwrap_err()
            .to_string()
            .contains("still has entities")
    );
    tx.delete("service", "cart").unwrap();
    let error = tx.remove_blueprint("service").unwrap_err();
    assert!(error.to_string().contains("readiness"), "{error}");
    tx.remove_scorecard("readiness").unwrap();
    tx.remove_blueprint("service").unwrap();
    assert!(tx.remove_blueprint("team").is_ok());
    tx.commit().unwrap();
    assert_eq!(catalog.read(&viewer()).model().blueprints().count(), 0);
}

/// A filter that lets an entity in, and the deletion of the entity, in one commit: nothing of its
/// results is reported, as nobody could ever see them.
#[test]
fn what_a_deleted_entity_would_have_passed_is_not_reported() {
    let catalog = Catalog::in_memory().unwrap();
    let part =
        json!({"identifier": "part", "schema": {"properties": {"tier": {"type": "number"}}}});
    let graded = |filter: &str| {
        let rule = json!({"identifier": "known", "level": "Bronze", "when": "tier IS NOT NULL"});
        let card = json!({"identifier": "card", "blueprint": "part", "filter": {"when": filter},
                          "rules": [rule]});
        scorecard(card)
    };
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint(part)], [graded("tier > 5")]).unwrap();
    for at in 0..8 {
        let entity = json!({"identifier": format!("p{at}"), "properties": {"tier": at % 2}});
        tx.upsert("part", &entity).unwrap();
    }
    tx.commit().unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([], [graded("tier > 0")]).unwrap();
    tx.delete("part", "p1").unwrap();
    let commit = tx.commit().unwrap();
    let flips = commit.rule_changes().map(|flip| flip.entity.to_string());
    assert_eq!(flips.collect::<Vec<_>>(), ["part/p3", "part/p5", "part/p7"]);
    let levels = commit.level_changes().map(|flip| flip.entity.to_string());
    assert_eq!(
        levels.collect::<Vec<_>>(),
        ["part/p3", "part/p5", "part/p7"]
    );
}

/// A new rule, and a write that takes an entity out of the scorecard, in one commit: the rule had no
/// result before, so that none has changed.
#[test]
fn what_a_new_rule_would_have_said_is_not_reported() {
    let catalog = Catalog::in_memory().unwrap();
    let part =
        json!({"identifier": "part", "schema": {"properties": {"tier": {"type": "number"}}}});
    let graded = |rules: &[(&str, &str)]| {
        let rules = rules.iter().map(
            |(identifier, when)| json!({"identifier": identifier, "level": "Bronze", "when": when}),
        );
        let rules: Vec<_> = rules.collect();
        let card = json!({"identifier": "card", "blueprint": "part",
                          "filter": {"when": "tier > 0"}, "rules": rules});
        scorecard(card)
    };
    let known = ("known", "tier IS NOT NULL");
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint(part)], [graded(&[known])]).unwrap();
    for at in 1..9 {
        let entity = json!({"identifier": format!("p{at}"), "properties": {"tier": at}});
        tx.upsert("part", &entity).unwrap();
    }
    tx.commit().unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([], [graded(&[("large", "tier > 100"), known])])
        .unwrap();
    tx.merge(
        "part",
        &json!({"identifier": "p1", "properties": {"tier": 0}}),
    )
    .unwrap();
    let commit = tx.commit().unwrap();
    let flips = commit.rule_changes();
    let flips = flips.map(|flip| format!("{} {}", flip.entity, flip.rule));
    assert_eq!(flips.collect::<Vec<_>>(), ["part/p1 known"]);
}
