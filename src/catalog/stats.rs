//! Counts and sizes of one version, for people and for monitoring.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::state::State;
use crate::value::Seq;

/// Counts of one version of a catalog; prints as a table.
///
/// ```
/// use portolan::{Catalog, Viewer, model::Blueprint};
/// use serde_json::json;
///
/// let catalog = Catalog::in_memory()?;
/// let viewer = Viewer::system("docs");
/// let mut tx = catalog.write(&viewer)?;
/// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
/// tx.upsert("team", &json!({"identifier": "payments"}))?;
/// tx.commit()?;
/// let stats = catalog.read(&viewer).stats();
/// assert_eq!((stats.entity_count(), stats.relation_count()), (1, 0));
/// assert_eq!(stats.entities, [("team".into(), 1)]);
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The commit that made the version.
    pub seq: Seq,
    /// Each blueprint's identifier with its number of entities, in the order of identifiers.
    pub entities: Vec<(Arc<str>, u64)>,
    /// Each relation name with how often entities point along it, over all blueprints that
    /// declare it, in the order of names.
    pub relations: Vec<(Arc<str>, u64)>,
    /// Each index as `blueprint.property` with its number of distinct values.
    pub indexes: Vec<(String, u64)>,
}

impl Stats {
    pub(super) fn of(state: &State) -> Self {
        let model = state.model();
        let entities = model.blueprints().map(|known| {
            (
                Arc::clone(&known.blueprint.identifier),
                state.members(known.id).len(),
            )
        });
        let declared = model
            .blueprints()
            .flat_map(|known| &known.blueprint.relations);
        let declared: BTreeSet<&Arc<str>> = declared.map(|relation| &relation.name).collect();
        let relations = declared.into_iter().map(|name| {
            let id = model.names().id(name);
            let count = id.map_or(0, |id| state.graph().edge_count(id));
            (Arc::clone(name), count)
        });
        let indexes = model.blueprints().flat_map(|known| {
            let properties = known.blueprint.properties.iter();
            properties.filter_map(|property| {
                let index = state.index(known.id, model.names().id(&property.name)?)?;
                let name = format!("{}.{}", known.blueprint.identifier, property.name);
                Some((name, u64::try_from(index.distinct()).unwrap_or(u64::MAX)))
            })
        });
        let (entities, relations, indexes) =
            (entities.collect(), relations.collect(), indexes.collect());
        Self {
            seq: state.seq(),
            entities,
            relations,
            indexes,
        }
    }

    /// The number of entities of all blueprints.
    #[must_use]
    pub fn entity_count(&self) -> u64 {
        self.entities.iter().map(|(_, count)| count).sum()
    }

    /// The number of relations between two entities, of all names.
    #[must_use]
    pub fn relation_count(&self) -> u64 {
        self.relations.iter().map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entities, relations) = (self.entity_count(), self.relation_count());
        write!(
            f,
            "commit {}: {entities} entities, {relations} relations",
            self.seq
        )?;
        for (name, count) in &self.entities {
            write!(f, "\n  {count:>8}  {name}")?;
        }
        for (name, count) in &self.relations {
            write!(f, "\n  {count:>8}  -[:{name}]->")?;
        }
        write!(f, "\n  {:>8}  indexes", self.indexes.len())
    }
}
