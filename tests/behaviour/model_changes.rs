//! Changing the model: what is staged and what is stored must fit it, and reopening agrees.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::common::{blueprint, declare, empty_catalog, options, scorecard, viewer};
use portolan::model::Blueprint;
use portolan::{Catalog, ErrorKind, Instant, Options, Snapshot, WriteTx};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// A blueprint with a self-relation, in the given form.
fn part(properties: Json, required: Json, next: Json) -> Blueprint {
    blueprint(json!({
        "identifier": "part", "title": "Part",
        "schema": {"properties": properties, "required": required},
        "relations": {"next": next}
    }))
}

fn many() -> Json {
    json!({"target": "part", "required": false, "many": true})
}

fn single() -> Json {
    json!({"target": "part", "required": false, "many": false})
}

fn text() -> Json {
    json!({"made": {"type": "string"}})
}

fn with(blueprint: Blueprint, entities: &[Json]) -> Catalog {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint], []).unwrap();
    for entity in entities {
        tx.upsert("part", entity).unwrap();
    }
    tx.commit().unwrap();
    catalog
}

#[test]
fn what_was_written_before_a_declaration_must_fit_it_too() {
    let catalog = with(part(text(), json!([]), many()), &[]);
    let stricter = part(text(), json!(["made"]), many());

    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("part", &json!({"identifier": "a"})).unwrap();
    tx.declare([stricter.clone()], []).unwrap();
    let error = tx.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("part `a`"), "{error}");

    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("part", &json!({"identifier": "a"})).unwrap();
    tx.declare([stricter], []).unwrap();
    let made = json!({"identifier": "a", "properties": {"made": "here"}});
    tx.merge("part", &made).unwrap();
    tx.commit().unwrap();
}

