//! An array indexed by 32-bit ids, of three levels of shared pages: root, branch, page.

use std::sync::Arc;

use super::pages::{Pages, apart};
use crate::value::ARC;

const PAGE_BITS: u32 = 6;
const BRANCH_BITS: u32 = 6;
const PAGE: usize = 1 << PAGE_BITS;
const BRANCH: usize = 1 << BRANCH_BITS;

type Page<T> = Arc<[T; PAGE]>;
type Branch<T> = Arc<[Option<Page<T>>; BRANCH]>;

/// A sparse array of `T`; an element that was never set reads as `T::default()`.
///
/// `get` costs three dependent loads; `get_mut` copies at most one root, one branch and one page
/// of 64 elements, and only those that another version still shares.
#[derive(Clone, Debug)]
pub(crate) struct CowArray<T> {
    root: Arc<Vec<Option<Branch<T>>>>,
    absent: T,
}

impl<T: Clone + Default> Default for CowArray<T> {
    fn default() -> Self {
        Self {
            root: Arc::default(),
            absent: T::default(),
        }
    }
}

const fn split(index: u32) -> (usize, usize, usize) {
    let page = (index >> PAGE_BITS) as usize;
    (
        page >> BRANCH_BITS,
        page & (BRANCH - 1),
        index as usize & (PAGE - 1),
    )
}

impl<T: Clone + Default> CowArray<T> {
    /// The element, or the default where none was set.
    #[must_use]
    pub(crate) fn get(&self, index: u32) -> &T {
        let (root, branch, cell) = split(index);
        let page = self.root.get(root).and_then(Option::as_ref);
        let page = page
            .and_then(|branches| branches.get(branch))
            .and_then(Option::as_ref);
        page.and_then(|page| page.get(cell)).unwrap_or(&self.absent)
    }

    /// The element for changing; its page is made on first use.
    pub(crate) fn get_mut(&mut self, index: u32) -> &mut T {
        let (root, branch, cell) = split(index);
        let roots = Arc::make_mut(&mut self.root);
        if roots.len() <= root {
            roots.resize(root + 1, None);
        }
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        let branches = roots[root].get_or_insert_with(|| Arc::new([const { None }; BRANCH]));
        #[expect(
            clippy::indexing_slicing,
            reason = "`split` masks the index to the length"
        )]
        let page = &mut Arc::make_mut(branches)[branch];
        let page = page.get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
        #[expect(
            clippy::indexing_slicing,
            reason = "`split` masks the index to the length"
        )]
        &mut Arc::make_mut(page)[cell]
    }

    /// Sets one element.
    pub(crate) fn set(&mut self, index: u32, value: T) {
        *self.get_mut(index) = value;
    }

    /// The heap that the array holds, with what `of` says that each element holds. Pages that
    /// another copy shares count as well.
    pub(crate) fn heap_bytes(&self, of: impl Fn(&T) -> usize) -> usize {
        let branches = self.root.iter().flatten().count();
        let table = self.root.capacity() * size_of::<Option<Branch<T>>>();
        let branches = branches * (ARC + size_of::<[Option<Page<T>>; BRANCH]>());
        let pages = self
            .pages()
            .map(|(_, page)| ARC + size_of::<[T; PAGE]>() + page.iter().map(&of).sum::<usize>());
        ARC + table + branches + pages.sum::<usize>()
    }

    /// Counts what the array holds and the other does not share; `of` does so for what an element
    /// holds, given the one at its place in the other.
    ///
    /// Costs O(root + pages that differ), and nothing where the roots are the same.
    pub(crate) fn unshared(
        &self,
        other: Option<&Self>,
        count: &mut Pages,
        mut of: impl FnMut(&T, Option<&T>, &mut Pages),
    ) {
        let Some((root, other)) = apart(&self.root, other.map(|other| &other.root)) else {
            return;
        };
        count.page(ARC + root.capacity() * size_of::<Option<Branch<T>>>());
        for (at, branch) in root.iter().enumerate() {
            let there = other.and_then(|root| root.get(at)?.as_ref());
            let Some((branch, there)) = branch.as_ref().and_then(|own| apart(own, there)) else {
                continue;
            };
            count.page(ARC + size_of::<[Option<Page<T>>; BRANCH]>());
            for (at, page) in branch.iter().enumerate() {
                let there = there.and_then(|branch| branch.get(at)?.as_ref());
                let Some((page, there)) = page.as_ref().and_then(|own| apart(own, there)) else {
                    continue;
                };
                count.page(ARC + size_of::<[T; PAGE]>());
                for (at, element) in page.iter().enumerate() {
                    of(element, there.and_then(|page| page.get(at)), count);
                }
            }
        }
    }

    /// Every page that was touched, with the index of its first element, in order.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (u32, &[T])> {
        let branches = self.root.iter().enumerate();
        branches.flat_map(|(root, branches)| {
            let pages = branches.iter().flat_map(|pages| pages.iter().enumerate());
            pages.filter_map(move |(branch, page)| {
                let first = ((root << BRANCH_BITS) + branch) << PAGE_BITS;
                Some((u32::try_from(first).ok()?, page.as_ref()?.as_slice()))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::CowArray;

    #[test]
    fn a_copy_does_not_see_later_changes() {
        let mut array = CowArray::<u64>::default();
        for index in [0, 63, 64, 4_095, 4_096, 1 << 20, u32::MAX] {
            array.set(index, u64::from(index) + 1);
        }
        let before = array.clone();
        array.set(64, 7);
        array.set(u32::MAX, 8);
        assert_eq!((*before.get(64), *before.get(u32::MAX)), (65, 1 << 32));
        assert_eq!(
            (*array.get(64), *array.get(u32::MAX), *array.get(65)),
            (7, 8, 0)
        );
        let touched: u64 = array
            .pages()
            .flat_map(|(_, page)| page.iter().copied())
            .sum();
        assert_eq!(touched, 1 + 64 + 7 + 4_096 + 4_097 + (1 << 20) + 1 + 8);
    }
}
