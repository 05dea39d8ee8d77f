//! An ordered map in shared leaves: what ordered indexes are made of.

use std::ops::Bound;
use std::sync::Arc;

use super::pages::{Pages, unmatched};
use crate::value::ARC;

/// Leaves split in half above this many entries. Small, because the first change of a leaf in a
/// commit copies it.
const LEAF_MAX: usize = 64;
/// Branches split in half above this many leaves.
const BRANCH_MAX: usize = 64;

type Leaf<K, V> = Arc<Vec<(K, V)>>;
type Branch<K, V> = Arc<Vec<Leaf<K, V>>>;

/// An ordered map of three levels (root, branches, leaves); a copy shares them until one side
/// changes them.
///
/// Look-up costs three binary searches; a change copies at most one leaf of 64 entries, the
/// pointers of one branch to its leaves, and those of the root to its branches.
#[derive(Clone, Debug)]
pub(crate) struct SortedMap<K, V> {
    /// No branch and no leaf is empty; keys ascend within and across leaves.
    root: Arc<Vec<Branch<K, V>>>,
    len: usize,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self {
            root: Arc::default(),
            len: 0,
        }
    }
}

/// The first key of a branch.
fn first<K, V>(branch: &[Leaf<K, V>]) -> Option<&K> {
    branch.first()?.first().map(|(key, _)| key)
}

/// Puts an entry into a leaf. One that is shared is copied with room for the entry and no more.
fn insert<E: Clone>(leaf: &mut Arc<Vec<E>>, at: usize, entry: E) {
    if let Some(own) = Arc::get_mut(leaf) {
        own.insert(at, entry);
        return;
    }
    let (before, after) = leaf.split_at(at);
    let mut own = Vec::with_capacity(leaf.len() + 1);
    own.extend_from_slice(before);
    own.push(entry);
    own.extend_from_slice(after);
    *leaf = Arc::new(own);
}

impl<K: Ord + Clone, V: Clone> SortedMap<K, V> {
    /// How many keys there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The heap that the map holds, with what `of` says that each entry holds. Leaves that another
    /// copy shares count as well.
    pub(crate) fn heap_bytes(&self, of: impl Fn(&K, &V) -> usize) -> usize {
        let leaf = |leaf: &Leaf<K, V>| {
            let entries = leaf.iter().map(|(key, value)| of(key, value));
            ARC + size_of::<Vec<(K, V)>>()
                + leaf.capacity() * size_of::<(K, V)>()
                + entries.sum::<usize>()
        };
        let branch = |branch: &Branch<K, V>| {
            let table = branch.capacity() * size_of::<Leaf<K, V>>();
            ARC + size_of::<Vec<Leaf<K, V>>>() + table + branch.iter().map(leaf).sum::<usize>()
        };
        let table = self.root.capacity() * size_of::<Branch<K, V>>();
        ARC + table + self.root.iter().map(branch).sum::<usize>()
    }

    /// Counts what the map holds and the other does not share; `of` does so for what an entry
    /// holds, given the entry of the same key in the other.
    ///
    /// Costs O(root + entries of the leaves that differ · log n), and nothing where the roots are
    /// the same. A leaf is found again wherever it stands.
    pub(crate) fn unshared(
        &self,
        other: Option<&Self>,
        count: &mut Pages,
        mut of: impl FnMut((&K, &V), Option<(&K, &V)>, &mut Pages),
    ) {
        if other.is_some_and(|other| Arc::ptr_eq(&self.root, &other.root)) {
            return;
        }
        count.page(ARC + self.root.capacity() * size_of::<Branch<K, V>>());
        let own: Vec<_> = self.root.iter().collect();
        let there: Vec<_> = other.iter().flat_map(|other| other.root.iter()).collect();
        let [own, there] = unmatched(&own, &there);
        for branch in &own {
            let table = branch.capacity() * size_of::<Leaf<K, V>>();
            count.page(ARC + size_of::<Vec<Leaf<K, V>>>() + table);
        }
        let leaves = [own, there].map(|all| {
            let leaves = all.into_iter().flat_map(|branch| branch.iter());
            leaves.collect::<Vec<_>>()
        });
        let [own, _] = unmatched(&leaves[0], &leaves[1]);
        for leaf in own {
            count.page(ARC + size_of::<Vec<(K, V)>>() + leaf.capacity() * size_of::<(K, V)>());
            for (key, value) in leaf.iter() {
                let there = other.and_then(|other| other.entry(key));
                of((key, value), there, count);
            }
        }
    }

