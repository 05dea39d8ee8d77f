//! A set of entity ids that is cheap to copy and to change, whether it holds one id or a million.

use std::sync::Arc;

use roaring::RoaringBitmap;
use smallvec::SmallVec;

use super::chunks::{self, Chunks};
use super::few::Few;
use crate::cow::Pages;
use crate::value::{ARC, EntityId};

/// A list above this many ids becomes chunks.
const LIST_MAX: usize = 512;
/// Chunks at or below this many ids become a list again: far enough below [`LIST_MAX`] that a
/// set around the border does not change its form with every step.
const LIST_AGAIN: u64 = 256;

/// A set of entities in 16 bytes.
///
/// Up to three ids need no heap, up to 512 are one sorted list, more are lists
/// and bits over ranges of ids. A copy shares what is on the heap; a change copies at most a list
/// or the bits of 8,192 ids, so it costs O(512) and never the size of the set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Postings(Form);

/// The ids lie beside the count of owners while they are few: one hop less for a walk.
type List = SmallVec<[EntityId; 12]>;

#[derive(Clone, Debug)]
enum Form {
    Few(Few),
    /// Ascending, at most [`LIST_MAX`].
    List(Arc<List>),
    Chunks(Arc<Chunks>),
}

impl Default for Form {
    fn default() -> Self {
        Self::Few(Few::EMPTY)
    }
}

impl Postings {
    /// The empty set.
    pub(crate) const EMPTY: Self = Self(Form::Few(Few::EMPTY));

    /// The set of ascending distinct ids.
    pub(crate) fn from_sorted(ids: &[EntityId]) -> Self {
        debug_assert!(ids.is_sorted_by(|a, b| a < b), "ids must ascend");
        Self(match Few::from_slice(ids) {
            Some(few) => Form::Few(few),
            None if ids.len() <= LIST_MAX => Form::List(Arc::new(ids.into())),
            None => Form::Chunks(Arc::new(Chunks::from_sorted(ids))),
        })
    }

    /// The set of a bitmap, in time linear in its size.
    pub(crate) fn from_bitmap(bitmap: &RoaringBitmap) -> Self {
        if usize::try_from(bitmap.len()).is_ok_and(|len| len <= LIST_MAX) {
            let ids: Vec<EntityId> = bitmap.iter().map(EntityId).collect();
            return Self::from_sorted(&ids);
        }
        Self(Form::Chunks(Arc::new(Chunks::from_bitmap(bitmap))))
    }

    /// Adds an entity; true where it was not in the set.
    pub(crate) fn insert(&mut self, id: EntityId) -> bool {
        // Looking first keeps a change that changes nothing from copying what is shared.
        if self.contains(id) {
            return false;
        }
        match &mut self.0 {
            Form::Few(few) => {
                if !few.insert(id) {
                    let mut ids = List::from_slice(few.as_slice());
                    ids.insert(ids.partition_point(|other| *other < id), id);
                    self.0 = Form::List(Arc::new(ids));
                }
            }
            Form::List(list) => {
                let at = list.partition_point(|other| *other < id);
                if let Some(own) = Arc::get_mut(list) {
                    own.insert(at, id);
                } else {
                    // A shared list is copied with room for the id and no more.
                    let (before, after) = list.split_at(at);
                    let mut own = List::with_capacity(list.len() + 1);
                    own.extend_from_slice(before);
                    own.push(id);
                    own.extend_from_slice(after);
                    *list = Arc::new(own);
                }
                if list.len() > LIST_MAX {
                    *self = Self(Form::Chunks(Arc::new(Chunks::from_sorted(list))));
                }
            }
            Form::Chunks(chunks) => {
                Arc::make_mut(chunks).insert(id);
            }
        }
        true
    }

    /// Adds ascending distinct entities.
    pub(crate) fn extend(&mut self, ids: &[EntityId]) {
        if self.is_empty() {
            *self = Self::from_sorted(ids);
            return;
        }
        for id in ids {
            self.insert(*id);
        }
    }

