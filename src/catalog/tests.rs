//! Catalogs on disks that fail, lose power or lose their image.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::{Catalog, Options, WriteTx};
use crate::access::Viewer;
use crate::error::{ErrorKind, Result};
use crate::model::{Blueprint, Scorecard};
use crate::state::State;
use crate::store::fault::{Choices, Disk, Fault, Operation};
use crate::store::{Checkpoint, Image, LogLimit, Part, Past, Store};
use crate::value::{Instant, Seq};

mod durability;
mod faults;
mod policy;

fn viewer() -> Viewer {
    Viewer::system("test")
}

fn open(disk: &Disk) -> Result<Catalog> {
    Catalog::from_store(Store::with_backend(disk.clone())?, Options::default())
}

fn declare(catalog: &Catalog) -> Result<()> {
    let part = Blueprint::from_json(&json!({
        "identifier": "part", "title": "Part",
        "schema": {"properties": {
            "number": {"type": "number"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "made": {"type": "string", "format": "date-time"}
        }, "required": []},
        "mirrorProperties": {"before": {"path": "after.number"}},
        "relations": {"after": {"target": "part", "required": false, "many": false}}
    }))?;
    let card = Scorecard::from_json(&json!({
        "identifier": "card", "title": "Card", "blueprint": "part",
        "rules": [
            {"identifier": "follows", "level": "Bronze", "when": "before >= 1"},
            {"identifier": "even", "level": "Silver", "when": "number % 2 = 0"}
        ]
    }))?;
    let mut tx = catalog.write(&viewer())?;
    tx.declare([part], [card])?;
    tx.commit().map(drop)
}

/// One commit of three parts that follow each other, and a change to the commit before.
fn commit(catalog: &Catalog, number: u64) -> Result<()> {
    let mut tx = catalog.write(&viewer())?;
    write(&mut tx, number)?;
    tx.commit().map(drop)
}

fn write(tx: &mut WriteTx, number: u64) -> Result<()> {
    for (place, after) in [("a", None), ("b", Some("a")), ("c", Some("b"))] {
        let document = json!({
            "identifier": format!("{number}{place}"),
            "title": format!("Part {number}"),
            "properties": {"number": number, "tags": [place, "all"], "made": "2026-01-01T00:00:00Z"},
            "relations": {"after": after.map(|after| format!("{number}{after}"))}
        });
        tx.upsert("part", &document)?;
    }
    if number > 0 {
        let last = format!("{}a", number - 1);
        tx.merge(
            "part",
            &json!({"identifier": last, "relations": {"after": format!("{number}c")}}),
        )?;
    }
    Ok(())
}

/// The number of whole commits in a catalog; fails if one is there in part, or if anything
/// derived is not what the parts say.
fn whole_commits(catalog: &Catalog) -> u64 {
    let snapshot = catalog.read(&viewer());
    if snapshot.model().blueprints().next().is_none() {
        return 0;
    }
    let parts = snapshot.count("part").unwrap();
    assert_eq!(parts % 3, 0, "a commit is there in part");
    let whole = parts / 3;
    for number in 0..whole {
        let first = snapshot.get("part", &format!("{number}a")).unwrap();
        let next = (number + 1 < whole).then(|| format!("{}c", number + 1));
        assert_eq!(first["relations"]["after"], json!(next), "part {number}a");
        let card = snapshot.scorecard("card", &format!("{number}b")).unwrap();
        let level = match number {
            0 => "Basic",
            number if number % 2 == 0 => "Silver",
            _ => "Bronze",
        };
        assert_eq!(card.level.as_deref(), Some(level), "part {number}b");
    }
    whole
}

/// Commits until something fails or enough is done; gives how many commits were acknowledged.
fn run(disk: &Disk, commits: u64, checkpoint_at: u64) -> u64 {
    let Ok(catalog) = open(disk) else { return 0 };
    let mut done = whole_commits(&catalog);
    if catalog.read(&viewer()).seq().0 == 0 && declare(&catalog).is_err() {
        return 0;
    }
    while done < commits {
        if done == checkpoint_at && catalog.checkpoint().is_err() {
            return done;
        }
        if commit(&catalog, done).is_err() {
            assert_eq!(whole_commits(&catalog), done, "a failed commit is not seen");
            return done;
        }
        done += 1;
    }
    done
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_power_cut_at_any_moment_loses_no_acknowledged_commit(
        at in 0_u64..160, seed: u64, checkpoint_at in 0_u64..8
    ) {
        let disk = Disk::default();
        disk.arm(Fault { operation: None, after: at, lasting: true });
        let acknowledged = run(&disk, 8, checkpoint_at);
        let after = disk.after_power_cut(&mut Choices::new(seed));
        let catalog = open(&after).unwrap();
        let whole = whole_commits(&catalog);
        prop_assert!(whole == acknowledged || whole == acknowledged + 1, "{} of {}", whole, acknowledged);
        drop(catalog);
        // Life goes on.
        prop_assert_eq!(run(&after, whole + 2, whole + 1), whole + 2);
        prop_assert_eq!(whole_commits(&open(&after).unwrap()), whole + 2);
    }
}

#[test]
fn a_failing_sync_fails_the_commit_and_nothing_else() {
    let disk = Disk::default();
    let catalog = open(&disk).unwrap();
    declare(&catalog).unwrap();
    commit(&catalog, 0).unwrap();
    disk.arm(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        lasting: false,
    });
    let error = commit(&catalog, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(
        whole_commits(&catalog),
        1,
        "readers go on with what was there"
    );
    let error = commit(&catalog, 1).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Io,
        "only reopening tells what arrived"
    );
    assert!(error.help().is_some());
    drop(catalog);
    let again = open(&disk.after_kill()).unwrap();
    let whole = whole_commits(&again);
    assert!(whole == 1 || whole == 2);
    commit(&again, whole).unwrap();
}

