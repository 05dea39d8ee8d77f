//! A disk that fills up in the middle of a load and of a checkpoint.

use super::world::{Change, SERVICE, World};
use crate::access::Viewer;
use crate::catalog::tests::open;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::ImportOptions;
use crate::store::fault::{Choices, Disk, Fault, Operation};
use crate::{Catalog, Durability};

/// What needs room, and what the catalog is after it.
type Act = fn(&Catalog, &mut World) -> Result<()>;
type Shortage = Box<dyn Fn(&Disk)>;

const ROWS: u64 = 100;

fn viewer() -> Viewer {
    Viewer::system("test")
}

/// A few commits that only the log holds.
fn small() -> (Disk, Catalog, World) {
    let (disk, mut world, mut choices) = (Disk::default(), World::default(), Choices::new(1));
    let catalog = open(&disk).unwrap();
    for number in 0..6 {
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.durability(Durability::Synced);
        let change = if number == 0 {
            Change::Model(2)
        } else {
            let doc = world.doc(SERVICE, &mut choices);
            Change::Put((SERVICE, number), doc)
        };
        world.write(&change, &mut tx).unwrap();
        world.apply(&change);
        tx.commit().unwrap();
    }
    (disk, catalog, world)
}

/// More than there is, so that it goes into the tables and not through the log.
fn load(catalog: &Catalog, world: &mut World) -> Result<()> {
    let (mut lines, mut choices) = (String::new(), Choices::new(2));
    for number in 0..ROWS {
        let (key, doc) = ((SERVICE, number), world.doc(SERVICE, &mut choices));
        lines += &doc.line(key);
        world.apply(&Change::Put(key, doc));
    }
    let loaded = catalog.load(&viewer(), lines.as_bytes(), ImportOptions::default());
    loaded.map(drop)
}

/// Ways to run out of room, from at once to never.
fn shortages(act: Act) -> Vec<Shortage> {
    let fault = |after, lasting| Fault {
        operation: Some(Operation::Write),
        after,
        lasting,
    };
    let (disk, catalog, mut world) = small();
    let before = disk.bytes().len();
    disk.arm_full(fault(u64::MAX - 1, true));
    act(&catalog, &mut world).unwrap();
    let (writes, grown) = (disk.counted(), disk.bytes().len() - before);
    let mut shortages: Vec<Shortage> = Vec::new();
    for after in 0..writes {
        for lasting in [true, false] {
            shortages.push(Box::new(move |disk| disk.arm_full(fault(after, lasting))));
        }
    }
    assert!(writes > 5, "{writes} writes");
    for room in (0..grown).step_by(32 << 10) {
        shortages.push(Box::new(move |disk| disk.limit(before + room)));
    }
    shortages
}

fn assert_is(catalog: &Catalog, world: &World) {
    assert_eq!(world.differs(&catalog.read(&viewer())), None);
}

fn assert_tells_to_make_room(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    let help = error.help().unwrap_or_default();
    assert!(help.contains("make room"), "{error}: {help}");
}

/// What fails for want of room changes nothing that is seen, and works once there is room.
fn fills_up(act: Act) {
    let mut failures = 0;
    for (seed, shortage) in (0..).zip(shortages(act)) {
        let (disk, catalog, before) = small();
        let mut after = before.clone();
        shortage(&disk);
        let Err(error) = act(&catalog, &mut after) else {
            assert_is(&catalog, &after);
            continue;
        };
        failures += 1;
        assert_tells_to_make_room(&error);
        assert_is(&catalog, &before);
        let (killed, cut) = (
            disk.after_kill(),
            disk.after_power_cut(&mut Choices::new(seed)),
        );
        drop(catalog);
        disk.heal();
        for disk in [killed, cut, disk] {
            let catalog = open(&disk).unwrap();
            let whole = after.differs(&catalog.read(&viewer())).is_none();
            assert_is(&catalog, if whole { &after } else { &before });
            let mut world = before.clone();
            act(&catalog, &mut world).unwrap();
            assert_is(&catalog, &world);
            let report = catalog.check().unwrap();
            assert!(report.is_ok(), "{report}");
        }
    }
    assert!(failures > 5, "there was room {failures} times only");
}

#[test]
fn a_disk_that_fills_up_in_a_load_takes_nothing_of_it() {
    fills_up(load);
}

#[test]
fn a_disk_that_fills_up_in_a_checkpoint_keeps_every_commit() {
    fills_up(|catalog, _| catalog.checkpoint());
}
