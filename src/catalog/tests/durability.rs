//! Commits of many threads that share syncs, and commits that are synced later.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::commit::Durability;
use crate::ingest::ImportOptions;

const PACE: Duration = Duration::from_millis(5);

fn open_with(disk: &Disk, options: Options) -> Catalog {
    Catalog::from_store(Store::with_backend(disk.clone()).unwrap(), options).unwrap()
}

/// One commit of one part.
fn part(catalog: &Catalog, identifier: &str, durability: Durability) -> Result<Seq> {
    let mut tx = catalog.write(&viewer())?;
    tx.durability(durability);
    tx.upsert("part", &json!({"identifier": identifier}))?;
    Ok(tx.commit()?.seq)
}

fn parts(catalog: &Catalog) -> u64 {
    catalog.read(&viewer()).count("part").unwrap()
}

/// The last commit that a disk would give back.
fn last(disk: &Disk) -> Seq {
    Store::with_backend(disk.clone()).unwrap().last()
}

#[test]
fn sixteen_writers_share_syncs_and_lose_nothing() {
    const WRITERS: u64 = 16;
    const COMMITS: u64 = 12;
    let disk = Disk::default();
    let catalog = open(&disk).unwrap();
    declare(&catalog).unwrap();
    disk.slow_down(PACE);
    let (syncs, writing) = (disk.syncs(), AtomicU64::new(WRITERS));
    let seqs = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (catalog, disk, seqs, writing) = (&catalog, &disk, &seqs, &writing);
            scope.spawn(move || {
                for number in 0..COMMITS {
                    let name = format!("{writer}-{number}");
                    let seq = part(catalog, &name, Durability::Synced).unwrap();
                    let snapshot = catalog.read(&viewer());
                    assert!(snapshot.seq() >= seq && snapshot.get("part", &name).is_ok());
                    if number == writer % COMMITS {
                        let cut = disk.after_power_cut(&mut Choices::new(writer));
                        assert!(last(&cut) >= seq, "acknowledged, and gone");
                    }
                    seqs.lock().unwrap().push(seq);
                }
                writing.fetch_sub(1, Ordering::Release);
            });
        }
        scope.spawn(|| {
            let (mut seen, mut choices) = (Seq(1), Choices::new(7));
            while writing.load(Ordering::Acquire) > 0 {
                let snapshot = catalog.read(&viewer());
                assert!(snapshot.seq() >= seen, "time goes on");
                seen = snapshot.seq();
                assert_eq!(snapshot.count("part").unwrap(), seen.0 - 1);
                let cut = disk.after_power_cut(&mut choices);
                assert!(last(&cut) >= seen, "seen, and gone");
                std::thread::sleep(PACE);
            }
        });
    });
    let syncs = disk.syncs() - syncs;
    assert!(syncs * 3 <= WRITERS * COMMITS, "{syncs} syncs");
    let mut seqs = seqs.into_inner().unwrap();
    seqs.sort_unstable();
    let expected: Vec<Seq> = (2..2 + WRITERS * COMMITS).map(Seq).collect();
    assert_eq!(seqs, expected, "every commit has its number");
    assert_eq!(parts(&open(&disk.after_kill()).unwrap()), WRITERS * COMMITS);
}

#[test]
fn a_sync_that_fails_fails_all_who_wait_for_it_and_shows_none_of_them() {
    for good in [0, 1, 3] {
        let disk = Disk::default();
        let catalog = open(&disk).unwrap();
        declare(&catalog).unwrap();
        disk.slow_down(PACE);
        disk.arm(Fault {
            operation: Some(Operation::Sync),
            after: good,
            lasting: false,
        });
        let acknowledged = Mutex::new(vec![Seq(1)]);
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (catalog, acknowledged) = (&catalog, &acknowledged);
                scope.spawn(move || {
                    let refused = (0..).find_map(|number| {
                        let name = format!("{writer}-{number}");
                        let committed = part(catalog, &name, Durability::Synced);
                        committed
                            .map(|seq| acknowledged.lock().unwrap().push(seq))
                            .err()
                    });
                    assert_eq!(refused.unwrap().kind(), ErrorKind::Io);
                });
            }
        });
        let acknowledged = acknowledged.into_inner().unwrap();
        let newest = *acknowledged.iter().max().unwrap();
        assert_eq!(acknowledged.len() as u64, newest.0, "no gap among them");
        assert_eq!(
            catalog.read(&viewer()).seq(),
            newest,
            "what is seen was acknowledged"
        );
        assert_eq!(catalog.turn().unwrap().head().state.seq(), newest);
        assert!(part(&catalog, "later", Durability::Deferred).is_err());
        assert!(catalog.checkpoint().is_err());
        assert_eq!(parts(&catalog), newest.0 - 1, "readers go on");
        drop(catalog);
        for disk in [
            disk.after_kill(),
            disk.after_power_cut(&mut Choices::new(good)),
        ] {
            let again = open(&disk).unwrap();
            assert!(again.read(&viewer()).seq() >= newest);
            part(&again, "again", Durability::Synced).unwrap();
        }
    }
}

