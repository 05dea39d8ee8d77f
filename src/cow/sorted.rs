//! An ordered map in shared leaves: what ordered indexes are made of.

use std::ops::Bound;
use std::sync::Arc;

/// Leaves split in half above this many entries.
const LEAF_MAX: usize = 256;

type Leaf<K, V> = Arc<Vec<(K, V)>>;

/// An ordered map; a copy shares its leaves until one side changes them.
///
/// Look-up costs two binary searches; a change copies at most one leaf of 256 entries and the
/// list of leaves.
#[derive(Clone, Debug)]
pub(crate) struct SortedMap<K, V> {
    /// No leaf is empty; keys ascend within and across leaves.
    leaves: Arc<Vec<Leaf<K, V>>>,
    len: usize,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self {
            leaves: Arc::default(),
            len: 0,
        }
    }
}

impl<K: Ord + Clone, V: Clone> SortedMap<K, V> {
    /// How many keys there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The leaf that holds the key, or would.
    fn leaf_for(&self, key: &K) -> usize {
        let after = self
            .leaves
            .partition_point(|leaf| leaf.first().is_some_and(|(k, _)| k <= key));
        after.saturating_sub(1)
    }

    /// The value at a key.
    #[must_use]
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let leaf = self.leaves.get(self.leaf_for(key))?;
        let at = leaf.binary_search_by(|(k, _)| k.cmp(key)).ok()?;
        leaf.get(at).map(|(_, value)| value)
    }

    /// The value at a key for changing, made by `make` where there is none.
    pub(crate) fn get_or_insert_with(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        let mut leaf = self.leaf_for(key);
        let leaves = Arc::make_mut(&mut self.leaves);
        if leaves.is_empty() {
            leaves.push(Arc::default());
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "`leaf_for` is below the length or 0"
        )]
        let entries = Arc::make_mut(&mut leaves[leaf]);
        let mut at = match entries.binary_search_by(|(k, _)| k.cmp(key)) {
            Ok(at) => at,
            Err(at) => {
                entries.insert(at, (key.clone(), make()));
                self.len += 1;
                at
            }
        };
        if entries.len() > LEAF_MAX {
            let upper = entries.split_off(LEAF_MAX / 2);
            leaves.insert(leaf + 1, Arc::new(upper));
            if at >= LEAF_MAX / 2 {
                (leaf, at) = (leaf + 1, at - LEAF_MAX / 2);
            }
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "the entry was found or inserted at `at`"
        )]
        &mut Arc::make_mut(&mut leaves[leaf])[at].1
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let leaf = self.leaf_for(key);
        let at = self
            .leaves
            .get(leaf)?
            .binary_search_by(|(k, _)| k.cmp(key))
            .ok()?;
        let leaves = Arc::make_mut(&mut self.leaves);
        let entries = Arc::make_mut(leaves.get_mut(leaf)?);
        let (_, value) = entries.remove(at);
        if entries.is_empty() {
            leaves.remove(leaf);
        }
        self.len -= 1;
        Some(value)
    }

    /// The entries between two bounds, ascending; reversible for descending.
    pub(crate) fn range<'a>(
        &'a self,
        from: Bound<&'a K>,
        to: Bound<&'a K>,
    ) -> impl DoubleEndedIterator<Item = (&'a K, &'a V)> {
        let first = match from {
            Bound::Unbounded => 0,
            Bound::Included(key) | Bound::Excluded(key) => self.leaf_for(key),
        };
        let last = match to {
            Bound::Unbounded => self.leaves.len(),
            Bound::Included(key) | Bound::Excluded(key) => {
                (self.leaf_for(key) + 1).min(self.leaves.len())
            }
        };
        let leaves = self.leaves.get(first..last.max(first)).unwrap_or_default();
        let entries = leaves.iter().flat_map(move |leaf| {
            let start = leaf.partition_point(|(k, _)| match from {
                Bound::Unbounded => false,
                Bound::Included(key) => k < key,
                Bound::Excluded(key) => k <= key,
            });
            let end = leaf.partition_point(|(k, _)| match to {
                Bound::Unbounded => true,
                Bound::Included(key) => k <= key,
                Bound::Excluded(key) => k < key,
            });
            leaf.get(start..end.max(start)).unwrap_or_default().iter()
        });
        entries.map(|(key, value)| (key, value))
    }

    /// All entries, ascending; reversible for descending.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.leaves
            .iter()
            .flat_map(|leaf| leaf.iter())
            .map(|(key, value)| (key, value))
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for SortedMap<K, V> {
    /// Builds from entries in ascending order of distinct keys.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let (mut leaves, mut leaf, mut len) = (Vec::new(), Vec::new(), 0);
        for entry in entries {
            leaf.push(entry);
            len += 1;
            if leaf.len() == LEAF_MAX * 3 / 4 {
                leaves.push(Arc::new(std::mem::take(&mut leaf)));
            }
        }
        if !leaf.is_empty() {
            leaves.push(Arc::new(leaf));
        }
        Self {
            leaves: Arc::new(leaves),
            len,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ops::Bound;

    use proptest::prelude::*;

    use super::SortedMap;

    proptest! {
        #[test]
        fn behaves_like_a_btree(steps in prop::collection::vec((any::<bool>(), 0u16..2_000), 0..4_000), bounds in (0u16..2_000, 0u16..2_000)) {
            let (mut map, mut model) = (SortedMap::default(), BTreeMap::new());
            let mut before = None;
            for (count, (insert, key)) in steps.iter().enumerate() {
                if *insert {
                    *map.get_or_insert_with(key, || 0) += count;
                    *model.entry(*key).or_insert(0) += count;
                } else {
                    prop_assert_eq!(map.remove(key), model.remove(key));
                }
                if count == steps.len() / 2 {
                    before = Some((map.clone(), model.clone()));
                }
            }
            let (low, high) = (bounds.0.min(bounds.1), bounds.0.max(bounds.1));
            for (map, model) in before.iter().chain([&(map, model)]) {
                prop_assert_eq!(map.len(), model.len());
                prop_assert!(map.iter().eq(model.iter()));
                prop_assert!(map.range(Bound::Included(&low), Bound::Excluded(&high)).eq(model.range(low..high)));
                prop_assert!(map.range(Bound::Excluded(&low), Bound::Unbounded).rev().eq(model.range((Bound::Excluded(low), Bound::Unbounded)).rev()));
                prop_assert_eq!(map.get(&low), model.get(&low));
                let rebuilt: SortedMap<_, _> = model.iter().map(|(k, v)| (*k, *v)).collect();
                prop_assert!(rebuilt.iter().eq(model.iter()));
            }
        }
    }
}
