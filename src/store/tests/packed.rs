//! Packed entities: what is packed comes back, in place and whole, and nothing else is read.

use proptest::prelude::*;

use super::made::{self, packed};
use crate::store::packed::{PACKED_VERSION, Record};
use crate::store::record_page::{OpenPage, PAGE_BITS};
use crate::store::{Entity, RecordPage};
use crate::value::{EntityId, NameId, Value};

fn checked(id: EntityId, bytes: &[u8]) -> crate::error::Result<Record<'_>> {
    let record = Record::parse(id, bytes)?;
    record.check()?;
    Ok(record)
}

/// Values that are alike but not the same (`-0.0`, `1` and `1.0`) are told apart.
fn text(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}")
}

#[test]
fn the_width_grows_with_ids_and_bodies() {
    let with = |name: u32, length: usize| {
        let mut entity = made::entity(1, 2);
        entity.properties = vec![
            (NameId(1), Value::string("a".repeat(length))),
            (NameId(name), Value::from(true)),
        ];
        let bytes = packed(&entity);
        assert_eq!(checked(entity.id, &bytes).unwrap().unpack(), entity);
        bytes[0]
    };
    let version = PACKED_VERSION << 4;
    assert_eq!(with(2, 200), version);
    assert_eq!(with(2, 255), version | 1);
    assert_eq!(with((1 << 15) - 1, 60_000), version | 1);
    assert_eq!(with(1 << 15, 1), version | 2);
    assert_eq!(with(2, 70_000), version | 2);
}

#[test]
fn a_record_of_another_version_is_refused_by_name() {
    let mut bytes = packed(&made::entity(1, 2));
    bytes[0] += 1 << 4;
    let error = checked(EntityId(1), &bytes).unwrap_err();
    assert_eq!(
        error.message(),
        "a record has version 2, and this release reads version 1"
    );
}

#[test]
fn a_small_entity_is_packed_small() {
    let entity = made::entity(1, 7);
    assert_eq!((entity.properties.len(), entity.relations.len()), (2, 1));
    assert_eq!(packed(&entity).len(), 44);
    assert_eq!(entity.encode().unwrap().len(), 84);
}

proptest! {
    #[test]
    fn entities_come_back(entity in made::record()) {
        let bytes = packed(&entity);
        let record = checked(entity.id, &bytes).unwrap();
        prop_assert_eq!(text(&record.unpack()), text(&entity));
        prop_assert_eq!(packed(&record.unpack()), bytes.clone());
        // In place, each by itself.
        for (name, value) in &entity.properties {
            prop_assert_eq!(text(&record.property(*name)), text(value));
        }
        for (name, targets) in &entity.relations {
            prop_assert!(record.targets(*name).eq(targets.iter().copied()));
        }
        for name in (0..50).map(NameId) {
            if entity.property(name).is_null() {
                prop_assert!(record.property(name).is_null());
            }
            if entity.targets(name).is_empty() {
                prop_assert_eq!(record.targets(name).count(), 0);
            }
        }
        prop_assert_eq!(record.blueprint(), entity.blueprint);
        prop_assert_eq!(record.identifier(), &*entity.identifier);
        prop_assert_eq!(record.title(), entity.title.as_deref());
        prop_assert!(record.team().iter().eq(entity.team.iter().map(|team| &**team)));
        prop_assert_eq!(record.team().is_empty(), entity.team.is_empty());
    }

    #[test]
    fn a_record_cut_short_is_refused(entity in made::record(), at: prop::sample::Index) {
        let bytes = packed(&entity);
        prop_assert!(checked(entity.id, &bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn a_longer_record_is_refused(entity in made::record(), more: u8) {
        let mut bytes = packed(&entity);
        bytes.push(more);
        prop_assert!(checked(entity.id, &bytes).is_err());
    }

    #[test]
    fn any_bytes_give_an_error_or_a_record(mut bytes: Vec<u8>, entity in made::record(), at: prop::sample::Index, known: bool) {
        if known {
            bytes = packed(&entity);
            let bit = at.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        // Unchecked as well: it need not be right, but must not panic.
        if let Ok(record) = Record::parse(EntityId(0), &bytes) {
            drop(record.unpack());
            drop(record.property(NameId(3)));
        }
        if let Ok(record) = checked(EntityId(0), &bytes) {
            let again = packed(&record.unpack());
            let again = checked(EntityId(0), &again).unwrap();
            prop_assert_eq!(text(&again), text(&record));
        }
    }

    /// Puts entities into a page and takes them out again, beside a plain array.
    #[test]
    fn a_page_behaves_like_an_array(steps in prop::collection::vec((0..1_u32 << PAGE_BITS, prop::option::weighted(0.7, made::record())), 0..40)) {
        let (mut page, mut model) = (None, vec![None; 1 << PAGE_BITS]);
        let first = 5 << PAGE_BITS;
        for (at, entity) in steps {
            let entity = entity.map(|entity| Entity { id: EntityId(first + at), ..entity });
            page = RecordPage::with(page.as_ref(), EntityId(first + at), entity.as_ref()).unwrap();
            model[at as usize] = entity;
        }
        for (entity, at) in model.iter().zip(first..) {
            let record = page.as_ref().and_then(|page| page.get(EntityId(at)));
            prop_assert_eq!(text(&record.map(Record::unpack)), text(entity));
        }
        // Through the file, between others.
        let mut open = OpenPage::default();
        let other = |id| Entity { id: EntityId(id), ..made::entity(1, 2) };
        prop_assert!(open.add(EntityId(3), &packed(&other(3))).unwrap().is_none());
        let mut done = Vec::new();
        for entity in model.iter().flatten() {
            done.extend(open.add(entity.id, &packed(entity)).unwrap());
        }
        done.extend(open.add(EntityId(first + 16), &packed(&other(first + 16))).unwrap());
        let numbers: Vec<u32> = done.iter().map(|(number, _)| *number).collect();
        let held = page.is_some();
        prop_assert_eq!(numbers, if held { vec![0, 5] } else { vec![0] });
        if let (Some(page), [_, (number, read)]) = (page, done.as_slice()) {
            let texts = |page: &RecordPage| page.iter(*number).map(|it| text(&it)).collect::<Vec<_>>();
            prop_assert_eq!(texts(&page), texts(read));
            let ids = model.iter().flatten().map(|entity| entity.id);
            prop_assert!(page.ids(*number).eq(ids));
        }
        prop_assert_eq!(open.close().unwrap().map(|(number, _)| number), Some(6));
        prop_assert!(open.close().unwrap().is_none());
    }
}
