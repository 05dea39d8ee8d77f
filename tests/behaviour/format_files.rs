//! The files of every release in tests/format open, and hold what they held.

use std::fs;
use std::path::{Path, PathBuf};

use portolan::{Catalog, ImportOptions, Seq};
use serde_json::{Value as Json, json};

use crate::common::viewer;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format")
}

/// The lines of an export without those of the header that tell the commit.
fn body(lines: &str) -> (Json, &str) {
    let (header, body) = lines.split_once('\n').unwrap();
    (serde_json::from_str(header).unwrap(), body)
}

fn export(catalog: &Catalog) -> String {
    let mut lines = Vec::new();
    catalog.read(&viewer()).export(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn opens(file: &Path) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("c.portolan");
    fs::copy(file, &path).unwrap();
    let expected = fs::read_to_string(file.with_extension("jsonl")).unwrap();
    let name = file.display();
    let catalog = Catalog::open(&path).unwrap();
    assert_eq!(catalog.open_report().replayed, 2, "{name}");
    assert_eq!(export(&catalog), expected, "{name}");
    let report = catalog.check().unwrap();
    // An image of another build is rebuilt, and may be missed.
    let mut findings = report.findings.iter();
    assert!(
        findings.all(|finding| finding.place == "table `image`"),
        "{name}: {report}"
    );
    assert_eq!((report.seq, report.log_records), (Seq(5), 3), "{name}");
    let snapshot = catalog.read(&viewer());
    let card = snapshot.scorecard("ready", "s7").unwrap();
    let since = |rule: &str| {
        let found = card.rules.iter().find(|found| &*found.identifier == rule);
        found.and_then(|rule| rule.since.clone()).unwrap()
    };
    assert_eq!(
        (since("tiered").seq, since("new").seq),
        (Seq(3), Seq(5)),
        "{name}"
    );
    assert_eq!(since("tiered").actor.as_deref(), Some("bob"), "{name}");
    // It goes on: ids are not given twice, and what is written is found again.
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert(
        "service",
        &json!({"identifier": "later", "properties": {"tier": 1}}),
    )
    .unwrap();
    tx.commit().unwrap();
    let grown = export(&catalog);
    catalog.close().unwrap();
    let catalog = Catalog::open(&path).unwrap();
    assert_eq!(export(&catalog), grown, "{name}");
    assert!(catalog.check().unwrap().is_ok(), "{name}");
    let copy = Catalog::in_memory().unwrap();
    copy.import_export(&viewer(), expected.as_bytes(), ImportOptions::default())
        .unwrap();
    assert_eq!(body(&export(&copy)).1, body(&expected).1, "{name}");
    assert_eq!(body(&expected).0["version"], 1, "{name}");
}

#[test]
fn the_file_of_every_release_opens() {
    let mut opened = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "portolan")
        {
            opens(&path);
            opened += 1;
        }
    }
    assert!(
        opened > 0,
        "there is no file: tests/format/README.md says how to make one"
    );
}
