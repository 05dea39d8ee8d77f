//! Images: what is written comes back whole, or not at all with the reason.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::made;
use crate::store::image_pages::{PAGE_CONTENT, PageKey, fingerprint, read_pages, write_pages};
use crate::store::{IdentifierImage, Image, IndexImage, Indexed, Part, RelationImage};
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
    let list = prop::collection::btree_set(0..200_000_u32, 1..20);
    let entries = prop::collection::vec((made::value(), list), 0..6);
    let index = (any::<u32>(), indexed, entries, bitmap()).prop_map(
        |(blueprint, indexed, entries, present)| {
            let (mut values, mut ends, mut entities) = (Vec::new(), Vec::new(), Vec::new());
            for (value, list) in entries {
                values.push(value);
                entities.extend(list);
                ends.push(u32::try_from(entities.len()).unwrap());
            }
            IndexImage {
                blueprint: BlueprintId(blueprint),
                indexed,
                values,
                ends,
                entities,
                present,
            }
        },
    );
    let identifiers =
        (any::<u32>(), any::<Vec<u32>>()).prop_map(|(blueprint, slots)| IdentifierImage {
            blueprint: BlueprintId(blueprint),
            slots,
        });
    (
        any::<u64>().prop_map(Seq),
        prop::collection::vec(relations, 0..3),
        prop::collection::vec(index, 0..3),
        prop::collection::vec(identifiers, 0..3),
    )
        .prop_map(|(seq, relations, indexes, identifiers)| Image {
            seq,
            damaged: Vec::new(),
            relations,
            indexes,
            identifiers,
        })
}

/// What the sections of an image are, in their order.
fn parts(image: &Image) -> Vec<Part> {
    image.sections().map(|(part, _)| part).collect()
}

#[test]
fn an_index_whose_lists_do_not_fit_is_damaged() {
    let good = IndexImage {
        blueprint: BlueprintId(1),
        indexed: Indexed::Title,
        values: vec![Value::from(1), Value::from(2)],
        ends: vec![2, 3],
        entities: vec![4, 5, 1],
        present: RoaringBitmap::from_iter([1, 4, 5]),
    };
    let damaged = |change: fn(&mut IndexImage)| {
        let mut index = good.clone();
        change(&mut index);
        let image = Image {
            indexes: vec![index],
            ..Image::default()
        };
        let back = read(&write(&image).unwrap(), Seq(0)).unwrap();
        !back.damaged.is_empty()
    };
    assert!(!damaged(|_| {}));
    assert!(damaged(|index| index.ends = vec![0, 3]), "an empty list");
    assert!(damaged(|index| index.ends = vec![2, 2]));
    assert!(damaged(|index| _ = index.values.pop()));
    assert!(
        !damaged(|index| index.values.clear()),
        "they are the records'"
    );
    assert!(damaged(|index| index.ends = vec![3, 2]));
    assert!(damaged(|index| index.ends = vec![2, 4]));
    assert!(damaged(|index| index.ends = vec![3]));
    assert!(damaged(|index| index.entities = vec![5, 4, 1]));
    assert!(damaged(|index| index.entities.push(9)));
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
    let content: usize = 400_000 * 8 + (1 << 12);
    let least = content / PAGE_CONTENT;
    assert!((least..least + 4).contains(&pages.len()), "{}", pages.len());
    let longest = pages.values().map(Vec::len).max().unwrap();
    assert!((PAGE_CONTENT..1 << 15).contains(&longest), "{longest}");
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
    let back = read(&pages, image.seq).unwrap();
    let reason = "section 1 of the image is damaged".to_owned();
    assert_eq!(back.damaged, [(Part::Relation(NameId(1)), reason)]);
    // The rest is used.
    assert!(back.relations.is_empty());
    assert_eq!(back.identifiers, image.identifiers);
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
        let part = key.0.checked_sub(1);
        let lacks = |pages: &Pages| match (part, read(pages, image.seq)) {
            // Without the directory there is no image.
            (None, read) => read.is_err(),
            // Of a damaged section nothing is used, and of the others everything.
            (Some(part), Ok(read)) => {
                let all = parts(&image);
                let damaged: Vec<Part> = read.damaged.iter().map(|(part, _)| *part).collect();
                damaged == [all[part as usize]] && parts(&read).len() + 1 == all.len()
            }
            (Some(_), Err(_)) => false,
        };
        let mut missing = pages.clone();
        missing.remove(&key);
        prop_assert!(lacks(&missing));
        let mut cut = pages.clone();
        let page = cut.get_mut(&key).unwrap();
        page.truncate(at.index(page.len()));
        prop_assert!(lacks(&cut));
        let mut flipped = pages.clone();
        let page = flipped.get_mut(&key).unwrap();
        let bit = at.index(page.len() * 8);
        page[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(lacks(&flipped));
    }
}

#[test]
fn values_in_an_index_keep_their_bits() {
    let index = IndexImage {
        blueprint: BlueprintId(1),
        indexed: Indexed::Title,
        values: vec![Value::from(-0.0), Value::from(1)],
        ends: vec![1, 3],
        entities: vec![1, 70_000, 70_001],
        present: RoaringBitmap::from_iter([1, 70_000]),
    };
    let image = Image {
        indexes: vec![index],
        ..Image::default()
    };
    let back = read(&write(&image).unwrap(), Seq(0)).unwrap();
    assert_eq!(format!("{back:?}"), format!("{image:?}"));
}
