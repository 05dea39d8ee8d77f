//! Everything derived from nothing, or from what an older plan over the same data derived: when a
//! catalog opens, when its model changes, and when most of it does.

use super::planes::Planes;
use super::{Plan, Work};
use crate::error::Result;
use crate::state::{Delta, Derived, Packed, State};
use crate::value::{EntityId, Instant, Seq};

/// A commit that changes one entity in so many, or more, is derived from nothing: then that costs
/// less than following each change.
const LARGE: usize = 4;

impl Plan {
    /// When the next derived value changes by the passing of time alone.
    pub(crate) fn next_due(state: &State) -> Option<Instant> {
        state.derived().calendar().next()
    }

    /// Applies a delta to a version that has the model of the next one, makes it the version of
    /// that commit, and brings everything derived up to date with the delta and with the clock,
    /// which is the time of the commit. `previous` is the plan that the version was derived by.
    ///
    /// Costs what [`Plan::update`] costs; where the model changed, also one pass over the
    /// entities for each column and condition that is not as it was. A delta of more than a
    /// quarter of all entities costs a rebuild, and so do entities that are `loaded` as a whole.
    ///
    /// # Errors
    /// Those of [`Plan::update`] and [`Plan::rebuild`].
    pub(crate) fn carry(
        &self,
        previous: &Self,
        next: &mut State,
        (seq, time): (Seq, Instant),
        (delta, loaded): (&Delta, Vec<(EntityId, Packed)>),
    ) -> Result<Work> {
        let changed = delta.changes.len().saturating_mul(LARGE);
        let large = changed > next.entity_count() || !loaded.is_empty();
        let mut work = Work::default();
        if !large && !std::ptr::eq(self, previous) {
            work = self.rebuild(next, Some(previous))?;
        }
        let before = next.clone();
        next.set_commit(seq, time);
        for change in &delta.changes {
            next.apply(change)?;
        }
        next.load(loaded)?;
        let last = if large {
            let was = std::mem::take(next.derived_mut());
            let mut work = self.rebuild(next, None)?;
            self.differences(previous, &was, next.derived(), &mut work);
            work
        } else {
            self.update(&before, next, delta)?
        };
        work.follow(last);
        // What a new model began to test, the delta may have taken away again, and what a new rule
        // says is no change.
        work.rule_changes
            .retain(|change| next.entity(change.entity).is_some() && self.knew(previous, change));
        work.rules_changed = work.rule_changes.len() as u64;
        Ok(work)
    }

    /// Derives everything anew from the rest of the version. From `old`, the plan that derived it
    /// before over the same data, what is the same is taken over.
    ///
    /// The changes reported are those against what the version held before; a version that held
    /// nothing derived yet, as on opening, has none. Costs O(entities · (columns + conditions)) for
    /// what is not taken over.
    ///
    /// # Errors
    /// `Limit` where planes grow beyond what can be addressed.
    pub(crate) fn rebuild(&self, state: &mut State, old: Option<&Self>) -> Result<Work> {
        let mut work = Work::default();
        let mut derived = Derived::new(&self.layout);
        let reuse = old.map(|old| self.reuse(old)).unwrap_or_default();
        if old.is_some() {
            derived.adopt_places(state.derived())?;
        }
        for compiled in self.model.blueprints() {
            for id in state.members(compiled.id).iter() {
                derived.admit(compiled.id, id)?;
            }
        }
        let before = std::mem::replace(state.derived_mut(), derived);
        for (rank, unit) in self.units() {
            match unit {
                Unit::Column(at) => match reuse.columns.get(&at) {
                    Some(was) => state.derived_mut().adopt_column(at, &before, *was),
                    None => self.fill_column(state, at, &mut work)?,
                },
                Unit::Planes(planes) => {
                    self.fill_planes(state, planes, rank, (&reuse, &before), &mut work)?;
                }
            }
        }
        work.level_changes.clear();
        work.rule_changes.clear();
        if let Some(old) = old {
            self.differences(old, &before, state.derived(), &mut work);
        }
        Ok(work)
    }

    /// Columns and stages in the order of their ranks.
    fn units(&self) -> Vec<(u32, Unit<'_>)> {
        let columns = self.ranks.columns.iter().enumerate();
        let mut units: Vec<(u32, Unit<'_>)> = columns
            .map(|(at, rank)| (*rank, Unit::Column(at)))
            .collect();
        for planes in self.planes.values() {
            let stages = planes.stages.iter();
            units.extend(stages.map(|stage| (stage.rank, Unit::Planes(planes))));
        }
        // Stable: columns stay before the planes of their rank.
        units.sort_by_key(|(rank, _)| *rank);
        units
    }
}

enum Unit<'p> {
    Column(usize),
    Planes(&'p Planes),
}