#[test]
fn a_new_blueprint_that_is_declared_twice_holds_for_what_came_between() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([part(text(), json!([]), many())], []).unwrap();
    tx.upsert("part", &json!({"identifier": "a"})).unwrap();
    tx.declare([part(text(), json!(["made"]), many())], [])
        .unwrap();
    assert_eq!(tx.commit().unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn a_relation_that_becomes_single_lets_no_written_entity_keep_several() {
    let entities = [
        json!({"identifier": "a"}),
        json!({"identifier": "b"}),
        json!({"identifier": "c", "relations": {"next": ["a", "b"]}}),
    ];
    let catalog = with(part(text(), json!([]), many()), &entities);
    let narrower = part(text(), json!([]), single());
    for declared_first in [true, false] {
        let mut tx = catalog.write(&viewer()).unwrap();
        if declared_first {
            tx.declare([narrower.clone()], []).unwrap();
        }
        tx.merge("part", &json!({"identifier": "c", "title": "C"}))
            .unwrap();
        if !declared_first {
            tx.declare([narrower.clone()], []).unwrap();
        }
        let error = tx.commit().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{declared_first}");
        assert_eq!(error.path(), Some("/relations/next"));
    }
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([narrower], []).unwrap();
    tx.merge(
        "part",
        &json!({"identifier": "c", "relations": {"next": "b"}}),
    )
    .unwrap();
    tx.commit().unwrap();
}

#[test]
fn an_entity_that_loses_a_deleted_target_is_checked_like_the_others() {
    let entities = [
        json!({"identifier": "a", "properties": {"made": "here"}}),
        json!({"identifier": "b", "relations": {"next": ["a"]}}),
    ];
    let catalog = with(part(text(), json!([]), many()), &entities);
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([part(text(), json!(["made"]), many())], [])
        .unwrap();
    tx.delete("part", "a").unwrap();
    let error = tx.commit().unwrap_err();
    assert!(error.to_string().contains("part `b`"), "{error}");
}

#[test]
fn a_relation_may_go_with_the_last_entity_that_uses_it() {
    let entities = [
        json!({"identifier": "a"}),
        json!({"identifier": "b", "relations": {"next": ["a"]}}),
    ];
    let catalog = with(part(text(), json!([]), many()), &entities);
    let without = blueprint(json!({
        "identifier": "part", "title": "Part",
        "schema": {"properties": text(), "required": []}
    }));
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([without.clone()], []).unwrap();
    let error = tx.commit().unwrap_err();
    assert!(error.to_string().contains("part `b`"), "{error}");

    // A null clears what the blueprint does not know any more.
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([without.clone()], []).unwrap();
    tx.merge(
        "part",
        &json!({"identifier": "b", "relations": {"next": null}}),
    )
    .unwrap();
    drop(tx.commit().unwrap());

    let catalog = with(part(text(), json!([]), many()), &entities);
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([without], []).unwrap();
    tx.delete("part", "a").unwrap();
    tx.commit().unwrap();
    let b = catalog.read(&viewer()).get("part", "b").unwrap();
    assert_eq!(b["relations"], json!({}));
}

#[test]
fn a_property_that_a_mirror_or_a_rule_reads_cannot_go() {
    let catalog = empty_catalog();
    let team = blueprint(json!({
        "identifier": "team", "title": "Team", "schema": {"properties": {}, "required": []},
        "relations": {"parent": {"target": "team", "required": false, "many": false}}
    }));
    let mut tx = catalog.write(&viewer()).unwrap();
    let error = tx.declare([team], []).unwrap_err();
    assert!(error.to_string().contains("ownerOnCall"), "{error}");
    // The transaction goes on as if nothing had been declared.
    tx.upsert(
        "team",
        &json!({"identifier": "shop", "properties": {"onCall": "ann"}}),
    )
    .unwrap();
    tx.commit().unwrap();
}

/// A catalog whose clock moves on by a second with every look at it.
fn ticking() -> Catalog {
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = move || Instant(seconds.fetch_add(1, Ordering::Relaxed) * 1_000_000);
    let catalog = Catalog::in_memory_with(Options::default().clock(clock)).unwrap();
    declare(&catalog);
    catalog
}

#[test]
fn what_is_deleted_and_written_again_is_a_new_entity() {
    let writes: [&[Json]; 2] = [
        &[json!({"identifier": "shop"})],
        &[json!({"identifier": "shop"}), json!({"identifier": "shop"})],
    ];
    for again in writes {
        let catalog = ticking();
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.upsert("team", &json!({"identifier": "shop"})).unwrap();
        let first = tx.commit().unwrap();
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.delete("team", "shop").unwrap();
        for document in again {
            tx.merge("team", document).unwrap();
        }
        let second = tx.commit().unwrap();
        assert!(second.time > first.time);
        let shop = catalog.read(&viewer()).get("team", "shop").unwrap();
        assert_eq!(shop["createdAt"], second.time.to_string());
    }
}

#[test]
fn a_blueprint_comes_back_empty_after_it_was_removed() {
    let catalog = with(
        part(text(), json!([]), many()),
        &[json!({"identifier": "a", "title": "A", "properties": {"made": "here"}})],
    );
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("part", "a").unwrap();
    tx.remove_blueprint("part").unwrap();
    tx.declare([part(text(), json!([]), many())], []).unwrap();
    let commit = tx.commit().unwrap();
    assert_eq!((commit.created, commit.deleted), (0, 1));
    let change = commit.changes().next().unwrap();
    assert_eq!(change.entity.to_string(), "part/a");
    let snapshot = catalog.read(&viewer());
    assert_eq!(snapshot.count("part").unwrap(), 0);
    for condition in ["p.made = 'here'", "p.$title = 'A'", "p.$identifier = 'a'"] {
        let query = format!("MATCH (p:part) WHERE {condition} RETURN p");
        assert!(
            snapshot.query(&query, ()).unwrap().is_empty(),
            "{condition}"
        );
    }
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("part", &json!({"identifier": "a"})).unwrap();
    assert_eq!(tx.commit().unwrap().created, 1);
}

#[test]
fn an_entity_that_others_require_is_named_even_where_its_blueprint_goes() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let note = blueprint(json!({
        "identifier": "note", "title": "Note",
        "relations": {"about": {"target": "*", "required": true, "many": false}}
    }));
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([note, part(text(), json!([]), many())], [])
        .unwrap();
    tx.upsert("part", &json!({"identifier": "a"})).unwrap();
    tx.upsert(
        "note",
        &json!({"identifier": "n", "relations": {"about": "a"}}),
    )
    .unwrap();
    tx.commit().unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("part", "a").unwrap();
    tx.remove_blueprint("part").unwrap();
    let message = tx.commit().unwrap_err().to_string();
    assert_eq!(
        message,
        "part `a` cannot be deleted: note `n` requires it as `about`"
    );
}

