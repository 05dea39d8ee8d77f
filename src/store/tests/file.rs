//! The file: made, opened again, refused where it is not ours, never harmed by an open.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use redb::{Database, TableDefinition};

use super::made::{self, Model};
use crate::error::{Error, ErrorKind};
use crate::store::fault::Disk;
use crate::store::overlay::UNFINISHED;
use crate::store::{Checkpoint, IdentifierImage, Image, Past, Store};
use crate::value::{BlueprintId, EntityId, Instant, NameId, ScorecardId, Seq};

const META: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("meta");

/// A store with commits before and after a checkpoint.
fn fill(store: &Store) -> Model {
    let mut model = Model::default();
    for step in 0..12_u32 {
        let record = model.next(&[step % 5, 70_000 + step]);
        store.append(&record).unwrap();
        model.apply(record);
        if step == 3 || step == 8 {
            model.checkpoint(store).unwrap();
        }
    }
    model
}

/// Fails to open and checks that not a byte changed.
fn refused(path: &Path) -> Error {
    let before = fs::read(path).unwrap();
    let error = Store::open(path).unwrap_err();
    assert!(
        fs::read(path).unwrap() == before,
        "a failed open changed the file"
    );
    assert!(
        error.message().contains(&*path.display().to_string()),
        "{error}"
    );
    error
}

#[test]
fn a_catalog_comes_back_from_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("acme.portolan");
    let store = Store::open(&path).unwrap();
    assert_eq!((store.last(), store.checkpointed()), (Seq(0), Seq(0)));
    let model = fill(&store);
    store.close().unwrap();
    for _ in 0..2 {
        let store = Store::open(&path).unwrap();
        assert_eq!((store.last(), store.checkpointed()), (Seq(12), Seq(9)));
        assert_eq!(made::load(&store).unwrap(), (model.at(12), Seq(12)));
        assert_eq!(made::log(&store).unwrap(), model.records);
        let base = store.reader().unwrap().base().unwrap();
        assert_eq!(
            (base.seq, base.time, base.counters),
            (Seq(9), Instant(7), vec![9, 1 << 40])
        );
        assert_eq!(base.names, [(NameId(1), Arc::from("tier"))]);
        assert_eq!(base.blueprints[0].1["identifier"], "service");
        assert_eq!(base.image.unwrap().seq, Seq(9));
    }
}

#[test]
fn commits_must_follow_each_other() {
    let store = Store::in_memory().unwrap();
    let mut model = Model::default();
    model.apply(model.next(&[1]));
    let second = model.next(&[2]);
    assert_eq!(
        store.append(&second).unwrap_err().kind(),
        ErrorKind::Internal
    );
    store
        .append_all(&[model.records[0].clone(), second.clone()])
        .unwrap();
    assert_eq!(
        store.append(&second).unwrap_err().kind(),
        ErrorKind::Internal
    );
    assert_eq!(store.last(), Seq(2));
}

#[test]
fn a_refused_checkpoint_leaves_nothing_behind() {
    let store = Store::in_memory().unwrap();
    let mut model = Model::default();
    let record = model.next(&[1, 2]);
    store.append(&record).unwrap();
    model.apply(record);
    let packed = made::packed(&made::entity(1, 1));
    let attempt = |seq, ids: &[u32]| {
        store.checkpoint(Checkpoint {
            record: None,
            seq: Seq(seq),
            time: Instant(0),
            counters: &[],
            names: &[],
            blueprints: &[],
            scorecards: &[],
            changed: ids.iter().map(|id| (EntityId(*id), Some(&*packed))),
            past: &Past::default(),
            image: None,
        })
    };
    assert!(attempt(2, &[]).is_err(), "beyond the log");
    assert!(attempt(1, &[2, 1]).is_err(), "out of order");
    assert_eq!(store.checkpointed(), Seq(0));
}

#[test]
fn definitions_and_entities_can_be_removed_and_images_dropped() {
    let store = Store::in_memory().unwrap();
    let mut model = fill(&store);
    model.checkpoint(&store).unwrap();
    let at = |blueprint: Option<&str>, scorecard: Option<&str>, image: Option<&Image>| {
        let checkpoint = Checkpoint {
            record: None,
            seq: Seq(12),
            time: Instant(0),
            counters: &[],
            names: &[],
            blueprints: &[(BlueprintId(0), blueprint.map(Arc::from))],
            scorecards: &[(ScorecardId(4), scorecard.map(Arc::from))],
            changed: [],
            past: &Past::default(),
            image,
        };
        let kept = store.checkpoint(checkpoint).unwrap();
        (kept, store.reader().unwrap().base().unwrap())
    };
    let identifiers = IdentifierImage {
        blueprint: BlueprintId(1),
        slots: vec![3, 0, 4, 0],
    };
    let image = Image {
        seq: Seq(12),
        identifiers: vec![identifiers],
        ..Image::default()
    };
    let (kept, base) = at(Some("{}"), Some("[1]"), Some(&image));
    assert!(kept);
    assert_eq!((base.blueprints.len(), base.scorecards.len()), (1, 1));
    assert_eq!(base.image.unwrap(), image);
    let (kept, base) = at(None, None, None);
    assert!(!kept);
    assert_eq!((base.blueprints.len(), base.scorecards.len()), (0, 0));
    assert_eq!(base.image.unwrap_err(), "there is no image");
    assert_eq!(made::load(&store).unwrap().0, model.at(12));
}