/// Who is told that nothing differs may rely on what it does not differ from.
#[test]
fn a_commit_without_changes_waits_for_the_one_that_it_equals() {
    let disk = Disk::default();
    let catalog = open(&disk).unwrap();
    declare(&catalog).unwrap();
    disk.slow_down(Duration::from_millis(150));
    let under_way = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.upsert("part", &json!({"identifier": "same"})).unwrap();
            under_way.store(true, Ordering::Release);
            tx.commit().unwrap();
        });
        while !under_way.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        // Starts once the other has ended its turn, and long before it is on disk.
        let seq = part(&catalog, "same", Durability::Synced).unwrap();
        assert_eq!((seq, catalog.read(&viewer()).seq()), (Seq(2), Seq(2)));
        assert!(last(&disk.after_power_cut(&mut Choices::new(1))) >= Seq(2));
    });
}

/// That something is there already is acknowledged as synced only once it is on disk.
#[test]
fn a_synced_commit_without_changes_syncs_the_deferred_one_that_it_equals() {
    type Again = fn(&Catalog) -> Result<()>;
    let same: [(&str, Again); 3] = [
        ("a transaction", |catalog| {
            part(catalog, "same", Durability::Synced).map(drop)
        }),
        ("a load", |catalog| {
            let line = br#"{"blueprint": "part", "identifier": "same"}"#;
            let loaded = catalog.load(&viewer(), line.as_slice(), ImportOptions::default());
            loaded.map(drop)
        }),
        ("the passing of time", |catalog| {
            let now = catalog.read(&viewer()).time();
            catalog.advance(&viewer(), now).map(drop)
        }),
    ];
    for (what, again) in same {
        let disk = Disk::default();
        let catalog = open(&disk).unwrap();
        declare(&catalog).unwrap();
        let seq = part(&catalog, "same", Durability::Deferred).unwrap();
        let cut = || disk.after_power_cut(&mut Choices::new(3));
        assert!(last(&cut()) < seq);
        again(&catalog).unwrap();
        assert_eq!(last(&cut()), seq, "after {what}");
    }
}

#[test]
fn a_deferred_commit_is_seen_at_once_and_synced_with_the_next() {
    let disk = Disk::default();
    let catalog = open_with(&disk, Options::default().durability(Durability::Deferred));
    declare(&catalog).unwrap();
    let syncs = disk.syncs();
    for number in 0..5 {
        commit(&catalog, number).unwrap();
        assert_eq!(whole_commits(&catalog), number + 1);
    }
    assert_eq!(disk.syncs(), syncs);
    assert_eq!(
        whole_commits(&open(&disk.after_kill()).unwrap()),
        0,
        "nothing is written"
    );
    // What led to it can be asked although it is nowhere but in memory.
    let snapshot = catalog.read(&viewer());
    let why = snapshot.why_property("part", "0a", "after").unwrap();
    assert!(why.to_string().contains("commit 3"), "{why}");

    let steps: [(&str, &dyn Fn()); 4] = [
        ("a synced commit", &|| {
            part(&catalog, "x", Durability::Synced).unwrap();
        }),
        ("sync", &|| catalog.sync().unwrap()),
        ("a checkpoint", &|| catalog.checkpoint().unwrap()),
        ("closing", &|| catalog.clone().close().unwrap()),
    ];
    for (what, step) in steps {
        if what != "a synced commit" {
            part(&catalog, &what.replace(' ', "-"), Durability::Deferred).unwrap();
        }
        let seq = catalog.read(&viewer()).seq();
        let cut = || disk.after_power_cut(&mut Choices::new(3));
        assert!(
            what == "a synced commit" || last(&cut()) < seq,
            "before {what}"
        );
        step();
        assert!(
            last(&cut()) >= catalog.read(&viewer()).seq(),
            "after {what}"
        );
    }
}

#[test]
fn dropping_the_last_handle_syncs() {
    let disk = Disk::default();
    let catalog = open_with(&disk, Options::default().durability(Durability::Deferred));
    declare(&catalog).unwrap();
    commit(&catalog, 0).unwrap();
    drop(catalog);
    assert_eq!(
        whole_commits(&open(&disk.after_power_cut(&mut Choices::new(5))).unwrap()),
        1
    );
}

