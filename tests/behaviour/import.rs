//! Importing a folder: what is left out, down to what nothing is left of.

use std::path::Path;

use crate::common::{blueprint, empty_catalog, options, viewer};
use portolan::{Catalog, ImportOptions, ImportReport};
use serde_json::{Value as Json, json};

fn folder(blueprints: &Json, entities: &[Json]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("blueprints.json"),
        blueprints.to_string(),
    )
    .unwrap();
    let lines: Vec<String> = entities.iter().map(Json::to_string).collect();
    std::fs::write(folder.path().join("entities.jsonl"), lines.join("\n")).unwrap();
    folder
}

fn import(catalog: &Catalog, folder: &Path) -> ImportReport {
    catalog
        .import(&viewer(), folder, ImportOptions::default())
        .unwrap()
}

/// A blueprint whose entities need the one before them.
fn link(required: bool) -> Json {
    json!([{
        "identifier": "link", "title": "Link",
        "schema": {"properties": {"kind": {"type": "string"}}, "required": []},
        "relations": {"before": {"target": "link", "required": required, "many": false}}
    }])
}

#[test]
fn a_chain_that_hangs_on_nothing_is_left_out_link_by_link() {
    const LINKS: usize = 3_000;
    // The names run against the chain, so that no order of looking at them is a lucky one.
    let entity = |at: usize| {
        let name = |at: usize| format!("l{:05}", LINKS - at);
        let before = at.checked_sub(1).map_or("nothing".to_owned(), name);
        json!({"blueprint": "link", "identifier": name(at), "relations": {"before": before}})
    };
    let mut entities: Vec<Json> = (0..LINKS).map(entity).collect();
    entities
        .push(json!({"blueprint": "link", "identifier": "ring", "relations": {"before": "ring"}}));
    let folder = folder(&link(true), &entities);
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let report = import(&catalog, folder.path());
    assert_eq!(report.entity_count(), 1);
    assert_eq!(report.refused.len(), LINKS);
    assert!(report.refused.iter().all(|refused| refused.whole));
    let lines: Vec<u64> = report.refused.iter().map(|refused| refused.line).collect();
    assert_eq!(lines, (1..=LINKS as u64).collect::<Vec<_>>());
    assert!(catalog.read(&viewer()).get("link", "ring").is_ok());
}

#[test]
fn a_reference_to_what_was_left_out_is_left_out_and_reported_once() {
    let entities = [
        json!({"blueprint": "link", "identifier": "a", "properties": {"kind": 1}}),
        json!({"blueprint": "link", "identifier": "b", "relations": {"before": "a"}}),
        json!({"blueprint": "link", "identifier": "c", "relations": {"before": "b"}}),
    ];
    let folder = folder(&link(false), &entities);
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let report = import(&catalog, folder.path());
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|refused| (refused.line, refused.whole))
        .collect();
    assert_eq!(refused, [(1, true), (2, false)]);
    let c = catalog.read(&viewer()).get("link", "c").unwrap();
    assert_eq!(c["relations"]["before"], "b");
}

#[test]
fn an_entity_whose_line_is_left_out_must_still_fit_the_new_blueprint() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let first = folder(
        &link(false),
        &[json!({"blueprint": "link", "identifier": "a"})],
    );
    import(&catalog, first.path());
    let second = folder(
        &link(true),
        &[json!({"blueprint": "link", "identifier": "a", "relations": {"before": "nothing"}})],
    );
    let error = catalog
        .import(&viewer(), second.path(), ImportOptions::default())
        .unwrap_err();
    assert!(error.to_string().contains("link `a`"), "{error}");
    let model = catalog.read(&viewer());
    let link = model.model().blueprint_named("link").unwrap();
    assert!(!link.blueprint.relation("before").unwrap().required);
}

#[test]
fn stats_name_every_declared_relation_with_or_without_edges() {
    let catalog = empty_catalog();
    let names = |catalog: &Catalog| {
        let stats = catalog.read(&viewer()).stats();
        let relations = stats.relations.into_iter();
        relations
            .map(|(name, count)| (name.to_string(), count))
            .collect::<Vec<_>>()
    };
    let none = ["dependsOn", "owner", "parent"].map(|name| (name.to_owned(), 0));
    assert_eq!(names(&catalog), none);
    let lonely = blueprint(json!({
        "identifier": "lonely", "title": "Lonely",
        "relations": {"friend": {"target": "lonely", "required": false, "many": false}}
    }));
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([lonely], []).unwrap();
    tx.upsert(
        "lonely",
        &json!({"identifier": "me", "relations": {"friend": "me"}}),
    )
    .unwrap();
    tx.commit().unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("lonely", "me").unwrap();
    tx.remove_blueprint("lonely").unwrap();
    tx.commit().unwrap();
    assert_eq!(names(&catalog), none);
}
