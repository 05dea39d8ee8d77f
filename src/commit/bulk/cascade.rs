//! Rows that have to go because what they need went.

use std::collections::BTreeSet;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::{Bulk, Row};
use crate::error::Error;
use crate::value::EntityId;

/// Who needs which name. A row is looked at again for each entity of a name that it needs which
/// goes: a required relation leads to one.
pub(super) struct Cascade<'a> {
    bulk: &'a Bulk,
    /// The hash of the identifier that a required relation says, and the row; ascending.
    needs: Vec<(u64, u32)>,
}

fn hash(identifier: &str) -> u64 {
    FixedState::with_seed(0).hash_one(identifier)
}

impl<'a> Cascade<'a> {
    pub(super) fn new(bulk: &'a Bulk) -> Self {
        let mut needs = Vec::new();
        for (at, row) in (0..).zip(&bulk.rows) {
            let Ok(compiled) = bulk.blueprint_of(row) else {
                continue;
            };
            let required = row.references.iter().filter(|(name, _)| {
                let relation = bulk.relation(compiled, *name);
                relation.is_ok_and(|relation| relation.required)
            });
            let said = required.flat_map(|(_, references)| references);
            needs.extend(said.map(|reference| (hash(&reference.identifier), at)));
        }
        needs.sort_unstable();
        Self { bulk, needs }
    }

    /// Takes the ids of rows that go away, and round by round of all that have to go with them;
    /// gives all of them, with why.
    pub(super) fn take_out(
        &self,
        mut gone: Vec<(u32, Error)>,
        ids: &mut [Option<EntityId>],
    ) -> Vec<(&'a Row, Error)> {
        let mut all = Vec::new();
        while !gone.is_empty() {
            let mut due = BTreeSet::new();
            for (at, error) in gone {
                if let Some(id) = ids.get_mut(at as usize) {
                    *id = None;
                }
                if let Some(row) = self.bulk.rows.get(at as usize) {
                    due.extend(self.who_needs(row.key().identifier));
                    all.push((row, error));
                }
            }
            gone = self.those_that_lack(&due, ids);
        }
        all
    }

    /// The rows that need an entity of a name; perhaps a few more, of names of the same hash.
    fn who_needs(&self, identifier: &str) -> impl Iterator<Item = u32> {
        let hash = hash(identifier);
        let from = self.needs.partition_point(|(known, _)| *known < hash);
        let needs = self.needs.get(from..).unwrap_or_default().iter();
        let same = needs.take_while(move |(known, _)| *known == hash);
        same.map(|(_, row)| *row)
    }

    /// Those of some rows that are still there and lack a required relation.
    fn those_that_lack(&self, due: &BTreeSet<u32>, ids: &[Option<EntityId>]) -> Vec<(u32, Error)> {
        let lacking = due.iter().filter_map(|at| {
            ids.get(*at as usize).copied().flatten()?;
            let row = self.bulk.rows.get(*at as usize)?;
            let error = self.bulk.relations(row, ids, &mut Vec::new()).err()?;
            Some((*at, error))
        });
        lacking.collect()
    }
}
