//! How much memory the derived part of a version holds.

use std::sync::Arc;

use super::{Derived, Statistics};
use crate::cow::{Pages, apart};
use crate::index::PropertyIndex;
use crate::state::Tally;
use crate::value::{ARC, Value};

/// One figure for each structure of the derived part.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::state) struct DerivedParts<T> {
    pub(in crate::state) columns: T,
    pub(in crate::state) indexes: T,
    pub(in crate::state) planes: T,
    pub(in crate::state) tallies: T,
    pub(in crate::state) counts: T,
    pub(in crate::state) calendar: T,
}

/// The heap of counts, without the counts themselves.
fn statistics(of: &Statistics) -> usize {
    of.levels.capacity() * size_of::<(u16, u64)>() + of.rules.capacity() * size_of::<u64>()
}

impl Derived {
    /// The heap that each part holds, shared or not.
    pub(in crate::state) fn heap_bytes(&self) -> DerivedParts<usize> {
        let tally = |tally: &Option<Arc<Tally>>| {
            let tally = tally.as_ref();
            tally.map_or(0, |tally| ARC + size_of::<Tally>() + tally.heap_bytes())
        };
        let group = |key: &Value, of: &Arc<Statistics>| {
            key.heap_bytes() + ARC + size_of::<Statistics>() + statistics(of)
        };
        let groups = self
            .groups
            .iter()
            .flat_map(|groups| groups.iter())
            .map(|groups| groups.heap_bytes(group));
        let counts = |of: &Arc<Statistics>| ARC + size_of::<Statistics>() + statistics(of);
        let columns = self.columns.iter();
        let indexes = self.indexes.iter().flatten();
        DerivedParts {
            columns: columns
                .map(|column| column.heap_bytes(Value::heap_bytes))
                .sum(),
            indexes: indexes.map(PropertyIndex::heap_bytes).sum(),
            planes: self
                .planes
                .iter()
                .map(|plane| plane.heap_bytes(|_| 0))
                .sum(),
            tallies: self
                .tallies
                .iter()
                .map(|tallies| tallies.heap_bytes(tally))
                .sum(),
            counts: self.statistics.iter().map(counts).sum::<usize>() + groups.sum::<usize>(),
            calendar: self.calendar.heap_bytes(),
        }
    }

    /// What each part holds and the other version does not share; the vectors of roots apart.
    ///
    /// Columns are compared by their numbers: where the layouts differ, one that has another
    /// number than before counts whole, unless nothing in it has changed.
    pub(in crate::state) fn unshared(
        &self,
        other: &Self,
        roots: &mut Pages,
    ) -> DerivedParts<Pages> {
        let mut parts = DerivedParts::<Pages>::default();
        for (own, there) in roots.vector(&self.columns, &other.columns) {
            own.unshared(there, &mut parts.columns, |own, there, count| {
                count.value(own, there);
            });
        }
        for (own, there) in roots.vector(&self.indexes, &other.indexes) {
            if let Some(own) = own {
                own.unshared(there.and_then(Option::as_ref), &mut parts.indexes);
            }
        }
        for (own, there) in roots.vector(&self.planes, &other.planes) {
            own.unshared(there, &mut parts.planes, |_, _, _| ());
        }
        for (own, there) in roots.vector(&self.tallies, &other.tallies) {
            own.unshared(there, &mut parts.tallies, |own, there, count| {
                let there = there.and_then(Option::as_ref);
                if let Some((own, there)) = own.as_ref().and_then(|own| apart(own, there)) {
                    count.page(ARC + size_of::<Tally>());
                    own.unshared(there, count);
                }
            });
        }
        for (own, there) in roots.vector(&self.statistics, &other.statistics) {
            if let Some((own, _)) = apart(own, there) {
                parts
                    .counts
                    .page(ARC + size_of::<Statistics>() + statistics(own));
            }
        }
        for (own, there) in roots.vector(&self.groups, &other.groups) {
            for (at, own) in own.iter().enumerate() {
                let there = there.and_then(|groups| groups.get(at));
                own.unshared(there, &mut parts.counts, |(key, own), there, count| {
                    count.value(key, there.map(|(key, _)| key));
                    if let Some((own, _)) = apart(own, there.map(|(_, there)| there)) {
                        count.page(ARC + size_of::<Statistics>() + statistics(own));
                    }
                });
            }
        }
        self.calendar
            .unshared(&other.calendar, roots, &mut parts.calendar);
        parts
    }
}
