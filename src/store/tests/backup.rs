//! A backup is the catalog at one commit, in a file of its own, or nothing at all.

use std::fs;

use redb::{Database, ReadableDatabase as _, TableDefinition, TableHandle as _, WriteTransaction};

use super::made::{self, Model};
use crate::error::ErrorKind;
use crate::store::Store;
use crate::value::Seq;

fn fill(store: &Store, model: &mut Model, steps: u32) {
    for step in 0..steps {
        let record = model.next(&[step % 5, 70_000 + step]);
        store.append(&record).unwrap();
        model.apply(record);
        if step % 7 == 3 {
            model.checkpoint(store).unwrap();
        }
    }
}

fn tables(path: &std::path::Path) -> Vec<String> {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_read().unwrap();
    let tables = transaction.list_tables().unwrap();
    let mut names: Vec<String> = tables.map(|table| table.name().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_the_catalog_log_and_image_included() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("a"), directory.path().join("b"));
    let store = Store::open(&path).unwrap();
    let mut model = Model::default();
    fill(&store, &mut model, 12);
    assert_eq!(store.backup(&copy).unwrap(), Seq(12));
    // What comes after is not in it.
    fill(&store, &mut model, 3);
    store.close().unwrap();
    assert_eq!(tables(&path), tables(&copy), "no table is forgotten");
    let copied = Store::open(&copy).unwrap();
    assert_eq!((copied.last(), copied.checkpointed()), (Seq(12), Seq(11)));
    assert_eq!(made::load(&copied).unwrap(), (model.at(12), Seq(12)));
    assert_eq!(made::log(&copied).unwrap(), model.records[..12]);
    assert_eq!(
        copied.reader().unwrap().base().unwrap().image.unwrap().seq,
        Seq(11)
    );
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing is left beside them: {left:?}");
}

#[test]
fn a_backup_never_replaces_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("b");
    let store = Store::in_memory().unwrap();
    for name in ["b", "b.partial"] {
        let taken = directory.path().join(name);
        fs::write(&taken, b"mine").unwrap();
        let error = store.backup(&copy).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(
            error.message().contains(&format!("{name}` exists already")),
            "{error}"
        );
        assert!(error.help().is_some());
        assert_eq!(fs::read(&taken).unwrap(), b"mine");
        fs::remove_file(&taken).unwrap();
    }
    let error = store
        .backup(&directory.path().join("no/such/b"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    store.close().unwrap();
    assert_eq!(store.backup(&copy).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

/// What is said of a damage, and how it is done.
type Damage<'a> = (&'a str, &'a dyn Fn(&WriteTransaction));

/// What is damaged is not handed on as a backup.
#[test]
fn a_damaged_row_is_named_and_leaves_no_backup() {
    let names: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("names");
    let log: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("log");
    let flips: TableDefinition<'static, (u32, u32, u64), u32> = TableDefinition::new("flips");
    let damages: [Damage<'_>; 3] = [
        ("name 7: its checksum", &|tx| {
            let mut table = tx.open_table(names).unwrap();
            table.insert(7, b"no checksum".as_slice()).unwrap();
        }),
        ("log record 5: ", &|tx| {
            let mut table = tx.open_table(log).unwrap();
            table.insert(5, b"no record".as_slice()).unwrap();
        }),
        ("a row of table `flips`: its checksum", &|tx| {
            let mut table = tx.open_table(flips).unwrap();
            table.insert((1, 2, 3), 4).unwrap();
        }),
    ];
    for (message, damage) in damages {
        let directory = tempfile::tempdir().unwrap();
        let (path, copy) = (directory.path().join("a"), directory.path().join("b"));
        let store = Store::open(&path).unwrap();
        fill(&store, &mut Model::default(), 12);
        store.close().unwrap();
        let database = Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        damage(&transaction);
        transaction.commit().unwrap();
        drop(database);
        let error = Store::open(&path).unwrap().backup(&copy).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.message().contains(message), "{error}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
