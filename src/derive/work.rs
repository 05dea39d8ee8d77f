//! What keeping derived values true did in one commit: counters, and the levels that changed.

use crate::value::{EntityId, ScorecardId};

/// The work of one commit, and the levels that it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Work {
    /// How often the value of a mirror of an entity was computed.
    pub mirrors_evaluated: u64,
    /// How many of these came out different.
    pub mirrors_changed: u64,
    /// How often a condition on an entity was computed.
    pub atoms_evaluated: u64,
    /// How many of these came out different.
    pub atoms_changed: u64,
    /// How many blocks of 64 entities had all their rules and levels computed.
    pub blocks_evaluated: u64,
    /// How many levels changed.
    pub levels_changed: u64,
    /// The levels that changed, ascending by scorecard and entity.
    pub(crate) level_changes: Vec<LevelChange>,
}

/// One entity's level under one scorecard, before and after, by rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LevelChange {
    pub(crate) scorecard: ScorecardId,
    pub(crate) entity: EntityId,
    /// `None` where the entity did not take part.
    pub(crate) from: Option<u16>,
    /// `None` where the entity does not take part.
    pub(crate) to: Option<u16>,
}
