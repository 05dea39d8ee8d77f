//! Columns that are aggregations: which contributions may differ, and the values they give.

use super::{Again, Round};
use crate::derive::aggregate::{Aggregate, Dirty, Outcome, Way};
use crate::derive::change::{gone, same};
use crate::derive::column::Column;
use crate::error::Result;
use crate::query::ir::{Direction, PathStep};
use crate::state::{Change, State};
use crate::value::{EntityId, NameId, Value};

impl Round<'_> {
    /// The values of an aggregation that differ from what they were.
    pub(super) fn aggregation(
        &mut self,
        state: &mut State,
        at: usize,
        column: &Column,
        aggregate: &Aggregate,
        again: Option<Again>,
    ) -> Result<Vec<(EntityId, Value)>> {
        let dirty = self.dirty(state, at, aggregate, again);
        self.start_at_nothing(state, at, aggregate);
        let mut changed = Vec::new();
        let outcome = aggregate.update(at, (self.before, state), &dirty)?;
        let Outcome {
            values,
            due,
            contributions,
            computed,
        } = outcome;
        self.work.contributions += contributions;
        self.work.values_evaluated += computed;
        if let Some(clock) = column.clock {
            for (id, instant) in due {
                state.derived_mut().wait((clock, id), instant);
            }
        }
        for (id, value, tally) in values {
            if tally.is_some() || state.derived().tally(at, id).is_some() {
                state.derived_mut().set_tally(at, id, tally);
            }
            if !same(state.derived().column(at, id), &value) {
                changed.push((id, value));
            }
        }
        Ok(changed)
    }

    fn dirty(
        &mut self,
        state: &State,
        at: usize,
        aggregate: &Aggregate,
        again: Option<Again>,
    ) -> Dirty {
        let contributions = self.contributions.remove(&at);
        let mut targets = self.rows_and_created(state, aggregate.target, contributions);
        if let Some(deleted) = self.deleted.get(&aggregate.target) {
            targets.extend(deleted);
            targets.sort_unstable();
        }
        let mut dirty = Dirty {
            targets,
            ..Dirty::default()
        };
        match &aggregate.way {
            Way::Up(_) => {}
            Way::Next(steps) => dirty.pairs = self.pairs(steps),
            Way::Around => dirty.roots = self.rows_and_created(state, aggregate.root, again),
        }
        dirty
    }

    /// What new entities have before anything contributes.
    fn start_at_nothing(&self, state: &mut State, at: usize, aggregate: &Aggregate) {
        let Some(created) = self.created.get(&aggregate.root) else {
            return;
        };
        let empty = aggregate.of_nothing();
        if !empty.is_null() && aggregate.way != Way::Around {
            for id in created {
                state.derived_mut().set_column(at, *id, empty.clone());
            }
        }
    }

    pub(super) fn changes_links(&self, relation: NameId) -> bool {
        let targets = |change: &Change| {
            let before = change
                .before
                .as_deref()
                .map_or(&[][..], |e| e.targets(relation));
            let after = change
                .after
                .as_deref()
                .map_or(&[][..], |e| e.targets(relation));
            before != after
        };
        self.delta.changes.iter().any(targets)
    }

    /// The pairs, seen along steps, that changed links join or part.
    fn pairs(&self, steps: &[PathStep]) -> Vec<(EntityId, EntityId)> {
        let mut pairs = Vec::new();
        for step in steps {
            for change in &self.delta.changes {
                let of = |side: &Option<std::sync::Arc<crate::state::Entity>>| -> Vec<EntityId> {
                    let side = side.as_deref();
                    side.map_or(Vec::new(), |e| e.targets(step.relation).to_vec())
                };
                let (before, after) = (of(&change.before), of(&change.after));
                let other = gone(&before, &after);
                for target in other.into_iter().chain(gone(&after, &before)) {
                    if step.direction != Direction::Incoming {
                        pairs.push((change.id, target));
                    }
                    if step.direction != Direction::Outgoing {
                        pairs.push((target, change.id));
                    }
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}