/// What the file holds now, opened as after a crash: the copy was never closed.
fn crashed(path: &Path, copy: &str) -> Catalog {
    let copy = path.with_file_name(copy);
    std::fs::copy(path, &copy).unwrap();
    Catalog::open_with(&copy, options()).unwrap()
}

fn asked(snapshot: &Snapshot, queries: &[&str]) -> Json {
    let answers = queries.iter().map(|query| {
        let rows = snapshot.query(query, ());
        rows.map_or_else(
            |error| json!(error.to_string()),
            |rows| rows.json().map(Json::Object).collect(),
        )
    });
    let model = snapshot.model();
    let blueprints = model
        .blueprints()
        .map(|known| known.blueprint.to_json().to_string());
    json!({
        "answers": answers.collect::<Vec<_>>(),
        "blueprints": blueprints.collect::<Vec<_>>(),
        "stats": snapshot.stats().to_string(),
        "indexes": snapshot.stats().indexes,
    })
}

const QUERIES: [&str; 5] = [
    "MATCH (p:part) WHERE p.made > datetime('2026-01-01') RETURN p.$identifier AS id ORDER BY id",
    "MATCH (p:part) WHERE p.made = '2026-05-01T00:00:00Z' RETURN p.$identifier AS id ORDER BY id",
    "MATCH (p:part) RETURN p.$identifier AS id, p.made AS made ORDER BY id",
    "MATCH (p:part)-[:next]->(q) RETURN p.$identifier AS id, q.$identifier AS q ORDER BY id, q",
    "MATCH (b:box) RETURN b.$identifier AS id, b.$scorecards.full.level AS level ORDER BY id",
];

/// A blueprint `box` with a scorecard.
fn make_box(catalog: &Catalog, property: &str) {
    let form = json!({
        "identifier": "box", "title": "Box",
        "schema": {"properties": {property: {"type": "string"}}, "required": []}
    });
    let card = json!({
        "identifier": "full", "title": "Full", "blueprint": "box",
        "rules": [{"identifier": "has", "level": "Gold", "when": format!("{property} IS NOT NULL")}]
    });
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint(form)], [scorecard(card)]).unwrap();
    let entity = json!({"identifier": property, "properties": {property: "x"}});
    tx.upsert("box", &entity).unwrap();
    tx.commit().unwrap();
}

fn remove_box(catalog: &Catalog, property: &str) {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("box", property).unwrap();
    tx.remove_scorecard("full").unwrap();
    tx.remove_blueprint("box").unwrap();
    tx.commit().unwrap();
}

