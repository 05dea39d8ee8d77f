//! Loading JSON lines: it means what upserts in one transaction mean, and is whole or not at all.

mod documents;
mod many;
mod oracle;
mod sources;

use std::path::Path;

use crate::common::{blueprint, options, scorecard, viewer};
use portolan::{Catalog, ImportOptions, ImportReport, Seq};
use serde_json::{Value as Json, json};

/// Blueprints that need each other, point to several kinds, inherit teams and derive values.
fn declare(catalog: &Catalog) {
    let to = |target: Json, required: bool, many: bool| json!({"target": target, "required": required, "many": many});
    let org = json!({"identifier": "org", "ownership": {"type": "Direct"},
        "relations": {"friend": to(json!("*"), false, false)}});
    let team = json!({"identifier": "team", "ownership": {"type": "Direct"},
        "schema": {"properties": {"size": {"type": "number", "default": 3}}, "required": []},
        "relations": {"org": to(json!("org"), false, false), "lead": to(json!("team"), true, false)}});
    let part = json!({"identifier": "part", "ownership": {"type": "Inherited", "path": "owner"},
        "schema": {"properties": {"tier": {"type": "number", "minimum": 1}, "note": {"type": "string"}},
            "required": ["tier"]},
        "relations": {"owner": to(json!("team"), false, false),
            "of": to(json!(["part", "org"]), true, false), "on": to(json!("*"), false, true)},
        "mirrorProperties": {"ownerSize": {"path": "owner.size"}},
        "aggregationProperties": {"parts": {"target": "part",
            "calculationSpec": {"calculationBy": "entities", "func": "count"},
            "pathFilter": [{"fromBlueprint": "part", "path": ["of"]}]}}});
    let sound = scorecard(
        json!({"identifier": "sound", "title": "Sound", "blueprint": "part",
        "rules": [
            {"identifier": "owned", "level": "Bronze", "when": "ownerSize >= 3"},
            {"identifier": "used", "level": "Gold", "when": "EXISTS { (this)<-[:on]-(:part) }"}]}),
    );
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([org, team, part].map(blueprint), [sound])
        .unwrap();
    tx.commit().unwrap();
}

fn declared() -> Catalog {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    declare(&catalog);
    catalog
}

fn load(catalog: &Catalog, lines: &[u8]) -> ImportReport {
    catalog
        .load(&viewer(), lines, ImportOptions::default())
        .unwrap()
}

fn refused(report: &ImportReport) -> Vec<(u64, bool)> {
    let refused = report.refused.iter();
    refused
        .map(|refused| (refused.line, refused.whole))
        .collect()
}

