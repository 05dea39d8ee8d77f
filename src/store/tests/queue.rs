//! Commits on their way to the file: found while they are held back, synced together, never torn.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;

use super::made::{self, Model};
use crate::error::{ErrorKind, Result};
use crate::store::fault::{Choices, Disk, Fault, Operation};
use crate::store::{Encoded, LogRecord, Store};
use crate::value::{EntityId, Seq};

fn defer(store: &Store, model: &mut Model, ids: &[u32]) -> Result<()> {
    let record = model.next(ids);
    model.apply(record.clone());
    store.enqueue(Encoded::of(&record)?).map(drop)
}

fn sync(store: &Store) -> Result<()> {
    store.sync(store.last(), |_| ())
}

/// Every operation but reads.
fn counting(after: u64) -> Fault {
    Fault {
        operation: None,
        after,
        lasting: true,
    }
}

#[test]
fn what_is_held_back_is_found_as_if_it_were_in_the_file() {
    let disk = Disk::default();
    let store = Store::with_backend(disk.clone()).unwrap();
    let mut model = Model::default();
    for id in 0..3 {
        store.append(&model.next(&[id])).unwrap();
        model.apply(model.next(&[id]));
    }
    disk.arm(counting(u64::MAX - 1));
    for id in 3..6 {
        defer(&store, &mut model, &[id]).unwrap();
    }
    assert_eq!(
        disk.counted(),
        0,
        "holding back costs no access to the disk"
    );
    let before = store.reader().unwrap();
    let found = |check: &dyn Fn(Seq, &LogRecord)| {
        assert_eq!(store.last(), Seq(6));
        assert_eq!(made::log(&store).unwrap(), model.records);
        assert_eq!(made::load(&store).unwrap(), (model.at(6), Seq(6)));
        for record in &model.records {
            check(record.seq, record);
        }
    };
    let through = |reader: &crate::store::StoreReader, seq: Seq, record: &LogRecord| {
        assert_eq!(reader.head(seq).unwrap().unwrap().time, record.time);
        let id = EntityId(u32::try_from(seq.0).unwrap() - 1);
        let (_, change) = reader.change_of(seq, id).unwrap().unwrap();
        assert_eq!(change, record.changes[0]);
        assert!(reader.head(Seq(7)).unwrap().is_none());
        assert_eq!(reader.log_start().unwrap(), Seq(1));
    };
    found(&|seq, record| through(&before, seq, record));
    let syncs = disk.syncs();
    sync(&store).unwrap();
    sync(&store).unwrap();
    assert_eq!(disk.syncs(), syncs + 1, "all of it takes one sync");
    found(&|seq, record| {
        through(&before, seq, record);
        through(&store.reader().unwrap(), seq, record);
    });
    assert!(store.reader().unwrap().log(Seq(5), |_| Ok(())).is_ok());
}

#[test]
fn how_much_is_held_back_is_told() {
    let store = Store::in_memory().unwrap();
    let mut model = Model::default();
    let mut bytes = 0;
    for commits in 1..4 {
        let record = model.next(&[1, 2]);
        let encoded = Encoded::of(&record).unwrap();
        bytes += encoded.bytes.len() as u64;
        model.apply(record);
        let held = store.enqueue(encoded).unwrap();
        assert_eq!((held.commits, held.bytes), (commits, bytes));
        assert_eq!(held.since, Some(model.records[0].time));
    }
    assert_eq!(store.unsaved().bytes, bytes);
    sync(&store).unwrap();
    let record = model.next(&[3]);
    let held = store.enqueue(Encoded::of(&record).unwrap()).unwrap();
    assert_eq!((held.commits, held.since), (1, Some(record.time)));
    assert_eq!(store.unsaved().commits, 4);
}

