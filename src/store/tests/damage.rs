//! Damaged files: an error or the right content, never a panic, and never a changed file.

use redb::{Database, TableDefinition};

use super::made::{self, Model};
use crate::error::ErrorKind;
use crate::store::Store;
use crate::store::fault::{Choices, Disk};
use crate::value::Seq;

const LOG: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("log");
const ENTITIES: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("entities");

/// A catalog's bytes, tidily closed or as a kill leaves them, and its model.
fn catalog(closed: bool) -> (Vec<u8>, Model) {
    let disk = Disk::default();
    let store = Store::with_backend(disk.clone()).unwrap();
    let mut model = Model::default();
    for step in 0..8_u32 {
        let record = model.next(&[step, 100 + step, 200]);
        store.append(&record).unwrap();
        model.apply(record);
        if step == 4 {
            model.checkpoint(&store).unwrap();
        }
    }
    let unclean = disk.bytes();
    store.close().unwrap();
    (if closed { disk.bytes() } else { unclean }, model)
}

/// Opens damaged bytes: whatever loads must be right, and a refused file must be unchanged.
fn survives(bytes: &[u8], model: &Model) -> bool {
    let disk = Disk::of(bytes.to_vec());
    let Ok(store) = Store::with_backend(disk.clone()) else {
        assert!(disk.bytes() == bytes, "a failed open changed the file");
        return false;
    };
    let Ok((entities, last)) = made::load(&store) else {
        return false;
    };
    // A damaged end may lose the last commit to redb's roll-back, but nothing in between.
    let last = usize::try_from(last.0).unwrap();
    assert_eq!(entities, model.at(last));
    last == model.records.len()
}

#[test]
fn flipped_bits_never_give_wrong_content() {
    for closed in [true, false] {
        let (bytes, model) = catalog(closed);
        assert!(survives(&bytes, &model));
        let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        let mut choices = Choices::new(u64::from(closed));
        let mut lost = 0;
        for _ in 0..500 {
            let at = usize::try_from(choices.below(used.len() as u64)).unwrap();
            let mut damaged = bytes.clone();
            damaged[used[at]] ^= 1 << choices.below(8);
            lost += u32::from(!survives(&damaged, &model));
        }
        assert!(
            lost > 10,
            "the flips missed everything that matters: {lost}"
        );
    }
}

#[test]
fn the_header_survives_or_is_refused_bit_by_bit() {
    let (bytes, model) = catalog(true);
    for bit in 0..320 * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        survives(&damaged, &model);
    }
}

#[test]
fn a_truncated_file_is_refused() {
    let (bytes, model) = catalog(true);
    for pages in 0..bytes.len() / 4096 {
        let cut = &bytes[..=pages * 4096];
        assert!(pages > 2 || !survives(cut, &model));
        survives(cut, &model);
    }
}

#[test]
fn a_damaged_log_record_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("acme");
    let damage = |with: &dyn Fn(&Database)| {
        std::fs::write(&path, catalog(true).0).unwrap();
        with(&Database::open(&path).unwrap());
        let error = made::log(&Store::open(&path).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        error.message().to_owned()
    };
    let edit = |database: &Database, from: u64, to: u64, flip: bool| {
        let transaction = database.begin_write().unwrap();
        {
            let mut log = transaction.open_table(LOG).unwrap();
            let mut row = log.remove(from).unwrap().unwrap().value().to_vec();
            row[9] ^= u8::from(flip);
            if to > 0 {
                log.insert(to, row.as_slice()).unwrap();
            }
        }
        transaction.commit().unwrap();
    };
    let message = damage(&|database| edit(database, 3, 3, true));
    assert!(
        message.ends_with("log record 3: the checksum of the record does not match"),
        "{message}"
    );
    let message = damage(&|database| edit(database, 6, 0, false));
    assert!(message.ends_with("log record 6 is missing"), "{message}");
    let message = damage(&|database| edit(database, 2, 4, false));
    assert!(message.ends_with("log record 2 is missing"), "{message}");
    let message = damage(&|database| {
        edit(database, 8, 7, false);
    });
    assert!(
        message.ends_with("log record 7: it is the record of commit 8"),
        "{message}"
    );
}

#[test]
fn a_row_under_a_wrong_key_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("acme");
    std::fs::write(&path, catalog(true).0).unwrap();
    let database = Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut entities = transaction.open_table(ENTITIES).unwrap();
        let row = entities.remove(101).unwrap().unwrap().value().to_vec();
        entities.insert(99, row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    drop(database);
    let store = Store::open(&path).unwrap();
    let error = made::load(&store).unwrap_err();
    assert!(
        error
            .message()
            .ends_with("entity 99: its checksum does not match"),
        "{error}"
    );
    // The log is whole, so history and the last commits can still be read.
    assert_eq!(made::log(&store).unwrap().len(), 8);
    assert_eq!(store.last(), Seq(8));
}
