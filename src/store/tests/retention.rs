//! How much of the log is kept: by commits, by bytes, by age, and never less than is needed.

use std::time::Duration;

use proptest::prelude::*;
use redb::TableDefinition;

use super::made::Model;
use crate::store::fault::Disk;
use crate::store::{LogLimit, LogRecord, Store};
use crate::value::{Instant, Seq};

const LOG: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("log");

/// A store with twelve commits, at the times one to twelve microseconds, of which the last two are
/// not in the tables.
fn filled(disk: &Disk) -> (Store, Vec<LogRecord>) {
    let store = Store::with_backend(disk.clone()).unwrap();
    let mut model = Model::default();
    for number in 1..=12 {
        let record = model.next(&[number, number + 1, number % 3]);
        model.apply(record.clone());
        store.append(&record).unwrap();
        if number == 10 {
            model.checkpoint(&store).unwrap();
        }
    }
    (store, model.records)
}

fn first(store: &Store) -> u64 {
    store.reader().unwrap().log_start().unwrap().0
}

const NONE: LogLimit = LogLimit {
    commits: None,
    bytes: None,
    age: None,
};

#[test]
fn each_limit_is_kept_and_the_tables_lack_nothing() {
    let now = Instant(12);
    let bytes = |records: &[LogRecord]| -> u64 {
        let lengths = records.iter().map(|record| record.encode().unwrap().len());
        lengths.map(|length| length as u64).sum()
    };
    let (_, records) = filled(&Disk::default());
    let cases = [
        (NONE, 1),
        (
            LogLimit {
                commits: Some(12),
                ..NONE
            },
            1,
        ),
        (
            LogLimit {
                commits: Some(5),
                ..NONE
            },
            8,
        ),
        (
            LogLimit {
                commits: Some(0),
                ..NONE
            },
            11,
        ),
        (
            LogLimit {
                bytes: Some(bytes(&records)),
                ..NONE
            },
            1,
        ),
        (
            LogLimit {
                bytes: Some(bytes(&records[4..])),
                ..NONE
            },
            5,
        ),
        (
            LogLimit {
                bytes: Some(bytes(&records[4..]) - 1),
                ..NONE
            },
            6,
        ),
        (
            LogLimit {
                bytes: Some(0),
                ..NONE
            },
            11,
        ),
        (
            LogLimit {
                age: Some(Duration::from_micros(9)),
                ..NONE
            },
            3,
        ),
        (
            LogLimit {
                age: Some(Duration::ZERO),
                ..NONE
            },
            11,
        ),
        (
            LogLimit {
                commits: Some(5),
                age: Some(Duration::from_micros(9)),
                ..NONE
            },
            8,
        ),
    ];
    for (limit, kept_from) in cases {
        let (store, _) = filled(&Disk::default());
        assert_eq!(
            store.retain(&limit, now).unwrap(),
            kept_from - 1,
            "{limit:?}"
        );
        assert_eq!(first(&store), kept_from, "{limit:?}");
        assert_eq!(
            store.retain(&limit, now).unwrap(),
            0,
            "once is enough: {limit:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Counting along gives what counting anew gives.
    #[test]
    fn the_bytes_of_the_log_are_counted_along(
        steps in prop::collection::vec((1_u32..8, any::<bool>(), 0_u64..4_000), 1..12)
    ) {
        let disk = Disk::default();
        let store = Store::with_backend(disk.clone()).unwrap();
        let mut model = Model::default();
        for (changes, checkpoint, bytes) in steps {
            let record = model.next(&(0..changes).collect::<Vec<_>>());
            model.apply(record.clone());
            store.append(&record).unwrap();
            if checkpoint {
                model.checkpoint(&store).unwrap();
            }
            let limit = LogLimit { bytes: Some(bytes), ..NONE };
            let fresh = Store::with_backend(disk.after_kill()).unwrap();
            let now = record.time;
            prop_assert_eq!(store.retain(&limit, now).unwrap(), fresh.retain(&limit, now).unwrap());
        }
    }
}

#[test]
fn a_damaged_record_goes_with_the_one_after_it() {
    let (store, records) = filled(&Disk::default());
    store
        .database(|database| {
            let transaction = database.begin_write().unwrap();
            {
                let mut table = transaction.open_table(LOG).unwrap();
                let mut bytes = records[2].encode().unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                table.insert(3, bytes.as_slice()).unwrap();
            }
            transaction.commit().unwrap();
            Ok(())
        })
        .unwrap();
    let age = |micros| LogLimit {
        age: Some(Duration::from_micros(micros)),
        ..NONE
    };
    // The third may be too old or not: it stays until the fourth is.
    assert_eq!(store.retain(&age(9), Instant(12)).unwrap(), 2);
    assert_eq!(store.retain(&age(8), Instant(12)).unwrap(), 0);
    assert_eq!(store.retain(&age(7), Instant(12)).unwrap(), 2);
    assert_eq!(first(&store), 5);
    assert_eq!(store.last(), Seq(12));
}