    /// Removes an entity; true where it was in the set.
    pub(crate) fn remove(&mut self, id: EntityId) -> bool {
        if !self.contains(id) {
            return false;
        }
        match &mut self.0 {
            Form::Few(few) => few.remove(id),
            Form::List(list) => {
                let ids = Arc::make_mut(list);
                ids.retain(|other| *other != id);
                if let Some(few) = Few::from_slice(ids) {
                    self.0 = Form::Few(few);
                }
            }
            Form::Chunks(chunks) => {
                let chunks = Arc::make_mut(chunks);
                chunks.remove(id);
                if chunks.len() <= LIST_AGAIN {
                    self.0 = Form::List(Arc::new(chunks.iter().collect()));
                }
            }
        }
        true
    }

    /// Whether the entity is in the set.
    pub(crate) fn contains(&self, id: EntityId) -> bool {
        match &self.0 {
            Form::Few(few) => few.as_slice().contains(&id),
            Form::List(list) => list.binary_search(&id).is_ok(),
            Form::Chunks(chunks) => chunks.contains(id),
        }
    }

    /// How many entities there are.
    pub(crate) fn len(&self) -> u64 {
        match &self.0 {
            Form::Few(few) => few.as_slice().len() as u64,
            Form::List(list) => list.len() as u64,
            Form::Chunks(chunks) => chunks.len(),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The heap that the set holds, shared or not.
    pub(crate) fn heap_bytes(&self) -> usize {
        match &self.0 {
            Form::Few(_) => 0,
            Form::List(list) => {
                let spilled = if list.spilled() { list.capacity() } else { 0 };
                ARC + size_of::<List>() + spilled * size_of::<EntityId>()
            }
            Form::Chunks(chunks) => ARC + size_of::<Chunks>() + chunks.heap_bytes(),
        }
    }

    /// Counts what the set holds on the heap and the other does not share.
    pub(crate) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        match (&self.0, other.map(|other| &other.0)) {
            (Form::List(own), Some(Form::List(other))) if Arc::ptr_eq(own, other) => {}
            (Form::Chunks(own), Some(Form::Chunks(other))) if Arc::ptr_eq(own, other) => {}
            (Form::Chunks(own), other) => {
                count.page(ARC + size_of::<Chunks>());
                let other = match other {
                    Some(Form::Chunks(other)) => Some(&**other),
                    _ => None,
                };
                own.unshared(other, count);
            }
            (Form::List(_), _) => count.page(self.heap_bytes()),
            (Form::Few(_), _) => {}
        }
    }

    /// The set as one bitmap.
    pub(crate) fn to_bitmap(&self) -> RoaringBitmap {
        let mut bitmap = RoaringBitmap::new();
        self.union_into(&mut bitmap);
        bitmap
    }

    /// Adds the whole set to a bitmap.
    pub(crate) fn union_into(&self, bitmap: &mut RoaringBitmap) {
        match &self.0 {
            Form::Few(few) => bitmap.extend(few.as_slice().iter().map(|id| id.0)),
            Form::List(list) => bitmap.extend(list.iter().map(|id| id.0)),
            Form::Chunks(chunks) => chunks.union_into(bitmap),
        }
    }

    /// The entities in ascending order.
    pub(crate) fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Form::Few(few) => Iter(Source::Slice(few.as_slice().iter())),
            Form::List(list) => Iter(Source::Slice(list.iter())),
            Form::Chunks(chunks) => Iter(Source::Chunks(Box::new(chunks.iter()))),
        }
    }
}

impl PartialEq for Postings {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Postings {}

/// The entities of a set in ascending order.
#[derive(Clone)]
pub(crate) struct Iter<'a>(Source<'a>);