/// The clock of the catalog, in microseconds, which tests move by hand.
fn clock() -> (&'static AtomicU64, Options) {
    let time: &'static AtomicU64 = Box::leak(Box::default());
    let options = Options::default()
        .durability(Durability::Deferred)
        .clock(|| Instant(i64::try_from(time.load(Ordering::Relaxed)).unwrap()));
    (time, options)
}

#[test]
fn what_is_held_back_is_bounded_by_commits_bytes_and_age() {
    let none = LogLimit::default();
    let limits = [
        (
            LogLimit {
                commits: Some(3),
                ..none
            },
            3,
        ),
        (
            LogLimit {
                bytes: Some(0),
                ..none
            },
            0,
        ),
        (
            LogLimit {
                age: Some(Duration::from_micros(4)),
                ..none
            },
            5,
        ),
        (none, 20),
    ];
    for (limit, held) in limits {
        let disk = Disk::default();
        let (time, options) = clock();
        let catalog = open_with(&disk, options.deferral(limit));
        declare(&catalog).unwrap();
        catalog.sync().unwrap();
        for number in 0..20 {
            time.store(number, Ordering::Relaxed);
            part(&catalog, &number.to_string(), Durability::Deferred).unwrap();
            let behind = number % (held + 1) + 1;
            let behind = if behind == held + 1 { 0 } else { behind };
            assert_eq!(last(&disk.after_kill()).0, number + 2 - behind, "{limit:?}");
        }
    }
}

/// A commit that would be too much to hold back, and cannot be synced either, does not happen.
#[test]
fn a_deferred_commit_that_has_to_be_synced_and_cannot_be_is_not_seen() {
    let disk = Disk::default();
    let limit = LogLimit {
        commits: Some(2),
        ..LogLimit::default()
    };
    let options = Options::default().durability(Durability::Deferred);
    let catalog = open_with(&disk, options.deferral(limit));
    declare(&catalog).unwrap();
    commit(&catalog, 0).unwrap();
    disk.arm(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        lasting: true,
    });
    assert_eq!(commit(&catalog, 1).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(
        whole_commits(&catalog),
        1,
        "the one before it was acknowledged"
    );
    assert_eq!(
        catalog.sync().unwrap_err().kind(),
        ErrorKind::Io,
        "and is not safe"
    );
    assert!(commit(&catalog, 1).is_err());
}

#[derive(Clone, Debug)]
enum Step {
    Commit(Durability),
    Sync,
    Checkpoint,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => Just(Step::Commit(Durability::Deferred)),
        2 => Just(Step::Commit(Durability::Synced)),
        1 => Just(Step::Sync),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..16)
}

/// Takes steps until the disk fails; gives how many commits were made and how many of them are
/// known to be durable.
fn take(disk: &Disk, steps: &[Step]) -> (u64, u64) {
    let (mut made, mut durable) = (0, 0);
    let mut all = || -> Result<()> {
        let limit = LogLimit {
            commits: Some(4),
            ..LogLimit::default()
        };
        let options = || Options::default().deferral(limit);
        let mut catalog = Catalog::from_store(Store::with_backend(disk.clone())?, options())?;
        declare(&catalog)?;
        for step in steps {
            match step {
                Step::Commit(Durability::Deferred) => {
                    let mut tx = catalog.write(&viewer())?;
                    tx.durability(Durability::Deferred);
                    write(&mut tx, made)?;
                    tx.commit()?;
                    made += 1;
                    continue;
                }
                Step::Commit(Durability::Synced) => {
                    commit(&catalog, made)?;
                    made += 1;
                }
                Step::Sync => catalog.sync()?,
                Step::Checkpoint => catalog.checkpoint()?,
                Step::Reopen => {
                    catalog.close()?;
                    durable = made;
                    catalog = Catalog::from_store(Store::with_backend(disk.clone())?, options())?;
                }
            }
            durable = made;
        }
        // The process dies here: nothing may be tidied up.
        std::mem::forget(catalog);
        Ok(())
    };
    drop(all());
    (made, durable)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_crash_loses_only_the_last_of_what_was_deferred(steps in steps(), seed: u64) {
        let mut choices = Choices::new(seed);
        let everything = Fault { operation: None, after: u64::MAX - 1, lasting: true };
        let counted = Disk::default();
        counted.arm(everything);
        take(&counted, &steps);
        let disk = Disk::default();
        disk.arm(Fault { after: choices.below(counted.counted() + 1), ..everything });
        let (made, durable) = take(&disk, &steps);
        for disk in [disk.after_kill(), disk.after_power_cut(&mut choices)] {
            let whole = whole_commits(&open(&disk).unwrap());
            // One more may have been under way.
            prop_assert!((durable..=made + 1).contains(&whole), "{} of {} of {}", whole, durable, made);
        }
    }
}
