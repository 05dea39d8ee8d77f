//! Backup, check and figures of a catalog that is in use.

use std::sync::atomic::{AtomicBool, Ordering};

use portolan::{Catalog, CatalogStats, ErrorKind, Seq};
use serde_json::json;

use crate::common::{declare, options, viewer};

fn write(catalog: &Catalog, at: u64) {
    let mut tx = catalog.write(&viewer()).unwrap();
    let document = json!({"identifier": format!("s{}", at % 50), "title": format!("Title {at}"),
                          "properties": {"tier": at % 4 + 1}});
    tx.upsert("service", &document).unwrap();
    tx.commit().unwrap();
}

/// Backups while another thread commits: each is the catalog at the commit that it names.
#[test]
fn a_backup_is_one_commit_whole_while_writers_go_on() {
    let place = tempfile::tempdir().unwrap();
    let catalog = Catalog::open_with(place.path().join("c"), options()).unwrap();
    declare(&catalog);
    let stop = AtomicBool::new(false);
    let seqs: Vec<Seq> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut at = 0;
            while !stop.load(Ordering::Relaxed) {
                write(&catalog, at);
                at += 1;
                if at.is_multiple_of(20) {
                    catalog.checkpoint().unwrap();
                }
            }
        });
        while catalog.read(&viewer()).seq() < Seq(2) {
            std::thread::yield_now();
        }
        let backups = (0..5).map(|at| {
            let seq = catalog.backup(place.path().join(format!("b{at}"))).unwrap();
            // The next one is of later commits.
            while catalog.read(&viewer()).seq().0 < seq.0 + 7 {
                std::thread::yield_now();
            }
            seq
        });
        let seqs = backups.collect();
        stop.store(true, Ordering::Relaxed);
        seqs
    });
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
    for (at, seq) in seqs.iter().enumerate() {
        let copy = Catalog::open_with(place.path().join(format!("b{at}")), options()).unwrap();
        let snapshot = copy.read(&viewer());
        assert_eq!(snapshot.seq(), *seq);
        // The last commit of it wrote the title that its number says.
        let last = seq.0 - 2;
        let document = snapshot.get("service", &format!("s{}", last % 50)).unwrap();
        assert_eq!(document["title"], format!("Title {last}"));
        assert_eq!(copy.stats().unwrap().log.commits, seq.0, "the log is in it");
        let report = copy.check().unwrap();
        assert!(report.is_ok(), "{report}");
    }
}

#[test]
fn a_backup_of_a_closed_catalog_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let catalog = Catalog::open_with(place.path().join("c"), options()).unwrap();
    declare(&catalog);
    let other = catalog.clone();
    catalog.close().unwrap();
    let error = other.backup(place.path().join("b")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(other.stats().unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(other.check().unwrap_err().kind(), ErrorKind::Closed);
    let same = Catalog::open_with(place.path().join("c"), options()).unwrap();
    let error = same.backup(place.path().join("c")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "not onto itself: {error}");
    assert!(same.check().unwrap().is_ok());
}

fn bytes(stats: &CatalogStats, structure: &str) -> u64 {
    let mut structures = stats.memory.structures.iter();
    structures.find(|(name, _)| *name == structure).unwrap().1
}

#[test]
fn figures_follow_what_is_there() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("c");
    let catalog = Catalog::open_with(&path, options()).unwrap();
    declare(&catalog);
    let before = catalog.stats().unwrap();
    for at in 0..200 {
        write(&catalog, at);
    }
    let after = catalog.stats().unwrap();
    assert_eq!(
        after.disk.file_bytes,
        std::fs::metadata(&path).unwrap().len()
    );
    let used: u64 = after
        .disk
        .tables
        .iter()
        .map(portolan::TableStats::bytes)
        .sum();
    assert_eq!(used + after.disk.free_bytes, after.disk.file_bytes);
    assert_eq!((after.log.start, after.log.commits), (Seq(1), 201));
    assert_eq!((after.log.checkpoint, after.log.unsaved), (Seq(0), 201));
    assert!(after.log.bytes > 200 * 50, "{}", after.log.bytes);
    for structure in [
        "entities",
        "identifiers",
        "indexes",
        "derived values",
        "rules and levels",
        "history",
    ] {
        assert!(
            bytes(&after, structure) > bytes(&before, structure),
            "{structure}"
        );
    }
    assert_eq!(bytes(&after, "relations"), bytes(&before, "relations"));
    let parts: u64 = after.memory.structures.iter().map(|(_, bytes)| bytes).sum();
    assert_eq!(after.memory.total(), parts);

    catalog.checkpoint().unwrap();
    catalog.trim_log(Seq(150)).unwrap();
    let saved = catalog.stats().unwrap();
    assert_eq!((saved.log.start, saved.log.commits), (Seq(151), 51));
    assert_eq!((saved.log.checkpoint, saved.log.unsaved), (Seq(201), 0));
    assert!(saved.log.bytes < after.log.bytes / 2);
    let rows = |stats: &CatalogStats, name: &str| {
        let mut tables = stats.disk.tables.iter();
        tables.find(|table| table.name == name).unwrap().rows
    };
    assert!(rows(&saved, "entities") > rows(&after, "entities"));
    catalog.compact().unwrap();
    let compact = catalog.stats().unwrap();
    assert!(compact.disk.file_bytes < saved.disk.file_bytes);
    let printed = compact.to_string();
    for part in [
        "entities",
        "log: 51 commits from 151 on",
        "memory of the last version",
        "versions in memory: 1, the oldest of commit 201",
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
}

#[test]
fn versions_that_somebody_holds_are_counted_until_they_are_dropped() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    declare(&catalog);
    let versions = |catalog: &Catalog| {
        let stats = catalog.stats().unwrap();
        (stats.versions.alive, stats.versions.oldest)
    };
    assert_eq!(versions(&catalog), (1, Seq(1)));
    let first = catalog.read(&viewer());
    let again = first.clone();
    for at in 0..300 {
        write(&catalog, at);
    }
    assert_eq!(versions(&catalog), (2, Seq(1)));
    let later = catalog.read(&viewer());
    write(&catalog, 300);
    assert_eq!(versions(&catalog), (3, Seq(1)));
    drop(first);
    assert_eq!(versions(&catalog), (3, Seq(1)), "its copy holds it");
    drop(again);
    assert_eq!(versions(&catalog), (2, Seq(301)));
    drop(later);
    assert_eq!(versions(&catalog), (1, Seq(302)));
}
