//! Images: what is written comes back whole, or not at all with the reason.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::made;
use crate::store::image_pages::{PAGE_CONTENT, PageKey, fingerprint, read_pages, write_pages};
use crate::store::{IdentifierImage, Image, IndexImage, Indexed, MemberImage, RelationImage};
use crate::value::{BlueprintId, NameId, Seq, Value};

type Pages = BTreeMap<PageKey, Vec<u8>>;

fn write(image: &Image) -> Option<Pages> {
    let mut pages = Pages::new();
    let kept = write_pages(image, |key, page| {
        pages.insert(key, page.to_vec());
        Ok::<(), ()>(())
    });
    kept.unwrap().then_some(pages)
}

fn read(pages: &Pages, seq: Seq) -> Result<Image, String> {
    read_pages(seq, |key, found| {
        let page = pages.get(&key).ok_or_else(|| "missing".to_owned())?;
        found(page)
    })
}

fn bitmap() -> impl Strategy<Value = RoaringBitmap> {
    prop::collection::vec(0..200_000_u32, 0..20).prop_map(|ids| ids.into_iter().collect())
}

fn image() -> impl Strategy<Value = Image> {
    let relations = prop::collection::vec(any::<(u32, u32)>(), 0..50);
    let relations = (any::<u32>(), relations).prop_map(|(relation, mut pairs)| {
        pairs.sort_unstable();
        let (sources, targets) = pairs.into_iter().unzip();
        RelationImage {
            relation: NameId(relation),
            sources,
            targets,
        }
    });
    let indexed = prop_oneof![
        any::<u32>().prop_map(|name| Indexed::Property(NameId(name))),
        Just(Indexed::Title),
        Just(Indexed::Team),
    ];
    let entries = prop::collection::vec((made::value(), bitmap()), 0..6);
    let index = (any::<u32>(), indexed, entries, bitmap()).prop_map(
        |(blueprint, indexed, entries, present)| IndexImage {
            blueprint: BlueprintId(blueprint),
            indexed,
            entries,
            present,
        },
    );
    let identifiers =
        (any::<u32>(), any::<Vec<u32>>()).prop_map(|(blueprint, slots)| IdentifierImage {
            blueprint: BlueprintId(blueprint),
            slots,
        });
    let members = (any::<u32>(), bitmap()).prop_map(|(blueprint, entities)| MemberImage {
        blueprint: BlueprintId(blueprint),
        entities,
    });
    (
        any::<u64>().prop_map(Seq),
        prop::collection::vec(relations, 0..3),
        prop::collection::vec(index, 0..3),
        prop::collection::vec(identifiers, 0..3),
        prop::collection::vec(members, 0..3),
    )
        .prop_map(|(seq, relations, indexes, identifiers, members)| Image {
            seq,
            relations,
            indexes,
            identifiers,
            members,
        })
}

fn large() -> Image {
    let count = 400_000_u32;
    Image {
        seq: Seq(9),
        relations: vec![RelationImage {
            relation: NameId(1),
            sources: (0..count).collect(),
            targets: (0..count).map(|n| n ^ 0x5555).collect(),
        }],
        identifiers: vec![IdentifierImage {
            blueprint: BlueprintId(2),
            slots: vec![7; 1 << 10],
        }],
        ..Image::default()
    }
}

#[test]
fn a_large_section_takes_pages_just_under_a_power_of_two() {
    let image = large();
    let pages = write(&image).unwrap();
    assert_eq!(pages.len(), 1 + 4 + 1);
    let longest = pages.values().map(Vec::len).max().unwrap();
    assert!((PAGE_CONTENT..1 << 20).contains(&longest), "{longest}");
    assert_eq!(read(&pages, image.seq).unwrap(), image);
}

#[test]
fn the_fingerprint_is_that_of_the_image_version_and_stays_the_same_within_a_build() {
    assert_eq!(fingerprint(), fingerprint());
    assert_eq!(
        fingerprint() >> 32,
        u64::from(crate::store::image_pages::IMAGE_VERSION)
    );
}

#[test]
fn a_foreign_fingerprint_is_named() {
    let image = large();
    let mut pages = write(&image).unwrap();
    pages.get_mut(&(0, 0)).unwrap()[0] ^= 1;
    assert_eq!(
        read(&pages, image.seq).unwrap_err(),
        "the image was written by another build"
    );
}

#[test]
fn an_image_of_another_commit_is_not_used() {
    let pages = write(&large()).unwrap();
    let reason = read(&pages, Seq(10)).unwrap_err();
    assert_eq!(reason, "the image is of another commit than the tables");
}

#[test]
fn pages_of_two_images_never_mix() {
    let image = large();
    let mut other = image.clone();
    other.relations[0].targets[0] = 1;
    let mut pages = write(&image).unwrap();
    let foreign = write(&other).unwrap();
    // The last page of the same section of another image: right key, right stamp.
    let key = *foreign
        .keys()
        .rev()
        .find(|key| foreign[key] != pages[key])
        .unwrap();
    pages.insert(key, foreign[&key].clone());
    assert_eq!(
        read(&pages, image.seq).unwrap_err(),
        "section 1 of the image is damaged"
    );
}

proptest! {
    #[test]
    fn images_come_back(image in image()) {
        let pages = write(&image).unwrap();
        let back = read(&pages, image.seq).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{image:?}"));
    }

    #[test]
    fn a_missing_cut_or_flipped_page_gives_a_reason(image in image(), which: prop::sample::Index, at: prop::sample::Index) {
        let pages = write(&image).unwrap();
        let key = *pages.keys().nth(which.index(pages.len())).unwrap();
        let mut missing = pages.clone();
        missing.remove(&key);
        prop_assert!(read(&missing, image.seq).is_err());
        let mut cut = pages.clone();
        let page = cut.get_mut(&key).unwrap();
        page.truncate(at.index(page.len()));
        prop_assert!(read(&cut, image.seq).is_err());
        let mut flipped = pages.clone();
        let page = flipped.get_mut(&key).unwrap();
        let bit = at.index(page.len() * 8);
        page[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(read(&flipped, image.seq).is_err());
    }
}

#[test]
fn values_in_an_index_keep_their_bits() {
    let entries = vec![
        (Value::from(-0.0), RoaringBitmap::from_iter([1])),
        (Value::from(1), RoaringBitmap::new()),
    ];
    let index = IndexImage {
        blueprint: BlueprintId(1),
        indexed: Indexed::Title,
        entries,
        present: RoaringBitmap::from_iter([1, 70_000]),
    };
    let image = Image {
        indexes: vec![index],
        ..Image::default()
    };
    let back = read(&write(&image).unwrap(), Seq(0)).unwrap();
    assert_eq!(format!("{back:?}"), format!("{image:?}"));
}