#[derive(Clone)]
enum Source<'a> {
    Slice(std::slice::Iter<'a, EntityId>),
    /// Boxed, so that the iterator of a small set, which walks meet most, is small.
    Chunks(Box<chunks::Iter<'a>>),
}

impl Iterator for Iter<'_> {
    type Item = EntityId;

    fn next(&mut self) -> Option<EntityId> {
        match &mut self.0 {
            Source::Slice(ids) => ids.next().copied(),
            Source::Chunks(ids) => ids.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use roaring::RoaringBitmap;

    use super::{Form, LIST_AGAIN, LIST_MAX, Pages, Postings};
    use crate::value::EntityId;

    /// Ids near each other and in far chunks, with both ends of the range of ids.
    fn id() -> impl Strategy<Value = u32> {
        prop_oneof![
            8 => 0..900u32,
            4 => 65_400..65_700u32,
            1 => Just(u32::MAX),
            1 => (u32::MAX - 70_000)..u32::MAX,
        ]
    }

    fn same(postings: &Postings, model: &BTreeSet<u32>) -> Result<(), TestCaseError> {
        prop_assert_eq!(postings.len(), model.len() as u64);
        prop_assert_eq!(postings.is_empty(), model.is_empty());
        prop_assert!(postings.iter().map(|id| id.0).eq(model.iter().copied()));
        prop_assert_eq!(
            postings.to_bitmap(),
            model.iter().copied().collect::<RoaringBitmap>()
        );
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Grows through all three forms and shrinks back, single ids added and removed between.
        #[test]
        fn behaves_like_a_set(
            grown in prop::collection::vec(id(), 0..1_500),
            steps in prop::collection::vec((any::<bool>(), id()), 0..200),
            keep in 0..600usize,
        ) {
            let (mut postings, mut model) = (Postings::default(), BTreeSet::new());
            for id in grown {
                prop_assert_eq!(postings.insert(EntityId(id)), model.insert(id));
            }
            same(&postings, &model)?;
            let before = (postings.clone(), model.clone());
            for (insert, id) in steps {
                let id_of = EntityId(id);
                prop_assert_eq!(postings.contains(id_of), model.contains(&id));
                if insert {
                    prop_assert_eq!(postings.insert(id_of), model.insert(id));
                } else {
                    prop_assert_eq!(postings.remove(id_of), model.remove(&id));
                }
            }
            same(&postings, &model)?;
            while let Some(id) = (model.len() > keep).then(|| model.pop_first()).flatten() {
                prop_assert!(postings.remove(EntityId(id)));
                prop_assert!(!postings.remove(EntityId(id)));
            }
            same(&postings, &model)?;
            same(&before.0, &before.1)?;
            let built = Postings::from_bitmap(&postings.to_bitmap());
            prop_assert_eq!(&built, &postings);
            let mut more = built.clone();
            prop_assert!(more.insert(EntityId(1_000_000)));
            prop_assert_ne!(&more, &postings);
            same(&built, &model)?;
        }
    }

    #[test]
    fn changes_its_form_with_its_size() {
        let mut postings = Postings::default();
        let mut forms = Vec::new();
        let form = |postings: &Postings| match postings.0 {
            Form::Few(_) => "few",
            Form::List(_) => "list",
            Form::Chunks(_) => "chunks",
        };
        let last = u32::try_from(LIST_MAX).unwrap_or(0);
        for id in 0..=last {
            postings.insert(EntityId(id * 1_000));
            forms.push(form(&postings));
        }
        for id in 0..=last {
            postings.remove(EntityId(id * 1_000));
            forms.push(form(&postings));
        }
        forms.dedup();
        assert_eq!(forms, ["few", "list", "chunks", "list", "few"]);
        assert!(LIST_AGAIN < LIST_MAX as u64);
        assert_eq!(size_of::<Postings>(), 16);
    }

    /// Dense, sparse, and in one form in some parts and in another in others.
    #[test]
    fn a_change_of_a_large_set_copies_a_part_of_one_chunk() {
        let dense: RoaringBitmap = (0..300_000).collect();
        let sparse: RoaringBitmap = (0..300_000).step_by(400).collect();
        let mixed: RoaringBitmap = (60_000..70_000).chain(sparse.iter()).collect();
        for ids in [dense, sparse, mixed] {
            let before = Postings::from_bitmap(&ids);
            assert_eq!(before.to_bitmap(), ids);
            for id in [0, 65_600, 69_600, 299_600] {
                let mut after = before.clone();
                assert!(after.remove(EntityId(id)));
                assert!(before.contains(EntityId(id)) && !after.contains(EntityId(id)));
                let mut copied = Pages::default();
                after.unshared(Some(&before), &mut copied);
                assert!(copied.pages <= 3 && copied.bytes < 1_536, "{copied:?}");
                assert!(after.insert(EntityId(id)));
                assert!(after.iter().map(|id| id.0).eq(ids.iter()));
            }
            let mut all = Pages::default();
            before.unshared(None, &mut all);
            assert_eq!(all.bytes, before.heap_bytes() as u64);
        }
    }
}
