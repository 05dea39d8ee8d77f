//! Crashes and failing disks: acknowledged commits stay, half commits never show.

use proptest::prelude::*;

use super::made::{self, Model};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store;
use crate::store::fault::{Choices, Disk, Fault, Operation};

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<u32>),
    /// Several commits with one sync.
    Group(Vec<u32>),
    Checkpoint,
    Trim,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ids = || prop::collection::btree_set(0..40_u32, 1..12);
    let step = prop_oneof![
        6 => ids().prop_map(|ids| Step::Append(ids.into_iter().collect())),
        2 => ids().prop_map(|ids| Step::Group(ids.into_iter().collect())),
        2 => Just(Step::Checkpoint),
        1 => Just(Step::Trim),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..14)
}

/// What a run got to: what was tried, and how much of it was acknowledged.
#[derive(Debug, Default)]
struct Run {
    /// Every commit that was handed to the store.
    model: Model,
    acknowledged: usize,
    error: Option<Error>,
}

impl Run {
    fn on(disk: &Disk, steps: &[Step]) -> Self {
        let mut run = Self::default();
        run.error = run.all(disk, steps).err();
        run
    }

    fn all(&mut self, disk: &Disk, steps: &[Step]) -> Result<()> {
        let mut store = Store::with_backend(disk.clone())?;
        for step in steps {
            let result = self.step(&store, step);
            if result.is_err() {
                // Whatever failed, the store must go on without panicking: reading or refusing.
                drop(made::load(&store));
                let again = store.append(&self.model.next(&[1]));
                assert!(again.is_err(), "a write was accepted after a failed one");
                return result;
            }
            if let Step::Reopen = step {
                store.close()?;
                store = Store::with_backend(disk.clone())?;
            }
        }
        Ok(())
    }

    fn step(&mut self, store: &Store, step: &Step) -> Result<()> {
        match step {
            Step::Append(ids) => {
                let record = self.model.next(ids);
                self.model.apply(record.clone());
                store.append(&record)?;
            }
            Step::Group(ids) => {
                let from = self.model.records.len();
                for id in ids {
                    let record = self.model.next(&[*id]);
                    self.model.apply(record);
                }
                store.append_all(&self.model.records[from..])?;
            }
            Step::Checkpoint => self.model.checkpoint(store)?,
            Step::Trim => drop(store.trim(store.checkpointed())?),
            Step::Reopen => {}
        }
        self.acknowledged = self.model.records.len();
        Ok(())
    }

    /// What came back must be every acknowledged commit and at most the group that was under way.
    fn check(&self, store: &Store) {
        let (entities, last) = made::load(store).unwrap();
        let last = usize::try_from(last.0).unwrap();
        let tried = self.model.records.len();
        assert!(
            last == self.acknowledged || last == tried,
            "{last} commits came back, {} were acknowledged, {tried} tried",
            self.acknowledged
        );
        assert_eq!(entities, self.model.at(last));
        assert_eq!(usize::try_from(store.last().0).unwrap(), last);
        store
            .reader()
            .unwrap()
            .log(store.checkpointed(), |record| {
                let at = usize::try_from(record.seq.0 - 1).unwrap();
                assert_eq!(record, self.model.records[at]);
                Ok(())
            })
            .unwrap();
        assert!(
            store.reader().unwrap().base().unwrap().image.is_ok() || store.checkpointed().0 == 0
        );
    }

    /// After a crash the store must take writes again and keep them.
    fn check_life_goes_on(&self, disk: &Disk) {
        let store = Store::with_backend(disk.clone()).unwrap();
        self.check(&store);
        let mut model = Model::default();
        let last = usize::try_from(store.last().0).unwrap();
        self.model.records[..last]
            .iter()
            .for_each(|record| model.apply(record.clone()));
        let record = model.next(&[3, 77]);
        store.append(&record).unwrap();
        model.apply(record);
        store.close().unwrap();
        let store = Store::with_backend(disk.clone()).unwrap();
        assert_eq!(made::load(&store).unwrap().0, model.at(last + 1));
    }
}

/// Every operation but reads, so that a number says where the power goes.
fn cut(after: u64) -> Fault {
    Fault {
        operation: None,
        after,
        lasting: true,
    }
}

