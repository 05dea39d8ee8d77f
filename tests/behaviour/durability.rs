//! Commits of many threads, and commits that are deferred, on a real file and through kills.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::common::{declare, empty_catalog, options, viewer};
use crate::kill::{CHILD_FILE, run_and_kill};
use portolan::{Catalog, Durability, ErrorKind, LogLimit, Seq};
use serde_json::json;

fn write_team(catalog: &Catalog, identifier: &str) -> Seq {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("team", &json!({"identifier": identifier}))
        .unwrap();
    tx.commit().unwrap().seq
}

#[test]
fn many_writers_number_their_commits_without_a_gap_and_readers_see_whole_ones_in_order() {
    const WRITERS: u64 = 16;
    const COMMITS: u64 = 20;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.portolan");
    let catalog = Catalog::open_with(&path, options()).unwrap();
    declare(&catalog);
    let (seqs, writing) = (Mutex::new(Vec::new()), AtomicU64::new(WRITERS));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (catalog, seqs, writing) = (catalog.clone(), &seqs, &writing);
            scope.spawn(move || {
                for number in 0..COMMITS {
                    let name = format!("t{writer}-{number}");
                    let mut tx = catalog.write(&viewer()).unwrap();
                    tx.upsert("team", &json!({"identifier": name})).unwrap();
                    let service = json!({"identifier": format!("s{writer}-{number}"),
                        "properties": {"tier": 1}, "relations": {"owner": name}});
                    tx.upsert("service", &service).unwrap();
                    if writer % 4 == 0 {
                        tx.durability(Durability::Deferred);
                    }
                    let seq = tx.commit().unwrap().seq;
                    let snapshot = catalog.read(&viewer());
                    assert!(snapshot.seq() >= seq && snapshot.get("team", &name).is_ok());
                    seqs.lock().unwrap().push(seq);
                }
                writing.fetch_sub(1, Ordering::Release);
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = Seq(0);
                while writing.load(Ordering::Acquire) > 0 {
                    let snapshot = catalog.read(&viewer());
                    assert!(snapshot.seq() >= last, "time goes on");
                    last = snapshot.seq();
                    assert_eq!(snapshot.count("team").unwrap(), last.0 - 1);
                    let graded = snapshot.scorecard_summary("readiness").unwrap().graded;
                    assert_eq!(graded, last.0 - 1);
                    std::thread::yield_now();
                }
            });
        }
    });
    let mut seqs = seqs.into_inner().unwrap();
    seqs.sort_unstable();
    assert!(seqs.into_iter().eq((2..2 + WRITERS * COMMITS).map(Seq)));
    catalog.close().unwrap();
    let catalog = Catalog::open_with(&path, options()).unwrap();
    assert_eq!(
        catalog.read(&viewer()).count("team").unwrap(),
        WRITERS * COMMITS
    );
}

/// Not a test by itself: the process that gets killed. Eight threads commit and acknowledge, each
/// its own numbers.
#[test]
fn child_with_many_writers() {
    let Ok(path) = std::env::var(CHILD_FILE) else {
        return;
    };
    let catalog = Catalog::open(&path).unwrap();
    if catalog.read(&viewer()).seq().0 == 0 {
        declare(&catalog);
    }
    let round = catalog.read(&viewer()).seq();
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let seq = write_team(&catalog, &format!("t{round}-{number}"));
                    println!("acknowledged {}", seq.0);
                }
            });
        }
    });
}

/// Not a test by itself: the process that gets killed. Defers commits, syncs now and then, and
/// acknowledges what it synced.
#[test]
fn child_that_defers() {
    let Ok(path) = std::env::var(CHILD_FILE) else {
        return;
    };
    let options = options().durability(Durability::Deferred);
    let catalog = Catalog::open_with(&path, options).unwrap();
    if catalog.read(&viewer()).seq().0 == 0 {
        declare(&catalog);
    }
    loop {
        let number = catalog.read(&viewer()).count("team").unwrap();
        let seq = write_team(&catalog, &format!("t{number}"));
        if number % 40 == 7 {
            catalog.sync().unwrap();
            println!("acknowledged {}", seq.0);
        }
    }
}

#[test]
fn kills_take_only_what_nobody_acknowledged() {
    if std::env::var(CHILD_FILE).is_ok() {
        return;
    }
    for child in [
        "durability::child_with_many_writers",
        "durability::child_that_defers",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("killed.portolan");
        for round in 0..8 {
            let acknowledged = run_and_kill(&path, child, round);
            let catalog = Catalog::open_with(&path, options()).unwrap();
            let snapshot = catalog.read(&viewer());
            assert!(
                snapshot.seq().0 + 1 >= acknowledged,
                "{child}: {acknowledged}"
            );
            let teams = snapshot.count("team").unwrap_or_default();
            assert_eq!(teams, snapshot.seq().0.saturating_sub(1), "{child}");
            // What was deferred is there up to a commit, without a gap before it.
            if child.ends_with("defers") && teams > 0 {
                let last = format!("t{}", teams - 1);
                assert!(snapshot.get("team", &last).is_ok(), "{last}");
            }
        }
    }
}

#[test]
fn a_transaction_says_for_itself_when_it_is_durable() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.durability(Durability::Deferred);
    tx.durability(Durability::Synced);
    assert!(format!("{tx:?}").contains("Synced"));
    tx.upsert("team", &json!({"identifier": "shop"})).unwrap();
    tx.commit().unwrap();
    catalog.sync().unwrap();
    let other = catalog.clone();
    catalog.close().unwrap();
    // There is nothing left to sync.
    other.sync().unwrap();
}

#[test]
fn a_file_can_be_kept_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.portolan");
    let limit = |commits| LogLimit {
        commits: Some(commits),
        age: Some(Duration::from_hours(1)),
        ..LogLimit::default()
    };
    let options = || options().checkpoint(limit(10)).retention(limit(5));
    let catalog = Catalog::open_with(&path, options()).unwrap();
    declare(&catalog);
    for number in 0..40 {
        write_team(&catalog, &format!("t{number}"));
    }
    catalog.close().unwrap();
    let catalog = Catalog::open_with(&path, options()).unwrap();
    assert_eq!(catalog.open_report().replayed, 0);
    assert_eq!(catalog.trim_log(Seq(u64::MAX)).unwrap(), 5);
    let snapshot = catalog.read(&viewer());
    assert_eq!(snapshot.count("team").unwrap(), 40);
    assert_eq!(
        snapshot.get("team", "t41").unwrap_err().kind(),
        ErrorKind::NotFound
    );
}