    fn entry(&self, key: &K) -> Option<(&K, &V)> {
        let leaf = self.leaf(self.place(key))?;
        let at = leaf.binary_search_by(|(k, _)| k.cmp(key)).ok()?;
        leaf.get(at).map(|(key, value)| (key, value))
    }

    /// The branch and the leaf in it that hold the key, or would.
    fn place(&self, key: &K) -> (usize, usize) {
        let up_to = |branch: &Branch<K, V>| first(branch).is_some_and(|k| k <= key);
        let at = self.root.partition_point(up_to).saturating_sub(1);
        let leaves = self.root.get(at).map_or(&[][..], |branch| branch);
        let up_to = |leaf: &Leaf<K, V>| leaf.first().is_some_and(|(k, _)| k <= key);
        (at, leaves.partition_point(up_to).saturating_sub(1))
    }

    fn leaf(&self, (branch, leaf): (usize, usize)) -> Option<&Leaf<K, V>> {
        self.root.get(branch)?.get(leaf)
    }

    /// The value at a key.
    #[must_use]
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The value at a key for changing, made by `make` where there is none.
    pub(crate) fn get_or_insert_with(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        let (mut branch, mut leaf) = self.place(key);
        let root = Arc::make_mut(&mut self.root);
        if root.is_empty() {
            root.push(Arc::new(vec![Arc::default()]));
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "`place` is below the lengths or 0, and nothing is empty"
        )]
        let leaves = Arc::make_mut(&mut root[branch]);
        #[expect(
            clippy::indexing_slicing,
            reason = "`place` is below the lengths or 0, and nothing is empty"
        )]
        let page = &mut leaves[leaf];
        let mut at = match page.binary_search_by(|(k, _)| k.cmp(key)) {
            Ok(at) => at,
            Err(at) => {
                insert(page, at, (key.clone(), make()));
                self.len += 1;
                at
            }
        };
        let entries = Arc::make_mut(page);
        if entries.len() > LEAF_MAX {
            let upper = entries.split_off(LEAF_MAX / 2);
            leaves.insert(leaf + 1, Arc::new(upper));
            if at >= LEAF_MAX / 2 {
                (leaf, at) = (leaf + 1, at - LEAF_MAX / 2);
            }
        }
        if leaves.len() > BRANCH_MAX {
            let upper = leaves.split_off(BRANCH_MAX / 2);
            root.insert(branch + 1, Arc::new(upper));
            if leaf >= BRANCH_MAX / 2 {
                (branch, leaf) = (branch + 1, leaf - BRANCH_MAX / 2);
            }
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "the entry was found or inserted there"
        )]
        &mut Arc::make_mut(&mut Arc::make_mut(&mut root[branch])[leaf])[at].1
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (branch, leaf) = self.place(key);
        let at = self
            .leaf((branch, leaf))?
            .binary_search_by(|(k, _)| k.cmp(key))
            .ok()?;
        let root = Arc::make_mut(&mut self.root);
        let leaves = Arc::make_mut(root.get_mut(branch)?);
        let entries = Arc::make_mut(leaves.get_mut(leaf)?);
        let (_, value) = entries.remove(at);
        if entries.is_empty() {
            leaves.remove(leaf);
        }
        if leaves.is_empty() {
            root.remove(branch);
        }
        self.len -= 1;
        Some(value)
    }

    /// The entry of a rank from 0. Costs O(leaves).
    #[must_use]
    pub(crate) fn nth(&self, rank: usize) -> Option<(&K, &V)> {
        let mut rest = rank;
        for leaf in self.root.iter().flat_map(|branch| branch.iter()) {
            if let Some((key, value)) = leaf.get(rest) {
                return Some((key, value));
            }
            rest = rest.checked_sub(leaf.len())?;
        }
        None
    }

    /// The entries between two bounds, ascending; reversible for descending.
    pub(crate) fn range<'a>(
        &'a self,
        from: Bound<&'a K>,
        to: Bound<&'a K>,
    ) -> impl DoubleEndedIterator<Item = (&'a K, &'a V)> {
        let before = move |key: &K| match from {
            Bound::Unbounded => false,
            Bound::Included(bound) => key < bound,
            Bound::Excluded(bound) => key <= bound,
        };
        let within = move |key: &K| match to {
            Bound::Unbounded => true,
            Bound::Included(bound) => key <= bound,
            Bound::Excluded(bound) => key < bound,
        };
        // What begins before the first bound may reach beyond it; what begins after the last
        // bound is of no use.
        let start = self
            .root
            .partition_point(|branch| first(branch).is_some_and(before))
            .saturating_sub(1);
        let end = self
            .root
            .partition_point(|branch| first(branch).is_some_and(within));
        let branches = self.root.get(start..end.max(start)).unwrap_or_default();
        let leaves = branches.iter().flat_map(move |branch| {
            let first = |leaf: &Leaf<K, V>, is: &dyn Fn(&K) -> bool| {
                leaf.first().is_some_and(|(key, _)| is(key))
            };
            let start = branch.partition_point(|leaf| first(leaf, &before));
            let start = start.saturating_sub(1);
            let end = branch.partition_point(|leaf| first(leaf, &within));
            branch.get(start..end.max(start)).unwrap_or_default().iter()
        });
        let entries = leaves.flat_map(move |leaf| {
            let start = leaf.partition_point(|(key, _)| before(key));
            let end = leaf.partition_point(|(key, _)| within(key));
            leaf.get(start..end.max(start)).unwrap_or_default().iter()
        });
        entries.map(|(key, value)| (key, value))
    }

    /// All entries, ascending; reversible for descending.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.root
            .iter()
            .flat_map(|branch| branch.iter())
            .flat_map(|leaf| leaf.iter())
            .map(|(key, value)| (key, value))
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for SortedMap<K, V> {
    /// Builds from entries in ascending order of distinct keys, three quarters full.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let (mut root, mut leaves, mut leaf) = (Vec::new(), Vec::new(), Vec::new());
        let mut len = 0;
        for entry in entries {
            leaf.push(entry);
            len += 1;
            if leaf.len() == LEAF_MAX * 3 / 4 {
                leaves.push(Arc::new(std::mem::take(&mut leaf)));
            }
            if leaves.len() == BRANCH_MAX * 3 / 4 {
                root.push(Arc::new(std::mem::take(&mut leaves)));
            }
        }
        if !leaf.is_empty() {
            leaves.push(Arc::new(leaf));
        }
        if !leaves.is_empty() {
            root.push(Arc::new(leaves));
        }
        Self {
            root: Arc::new(root),
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
        fn behaves_like_a_btree(steps in prop::collection::vec((prop::bool::weighted(0.8), 0u16..20_000), 0..9_000), bounds in (0u16..20_000, 0u16..20_000)) {
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
                for rank in [0, map.len() / 2, map.len()] {
                    prop_assert_eq!(map.nth(rank), model.iter().nth(rank));
                }
                let rebuilt: SortedMap<_, _> = model.iter().map(|(k, v)| (*k, *v)).collect();
                prop_assert!(rebuilt.iter().eq(model.iter()));
            }
        }
    }
}
