//! A check finds what was tampered with, in memory and in the file, and nothing else.

use std::path::Path;

use redb::{Database, ReadableTable as _, TableDefinition, WriteTransaction};
use serde_json::json;

use super::*;
use crate::access::Viewer;
use crate::commit::{By, Durability, Policy, Publisher, Staging};
use crate::error::ErrorKind;
use crate::model::{Blueprint, Scorecard};
use crate::state::{Change, bit, block_of};
use crate::store::Store;
use crate::value::{EntityId, Instant, Value};

fn open(path: &Path) -> (Writer, Version) {
    let (writer, version, _) = Writer::open(Store::open(path).unwrap()).unwrap();
    (writer, version)
}

/// Commits something to a catalog.
fn commit(writer: &mut Writer, version: &mut Version, stage: impl FnOnce(&mut Staging)) {
    let mut staging = Staging::new(version.clone());
    stage(&mut staging);
    let now = Instant(i64::try_from(version.state.seq().0).unwrap());
    let publisher = Publisher::new(writer, version.clone());
    let by = By {
        viewer: &Viewer::system("test"),
        now,
        durability: Durability::Synced,
        policy: &Policy::default(),
    };
    let (_, pending) = writer.commit(&publisher, &staging, &by).unwrap();
    publisher.wait(&pending).unwrap();
    *version = publisher.current();
}

fn close(writer: Writer, version: &Version) {
    let publisher = Publisher::new(&writer, version.clone());
    writer.close(&publisher, &Policy::default()).unwrap();
}

/// Three commits, of which the first is checkpointed.
fn fill(writer: &mut Writer, version: &mut Version) {
    let thing = Blueprint::from_json(&json!({
        "identifier": "thing", "title": "Thing",
        "schema": {"properties": {"n": {"type": "number"}}},
        "relations": {"on": {"target": "thing", "many": true}},
        "mirrorProperties": {"on_n": {"path": "on.n"}},
        "aggregationProperties": {"users": {"title": "Users", "target": "thing",
            "calculationSpec": {"calculationBy": "entities", "func": "count"}}}
    }));
    let graded = Scorecard::from_json(&json!({
        "identifier": "graded", "title": "Graded", "blueprint": "thing", "groups": ["n"],
        "rules": [{"identifier": "some", "level": "Bronze", "when": "n > 1"},
                  {"identifier": "old", "level": "Gold", "when": "$createdAt < now()"}]
    }));
    commit(writer, version, |staging| {
        staging
            .declare(vec![thing.unwrap()], vec![graded.unwrap()])
            .unwrap();
        for at in 0..5 {
            let on = [format!("t{}", (at + 1) % 5)];
            let entity = json!({"identifier": format!("t{at}"), "properties": {"n": at},
                                "relations": {"on": on}});
            staging.upsert("thing", &entity).unwrap();
        }
    });
    let publisher = Publisher::new(writer, version.clone());
    writer.checkpoint(&publisher, &Policy::default()).unwrap();
    commit(writer, version, |staging| {
        staging
            .merge(
                "thing",
                &json!({"identifier": "t1", "properties": {"n": 9}}),
            )
            .unwrap();
        staging.delete("thing", "t4").unwrap();
    });
    commit(writer, version, |staging| {
        staging
            .merge(
                "thing",
                &json!({"identifier": "t2", "title": "Two", "relations": {"on": ["t0"]}}),
            )
            .unwrap();
    });
}

fn findings(report: &CheckReport) -> Vec<String> {
    report.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c");
    let (mut writer, mut version) = open(&path);
    assert!(writer.check(&version).unwrap().is_ok(), "an empty catalog");
    fill(&mut writer, &mut version);
    for _ in 0..3 {
        let report = writer.check(&version).unwrap();
        assert!(report.is_ok(), "{report}");
        assert_eq!(
            (report.seq, report.entities, report.relations),
            (Seq(3), 4, 3)
        );
        assert_eq!(report.log_records, 3);
        assert!(report.to_string().ends_with("all is well"));
        close(writer, &version);
        (writer, version) = open(&path);
    }
    let reader = writer.store.reader().unwrap();
    assert_eq!(writer.check(&version).unwrap_err().kind(), ErrorKind::Busy);
    drop(reader);
    commit(&mut writer, &mut version, |staging| {
        staging.delete("thing", "t1").unwrap();
    });
    assert!(
        writer.check(&version).unwrap().is_ok(),
        "the catalog goes on"
    );
}

