//! A catalog as lines and back: the same catalog, byte for byte, whatever it holds.

use portolan::{Catalog, ErrorKind, ImportOptions, Instant, Options, Viewer, params};
use serde_json::{Value as Json, json};

use crate::common::{blueprint, empty_catalog, options, real_data, scorecard, viewer};

fn export(catalog: &Catalog) -> String {
    let mut lines = Vec::new();
    catalog.read(&viewer()).export(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

/// Everything but the header, which tells the commit.
fn body(lines: &str) -> &str {
    lines.split_once('\n').unwrap().1
}

/// Imports what a catalog exports into a new file, and looks at it before and after a reopen.
fn comes_back(catalog: &Catalog) -> Catalog {
    let lines = export(catalog);
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("copy.portolan");
    let copy = Catalog::open_with(&path, options()).unwrap();
    let report = copy
        .import_export(&viewer(), lines.as_bytes(), ImportOptions::default())
        .unwrap();
    assert!(report.refused.is_empty());
    assert_eq!(report.commit.seq.0, 1);
    assert_eq!(body(&export(&copy)), body(&lines));
    let before = export(&copy);
    copy.close().unwrap();
    let copy = Catalog::open_with(&path, options()).unwrap();
    assert_eq!(export(&copy), before, "after a reopen");
    let stats = |catalog: &Catalog| {
        let stats = catalog.read(&viewer()).stats();
        (stats.entities, stats.relations, stats.indexes)
    };
    assert_eq!(stats(&copy), stats(catalog));
    copy
}

#[test]
fn every_real_set_comes_back() {
    for set in ["cncf", "more/govuk", "backstage/acme", "debian/out-small"] {
        let Some(folder) = real_data(set) else {
            continue;
        };
        let catalog = Catalog::in_memory_with(options()).unwrap();
        catalog
            .import(&viewer(), &folder, ImportOptions::default())
            .unwrap();
        comes_back(&catalog);
    }
}

/// A catalog with a past: several writers and times, what was deleted, values of every kind.
fn lived_in() -> Catalog {
    let now = std::sync::Arc::new(std::sync::Mutex::new(0));
    let clock = std::sync::Arc::clone(&now);
    let options = Options::default().clock(move || Instant(*clock.lock().unwrap()));
    let catalog = Catalog::in_memory_with(options).unwrap();
    let part = blueprint(json!({
        "identifier": "part", "title": "Part",
        "schema": {"properties": {
            "n": {"type": "number"}, "o": {"type": "object"}, "l": {"type": "array"},
            "s": {"type": "string"}, "b": {"type": "boolean", "default": true},
            "at": {"type": "string", "format": "date-time"}
        }, "required": []},
        "relations": {
            "next": {"target": "part", "required": true, "many": false},
            "any": {"target": "*", "required": false, "many": true},
            "one": {"target": ["part", "group"], "required": false, "many": false}
        },
        "aggregationProperties": {},
        "x-note": {"kept": [1, 2.0, null]}
    }));
    let group = |ownership: Json| {
        blueprint(json!({
            "identifier": "group", "title": null, "ownership": ownership,
            "relations": {"up": {"target": "org", "required": false, "many": false}}
        }))
    };
    let org = blueprint(json!({"identifier": "org", "ownership": {"type": "Direct"}}));
    let graded = scorecard(json!({
        "identifier": "graded", "title": "Graded", "blueprint": "part", "x-color": "teal",
        "rules": [{"identifier": "big", "level": "Gold", "when": "n > 1", "x-why": "size"}]
    }));
    let write = |who: &str, at: i64, writes: &dyn Fn(&mut portolan::WriteTx)| {
        *now.lock().unwrap() = at;
        let mut tx = catalog.write(&Viewer::system(who)).unwrap();
        writes(&mut tx);
        tx.commit().unwrap();
    };
    write("first", 1, &|tx| {
        tx.declare(
            [part.clone(), org.clone(), group(json!({"type": "Direct"}))],
            [graded.clone()],
        )
        .unwrap();
        for (id, next) in [
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("gone", "a"),
            ("ä.b:c", "a"),
        ] {
            let entity = json!({
                "identifier": id, "title": format!("Title \"{id}\"\n"), "icon": "Box",
                "team": ["t2", "t1"],
                "properties": {"n": 0.1, "o": {"b": [1, 2.0, {"": null}], "a": "\u{0}"},
                               "l": [], "s": "", "at": "2024-01-01T01:00:00+01:00"},
                "relations": {"next": next, "any": [{"blueprint": "part", "identifier": "c"},
                              {"blueprint": "group", "identifier": "g"}]}
            });
            tx.upsert("part", &entity).unwrap();
        }
        tx.upsert("group", &json!({"identifier": "g", "team": "t1"}))
            .unwrap();
    });
    write("second", 1_700_000_000_000_001, &|tx| {
        tx.merge(
            "part",
            &json!({"identifier": "b", "properties": {"n": 9_007_199_254_740_993_i64, "b": null},
            "relations": {"one": {"blueprint": "group", "identifier": "g"}}}),
        )
        .unwrap();
        tx.merge(
            "part",
            &json!({"identifier": "c", "title": null, "properties": {"n": 1e300, "s": null}}),
        )
        .unwrap();
    });
    write("third", i64::MAX, &|tx| {
        tx.delete("part", "gone").unwrap();
        // What has a team already inherits from now on.
        tx.declare([group(json!({"type": "Inherited", "path": "up"}))], [])
            .unwrap();
        tx.merge(
            "part",
            &json!({"identifier": "a", "properties": {"n": -0.0}}),
        )
        .unwrap();
    });
    catalog
}

#[test]
fn a_catalog_with_a_past_comes_back() {
    let catalog = lived_in();
    let lines = export(&catalog);
    assert!(
        lines.contains("\"createdBy\":\"first\",\"updatedAt\":\"2023-11-14T22:13:20.000001Z\"")
    );
    assert!(!lines.contains("gone"));
    let copy = comes_back(&catalog);
    let documents = |catalog: &Catalog| {
        let snapshot = catalog.read(&viewer());
        ["a", "b", "c", "ä.b:c"].map(|id| {
            let mut document = snapshot.get("part", id).unwrap();
            document["scorecards"]["graded"]["since"].take();
            document
        })
    };
    assert_eq!(documents(&copy), documents(&catalog));
    let query = "MATCH (p:part) WHERE p.$createdBy = $by AND p.$scorecards.graded.level = 'Gold' RETURN count(p)";
    let count = |catalog: &Catalog| {
        let snapshot = catalog.read(&viewer());
        let rows = snapshot.query(query, params! { "by" => "first" }).unwrap();
        rows.iter().next().unwrap()[0].clone()
    };
    assert_eq!(count(&copy), count(&catalog));
    assert_eq!(count(&copy), 2.into());
}

#[test]
fn only_an_empty_catalog_takes_an_export() {
    let lines = export(&lived_in());
    for catalog in [empty_catalog(), lived_in()] {
        let before = export(&catalog);
        let error = catalog
            .import_export(&viewer(), lines.as_bytes(), ImportOptions::default())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.message().contains(" blueprints"), "{error}");
        assert!(error.help().unwrap().contains("new file"));
        assert_eq!(export(&catalog), before);
    }
    // One that was emptied is empty.
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.remove_scorecard("readiness").unwrap();
    tx.remove_blueprint("service").unwrap();
    tx.remove_blueprint("team").unwrap();
    tx.commit().unwrap();
    catalog
        .import_export(&viewer(), lines.as_bytes(), ImportOptions::default())
        .unwrap();
    assert_eq!(body(&export(&catalog)), body(&lines));
}

#[test]
fn a_wrong_line_leaves_nothing_behind() {
    let lines = export(&lived_in());
    let broken = lines.replacen("\"next\":\"c\"", "\"next\":\"nobody\"", 1);
    assert_ne!(broken, lines);
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("copy.portolan");
    let catalog = Catalog::open_with(&path, options()).unwrap();
    let error = catalog
        .import_export(&viewer(), broken.as_bytes(), ImportOptions::default())
        .unwrap_err();
    assert!(error.message().starts_with("line 8: part `b`: "), "{error}");
    assert_eq!(catalog.read(&viewer()).seq().0, 0);
    assert_eq!(catalog.read(&viewer()).stats().entity_count(), 0);
    catalog
        .import_export(&viewer(), lines.as_bytes(), ImportOptions::default())
        .unwrap();
    assert_eq!(body(&export(&catalog)), body(&lines));
}

/// A writer that takes so many bytes and no more.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if bytes.len() > self.0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_reported() {
    let catalog = lived_in();
    let snapshot = catalog.read(&viewer());
    for room in [0, 100] {
        let error = snapshot.export(Full(room)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().starts_with("the export cannot be written"));
    }
    assert!(snapshot.export(Full(1 << 20)).is_ok());
}
