//! A hash table of ids in shared pages: finds the id of a key without storing the key again.

use foldhash::fast::FixedState;
use std::hash::BuildHasher as _;

use super::{CowArray, Pages};

const EMPTY: u32 = 0;
const SMALLEST: u32 = 64;

/// An open-addressing hash table of 32-bit ids whose keys live elsewhere.
///
/// The caller compares keys, so a table over entities holds four bytes a slot and no text.
/// Linear probing with backward-shift deletion, so there are no tombstones; a change copies one
/// page. The table doubles above two thirds of its capacity, which costs one pass over it.
#[derive(Clone, Debug, Default)]
pub(crate) struct HashIndex {
    /// `id + 1`, or 0 for an empty slot.
    slots: CowArray<u32>,
    capacity: u32,
    len: u32,
}

/// A fixed seed: the same keys give the same table in every run.
fn hash(key: &str) -> u32 {
    (FixedState::with_seed(0).hash_one(key) >> 32) as u32
}

impl HashIndex {
    /// How many ids there are.
    #[must_use]
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// The heap that the table holds.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.slots.heap_bytes(|_| 0)
    }

    /// Counts what the table holds and the other does not share.
    pub(crate) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        let slots = other.map(|other| &other.slots);
        self.slots.unshared(slots, count, |_, _, _| ());
    }

    /// Every slot in order, for saving: `id + 1`, or 0 where empty.
    pub(crate) fn slots(&self) -> Vec<u32> {
        (0..self.capacity)
            .map(|slot| *self.slots.get(slot))
            .collect()
    }

    /// The table that [`Self::slots`] saved; `None` where these cannot be its slots.
    pub(crate) fn from_slots(slots: &[u32]) -> Option<Self> {
        if slots.is_empty() {
            return Some(Self::default());
        }
        let capacity = u32::try_from(slots.len()).ok()?;
        let used = slots.iter().filter(|entry| **entry != EMPTY).count();
        // A table that is full, or no power of two, would send look-ups round in circles.
        if !capacity.is_power_of_two() || used * 3 > slots.len() * 2 {
            return None;
        }
        let mut table = Self {
            slots: CowArray::default(),
            capacity,
            len: u32::try_from(used).ok()?,
        };
        for (slot, entry) in (0..).zip(slots) {
            table.slots.set(slot, *entry);
        }
        Some(table)
    }

    fn home(&self, key: &str) -> u32 {
        hash(key) & (self.capacity - 1)
    }

    /// The id whose key is `key`; `is` says whether an id's key is the one looked for.
    pub(crate) fn find(&self, key: &str, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.slot_of(key, &mut is)
            .map(|slot| *self.slots.get(slot) - 1)
    }

    fn slot_of(&self, key: &str, is: &mut impl FnMut(u32) -> bool) -> Option<u32> {
        if self.capacity == 0 {
            return None;
        }
        let mut slot = self.home(key);
        loop {
            match *self.slots.get(slot) {
                EMPTY => return None,
                entry if is(entry - 1) => return Some(slot),
                _ => slot = (slot + 1) & (self.capacity - 1),
            }
        }
    }

    /// Adds an id whose key is not in the table; `key_of` gives any id's key when the table grows.
    pub(crate) fn insert<'a>(&mut self, key: &str, id: u32, key_of: impl Fn(u32) -> &'a str) {
        if (self.len + 1) * 3 > self.capacity * 2 {
            self.grow(key_of);
        }
        self.place(key, id);
        self.len += 1;
    }

    /// Makes room for so many more ids, so that adding them does not double the table again and
    /// again.
    pub(crate) fn reserve<'a>(&mut self, more: u32, key_of: impl Fn(u32) -> &'a str) {
        let wanted = (u64::from(self.len) + u64::from(more)) * 3;
        while wanted > u64::from(self.capacity) * 2 && self.capacity < 1 << 31 {
            if self.len > 0 {
                self.grow(&key_of);
            } else {
                self.capacity = (self.capacity * 2).max(SMALLEST);
            }
        }
    }

    fn place(&mut self, key: &str, id: u32) {
        let mut slot = self.home(key);
        while *self.slots.get(slot) != EMPTY {
            slot = (slot + 1) & (self.capacity - 1);
        }
        self.slots.set(slot, id + 1);
    }

    fn grow<'a>(&mut self, key_of: impl Fn(u32) -> &'a str) {
        let old = std::mem::take(&mut self.slots);
        self.capacity = (self.capacity * 2).max(SMALLEST);
        for entry in old.pages().flat_map(|(_, page)| page.iter().copied()) {
            if entry != EMPTY {
                self.place(key_of(entry - 1), entry - 1);
            }
        }
    }

    /// Removes the id whose key is `key`; true where it was there.
    pub(crate) fn remove<'a>(
        &mut self,
        key: &str,
        id: u32,
        key_of: impl Fn(u32) -> &'a str,
    ) -> bool {
        let Some(mut gap) = self.slot_of(key, &mut |candidate| candidate == id) else {
            return false;
        };
        let mask = self.capacity - 1;
        let mut slot = gap;
        loop {
            slot = (slot + 1) & mask;
            let entry = *self.slots.get(slot);
            if entry == EMPTY {
                break;
            }
            // An entry may move back into the gap unless that would put it before its home.
            let home = self.home(key_of(entry - 1));
            if (slot.wrapping_sub(home) & mask) >= (slot.wrapping_sub(gap) & mask) {
                self.slots.set(gap, entry);
                gap = slot;
            }
        }
        self.slots.set(gap, EMPTY);
        self.len -= 1;
        true
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "keys are made for every id")]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::HashIndex;

    proptest! {
        #[test]
        fn behaves_like_a_map(steps in prop::collection::vec((any::<bool>(), 0u32..300), 0..1_500)) {
            let keys: Vec<String> = (0..300).map(|n| format!("key-{n}")).collect();
            let key_of = |id: u32| keys[id as usize].as_str();
            let (mut table, mut model) = (HashIndex::default(), BTreeMap::new());
            for (insert, id) in steps {
                let key = key_of(id);
                if insert && !model.contains_key(key) {
                    table.insert(key, id, key_of);
                    model.insert(key, id);
                } else if !insert {
                    prop_assert_eq!(table.remove(key, id, key_of), model.remove(key).is_some());
                }
            }
            prop_assert_eq!(table.len() as usize, model.len());
            for id in 0..300 {
                let found = table.find(key_of(id), |candidate| candidate == id);
                prop_assert_eq!(found, model.get(key_of(id)).copied());
            }
        }
    }
}