#[test]
fn replaying_changes_of_the_model_between_changes_of_data_gives_the_same_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.portolan");
    let catalog = Catalog::open_with(&path, options()).unwrap();
    let dated = json!({"made": {"type": "string", "format": "date-time"}});
    let steps: [&dyn Fn(&Catalog); 9] = [
        &|catalog| {
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.declare([part(text(), json!([]), many())], []).unwrap();
            tx.upsert(
                "part",
                &json!({"identifier": "a", "properties": {"made": "2026-05-01T00:00:00Z"}}),
            )
            .unwrap();
            tx.commit().unwrap();
        },
        &|catalog| make_box(catalog, "lid"),
        &|catalog| {
            let mut tx = catalog.write(&viewer()).unwrap();
            let b = json!({"identifier": "b", "properties": {"made": "2026-05-01T02:00:00+02:00"},
                "relations": {"next": ["a"]}});
            tx.upsert("part", &b).unwrap();
            tx.commit().unwrap();
        },
        &|catalog| {
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.declare([part(dated.clone(), json!(["made"]), many())], [])
                .unwrap();
            tx.commit().unwrap();
        },
        &|catalog| remove_box(catalog, "lid"),
        &|catalog| {
            let mut tx = catalog.write(&viewer()).unwrap();
            let c = json!({"identifier": "c", "properties": {"made": "2025-01-01T00:00:00Z"},
                "relations": {"next": ["a", "b"]}});
            tx.upsert("part", &c).unwrap();
            tx.commit().unwrap();
        },
        &|catalog| make_box(catalog, "key"),
        &|catalog| {
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.merge(
                "part",
                &json!({"identifier": "c", "relations": {"next": "a"}}),
            )
            .unwrap();
            tx.declare([part(dated.clone(), json!([]), single())], [])
                .unwrap();
            tx.commit().unwrap();
        },
        &|catalog| {
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.declare([part(text(), json!([]), single())], []).unwrap();
            tx.delete("part", "a").unwrap();
            tx.commit().unwrap();
        },
    ];
    for (number, step) in steps.iter().enumerate() {
        step(&catalog);
        let live = asked(&catalog.read(&viewer()), &QUERIES);
        let replayed = crashed(&path, &format!("replayed-{number}"));
        assert_eq!(replayed.open_report().replayed, number as u64 + 1);
        assert_eq!(asked(&replayed.read(&viewer()), &QUERIES), live, "{number}");
        // Closed and opened again, and with the same ids handed out to whatever comes next.
        let copy = path.with_file_name(format!("replayed-{number}"));
        replayed.close().unwrap();
        let saved = Catalog::open_with(&copy, options()).unwrap();
        let report = saved.open_report();
        assert!(report.rebuilt.is_empty(), "{number}: {report}");
        assert_eq!(asked(&saved.read(&viewer()), &QUERIES), live, "{number}");
    }
}

#[test]
fn a_blueprint_may_take_the_place_of_a_removed_one_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.portolan");
    let catalog = Catalog::open_with(&first, options()).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([part(text(), json!([]), many())], []).unwrap();
    tx.commit().unwrap();
    make_box(&catalog, "lid");
    remove_box(&catalog, "lid");
    let catalog = crashed(&first, "second.portolan");
    make_box(&catalog, "key");
    let live = asked(&catalog.read(&viewer()), &QUERIES);
    let again = crashed(&first.with_file_name("second.portolan"), "third.portolan");
    assert_eq!(asked(&again.read(&viewer()), &QUERIES), live);
    assert_eq!(again.read(&viewer()).count("box").unwrap(), 1);
}

/// One step of a transaction, over few names so that steps meet each other.
#[derive(Clone, Debug)]
enum Step {
    /// Declares `part` in one of its forms.
    Form {
        made: u8,
        required: bool,
        many: bool,
    },
    Write {
        name: u8,
        merge: bool,
        made: Option<bool>,
        next: Option<Vec<u8>>,
    },
    Delete(u8),
    MakeBox,
    DropBox,
}

fn step() -> impl Strategy<Value = Step> {
    let form = (0..3u8, prop::bool::weighted(0.2), any::<bool>());
    let form = form.prop_map(|(made, required, many)| Step::Form {
        made,
        required,
        many,
    });
    let next = prop::option::of(prop::collection::vec(0..5u8, 0..3));
    let write = (
        0..5u8,
        any::<bool>(),
        prop::option::weighted(0.8, any::<bool>()),
        next,
    );
    let write = write.prop_map(|(name, merge, made, next)| Step::Write {
        name,
        merge,
        made,
        next,
    });
    prop_oneof![
        3 => form,
        8 => write,
        2 => (0..5u8).prop_map(Step::Delete),
        1 => Just(Step::MakeBox),
        1 => Just(Step::DropBox),
    ]
}

