//! When checkpoints are made, what a failing one does, and how much of the log they keep.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::*;

fn limit(commits: u64) -> LogLimit {
    LogLimit {
        commits: Some(commits),
        ..LogLimit::default()
    }
}

fn open_with(disk: &Disk, options: Options) -> Catalog {
    Catalog::from_store(Store::with_backend(disk.clone()).unwrap(), options).unwrap()
}

/// How many commits an open would replay.
fn behind(disk: &Disk) -> u64 {
    open(&disk.after_kill()).unwrap().open_report().replayed
}

#[test]
fn a_checkpoint_comes_after_as_many_commits_or_bytes_or_as_much_time_as_asked_for() {
    let none = LogLimit::default();
    let one_day = Duration::from_hours(24);
    for (limit, expected) in [
        (limit(2), [1, 2, 0, 1, 2, 0]),
        (
            LogLimit {
                bytes: Some(0),
                ..none
            },
            [0; 6],
        ),
        (
            LogLimit {
                age: Some(one_day),
                ..none
            },
            [1, 2, 0, 1, 2, 0],
        ),
        (none, [1, 2, 3, 4, 5, 6]),
    ] {
        let disk = Disk::default();
        let day = Arc::new(AtomicI64::new(0));
        let hands = Arc::clone(&day);
        let clock = move || {
            let days = hands.load(Ordering::Relaxed);
            Instant(days * 86_400_000_000)
        };
        let catalog = open_with(&disk, Options::default().clock(clock).checkpoint(limit));
        for (number, expected) in (0..).zip(expected) {
            day.store(number, Ordering::Relaxed);
            match u64::try_from(number - 1) {
                Ok(number) => commit(&catalog, number).unwrap(),
                Err(_) => declare(&catalog).unwrap(),
            }
            assert_eq!(behind(&disk), expected, "{limit:?} after {number}");
        }
    }
}

#[test]
fn what_was_not_in_the_tables_at_the_open_counts() {
    let disk = Disk::default();
    let catalog = open(&disk).unwrap();
    declare(&catalog).unwrap();
    commit(&catalog, 0).unwrap();
    let disk = disk.after_kill();
    let catalog = open_with(&disk, Options::default().checkpoint(limit(2)));
    assert_eq!(catalog.open_report().replayed, 2);
    commit(&catalog, 1).unwrap();
    assert_eq!(behind(&disk), 0);
}

#[test]
fn a_failing_checkpoint_does_not_fail_the_commit_that_made_it_due() {
    let disk = Disk::default();
    let catalog = open_with(&disk, Options::default().checkpoint(limit(2)));
    declare(&catalog).unwrap();
    commit(&catalog, 0).unwrap();
    disk.arm(Fault {
        operation: Some(Operation::Sync),
        after: 1,
        lasting: false,
    });
    commit(&catalog, 1).unwrap();
    assert_eq!(
        disk.counted(),
        2,
        "the sync of the commit and that of the checkpoint"
    );
    assert_eq!(whole_commits(&catalog), 2);
    assert_eq!(commit(&catalog, 2).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(whole_commits(&open(&disk.after_kill()).unwrap()), 2);
    assert_eq!(
        whole_commits(&open(&disk.after_power_cut(&mut Choices::new(1))).unwrap()),
        2
    );
}

#[test]
fn every_checkpoint_forgets_what_of_the_log_is_not_kept_and_nothing_else() {
    let disk = Disk::default();
    let options = || Options::default().checkpoint(limit(4)).retention(limit(3));
    let catalog = open_with(&disk, options());
    let log_start = || {
        let store = Store::with_backend(disk.after_kill()).unwrap();
        store.reader().unwrap().log_start().unwrap().0
    };
    declare(&catalog).unwrap();
    let expected = [1, 1, 1, 3, 3, 3, 3, 3, 8, 8];
    for (number, expected) in (0..).zip(expected) {
        commit(&catalog, number).unwrap();
        assert_eq!(log_start(), expected, "after {number}");
    }
    let since = |catalog: &Catalog, identifier: &str| {
        let snapshot = catalog.read(&viewer());
        let card = snapshot.scorecard("card", identifier).unwrap();
        let rules = card.rules.into_iter();
        let since = rules.map(|rule| rule.since.map(|since| since.seq.0));
        since.collect::<Vec<_>>()
    };
    // The last part of each commit got its result with the next one, which pointed to it.
    let told = [since(&catalog, "2a"), since(&catalog, "9b")];
    assert_eq!(told[0], [Some(5), Some(4)]);
    catalog.close().unwrap();
    let catalog = open_with(&disk, options());
    assert_eq!([since(&catalog, "2a"), since(&catalog, "9b")], told);
    assert_eq!(whole_commits(&catalog), 10);
    assert_eq!(log_start(), 9, "closing keeps three as well");
}
