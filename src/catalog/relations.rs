//! Questions about the relation graph as a whole: shortest paths and cycles.

use std::collections::BTreeSet;

use super::Snapshot;
use crate::error::Result;
use crate::graph::{View, Way, cycles, shortest_path};
use crate::state::EntityName;
use crate::value::NameId;

impl Snapshot {
    /// A shortest way from one entity to another along a relation, both ends included; `None`
    /// where there is no way.
    ///
    /// # Errors
    /// `NotFound` for an entity, given as `(blueprint, identifier)`, or for the relation.
    pub fn shortest_path(
        &self,
        from: (&str, &str),
        to: (&str, &str),
        relation: &str,
    ) -> Result<Option<Vec<EntityName>>> {
        let relation = [self.relation(relation)?];
        let (from, to) = (self.find(from.0, from.1)?, self.find(to.0, to.1)?);
        let path = shortest_path(self.state().graph(), &relation, Way::Outgoing, from, to);
        Ok(path.map(|path| {
            path.into_iter()
                .map(|id| EntityName::of(self.state(), id))
                .collect()
        }))
    }

    /// The groups of entities that reach each other along a relation: dependency cycles. Each
    /// group, and the list of groups, is in the order of names.
    ///
    /// # Errors
    /// `NotFound` for the relation.
    pub fn cycles(&self, relation: &str) -> Result<Vec<Vec<EntityName>>> {
        let relation = [self.relation(relation)?];
        let members = self.state().all_members();
        let view = View::new(self.state().graph(), &relation, Way::Outgoing, &members);
        let mut groups: Vec<Vec<_>> = cycles(&view)
            .into_iter()
            .map(|group| {
                let mut names: Vec<_> = group
                    .into_iter()
                    .map(|id| EntityName::of(self.state(), id))
                    .collect();
                names.sort_unstable();
                names
            })
            .collect();
        groups.sort_unstable();
        Ok(groups)
    }

    fn relation(&self, name: &str) -> Result<NameId> {
        let declared = self
            .model()
            .blueprints()
            .flat_map(|known| &known.blueprint.relations);
        let names: BTreeSet<&str> = declared.map(|relation| &*relation.name).collect();
        let id = self
            .model()
            .names()
            .id(name)
            .filter(|_| names.contains(name));
        id.ok_or_else(|| {
            super::snapshot::suggest(format!("no blueprint has a relation `{name}`"), name, names)
        })
    }
}