/// Stages a step; one that is refused stages nothing.
fn stage(step: &Step, tx: &mut WriteTx) -> portolan::Result<()> {
    match step {
        Step::Form {
            made,
            required,
            many,
        } => {
            let property = match made {
                0 => text(),
                1 => json!({"made": {"type": "string", "format": "date-time"}}),
                _ => json!({}),
            };
            let required = if *required && *made < 2 {
                json!(["made"])
            } else {
                json!([])
            };
            let next = json!({"target": "part", "required": false, "many": many});
            tx.declare([part(property, required, next)], [])
        }
        Step::Write {
            name,
            merge,
            made,
            next,
        } => {
            let mut document = json!({"identifier": format!("p{name}")});
            if let Some(date) = made {
                let made = if *date {
                    "2026-05-01T00:00:00Z"
                } else {
                    "once"
                };
                document["properties"] = json!({"made": made});
            }
            if let Some(next) = next {
                let next: Vec<_> = next.iter().map(|next| format!("p{next}")).collect();
                document["relations"] = json!({"next": next});
            }
            if *merge {
                tx.merge("part", &document)
            } else {
                tx.upsert("part", &document)
            }
        }
        Step::Delete(name) => tx.delete("part", &format!("p{name}")),
        Step::MakeBox => {
            let form = json!({"identifier": "box", "title": "Box"});
            tx.declare([blueprint(form)], [])?;
            tx.upsert("box", &json!({"identifier": "only"}))
        }
        Step::DropBox => {
            tx.delete("box", "only")?;
            tx.remove_blueprint("box")
        }
    }
}

/// A new catalog with the same model, into which the same entities are written. That they are
/// taken shows that each fits the model.
fn written_anew(snapshot: &Snapshot) -> Catalog {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    let blueprints = snapshot.model().blueprints();
    let blueprints: Vec<Blueprint> = blueprints.map(|known| known.blueprint.clone()).collect();
    tx.declare(blueprints.clone(), []).unwrap();
    for blueprint in blueprints {
        let all = format!(
            "MATCH (n:{}) RETURN n.$identifier AS id",
            blueprint.identifier
        );
        for row in snapshot.query(&all, ()).unwrap().json() {
            let identifier = row["id"].as_str().unwrap();
            let whole = snapshot.get(&blueprint.identifier, identifier).unwrap();
            let document = json!({"identifier": identifier, "properties": whole["properties"],
                "relations": whole["relations"]});
            tx.upsert(&blueprint.identifier, &document).unwrap();
        }
    }
    tx.commit().unwrap();
    catalog
}

/// What is the same however a catalog came to be what it is.
fn content(snapshot: &Snapshot) -> Json {
    let stats = snapshot.stats();
    json!({
        "answers": asked(snapshot, &QUERIES[..4])["answers"],
        "entities": stats.entities.iter().map(|(name, n)| json!([&**name, n])).collect::<Vec<_>>(),
        "relations": stats.relations.iter().map(|(name, n)| json!([&**name, n])).collect::<Vec<_>>(),
        "indexes": stats.indexes,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_declared_and_written_every_commit_fits_its_model_and_comes_back(
        commits in prop::collection::vec(prop::collection::vec(step(), 1..6), 1..12)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("random.portolan");
        let mut catalog = Catalog::open_with(&path, options()).unwrap();
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.declare([part(text(), json!([]), many())], []).unwrap();
        tx.commit().unwrap();
        for (number, steps) in commits.iter().enumerate() {
            let before = content(&catalog.read(&viewer()));
            let mut tx = catalog.write(&viewer()).unwrap();
            for step in steps {
                drop(stage(step, &mut tx));
            }
            if let Err(error) = tx.commit() {
                prop_assert_eq!(error.kind(), ErrorKind::Invalid, "{}", error);
                prop_assert_eq!(content(&catalog.read(&viewer())), before);
                continue;
            }
            let snapshot = catalog.read(&viewer());
            let live = content(&snapshot);
            prop_assert_eq!(&content(&written_anew(&snapshot).read(&viewer())), &live);
            let replayed = crashed(&path, "replayed");
            prop_assert_eq!(&content(&replayed.read(&viewer())), &live);
            drop(replayed);
            if number % 3 == 2 {
                catalog.close().unwrap();
                catalog = Catalog::open_with(&path, options()).unwrap();
                prop_assert!(catalog.open_report().rebuilt.is_empty());
                prop_assert_eq!(&content(&catalog.read(&viewer())), &live);
            }
        }
    }
}