#[test]
fn a_failed_sync_is_the_end_until_the_file_is_opened_again() {
    let disk = Disk::default();
    let store = Store::with_backend(disk.clone()).unwrap();
    let mut model = Model::default();
    store.append(&model.next(&[1])).unwrap();
    model.apply(model.next(&[1]));
    defer(&store, &mut model, &[2]).unwrap();
    disk.arm(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        lasting: false,
    });
    let mut told = None;
    let failed = store.sync(Seq(2), |outcome| told = Some(outcome.is_err()));
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(told, Some(true), "who led settles");
    store.forget_after(Seq(1));
    assert_eq!((store.last(), made::log(&store).is_ok()), (Seq(1), true));
    for _ in 0..2 {
        let error = store.sync(Seq(2), |_| panic!("nobody leads")).unwrap_err();
        assert!(!error.message().starts_with("an earlier"), "{error}");
        let record = Encoded::of(&model.records[1]).unwrap();
        let error = store.enqueue(record).unwrap_err();
        assert!(error.message().starts_with("an earlier"), "{error}");
    }
    assert!(sync(&store).is_ok(), "what is acknowledged is there");
    assert!(store.trim(Seq(1)).is_err());
}

/// What the layer above does must not keep the others from the disk.
#[test]
fn a_leader_that_panics_leaves_the_way_free() {
    let store = Store::in_memory().unwrap();
    let mut model = Model::default();
    defer(&store, &mut model, &[1]).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        store.sync(Seq(1), |_| panic!("on purpose"))
    }));
    assert!(panicked.is_err());
    defer(&store, &mut model, &[2]).unwrap();
    sync(&store).unwrap();
    assert_eq!(made::log(&store).unwrap(), model.records);
}

#[derive(Clone, Debug)]
enum Step {
    Defer(u32),
    Commit(u32),
    Sync,
    Checkpoint,
    Trim,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..40_u32).prop_map(Step::Defer),
        2 => (0..40_u32).prop_map(Step::Commit),
        2 => Just(Step::Sync),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Trim),
    ];
    prop::collection::vec(step, 1..30)
}

/// Takes steps until the disk fails; gives every commit, and how many are known to be durable.
fn run(disk: &Disk, steps: &[Step]) -> (Model, usize) {
    let (mut model, mut durable) = (Model::default(), 0);
    let mut all = || -> Result<()> {
        let store = Store::with_backend(disk.clone())?;
        for step in steps {
            match step {
                Step::Defer(id) => {
                    defer(&store, &mut model, &[*id])?;
                    continue;
                }
                Step::Commit(id) => {
                    defer(&store, &mut model, &[*id])?;
                    sync(&store)?;
                }
                Step::Sync => sync(&store)?,
                Step::Checkpoint => {
                    sync(&store)?;
                    durable = model.records.len();
                    model.checkpoint(&store)?;
                }
                Step::Trim => {
                    store.trim(Seq(u64::MAX))?;
                    continue;
                }
            }
            durable = model.records.len();
        }
        Ok(())
    };
    drop(all());
    (model, durable)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_crash_leaves_a_prefix_with_everything_that_was_synced(steps in steps(), seed: u64) {
        let counted = Disk::default();
        counted.arm(counting(u64::MAX - 1));
        run(&counted, &steps);
        let mut choices = Choices::new(seed);
        let disk = Disk::default();
        disk.arm(counting(choices.below(counted.counted() + 1)));
        let (model, durable) = run(&disk, &steps);
        for disk in [disk.after_kill(), disk.after_power_cut(&mut choices)] {
            let store = Store::with_backend(disk).unwrap();
            let last = usize::try_from(store.last().0).unwrap();
            prop_assert!((durable..=model.records.len()).contains(&last), "{} of {}", last, durable);
            prop_assert_eq!(made::load(&store).unwrap().0, model.at(last));
            let mut seq = usize::try_from(store.checkpointed().0).unwrap();
            store.reader().unwrap().log(store.checkpointed(), |record| {
                assert_eq!(record, model.records[seq]);
                seq += 1;
                Ok(())
            }).unwrap();
            prop_assert_eq!(seq, last);
        }
    }
}