fn export(catalog: &Catalog) -> String {
    let mut lines = Vec::new();
    catalog.read(&viewer()).export(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

const CARD_QUERIES: [&str; 6] = [
    "MATCH (p:part)-[:of]->*(d) RETURN p.$identifier AS p, d.$identifier AS d ORDER BY p, d",
    "MATCH (t:team) RETURN t.$identifier AS t, t.size, t.org.$identifier, COUNT { (t)<-[:owner]-(:part) } AS n ORDER BY t",
    "MATCH (p:part) WHERE p.tier >= 2 RETURN p.$identifier AS p, p.ownerSize, p.parts ORDER BY p",
    "MATCH (p:part) RETURN p.$scorecards.sound.level AS level, count(*) AS n ORDER BY level",
    "MATCH (p:part) WHERE 'red' IN p.$team RETURN p.$identifier AS p, p.$team ORDER BY p",
    "MATCH (p:part)-[:on]->(x) RETURN p.$identifier AS p, x.$blueprint AS b, x.$identifier AS x ORDER BY p, b, x",
];

/// Everything that can be asked, stamps, numbers of commits and reasons included.
fn everything(catalog: &Catalog) -> Json {
    let snapshot = catalog.read(&viewer());
    let ask = |query: &str| -> Json {
        let rows = snapshot.query(query, ());
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error:#}"));
        rows.json().map(Json::Object).collect()
    };
    let mut entities = Vec::new();
    for name in ["org", "team", "part"] {
        let all = format!("MATCH (n:{name}) RETURN n.$identifier AS id ORDER BY id");
        for row in snapshot.query(&all, ()).unwrap().iter() {
            let identifier = row[0].as_str().unwrap();
            entities.push(snapshot.get(name, identifier).unwrap());
            if name == "part" {
                for rule in ["owned", "used"] {
                    let why = snapshot.why("sound", rule, identifier).unwrap();
                    entities.push(json!(format!("{why:?}")));
                }
            }
        }
    }
    let stats = snapshot.stats();
    json!({
        "export": export(catalog),
        "entities": entities,
        "answers": CARD_QUERIES.map(ask),
        "summary": snapshot.scorecard_summary("sound").unwrap().to_string(),
        "stats": format!("{:?} {:?} {:?}", stats.entities, stats.relations, stats.indexes),
    })
}

/// Whether a catalog is well, and the same after it is opened again: as it was closed, and as a
/// kill would leave its file.
fn stays(catalog: Catalog, path: &Path) -> Json {
    let before = everything(&catalog);
    let killed = path.with_extension("killed");
    std::fs::copy(path, &killed).unwrap();
    let report = catalog.check().unwrap();
    assert!(report.is_ok(), "{report}");
    catalog.close().unwrap();
    for path in [&killed, path] {
        let catalog = Catalog::open_with(path, options()).unwrap();
        assert_eq!(everything(&catalog), before, "{}", path.display());
        let report = catalog.check().unwrap();
        assert!(report.is_ok(), "{}: {report}", path.display());
    }
    before
}

/// What the log and the reasons say of a load, whichever way it went into the file.
#[test]
fn a_load_is_one_commit_that_the_past_names() {
    for before in [0, 100] {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("c");
        let catalog = Catalog::open_with(&path, options()).unwrap();
        declare(&catalog);
        let mut tx = catalog.write(&viewer()).unwrap();
        for at in 0..before {
            tx.upsert("org", &json!({"identifier": format!("o{at}")}))
                .unwrap();
        }
        tx.upsert("org", &json!({"identifier": "old"})).unwrap();
        tx.commit().unwrap();
        let lines = concat!(
            "{\"blueprint\":\"part\",\"identifier\":\"p\",\"properties\":{\"tier\":1},",
            "\"relations\":{\"owner\":\"t\",\"of\":\"p\",\"on\":{\"blueprint\":\"part\",\"identifier\":\"p\"}}}\n",
            "{\"blueprint\":\"team\",\"identifier\":\"t\",\"relations\":{\"lead\":\"t\"}}\n",
            "{\"blueprint\":\"org\",\"identifier\":\"old\",\"title\":\"New\"}\n",
        );
        let report = load(&catalog, lines.as_bytes());
        assert_eq!(report.commit.seq, Seq(3));
        assert_eq!((report.commit.created, report.commit.updated), (2, 1));
        assert_eq!(report.commit.changes().len(), 3);
        assert_eq!(report.entity_count(), 3);
        assert_eq!(report.commit.level_changes().count(), 1);
        let named = |catalog: &Catalog| {
            let snapshot = catalog.read(&viewer());
            let card = snapshot.scorecard("sound", "p").unwrap();
            assert_eq!(card.level.as_deref(), Some("Gold"));
            let since = card.since.clone().unwrap();
            assert_eq!((since.seq, since.actor.as_deref()), (Seq(3), Some("test")));
            let log = catalog.stats().unwrap().log;
            (log.commits, log.start)
        };
        assert_eq!(named(&catalog), (3, Seq(1)));
        // The log can go; what it said of the present stays.
        catalog.checkpoint().unwrap();
        assert_eq!(catalog.trim_log(Seq(3)).unwrap(), 3);
        assert_eq!(named(&catalog).0, 0);
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.merge(
            "part",
            &json!({"identifier": "p", "properties": {"tier": 2}}),
        )
        .unwrap();
        tx.commit().unwrap();
        assert_eq!(named(&catalog).0, 1);
        stays(catalog, &path);
    }
}

/// Nothing is written where nothing differs.
#[test]
fn the_same_lines_again_are_no_commit() {
    let catalog = declared();
    let lines = b"{\"blueprint\":\"org\",\"identifier\":\"o\"}\n";
    assert_eq!(load(&catalog, lines).commit.seq, Seq(2));
    let again = load(&catalog, lines);
    assert!(again.commit.is_empty());
    assert_eq!(again.entity_count(), 1, "equal ones count");
    assert_eq!(catalog.read(&viewer()).seq(), Seq(2));
}