/// How a version is made wrong, and what is found.
type Tamper = (&'static str, fn(&mut State, EntityId));

fn column(state: &State, name: &str) -> usize {
    let (of, name) = (crate::value::BlueprintId(0), state.model().names().id(name));
    state.derived().column_of(of, name.unwrap()).unwrap()
}

const TAMPERS: [Tamper; 7] = [
    (
        "thing/t1: it is not in memory as it is in the file",
        |state, id| {
            let before = state.entity(id).map(|entity| Arc::new(entity.unpack()));
            let mut after = crate::state::Entity::clone(before.as_ref().unwrap());
            after.title = Some("Other".into());
            state
                .apply(&Change {
                    id,
                    before,
                    after: Some(Arc::new(after)),
                })
                .unwrap();
        },
    ),
    (
        "thing/t1: it is in the file, but not in memory",
        |state, id| {
            let before = state.entity(id).map(|entity| Arc::new(entity.unpack()));
            state
                .apply(&Change {
                    id,
                    before,
                    after: None,
                })
                .unwrap();
        },
    ),
    (
        "thing/t1, property on_n: it is 7, but should be [2]",
        |state, id| {
            let column = column(state, "on_n");
            state.derived_mut().set_column(column, id, Value::Int(7));
        },
    ),
    ("thing/t1, derived column", |state, id| {
        let column = column(state, "users");
        state
            .derived_mut()
            .set_tally(column, id, Some(Arc::default()));
    }),
    (
        "thing/t1, bit 0 of its rules: it is not what a rebuild gives",
        |state, id| {
            let (block, mut before) = (block_of(id), Vec::new());
            state.derived().read_block(block, &mut before);
            let after: Vec<u64> = before.iter().map(|word| word ^ bit(id)).collect();
            state.derived_mut().write_block(block, &before, &after);
        },
    ),
    (
        "scorecard graded: its counts are not what a rebuild gives",
        |state, _| {
            let card = state.model().scorecard_id("graded").unwrap();
            state.derived_mut().statistics_mut(card).unwrap().tested += 1;
        },
    ),
    ("the calendar: others wait", |state, id| {
        state.derived_mut().wait((0, id), Some(Instant(77)));
    }),
];

#[test]
fn what_is_wrong_in_memory_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, mut version) = open(&directory.path().join("c"));
    fill(&mut writer, &mut version);
    let id = version
        .state
        .lookup(crate::value::BlueprintId(0), "t1")
        .unwrap();
    for (message, tamper) in TAMPERS {
        let mut wrong = version.clone();
        tamper(Arc::make_mut(&mut wrong.state), id);
        let report = writer.check(&wrong).unwrap();
        let found = findings(&report);
        assert!(
            found.iter().any(|found| found.starts_with(message)),
            "{message}: {found:#?}"
        );
        assert!(report.to_string().contains(" findings\n  "));
    }
    let mut wrong = version.clone();
    Arc::make_mut(&mut wrong.state).set_commit(Seq(2), Instant(1));
    let found = findings(&writer.check(&wrong).unwrap());
    assert!(
        found[0].starts_with("commit 2: the file ends with commit 3"),
        "{found:?}"
    );
    assert!(writer.check(&version).unwrap().is_ok());
}

const NAMES: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("names");
const RESULTS: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("results");
const LOG: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("log");
const IMAGE: TableDefinition<'static, (u32, u32), &[u8]> = TableDefinition::new("image");
const TOUCHED: TableDefinition<'static, (u32, u64), u32> = TableDefinition::new("touched");

/// How a closed file is made wrong where opening it does not look, and what is found.
type Damage = (&'static str, fn(&WriteTransaction));

const DAMAGES: [Damage; 5] = [
    (
        "table `log`: log record 2: the checksum of the record",
        |tx| {
            let mut log = tx.open_table(LOG).unwrap();
            let mut record = log.get(2).unwrap().unwrap().value().to_vec();
            record[9] ^= 1;
            log.insert(2, record.as_slice()).unwrap();
        },
    ),
    (
        "table `log`: log record 2: it is the record of commit 1",
        |tx| {
            let mut log = tx.open_table(LOG).unwrap();
            let record = log.get(1).unwrap().unwrap().value().to_vec();
            log.insert(2, record.as_slice()).unwrap();
        },
    ),
    ("table `log`: records 2 to 2 are missing", |tx| {
        tx.open_table(LOG).unwrap().remove(2).unwrap();
    }),
    (
        "table `touched`: row (9, 9): its checksum does not match",
        |tx| {
            tx.open_table(TOUCHED).unwrap().insert((9, 9), 9).unwrap();
        },
    ),
    (
        "table `image`: page 0 of section 1 of the image is missing; the next open",
        |tx| {
            tx.open_table(IMAGE).unwrap().remove((1, 0)).unwrap();
        },
    ),
];

fn damage(path: &Path, damage: impl FnOnce(&WriteTransaction)) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    damage(&transaction);
    transaction.commit().unwrap();
}

#[test]
fn what_is_wrong_in_the_file_is_found() {
    for (message, make) in DAMAGES {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c");
        let (mut writer, mut version) = open(&path);
        fill(&mut writer, &mut version);
        close(writer, &version);
        damage(&path, make);
        let (writer, version) = open(&path);
        let found = findings(&writer.check(&version).unwrap());
        assert!(
            found.iter().any(|found| found.starts_with(message)),
            "{message}: {found:#?}"
        );
    }
}

#[test]
fn every_damaged_row_is_listed_up_to_a_limit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c");
    let (mut writer, mut version) = open(&path);
    fill(&mut writer, &mut version);
    close(writer, &version);
    damage(&path, |tx| {
        let mut touched = tx.open_table(TOUCHED).unwrap();
        for at in 0..1_500 {
            touched.insert((700, at), 1).unwrap();
        }
    });
    let (writer, version) = open(&path);
    let report = writer.check(&version).unwrap();
    assert_eq!((report.findings.len(), report.unlisted), (1_000, 500));
    assert!(report.to_string().ends_with("and 500 more"));
}

/// Rows that an open reads are read again: something may write over them while it is open.
#[test]
fn rows_of_every_sealed_table_are_looked_at() {
    for table in [NAMES, RESULTS] {
        let store = Store::in_memory().unwrap();
        let (mut writer, mut version, _) = Writer::open(store).unwrap();
        fill(&mut writer, &mut version);
        writer.store.tamper(|tx| {
            let mut rows = tx.open_table(table).unwrap();
            rows.insert(500, b"no checksum".as_slice()).unwrap();
        });
        let found = findings(&writer.check(&version).unwrap());
        assert!(
            found
                .iter()
                .any(|found| found.contains("500: its checksum")),
            "{found:#?}"
        );
        assert!(
            found
                .iter()
                .any(|found| found.starts_with("what the records make: "))
        );
    }
}