/// Whether a version has what an image says. Where an identifier stands in its table depends on
/// the order in which they came, and means nothing.
fn same(state: &State, image: &Image) -> bool {
    let plain = |mut image: Image| {
        image.seq = Seq(0);
        for table in &mut image.identifiers {
            table.slots.sort_unstable();
        }
        image
    };
    plain(state.to_image()) == plain(image.clone())
}

#[test]
fn a_version_restored_with_and_without_its_image_is_the_same() {
    let catalog = open(&Disk::default()).unwrap();
    declare(&catalog).unwrap();
    for number in 0..100 {
        commit(&catalog, number).unwrap();
    }
    let snapshot = catalog.read(&viewer());
    let (state, image) = (snapshot.state(), snapshot.state().to_image());
    let restore = |image| State::restore(state.model(), state.pages(), image);

    let (with, reasons) = restore(Ok(image.clone()));
    assert_eq!(reasons, [""; 0]);
    assert!(same(&with, &image));
    let (without, reasons) = restore(Err("no image".to_owned()));
    assert_eq!(reasons, ["identifiers, indexes and relations: no image"]);
    assert!(same(&without, &image));

    // Whatever part the image lacks is built from the entities, and nothing else is.
    let mut partial = image.clone();
    partial.indexes.pop();
    let (rebuilt, reasons) = restore(Ok(partial));
    assert_eq!(reasons, [""; 0]);
    assert!(same(&rebuilt, &image));
    for (lost, part) in (0..).zip(&image.relations) {
        let mut partial = image.clone();
        partial.relations.remove(lost);
        let reason = "it was cut".to_owned();
        partial
            .damaged
            .push((Part::Relation(part.relation), reason));
        let (rebuilt, reasons) = restore(Ok(partial));
        assert!(
            reasons.len() == 1 && reasons[0].ends_with("`: it was cut"),
            "{reasons:?}"
        );
        assert!(same(&rebuilt, &image));
    }
    for (lost, part) in (0..).zip(&image.identifiers) {
        let mut partial = image.clone();
        partial.identifiers.remove(lost);
        if !state.members(part.blueprint).is_empty() {
            let (rebuilt, reasons) = restore(Ok(partial));
            assert!(
                reasons[0].ends_with("they do not fit the entities"),
                "{reasons:?}"
            );
            assert!(same(&rebuilt, &image));
        }
    }
    let mut other = image.clone();
    other
        .identifiers
        .iter_mut()
        .for_each(|table| table.slots.iter_mut().for_each(|slot| *slot = 0));
    let (rebuilt, reasons) = restore(Ok(other));
    assert!(!reasons.is_empty());
    assert!(same(&rebuilt, &image));
}

#[test]
fn ids_of_deleted_entities_are_not_used_again() {
    let disk = Disk::default();
    let catalog = open(&disk).unwrap();
    declare(&catalog).unwrap();
    commit(&catalog, 0).unwrap();
    let id = |catalog: &Catalog, name: &str| catalog.read(&viewer()).find("part", name).unwrap();
    let last = id(&catalog, "0c");
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("part", "0c").unwrap();
    tx.commit().unwrap();
    catalog.close().unwrap();
    let catalog = open(&disk).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("part", &json!({"identifier": "new"})).unwrap();
    tx.commit().unwrap();
    assert!(id(&catalog, "new") > last);
}

