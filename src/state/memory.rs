//! How much memory the structures of a version hold, and how much of it another does not share.

use super::table::Table;
use super::{RecordPage, State};
use crate::cow::{Pages, apart};
use crate::index::{PropertyIndex, TextIndex};
use crate::value::{ARC, NameId};

impl State {
    /// Each structure with an estimate of the bytes of heap that it holds, pages that other
    /// versions share included.
    ///
    /// Costs O(entities + values + relations).
    pub(crate) fn heap_bytes(&self) -> [(&'static str, usize); 11] {
        let page = |page: &Option<RecordPage>| page.as_ref().map_or(0, RecordPage::heap_bytes);
        let (mut identifiers, mut indexes, mut texts) = (0, 0, 0);
        for table in self.tables.iter() {
            identifiers += table.identifiers.heap_bytes();
            let properties = table.properties.values();
            let all = properties.chain([&table.titles, &table.teams]);
            indexes += table.members.heap_bytes();
            indexes += all.map(PropertyIndex::heap_bytes).sum::<usize>();
            texts += table.texts.get().map_or(0, TextIndex::heap_bytes);
        }
        let derived = self.derived.heap_bytes();
        [
            ("entities", self.records.heap_bytes(page)),
            ("identifiers", identifiers),
            ("indexes", indexes),
            ("text index", texts),
            ("relations", self.graph.heap_bytes()),
            ("derived values", derived.columns),
            ("derived indexes", derived.indexes),
            ("rules and levels", derived.planes),
            ("aggregations", derived.tallies),
            ("counts", derived.counts),
            ("calendar", derived.calendar),
        ]
    }

    /// Each structure with the pages that it holds and the other version does not share: against
    /// the version before, what a commit copied; against a later one, what this one alone keeps.
    /// `roots` is what points to the structures of each blueprint, relation, column and scorecard.
    ///
    /// Costs O(roots + pages that differ): what is shared is passed over at its topmost page.
    pub(crate) fn unshared(&self, other: &Self) -> [(&'static str, Pages); 11] {
        let mut roots = Pages::default();
        let [mut entities, mut relations] = [Pages::default(); 2];
        let records = Some(&other.records);
        self.records
            .unshared(records, &mut entities, |own, there, count| {
                let there = there.and_then(Option::as_ref);
                if let Some(own) = own {
                    own.unshared(there, count);
                }
            });
        let mut tables = [Pages::default(); 2];
        for (own, there) in roots.vector(&self.tables, &other.tables) {
            if let Some((own, there)) = apart(own, there) {
                roots.page(ARC + size_of::<Table>() + own.list_bytes());
                own.unshared(there, &mut tables);
            }
        }
        let [identifiers, indexes] = tables;
        self.graph
            .unshared(&other.graph, &mut roots, &mut relations);
        let derived = self.derived.unshared(&other.derived, &mut roots);
        [
            ("entities", entities),
            ("identifiers", identifiers),
            ("indexes", indexes),
            ("relations", relations),
            ("derived values", derived.columns),
            ("derived indexes", derived.indexes),
            ("rules and levels", derived.planes),
            ("aggregations", derived.tallies),
            ("counts", derived.counts),
            ("calendar", derived.calendar),
            ("roots", roots),
        ]
    }
}

impl Table {
    /// The heap of the lists by property, without the indexes in them.
    fn list_bytes(&self) -> usize {
        let properties = self.properties.len() * size_of::<(NameId, PropertyIndex)>();
        let lists = [&self.instants, &self.derived].map(Vec::capacity);
        properties + lists.iter().sum::<usize>() * size_of::<NameId>()
    }

    /// Counts identifiers and indexes that the other does not share.
    fn unshared(&self, other: Option<&Self>, [identifiers, indexes]: &mut [Pages; 2]) {
        let of = other.map(|other| &other.identifiers);
        self.identifiers.unshared(of, identifiers);
        self.members
            .unshared(other.map(|other| &other.members), indexes);
        self.titles
            .unshared(other.map(|other| &other.titles), indexes);
        self.teams
            .unshared(other.map(|other| &other.teams), indexes);
        if let Some(own) = self.texts.get() {
            own.unshared(other.and_then(|other| other.texts.get()), indexes);
        }
        for (name, own) in &self.properties {
            let there = other.and_then(|other| other.properties.get(name));
            own.unshared(there, indexes);
        }
    }
}
