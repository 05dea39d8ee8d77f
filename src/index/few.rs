//! Up to three ids, ascending, held in place without the heap.

use crate::value::EntityId;

const MAX: usize = 3;

/// How many ids there are. An enum leaves the byte's other values free, so that an enum around
/// [`Few`] needs no tag of its own and stays at 16 bytes.
#[derive(Clone, Copy, Debug, Default)]
enum Count {
    #[default]
    Zero,
    One,
    Two,
    Three,
}

const COUNTS: [Count; MAX + 1] = [Count::Zero, Count::One, Count::Two, Count::Three];

/// Up to three ids in ascending order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Few {
    ids: [EntityId; MAX],
    count: Count,
}

impl Few {
    pub(super) const EMPTY: Self = Self {
        ids: [EntityId(0); MAX],
        count: Count::Zero,
    };

    /// The ascending ids of a slice; `None` where they are too many.
    pub(super) fn from_slice(ids: &[EntityId]) -> Option<Self> {
        Self::from_parts([ids])
    }

    pub(super) fn as_slice(&self) -> &[EntityId] {
        self.ids.get(..self.count as usize).unwrap_or_default()
    }

    /// Adds an id that is not there yet; false where there is no room for it.
    pub(super) fn insert(&mut self, id: EntityId) -> bool {
        let old = self.as_slice();
        let at = old.partition_point(|other| *other < id);
        let (before, after) = old.split_at(at);
        let Some(few) = Self::from_parts([before, &[id], after]) else {
            return false;
        };
        *self = few;
        true
    }

    /// Removes an id that is there.
    pub(super) fn remove(&mut self, id: EntityId) {
        let old = self.as_slice();
        let at = old.partition_point(|other| *other < id);
        let (before, after) = old.split_at(at);
        if let Some(few) = Self::from_parts([before, after.get(1..).unwrap_or_default()]) {
            *self = few;
        }
    }

    fn from_parts<const N: usize>(parts: [&[EntityId]; N]) -> Option<Self> {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let mut few = Self {
            count: *COUNTS.get(len)?,
            ..Self::EMPTY
        };
        for (cell, id) in few.ids.iter_mut().zip(parts.iter().copied().flatten()) {
            *cell = *id;
        }
        Some(few)
    }
}

#[cfg(test)]
mod tests {
    use super::Few;
    use crate::value::EntityId;

    #[test]
    fn holds_three_in_order_and_refuses_a_fourth() {
        let mut few = Few::EMPTY;
        for id in [5, 1, 3] {
            assert!(few.insert(EntityId(id)));
        }
        assert_eq!(few.as_slice(), [1, 3, 5].map(EntityId));
        assert!(!few.insert(EntityId(4)));
        assert_eq!(few.as_slice(), [1, 3, 5].map(EntityId));
        few.remove(EntityId(3));
        assert_eq!(few.as_slice(), [1, 5].map(EntityId));
        assert_eq!(size_of::<Few>(), size_of::<Option<Few>>());
    }
}
