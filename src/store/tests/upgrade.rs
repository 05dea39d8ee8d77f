//! Files of earlier formats, made up: brought to the present one, with a copy of what they were.

use std::fs;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Database, TableDefinition, WriteTransaction};

use super::made::{self, Model};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store;
use crate::store::engine::engine;
use crate::store::tables::{NAMES, meta};
use crate::store::upgrade::{How, Upgrades, backup_path};

const META: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("meta");

/// Beyond the last id that the steps give.
const MANY: u32 = 50_000;

/// As if two formats had come after the one of this release.
const LATER: Upgrades = Upgrades {
    current: 3,
    steps: &[(1, add_a_name), (2, add_many)],
};

/// A step that writes and then fails.
const FAILING: Upgrades = Upgrades {
    current: 3,
    steps: &[(1, add_a_name), (2, refuse)],
};

fn put_name(transaction: &WriteTransaction, id: u32) -> Result<()> {
    let mut table = engine(|| transaction.open_table(NAMES.definition))?;
    let row = NAMES.seal(id, b"new".to_vec());
    engine(|| table.insert(id, row.as_slice()).map(drop))
}

fn add_a_name(transaction: &WriteTransaction) -> Result<()> {
    put_name(transaction, 900)
}

/// Makes the file much longer.
fn add_many(transaction: &WriteTransaction) -> Result<()> {
    (901..MANY).try_for_each(|id| put_name(transaction, id))
}

fn refuse(_: &WriteTransaction) -> Result<()> {
    Err(Error::invalid("this step fails"))
}

fn open(path: &Path, upgrades: &Upgrades) -> Result<Store> {
    let file = fs::OpenOptions::new().read(true).write(true).open(path);
    let how = How {
        path: Some(path),
        upgrades,
    };
    let backend = FileBackend::new(file.unwrap()).unwrap();
    Store::open_backend(backend, "the file", &how).map(|(store, _)| store)
}

fn version(path: &Path) -> u32 {
    let database = Database::open(path).unwrap();
    let transaction = redb::ReadableDatabase::begin_read(&database).unwrap();
    let table = transaction.open_table(META).unwrap();
    let row = table.get(meta::VERSION).unwrap().unwrap();
    u32::from_le_bytes(row.value().try_into().unwrap())
}

/// A file of this release with some commits, and what is in it.
fn file(directory: &Path) -> (std::path::PathBuf, Model) {
    let path = directory.join("acme.portolan");
    let store = Store::open(&path).unwrap();
    let mut model = Model::default();
    for step in 0..5_u32 {
        let record = model.next(&[step]);
        store.append(&record).unwrap();
        model.apply(record);
    }
    model.checkpoint(&store).unwrap();
    store.close().unwrap();
    (path, model)
}

#[test]
fn an_older_file_is_copied_and_upgraded() {
    let directory = tempfile::tempdir().unwrap();
    let (path, model) = file(directory.path());
    let before = fs::read(&path).unwrap();
    let store = open(&path, &LATER).unwrap();
    let names = store.reader().unwrap().base().unwrap().names;
    let added = names.iter().filter(|(id, _)| id.0 >= 900);
    assert!(added.map(|(id, _)| id.0).eq(900..MANY));
    assert!(fs::metadata(&path).unwrap().len() > 2 * before.len() as u64);
    assert_eq!(made::log(&store).unwrap(), model.records);
    store.close().unwrap();
    let store = open(&path, &LATER).unwrap();
    assert_eq!(store.reader().unwrap().base().unwrap().names, names);
    store.close().unwrap();
    assert_eq!(version(&path), 3);
    let copy = backup_path(&path, 1, 1);
    assert_eq!(copy.file_name().unwrap(), "acme.portolan.v1.backup");
    assert_eq!(
        fs::read(&copy).unwrap(),
        before,
        "the copy is the file as it was"
    );
    // Once is enough.
    fs::remove_file(&copy).unwrap();
    open(&path, &LATER).unwrap().close().unwrap();
    assert!(!copy.exists());
    // What was upgraded is too new for this release.
    let error = Store::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.help().unwrap().contains("upgrade portolan"));
}

#[test]
fn an_upgrade_that_fails_changes_nothing_and_can_be_tried_again() {
    let directory = tempfile::tempdir().unwrap();
    let (path, model) = file(directory.path());
    let before = fs::read(&path).unwrap();
    let error = open(&path, &FAILING).unwrap_err();
    assert!(
        error.message().contains("cannot be brought from format 1"),
        "{error}"
    );
    assert_eq!(fs::read(backup_path(&path, 1, 1)).unwrap(), before);
    assert_eq!(version(&path), 1);
    let store = Store::open(&path).unwrap();
    assert_eq!(made::log(&store).unwrap(), model.records);
    assert!(
        store
            .reader()
            .unwrap()
            .base()
            .unwrap()
            .names
            .iter()
            .all(|(id, _)| id.0 < 900)
    );
    store.close().unwrap();
    // Opening it has written to the file since, so what is upgraded now is copied beside it.
    let between = fs::read(&path).unwrap();
    open(&path, &LATER).unwrap().close().unwrap();
    assert_eq!(fs::read(backup_path(&path, 1, 1)).unwrap(), before);
    assert_eq!(fs::read(backup_path(&path, 1, 2)).unwrap(), between);
    assert_eq!(version(&path), 3);
}

#[test]
fn a_backup_takes_no_place_of_another_file() {
    for kind in 0..3 {
        let directory = tempfile::tempdir().unwrap();
        let (path, _) = file(directory.path());
        let before = fs::read(&path).unwrap();
        let other = match kind {
            0 => b"something else".to_vec(),
            1 => before[..before.len() - 1].to_vec(),
            _ => [&before[..], b"x"].concat(),
        };
        fs::write(backup_path(&path, 1, 1), &other).unwrap();
        open(&path, &LATER).unwrap().close().unwrap();
        assert!(fs::read(backup_path(&path, 1, 1)).unwrap() == other);
        assert!(fs::read(backup_path(&path, 1, 2)).unwrap() == before);
    }
    // What is there from an upgrade that was cut short is not copied again.
    let directory = tempfile::tempdir().unwrap();
    let (path, _) = file(directory.path());
    fs::copy(&path, backup_path(&path, 1, 1)).unwrap();
    open(&path, &LATER).unwrap().close().unwrap();
    assert!(!backup_path(&path, 1, 2).exists());
}

#[test]
fn no_upgrade_without_a_backup() {
    let directory = tempfile::tempdir().unwrap();
    let (path, _) = file(directory.path());
    let before = fs::read(&path).unwrap();
    let mut partial = backup_path(&path, 1, 1).into_os_string();
    partial.push(".partial");
    fs::write(&partial, b"mine").unwrap();
    let error = open(&path, &LATER).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error.message().contains("acme.portolan.v1.backup.partial"),
        "{error}"
    );
    assert!(error.help().is_some());
    assert!(
        fs::read(&path).unwrap() == before,
        "the file was not changed"
    );
    assert_eq!(version(&path), 1);
}

#[test]
fn a_version_without_a_way_to_the_present_one_is_refused() {
    const GAP: Upgrades = Upgrades {
        current: 3,
        steps: &[(2, add_many)],
    };
    let directory = tempfile::tempdir().unwrap();
    let (path, _) = file(directory.path());
    let before = fs::read(&path).unwrap();
    let error = open(&path, &GAP).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(fs::read(&path).unwrap() == before);
    assert!(!backup_path(&path, 1, 1).exists());
}
