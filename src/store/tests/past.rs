//! The way back into the log: found by entity, as far as the log reaches, and never wrong.

use std::sync::Arc;

use proptest::prelude::*;
use redb::{Database, TableDefinition};

use super::made::{self, Model};
use crate::error::ErrorKind;
use crate::store::fault::Disk;
use crate::store::{
    Checkpoint, Flip, LevelChange, LogHead, LogRecord, Past, ResultRow, RuleChange, Store,
};
use crate::value::{EntityId, Instant, ScorecardId, Seq};

const FLIPS: TableDefinition<'static, (u32, u32, u64), u32> = TableDefinition::new("flips");
const TOUCHED: TableDefinition<'static, (u32, u64), u32> = TableDefinition::new("touched");

fn flip(entity: u32, result: u32, seq: u64) -> Flip {
    Flip {
        entity: EntityId(entity),
        result,
        seq: Seq(seq),
    }
}

fn save(store: &Store, seq: u64, past: &Past) {
    store
        .checkpoint(Checkpoint {
            record: None,
            seq: Seq(seq),
            time: Instant(0),
            counters: &[],
            names: &[],
            blueprints: &[],
            scorecards: &[],
            changed: [],
            past,
            image: None,
        })
        .unwrap();
}

/// Six commits: the second and the fifth delete entity 1, the others write it; entity 2 is only
/// graded.
fn store() -> (Disk, Store) {
    let disk = Disk::default();
    let store = Store::with_backend(disk.clone()).unwrap();
    let mut model = Model::default();
    for step in 0..6_u32 {
        let mut record = model.next(&[1]);
        record.levels = vec![LevelChange {
            scorecard: ScorecardId(0),
            entity: EntityId(2),
            from: Some(0),
            to: Some(1),
        }];
        record.rules = (1..3)
            .map(|entity| RuleChange {
                scorecard: ScorecardId(0),
                entity: EntityId(entity),
                rule: 0,
                from: Some(step % 2 == 0),
                to: Some(step % 2 == 1),
            })
            .collect();
        store.append(&record).unwrap();
        model.apply(record);
    }
    let past = Past {
        results: vec![
            ResultRow {
                number: 7,
                scorecard: ScorecardId(0),
                rule: None,
                declared: Seq(1),
            },
            ResultRow {
                number: 8,
                scorecard: ScorecardId(0),
                rule: Some("owned".into()),
                declared: Seq(1),
            },
        ],
        flips: vec![
            flip(1, 8, 2),
            flip(1, 8, 4),
            flip(2, 7, 1),
            flip(2, 7, 3),
            flip(2, 7, 6),
            flip(2, 8, 3),
        ],
        touched: [2, 4, 5].map(|seq| (EntityId(1), Seq(seq))).into(),
    };
    save(&store, 6, &past);
    assert_eq!(
        store.reader().unwrap().base().unwrap().results,
        past.results
    );
    (disk, store)
}

fn last(store: &Store, entity: u32, result: u32, upto: u64) -> Option<u64> {
    let reader = store.reader().unwrap();
    let found = reader.last_flip(EntityId(entity), result, Seq(upto));
    found.unwrap().map(|seq| seq.0)
}

fn touched(store: &Store, upto: u64, limit: usize) -> Vec<u64> {
    let reader = store.reader().unwrap();
    let found = reader.touched(EntityId(1), Seq(upto), limit).unwrap();
    found.into_iter().map(|seq| seq.0).collect()
}

#[test]
fn the_last_commit_up_to_a_version_is_found() {
    let (_, store) = store();
    for (upto, found) in [
        (0, None),
        (1, Some(1)),
        (2, Some(1)),
        (5, Some(3)),
        (9, Some(6)),
    ] {
        assert_eq!(last(&store, 2, 7, upto), found, "up to {upto}");
    }
    assert_eq!(last(&store, 2, 8, 9), Some(3));
    assert_eq!((last(&store, 2, 9, 9), last(&store, 3, 7, 9)), (None, None));
    assert_eq!(touched(&store, 9, 9), [5, 4, 2]);
    assert_eq!(touched(&store, 4, 9), [4, 2]);
    assert_eq!(touched(&store, 9, 1), [5]);
    let reader = store.reader().unwrap();
    assert_eq!(reader.log_start().unwrap(), Seq(1));
    let head = LogHead {
        seq: Seq(4),
        time: Instant(4),
        actor: Arc::from("tester"),
    };
    assert_eq!(reader.head(Seq(4)).unwrap(), Some(head));
    assert_eq!(reader.head(Seq(7)).unwrap(), None);
}

#[test]
fn trimming_keeps_since_when_a_result_holds() {
    let (_, store) = store();
    assert_eq!(store.trim(Seq(4)).unwrap(), 4);
    // Of entity 2 the last change up to there stays; it was not deleted.
    assert_eq!(
        (last(&store, 2, 7, 5), last(&store, 2, 7, 9)),
        (Some(3), Some(6))
    );
    assert_eq!(last(&store, 2, 7, 2), None, "what came before it is gone");
    assert_eq!(last(&store, 2, 8, 9), Some(3));
    // The model deletes entity 1 in commit 2 and makes it again.
    assert_eq!(
        last(&store, 1, 8, 9),
        None,
        "of what was deleted, nothing stays"
    );
    assert_eq!(touched(&store, 9, 9), [5]);
    let reader = store.reader().unwrap();
    assert_eq!(reader.log_start().unwrap(), Seq(5));
    assert_eq!(reader.head(Seq(4)).unwrap(), None);
    assert!(reader.change_of(Seq(4), EntityId(1)).unwrap().is_none());
    drop(reader);
    store.trim(Seq(6)).unwrap();
    assert_eq!(store.reader().unwrap().log_start().unwrap(), Seq(7));
    assert_eq!(
        (last(&store, 2, 7, 5), last(&store, 2, 7, 9)),
        (None, Some(6))
    );
}

#[test]
fn a_damaged_row_is_noticed() {
    let (disk, store) = store();
    store.close().unwrap();
    let database = Database::builder()
        .create_with_backend(disk.clone())
        .unwrap();
    let writing = database.begin_write().unwrap();
    let mut table = writing.open_table(FLIPS).unwrap();
    table.insert((2, 7, 6), 1).unwrap();
    drop(table);
    let mut table = writing.open_table(TOUCHED).unwrap();
    table.insert((1, 5), 1).unwrap();
    drop(table);
    writing.commit().unwrap();
    drop(database);
    let store = Store::with_backend(disk).unwrap();
    let reader = store.reader().unwrap();
    let error = reader.last_flip(EntityId(2), 7, Seq(9)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    let error = reader.touched(EntityId(1), Seq(9), 9).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}

proptest! {
    #[test]
    fn one_change_is_found_without_the_others(mut record in made::log_record()) {
        record.changes.sort_by_key(|change| change.id);
        record.changes.dedup_by_key(|change| change.id);
        let bytes = record.encode().unwrap();
        let head = LogHead { seq: record.seq, time: record.time, actor: Arc::clone(&record.actor) };
        prop_assert_eq!(LogHead::decode(&bytes).unwrap(), head.clone());
        for change in &record.changes {
            let (found, one) = LogRecord::change_of(&bytes, change.id).unwrap();
            prop_assert_eq!(found, head.clone());
            prop_assert_eq!(format!("{:?}", one.as_ref()), format!("{:?}", Some(change)));
        }
        let unknown = (0..9).map(EntityId).find(|id| record.changes.iter().all(|c| c.id != *id));
        prop_assert_eq!(LogRecord::change_of(&bytes, unknown.unwrap()).unwrap().1, None);
    }
}