fn operations(steps: &[Step]) -> u64 {
    let disk = Disk::default();
    disk.arm(cut(u64::MAX - 1));
    let run = Run::on(&disk, steps);
    assert!(run.error.is_none(), "{:?}", run.error);
    disk.counted()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_power_cut_keeps_every_acknowledged_commit(steps in steps(), seed: u64) {
        let mut choices = Choices::new(seed);
        let total = operations(&steps);
        let disk = Disk::default();
        disk.arm(cut(choices.below(total)));
        let run = Run::on(&disk, &steps);
        let disk = disk.after_power_cut(&mut choices);
        // The power may go again while the store recovers.
        let recovering = disk.after_kill();
        recovering.arm(cut(choices.below(6)));
        drop(Store::with_backend(recovering.clone()));
        run.check_life_goes_on(&recovering.after_power_cut(&mut choices));
        run.check_life_goes_on(&disk);
    }

    #[test]
    fn a_killed_process_loses_nothing(steps in steps(), at: prop::sample::Index) {
        let total = operations(&steps);
        let disk = Disk::default();
        disk.arm(cut(at.index(usize::try_from(total).unwrap()) as u64));
        let run = Run::on(&disk, &steps);
        run.check_life_goes_on(&disk.after_kill());
    }
}

#[test]
fn a_power_cut_at_every_point_of_a_creation_leaves_nothing_or_a_catalog() {
    let total = operations(&[]);
    assert!(total > 5);
    for after in 0..total {
        for seed in 0..12 {
            let disk = Disk::default();
            disk.arm(cut(after));
            let run = Run::on(&disk, &[]);
            run.check_life_goes_on(&disk.after_power_cut(&mut Choices::new(seed)));
        }
    }
}

/// A script that goes through every kind of access.
fn script() -> Vec<Step> {
    vec![
        Step::Append(vec![1, 2, 3]),
        Step::Append((0..40).collect()),
        Step::Checkpoint,
        Step::Append(vec![2, 5]),
        Step::Reopen,
        Step::Append(vec![7]),
        Step::Checkpoint,
        Step::Trim,
        Step::Append(vec![8]),
    ]
}

/// Fails the n-th operation of a kind, for every n.
fn fail_everywhere(operation: Operation) {
    let steps = script();
    let fault = |after, lasting| Fault {
        operation: Some(operation),
        after,
        lasting,
    };
    let counting = Disk::default();
    counting.arm(fault(u64::MAX - 1, true));
    assert!(Run::on(&counting, &steps).error.is_none());
    let total = counting.counted();
    assert!(total > 5, "{operation:?} happens {total} times only");
    for (after, lasting) in (0..total).flat_map(|after| [(after, true), (after, false)]) {
        let disk = Disk::default();
        disk.arm(fault(after, lasting));
        let run = Run::on(&disk, &steps);
        if let Some(error) = &run.error {
            // `Corrupt` would mean that the engine panicked and the shield caught it.
            assert_eq!(
                error.kind(),
                ErrorKind::Io,
                "{operation:?} {after}: {error}"
            );
        }
        run.check_life_goes_on(&disk.after_kill());
        run.check_life_goes_on(&disk.after_power_cut(&mut Choices::new(after)));
    }
}

#[test]
fn failing_reads_are_errors() {
    fail_everywhere(Operation::Read);
}

#[test]
fn failing_writes_are_errors() {
    fail_everywhere(Operation::Write);
}

#[test]
fn failing_syncs_are_errors() {
    fail_everywhere(Operation::Sync);
}

#[test]
fn after_a_failed_write_every_further_one_says_why() {
    let disk = Disk::default();
    let store = Store::with_backend(disk.clone()).unwrap();
    let model = Model::default();
    disk.arm(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        lasting: false,
    });
    assert_eq!(
        store.append(&model.next(&[1])).unwrap_err().kind(),
        ErrorKind::Io
    );
    let error = store.append(&model.next(&[1])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(
        error.message().starts_with("an earlier write failed"),
        "{error}"
    );
    assert!(error.help().unwrap().contains("open it"));
    drop(store);
    let store = Store::with_backend(disk.after_kill()).unwrap();
    assert!(store.last().0 <= 1);
}