#[test]
fn ids_of_a_removed_blueprint_are_not_used_again_after_a_replay() {
    let disk = Disk::default();
    let catalog = open(&disk).unwrap();
    declare(&catalog).unwrap();
    let passing = || {
        let form = json!({"identifier": "passing", "title": "Passing"});
        Blueprint::from_json(&form).unwrap()
    };
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([passing()], []).unwrap();
    tx.upsert("passing", &json!({"identifier": "one"})).unwrap();
    tx.commit().unwrap();
    let used = catalog.read(&viewer()).find("passing", "one").unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("passing", "one").unwrap();
    tx.remove_blueprint("passing").unwrap();
    tx.commit().unwrap();

    let replayed = open(&disk.after_kill()).unwrap();
    assert_eq!(replayed.open_report().replayed, 3);
    let mut tx = replayed.write(&viewer()).unwrap();
    tx.declare([passing()], []).unwrap();
    tx.upsert("passing", &json!({"identifier": "one"})).unwrap();
    tx.upsert("part", &json!({"identifier": "two"})).unwrap();
    tx.commit().unwrap();
    let snapshot = replayed.read(&viewer());
    assert_ne!(snapshot.find("passing", "one").unwrap(), used);
    assert_ne!(snapshot.find("part", "two").unwrap(), used);
}

/// What happens inside a turn of the writer must not keep the next one out.
#[test]
fn a_turn_that_panics_lets_the_next_one_in() {
    let options = Options::default().write_timeout(std::time::Duration::from_millis(20));
    let catalog = Catalog::in_memory_with(options).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _turn = catalog.turn().unwrap();
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    declare(&catalog).unwrap();
}

#[test]
fn what_is_printed_for_debugging_does_not_grow_with_the_catalog() {
    let catalog = open(&Disk::default()).unwrap();
    declare(&catalog).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    for number in 0..100 {
        let document = json!({"identifier": format!("p{number}")});
        tx.upsert("part", &document).unwrap();
    }
    let staged = format!("{tx:?}");
    let commit = tx.commit().unwrap();
    let snapshot = catalog.read(&viewer());
    for printed in [staged, format!("{commit:?} {catalog:?} {snapshot:?}")] {
        assert!(printed.len() < 500, "{printed}");
    }
}

#[test]
fn a_lost_image_is_saved_again_even_where_nothing_is_committed() {
    let disk = Disk::default();
    let catalog = open(&disk).unwrap();
    declare(&catalog).unwrap();
    commit(&catalog, 0).unwrap();
    catalog.close().unwrap();
    let store = Store::with_backend(disk.clone()).unwrap();
    let base = store.reader().unwrap().base().unwrap();
    let without_image = Checkpoint {
        record: None,
        seq: base.seq,
        time: base.time,
        counters: &base.counters,
        names: &[],
        blueprints: &[],
        scorecards: &[],
        changed: std::iter::empty(),
        past: &Past::default(),
        image: None,
    };
    store.checkpoint(without_image).unwrap();
    store.close().unwrap();
    for rebuilt in [1, 0] {
        let catalog = open(&disk).unwrap();
        assert_eq!(catalog.open_report().rebuilt.len(), rebuilt);
        assert_eq!(whole_commits(&catalog), 1);
        catalog.close().unwrap();
    }
}

#[test]
fn ids_of_removed_blueprints_and_scorecards_are_not_used_again() {
    for checkpointed in [true, false] {
        let disk = Disk::default();
        let catalog = open(&disk).unwrap();
        declare(&catalog).unwrap();
        let ids = |catalog: &Catalog| {
            let model = Arc::clone(catalog.read(&viewer()).state().model());
            (model.blueprint_id("part"), model.scorecard_id("card"))
        };
        let removed = ids(&catalog);
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.remove_scorecard("card").unwrap();
        tx.remove_blueprint("part").unwrap();
        tx.commit().unwrap();
        let after = if checkpointed {
            catalog.close().unwrap();
            disk
        } else {
            disk.after_kill()
        };
        let catalog = open(&after).unwrap();
        declare(&catalog).unwrap();
        let given = ids(&catalog);
        assert!(
            given.0 > removed.0 && given.1 > removed.1,
            "{given:?} after {removed:?}"
        );
    }
}
