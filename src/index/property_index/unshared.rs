//! What an index holds that another version of it does not share.

use super::PropertyIndex;
use crate::cow::Pages;

impl PropertyIndex {
    /// Counts what the index holds and the other does not share.
    ///
    /// Costs O(root + entries of the leaves that differ · log distinct).
    pub(crate) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        let values = other.map(|other| &other.values);
        self.values.unshared(values, count, |own, other, count| {
            if other.is_none_or(|(key, _)| !own.0.shares(key)) {
                count.heap(own.0.heap_bytes());
            }
            own.1.unshared(other.map(|(_, ids)| ids), count);
        });
        let present = other.map(|other| &other.present);
        self.present.unshared(present, count);
    }
}
