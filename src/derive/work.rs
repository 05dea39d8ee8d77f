//! What keeping derived values true did in one commit: counters, and the levels that changed.

use crate::value::{EntityId, ScorecardId};

/// The work of one commit, and the levels that it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Work {
    /// How often the value of a derived property of an entity (mirror, calculation, inherited
    /// ownership, or an aggregation from nothing) was computed.
    pub values_evaluated: u64,
    /// How many of these came out different.
    pub values_changed: u64,
    /// How often what an entity contributes to an aggregation was put in, taken out or exchanged.
    pub contributions: u64,
    /// How often a condition on an entity was computed.
    pub atoms_evaluated: u64,
    /// How many of these came out different.
    pub atoms_changed: u64,
    /// How many blocks of 64 entities had all their rules and levels computed.
    pub blocks_evaluated: u64,
    /// How many rules came out different, of entities that take part before or after.
    pub rules_changed: u64,
    /// How many levels changed.
    pub levels_changed: u64,
    /// How many values were looked at because a point in time that they depend on had passed.
    pub due: u64,
    /// The levels that changed, ascending by scorecard and entity.
    pub(crate) level_changes: Vec<LevelChange>,
    /// The rules whose result changed, ascending by scorecard, entity and rule.
    pub(crate) rule_changes: Vec<RuleChange>,
}

impl Work {
    /// Adds the work of what came after in the same commit. Changes that follow each other become
    /// one; what came back to where it was is no change.
    pub(crate) fn follow(&mut self, later: Self) {
        let Self {
            values_evaluated,
            values_changed,
            contributions,
            atoms_evaluated,
            atoms_changed,
            blocks_evaluated,
            rules_changed: _,
            levels_changed: _,
            due,
            level_changes,
            rule_changes,
        } = later;
        self.values_evaluated += values_evaluated;
        self.values_changed += values_changed;
        self.contributions += contributions;
        self.atoms_evaluated += atoms_evaluated;
        self.atoms_changed += atoms_changed;
        self.blocks_evaluated += blocks_evaluated;
        self.due += due;
        let levels = std::mem::take(&mut self.level_changes);
        self.level_changes = joined(
            levels.into_iter().chain(level_changes),
            |change| (change.scorecard, change.entity),
            |change, later| change.to = later.to,
        );
        self.level_changes.retain(|change| change.from != change.to);
        let rules = std::mem::take(&mut self.rule_changes);
        self.rule_changes = joined(
            rules.into_iter().chain(rule_changes),
            |change| (change.scorecard, change.entity, change.rule),
            |change, later| change.to = later.to,
        );
        self.rule_changes.retain(|change| change.from != change.to);
        self.levels_changed = self.level_changes.len() as u64;
        self.rules_changed = self.rule_changes.len() as u64;
    }
}

/// Ascending by key, changes of the same key joined in their order.
fn joined<T, K: Ord>(
    changes: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
    join: impl Fn(&mut T, &T),
) -> Vec<T> {
    let mut all: Vec<T> = changes.collect();
    all.sort_by_key(&key);
    let mut joined: Vec<T> = Vec::with_capacity(all.len());
    for change in all {
        match joined.last_mut() {
            Some(last) if key(last) == key(&change) => join(last, &change),
            _ => joined.push(change),
        }
    }
    joined
}

/// One entity's result under one rule of a scorecard, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RuleChange {
    pub(crate) scorecard: ScorecardId,
    pub(crate) entity: EntityId,
    /// By its place in the scorecard.
    pub(crate) rule: u16,
    /// `None` where the entity did not take part.
    pub(crate) from: Option<bool>,
    /// `None` where the entity does not take part.
    pub(crate) to: Option<bool>,
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
