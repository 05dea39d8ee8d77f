//! Relations between two entities and paths along them, as values of the language.

use super::{EntityId, NameId};

/// One relation from one entity to another.
///
/// It has no identity of its own: from one entity to another there is at most one of each name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relationship {
    /// The entity that has the relation.
    pub source: EntityId,
    /// The name of the relation.
    pub relation: NameId,
    /// The entity that it refers to.
    pub target: EntityId,
}

/// Entities in the order of a walk, and the relations that lead from each to the next, in
/// whichever direction. There is one entity more than relations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The first entity, and the one behind each relation.
    pub entities: Box<[EntityId]>,
    /// The relations walked.
    pub relations: Box<[Relationship]>,
}
