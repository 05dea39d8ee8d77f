//! Handles on many threads: who waits for whom, who sees what, and what a panic leaves behind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::common::{declare, empty_catalog, options, viewer};
use portolan::{Catalog, ErrorKind, ImportOptions, Instant, Options, Seq};
use serde_json::json;

/// Options under which a lost turn shows at once.
fn impatient() -> Options {
    options().write_timeout(Duration::from_millis(50))
}

fn write_team(catalog: &Catalog, identifier: &str) {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("team", &json!({"identifier": identifier}))
        .unwrap();
    tx.commit().unwrap();
}

#[test]
fn every_snapshot_on_every_thread_is_of_one_commit() {
    const COMMITS: u64 = 60;
    let catalog = empty_catalog();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut last = Seq(0);
                while !done.load(Ordering::Acquire) {
                    let snapshot = catalog.read(&viewer());
                    assert!(snapshot.seq() >= last, "time goes on");
                    last = snapshot.seq();
                    let teams = snapshot.count("team").unwrap();
                    assert_eq!(teams, snapshot.seq().0 - 1);
                    assert_eq!(snapshot.count("service").unwrap(), teams);
                    let query =
                        "MATCH (s:service) WHERE s.ownerOnCall = 'ann' RETURN count(*) AS n";
                    let row = snapshot.query(query, ()).unwrap().json().next().unwrap();
                    assert_eq!(row["n"], teams, "mirrors are of the same commit");
                }
            });
        }
        for number in 0..COMMITS {
            let mut tx = catalog.write(&viewer()).unwrap();
            let service = json!({"identifier": format!("s{number}"), "properties": {"tier": 1},
                "relations": {"owner": format!("t{number}")}});
            tx.upsert("service", &service).unwrap();
            let team = json!({"identifier": format!("t{number}"), "properties": {"onCall": "ann"}});
            tx.upsert("team", &team).unwrap();
            tx.commit().unwrap();
        }
        done.store(true, Ordering::Release);
    });
    assert_eq!(catalog.read(&viewer()).seq().0, COMMITS + 1);
}

#[test]
fn a_panic_in_the_clock_or_the_progress_of_an_import_gives_the_turn_back() {
    let broken = Arc::new(AtomicBool::new(false));
    let hands = Arc::clone(&broken);
    let clock = move || {
        assert!(
            !hands.load(Ordering::Relaxed),
            "the clock fell off the wall"
        );
        Instant(0)
    };
    let catalog = Catalog::in_memory_with(impatient().clock(clock)).unwrap();
    declare(&catalog);

    broken.store(true, Ordering::Relaxed);
    let panicked = catch_unwind(AssertUnwindSafe(|| write_team(&catalog, "shop")));
    assert!(panicked.is_err());
    let snapshot = catalog.read(&viewer());
    assert!(catch_unwind(AssertUnwindSafe(|| snapshot.query("RETURN 1", ()))).is_err());
    broken.store(false, Ordering::Relaxed);
    write_team(&catalog, "bank");

    let folder = tempfile::tempdir().unwrap();
    let line = json!({"blueprint": "team", "identifier": "imported"}).to_string();
    std::fs::write(folder.path().join("entities.jsonl"), line).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let options = ImportOptions::default().progress(|_| panic!("enough"));
        catalog.import(&viewer(), folder.path(), options)
    }));
    assert!(panicked.is_err());
    write_team(&catalog, "mail");
    let snapshot = catalog.read(&viewer());
    assert_eq!(snapshot.count("team").unwrap(), 2);
    assert!(snapshot.get("team", "imported").is_err());
}

#[test]
fn what_takes_the_writer_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open_with(folder.path().join("c.portolan"), impatient()).unwrap();
    declare(&catalog);
    for round in 0..2 {
        catalog.checkpoint().unwrap();
        catalog.trim_log(Seq(u64::MAX)).unwrap();
        catalog.compact().unwrap();
        write_team(&catalog, &format!("t{round}"));
        assert!(
            catalog
                .import(
                    &viewer(),
                    folder.path().join("none"),
                    ImportOptions::default()
                )
                .is_err()
        );
    }
    let tx = catalog.write(&viewer()).unwrap();
    let busy = [
        catalog.checkpoint().unwrap_err(),
        catalog.trim_log(Seq(1)).unwrap_err(),
        catalog.compact().unwrap_err(),
        catalog.clone().close().unwrap_err(),
    ];
    assert!(busy.iter().all(|error| error.kind() == ErrorKind::Busy));
    drop(tx);
    let snapshot = catalog.read(&viewer());
    let other = catalog.clone();
    catalog.close().unwrap();
    let closed = [
        other.checkpoint().unwrap_err(),
        other.trim_log(Seq(1)).unwrap_err(),
        other.compact().unwrap_err(),
        other.write(&viewer()).unwrap_err(),
        other.clone().close().unwrap_err(),
    ];
    assert!(closed.iter().all(|error| error.kind() == ErrorKind::Closed));
    assert_eq!(snapshot.count("team").unwrap(), 2);
    assert_eq!(other.read(&viewer()).count("team").unwrap(), 2);
}

#[test]
fn a_transaction_outlives_every_handle_and_its_commit_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.portolan");
    let catalog = Catalog::open_with(&path, options()).unwrap();
    declare(&catalog);
    let snapshot = catalog.read(&viewer());
    let mut tx = catalog.write(&viewer()).unwrap();
    drop(catalog);
    tx.upsert("team", &json!({"identifier": "shop"})).unwrap();
    let commit = tx.commit().unwrap();
    assert_eq!(commit.created, 1);
    let catalog = Catalog::open_with(&path, options()).unwrap();
    assert_eq!(catalog.open_report().replayed, 0, "closed tidily");
    assert_eq!(catalog.read(&viewer()).count("team").unwrap(), 1);
    assert_eq!(snapshot.count("team").unwrap(), 0);
}

#[test]
fn a_writer_that_waits_is_woken_by_the_end_of_the_one_before_and_by_closing() {
    let catalog = empty_catalog();
    let first = catalog.write(&viewer()).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| catalog.write(&viewer()).map(drop));
        std::thread::sleep(Duration::from_millis(20));
        drop(first);
        waiting.join().unwrap().unwrap();
    });
    let first = catalog.write(&viewer()).unwrap();
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| catalog.clone().close());
        std::thread::sleep(Duration::from_millis(20));
        let waiting = scope.spawn(|| catalog.write(&viewer()).map(drop));
        drop(first);
        closing.join().unwrap().unwrap();
        // Before or after the closing, but not for ever.
        drop(waiting.join().unwrap());
    });
    assert_eq!(
        catalog.write(&viewer()).unwrap_err().kind(),
        ErrorKind::Closed
    );
}
