//! A load gives the catalog that the same documents give as upserts in one transaction.

use super::documents::{Document, Line, document, expected, line, names, to_bytes};
use super::{declare, declared, everything, load, stays};
use crate::common::{options, viewer};
use portolan::{Catalog, Commit};
use proptest::prelude::*;
use serde_json::json;

/// Entities that nothing else is about: so many that a load is small beside them.
const CROWD: usize = 120;

fn upsert(catalog: &Catalog, documents: &[Document], crowd: usize) -> Commit {
    let mut tx = catalog.write(&viewer()).unwrap();
    for at in 0..crowd {
        tx.upsert("org", &json!({"identifier": format!("crowd{at}")}))
            .unwrap();
    }
    for document in documents {
        tx.upsert(document.blueprint(), &document.to_json())
            .unwrap();
    }
    tx.commit().unwrap()
}

fn kept(documents: Vec<Document>) -> Vec<Document> {
    let lines: Vec<Line> = documents.into_iter().map(Line::Document).collect();
    expected(&lines, &names(&[])).documents
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_load_equals_upserts_without_what_is_left_out(
        before in prop::collection::vec(document(), 0..12),
        lines in prop::collection::vec(line(), 0..24),
        crowd in prop::sample::select(vec![0, CROWD]),
        mark in any::<bool>(),
    ) {
        let before = kept(before);
        let expected = expected(&lines, &names(&before));
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("c");
        let loaded = Catalog::open_with(&path, options()).unwrap();
        declare(&loaded);
        upsert(&loaded, &before, crowd);
        let report = load(&loaded, &to_bytes(&lines, mark));
        let mut refused = super::refused(&report);
        refused.sort_unstable();
        prop_assert_eq!(refused, expected.refused, "{}", report);
        prop_assert_eq!(report.entity_count(), expected.documents.len() as u64);

        let written = declared();
        upsert(&written, &before, crowd);
        let commit = upsert(&written, &expected.documents, 0);
        let counts = |commit: &Commit| (commit.seq, commit.created, commit.updated, commit.deleted);
        prop_assert_eq!(counts(&report.commit), counts(&commit));
        let changes = |commit: &Commit| {
            let mut all: Vec<String> = commit.changes().map(|change| format!("{change:?}")).collect();
            all.sort_unstable();
            all
        };
        prop_assert_eq!(changes(&report.commit), changes(&commit));
        let flips = |commit: &Commit| {
            let mut all: Vec<String> = commit.level_changes().map(|flip| format!("{flip:?}")).collect();
            all.sort_unstable();
            all
        };
        prop_assert_eq!(flips(&report.commit), flips(&commit));
        prop_assert_eq!(everything(&loaded), everything(&written));

        // It goes on from there, and comes back.
        for catalog in [&loaded, &written] {
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.upsert("org", &json!({"identifier": "later"})).unwrap();
            tx.commit().unwrap();
        }
        prop_assert_eq!(stays(loaded, &path), everything(&written));
    }
}
