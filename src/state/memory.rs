//! How much memory the structures of a version hold.

use super::{RecordPage, State};
use crate::index::PropertyIndex;

impl State {
    /// Each structure with an estimate of the bytes of heap that it holds, pages that other
    /// versions share included.
    ///
    /// Costs O(entities + values + relations).
    pub(crate) fn heap_bytes(&self) -> [(&'static str, usize); 10] {
        let page = |page: &Option<RecordPage>| page.as_ref().map_or(0, RecordPage::heap_bytes);
        let (mut identifiers, mut indexes) = (0, 0);
        for table in self.tables.iter() {
            identifiers += table.identifiers.heap_bytes();
            let properties = table.properties.values();
            let all = properties.chain([&table.titles, &table.teams]);
            indexes += table.members.heap_bytes();
            indexes += all.map(PropertyIndex::heap_bytes).sum::<usize>();
        }
        let derived = self.derived.heap_bytes();
        [
            ("entities", self.records.heap_bytes(page)),
            ("identifiers", identifiers),
            ("indexes", indexes),
            ("relations", self.graph.heap_bytes()),
            ("derived values", derived.columns),
            ("derived indexes", derived.indexes),
            ("rules and levels", derived.planes),
            ("aggregations", derived.tallies),
            ("counts", derived.counts),
            ("calendar", derived.calendar),
        ]
    }
}
