//! Flipped bits anywhere in the file of a catalog that was closed, in its pages of entities most of all.

use super::world::{Change, MANY, World};
use crate::access::Viewer;
use crate::catalog::tests::open;
use crate::commit::CheckReport;
use crate::error::ErrorKind;
use crate::ingest::ImportOptions;
use crate::store::fault::{Choices, Disk};

/// The unit in which the storage engine places what it stores.
const PAGE: usize = 4096;
const FLIPS: u64 = 200;

fn viewer() -> Viewer {
    Viewer::system("test")
}

/// A catalog with pages of entities, a log and an image, tidily closed.
fn closed() -> (Vec<u8>, World) {
    let (disk, mut world, mut choices) = (Disk::default(), World::default(), Choices::new(9));
    let catalog = open(&disk).unwrap();
    let mut lines = String::new();
    let mut tx = catalog.write(&viewer()).unwrap();
    world.write(&Change::Model(2), &mut tx).unwrap();
    world.apply(&Change::Model(2));
    tx.commit().unwrap();
    for number in 0..MANY * 4 {
        let kind = world.kind(&mut choices);
        let (key, doc) = ((kind, number), world.doc(kind, &mut choices));
        lines += &doc.line(key);
        world.apply(&Change::Put(key, doc));
    }
    catalog
        .load(&viewer(), lines.as_bytes(), ImportOptions::default())
        .unwrap();
    for _ in 0..10 {
        let mut tx = catalog.write(&viewer()).unwrap();
        let change = world.choose(&mut choices);
        world.write(&change, &mut tx).unwrap();
        world.apply(&change);
        tx.commit().unwrap();
    }
    catalog.close().unwrap();
    (disk.bytes(), world)
}

/// Places that are in use; those in pages that name entities.
fn places(bytes: &[u8]) -> [Vec<usize>; 2] {
    let used = |at: &usize| bytes[*at] != 0;
    let named = |page: &[u8]| page.windows(8).any(|text| text == b"service-");
    let pages = bytes.chunks(PAGE).enumerate();
    let pages = pages.filter(|(_, page)| named(page));
    let places = pages.flat_map(|(at, _)| at * PAGE..(at + 1) * PAGE);
    [
        (0..bytes.len()).filter(used).collect(),
        places.filter(used).collect(),
    ]
}

/// What became of a file with a flipped bit.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Refused,
    Found,
    Right,
}

fn told(bytes: &[u8], world: &World) -> Told {
    let disk = Disk::of(bytes.to_vec());
    let catalog = match open(&disk) {
        Ok(catalog) => catalog,
        Err(error) => {
            let kinds = [ErrorKind::Corrupt, ErrorKind::Unsupported];
            assert!(kinds.contains(&error.kind()), "{error}");
            return Told::Refused;
        }
    };
    let differs = world.differs(&catalog.read(&viewer()));
    let report = catalog.check();
    let well = report.as_ref().is_ok_and(CheckReport::is_ok);
    assert!(
        differs.is_none() || !well,
        "nothing was found, but {differs:?}"
    );
    // Whatever it is, going on must not panic.
    let mut tx = catalog.write(&viewer()).unwrap();
    drop(world.write(&Change::Model(3), &mut tx));
    drop(tx.commit());
    drop(catalog.close());
    drop(open(&disk));
    if well { Told::Right } else { Told::Found }
}

#[test]
fn a_flipped_bit_is_refused_or_found_or_does_no_harm() {
    let (bytes, world) = closed();
    assert_eq!(told(&bytes, &world), Told::Right);
    let mut choices = Choices::new(3);
    for places in places(&bytes) {
        let mut all = Vec::new();
        for _ in 0..FLIPS {
            let at = usize::try_from(choices.below(places.len() as u64)).unwrap();
            let mut damaged = bytes.clone();
            damaged[places[at]] ^= 1 << choices.below(8);
            all.push(told(&damaged, &world));
        }
        let harm = all.iter().filter(|told| **told != Told::Right).count();
        assert!(harm > all.len() / 10, "{harm} flips mattered");
    }
}
