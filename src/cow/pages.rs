//! What one copy of a structure holds that another does not share: pages, and the bytes in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::value::{ARC, Value};

/// A number of pages in memory, and the bytes that they and what lies in them take.
///
/// A page is what is copied as a whole when something in it changes: a part of a table, a leaf of
/// an index, the entities of sixteen neighbouring ids, and what points to such pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pages {
    /// How many pages.
    pub pages: u64,
    /// Their bytes, about.
    pub bytes: u64,
}

impl Pages {
    /// Adds a page of so many bytes.
    pub(crate) fn page(&mut self, bytes: usize) {
        self.pages += 1;
        self.heap(bytes);
    }

    /// Adds bytes that are held beside the pages.
    pub(crate) fn heap(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// Adds the heap of a value, where it is not that of the other.
    pub(crate) fn value(&mut self, own: &Value, other: Option<&Value>) {
        if !other.is_some_and(|other| own.shares(other)) {
            self.heap(own.heap_bytes());
        }
    }

    /// Adds a shared vector where it is not the other; gives its elements then, each with the one
    /// at its place in the other.
    pub(crate) fn vector<'a, T>(
        &mut self,
        own: &'a Arc<Vec<T>>,
        other: &'a Arc<Vec<T>>,
    ) -> impl Iterator<Item = (&'a T, Option<&'a T>)> + use<'a, T> {
        let apart = !Arc::ptr_eq(own, other);
        if apart {
            self.page(ARC + size_of::<Vec<T>>() + own.capacity() * size_of::<T>());
        }
        let own = own.iter().take(if apart { own.len() } else { 0 });
        own.enumerate().map(|(at, own)| (own, other.get(at)))
    }
}

impl std::ops::AddAssign for Pages {
    fn add_assign(&mut self, more: Self) {
        self.pages += more.pages;
        self.bytes += more.bytes;
    }
}

impl std::iter::Sum for Pages {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        let mut sum = Self::default();
        all.for_each(|pages| sum += pages);
        sum
    }
}

/// A shared page with the one at the same place in the other, where they are not the same.
pub(crate) fn apart<'a, T: ?Sized>(
    own: &'a Arc<T>,
    other: Option<&'a Arc<T>>,
) -> Option<(&'a T, Option<&'a T>)> {
    let shared = other.is_some_and(|other| Arc::ptr_eq(own, other));
    (!shared).then(|| (&**own, other.map(|other| &**other)))
}

/// The pages of two lists that the other does not have, wherever they stand in it.
///
/// Costs O(pages), and O(log n) for each of the n between the beginning and the end that both
/// have.
pub(super) fn unmatched<'a, T>(
    own: &'a [&'a Arc<T>],
    other: &'a [&'a Arc<T>],
) -> [Vec<&'a Arc<T>>; 2] {
    let same = |(a, b): &(&&Arc<T>, &&Arc<T>)| Arc::ptr_eq(a, b);
    let begin = own.iter().zip(other).take_while(same).count();
    let (own, other) = (own.get(begin..), other.get(begin..));
    let (own, other) = (own.unwrap_or_default(), other.unwrap_or_default());
    let end = own.iter().rev().zip(other.iter().rev());
    let end = end.take_while(same).count();
    let [own, other] = [own, other].map(|all| all.get(..all.len() - end).unwrap_or_default());
    let [mine, theirs] = [own, other].map(|all| {
        all.iter()
            .map(|page| Arc::as_ptr(page))
            .collect::<BTreeSet<_>>()
    });
    let only = |all: &[&'a Arc<T>], there: &BTreeSet<*const T>| {
        let missing = all
            .iter()
            .filter(|page| !there.contains(&Arc::as_ptr(page)));
        missing.copied().collect()
    };
    [only(own, &theirs), only(other, &mine)]
}
