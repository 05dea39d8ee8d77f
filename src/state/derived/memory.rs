//! How much memory the derived part of a version holds.

use std::sync::Arc;

use super::{Derived, Statistics};
use crate::index::PropertyIndex;
use crate::state::Tally;
use crate::value::{ARC, Value};

/// The heap of the derived part, by what it is for.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::state) struct DerivedBytes {
    pub(in crate::state) columns: usize,
    pub(in crate::state) indexes: usize,
    pub(in crate::state) planes: usize,
    pub(in crate::state) tallies: usize,
    pub(in crate::state) counts: usize,
    pub(in crate::state) calendar: usize,
}

impl Derived {
    /// The heap that each part holds, shared or not.
    pub(in crate::state) fn heap_bytes(&self) -> DerivedBytes {
        let statistics = |of: &Statistics| {
            of.levels.capacity() * size_of::<(u16, u64)>() + of.rules.capacity() * size_of::<u64>()
        };
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
            .flatten()
            .map(|groups| groups.heap_bytes(group));
        let columns = self.columns.iter();
        let indexes = self.indexes.iter().flatten();
        DerivedBytes {
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
            counts: self.statistics.iter().map(statistics).sum::<usize>() + groups.sum::<usize>(),
            calendar: self.calendar.heap_bytes(),
        }
    }
}