#[test]
fn the_log_is_trimmed_up_to_the_checkpoint_at_most() {
    let store = Store::in_memory().unwrap();
    let model = fill(&store);
    assert_eq!(store.trim(Seq(4)).unwrap(), 4);
    let error = made::log(&store).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::NotFound, "the log before commit 5 was trimmed")
    );
    assert_eq!(store.trim(Seq(100)).unwrap(), 5);
    assert_eq!(made::load(&store).unwrap(), (model.at(12), Seq(12)));
    assert_eq!(store.last(), Seq(12));
}

#[test]
fn a_fully_trimmed_log_still_counts_on() {
    let disk = Disk::default();
    let store = Store::with_backend(disk.clone()).unwrap();
    let mut model = fill(&store);
    model.checkpoint(&store).unwrap();
    store.trim(Seq(12)).unwrap();
    store.close().unwrap();
    let store = Store::with_backend(disk).unwrap();
    store.append(&model.next(&[1])).unwrap();
    assert_eq!(store.last(), Seq(13));
}

#[test]
fn compaction_keeps_everything() {
    let store = Store::in_memory().unwrap();
    let model = fill(&store);
    store.compact().unwrap();
    assert_eq!(made::load(&store).unwrap(), (model.at(12), Seq(12)));
}

#[test]
fn files_of_others_are_refused_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    let contents: [&[u8]; 5] = [
        b"x",
        b"dear diary",
        &[0; 5_000],
        &[0xff; 9],
        b"redb\x1a\x0a\xa9\x0d",
    ];
    for content in contents {
        fs::write(&path, content).unwrap();
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(
            error.message().ends_with("is not a portolan catalog"),
            "{error}"
        );
    }
}

#[test]
fn a_redb_file_of_another_program_is_refused_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.redb");
    let other = TableDefinition::<u64, &str>::new("other");
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(other)
        .unwrap()
        .insert(1, "kept")
        .unwrap();
    transaction.commit().unwrap();
    // Copied while open: this one needs a repair, which an open must not leave in the file.
    let unclean = directory.path().join("unclean.redb");
    fs::copy(&path, &unclean).unwrap();
    drop(database);
    for path in [&path, &unclean] {
        let error = refused(path);
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(
            error.message().ends_with("is not a portolan catalog"),
            "{error}"
        );
    }
}

/// Puts another format version into a catalog.
fn with_version(path: &Path, version: &[u8]) {
    drop(Store::open(path).unwrap());
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(META)
        .unwrap()
        .insert(2, version)
        .unwrap();
    transaction.commit().unwrap();
}

#[test]
fn other_formats_are_refused_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let newer = directory.path().join("newer");
    with_version(&newer, &7_u32.to_le_bytes());
    let error = refused(&newer);
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.message().ends_with(
            "written by a newer release: it has format 7, and this release reads format 1"
        ),
        "{error}"
    );
    assert!(error.help().unwrap().starts_with("upgrade portolan"));
    let older = directory.path().join("older");
    with_version(&older, &0_u32.to_le_bytes());
    let error = refused(&older);
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(
        error
            .message()
            .ends_with("has format 0, which no release ever wrote"),
        "{error}"
    );
    let odd = directory.path().join("odd");
    with_version(&odd, b"odd");
    assert_eq!(refused(&odd).kind(), ErrorKind::Corrupt);
}

#[test]
fn a_catalog_in_use_is_busy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("acme");
    let store = Store::open(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.help().is_some());
    fill(&store);
    drop(store);
    assert_eq!(Store::open(&path).unwrap().last(), Seq(12));
}

#[test]
fn what_is_no_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let error = Store::open(directory.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().ends_with("is a directory"), "{error}");
    let error = Store::open(directory.path().join("missing/acme")).unwrap_err();
    assert_eq!(
        (error.kind(), error.help()),
        (ErrorKind::Io, Some("create the directory first"))
    );
}

#[test]
fn an_unfinished_creation_is_started_again() {
    for start in [
        &b""[..],
        &[0; 100],
        UNFINISHED,
        &[UNFINISHED, &[9; 10_000]].concat(),
    ] {
        let disk = Disk::of(start.to_vec());
        let store = Store::with_backend(disk.clone()).unwrap();
        let model = fill(&store);
        store.close().unwrap();
        let store = Store::with_backend(disk).unwrap();
        assert_eq!(made::load(&store).unwrap().0, model.at(12));
    }
}
