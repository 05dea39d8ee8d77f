//! One direction of one relation of one entity: the set of its neighbours.

use roaring::RoaringBitmap;

use crate::cow::Pages;
use crate::index::{Iter, Postings};
use crate::value::EntityId;

/// A sorted set of neighbours in 16 bytes: most entities have a few per relation, which need no
/// heap; a hub has many thousands, where one more or less costs O(512) and not its degree. It is
/// a [`Postings`], whose sizes are skewed in the same way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Neighbours(Postings);

impl Neighbours {
    pub(super) const EMPTY: Self = Self(Postings::EMPTY);

    /// The set of ascending distinct ids.
    pub(super) fn from_sorted(ids: &[EntityId]) -> Self {
        Self(Postings::from_sorted(ids))
    }

    /// How many neighbours there are.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.0.len()).unwrap_or(usize::MAX)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the entity is a neighbour.
    pub(crate) fn contains(&self, id: EntityId) -> bool {
        self.0.contains(id)
    }

    /// The neighbours in ascending order.
    pub(crate) fn iter(&self) -> Iter<'_> {
        self.0.iter()
    }

    /// Adds a neighbour; true where it was none before.
    pub(crate) fn insert(&mut self, id: EntityId) -> bool {
        self.0.insert(id)
    }

    /// Removes a neighbour; true where it was one.
    pub(crate) fn remove(&mut self, id: EntityId) -> bool {
        self.0.remove(id)
    }

    /// The heap that the set holds, shared or not.
    pub(super) fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }

    /// Counts what the set holds on the heap and the other does not share.
    pub(super) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        self.0.unshared(other.map(|other| &other.0), count);
    }

    /// Adds all neighbours to a bitmap.
    pub(crate) fn union_into(&self, bitmap: &mut RoaringBitmap) {
        self.0.union_into(bitmap);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use roaring::RoaringBitmap;

    use super::Neighbours;
    use crate::value::EntityId;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// From none to a hub and back to few.
        #[test]
        fn behave_like_a_set(
            ids in prop::collection::vec(prop_oneof![0..900u32, 65_000..66_000u32], 0..1_200),
            keep in 0..8usize,
        ) {
            let (mut neighbours, mut model) = (Neighbours::default(), BTreeSet::new());
            for id in &ids {
                prop_assert_eq!(neighbours.insert(EntityId(*id)), model.insert(*id));
                prop_assert_eq!(neighbours.len(), model.len());
            }
            let hub = neighbours.clone();
            for id in ids.iter().skip(keep) {
                prop_assert_eq!(neighbours.remove(EntityId(*id)), model.remove(id));
                prop_assert!(!neighbours.contains(EntityId(*id)));
            }
            prop_assert!(neighbours.iter().map(|id| id.0).eq(model.iter().copied()));
            prop_assert_eq!(neighbours.is_empty(), model.is_empty());
            prop_assert!(ids.iter().all(|id| hub.contains(EntityId(*id))));
            let mut all = RoaringBitmap::from([7]);
            hub.union_into(&mut all);
            prop_assert_eq!(all, ids.iter().copied().chain([7]).collect::<RoaringBitmap>());
            let left: Vec<EntityId> = model.into_iter().map(EntityId).collect();
            prop_assert_eq!(Neighbours::from_sorted(&left), neighbours);
        }
    }
}
