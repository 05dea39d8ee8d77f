//! An aggregation from nothing, over all entities at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::update::Outcome;
use super::{Aggregate, Way};
use crate::error::Result;
use crate::query::exec::Budget;
use crate::state::{State, Tally};
use crate::value::EntityId;

impl Aggregate {
    /// The values of all entities.
    ///
    /// Costs O(aggregated entities), or O(links walked) where the ways are not single relations.
    pub(in crate::derive) fn rebuild(&self, state: &State) -> Result<Outcome> {
        let budget = Budget::of_expression();
        let mut contributor = self.over(state, &budget);
        let mut outcome = Outcome::default();
        let mut tallies: BTreeMap<EntityId, Tally> = BTreeMap::new();
        let up = matches!(self.way, Way::Up(_));
        // Seen from the aggregated entities each is looked at once.
        if up || self.reads_clock() {
            for target in state.members(self.target).iter() {
                let contribution = contributor.of(target)?;
                outcome.due.push((target, contributor.horizon()));
                let Some(contribution) = contribution.filter(|_| up) else {
                    continue;
                };
                for root in self.roots_of(state, target) {
                    outcome.contributions += 1;
                    tallies
                        .entry(root)
                        .or_default()
                        .add(target, &contribution)?;
                }
            }
        }
        for root in state.members(self.root).iter() {
            outcome.computed += 1;
            if !up {
                outcome
                    .values
                    .push(self.compute(state, root, &mut contributor)?);
                continue;
            }
            let tally = tallies.remove(&root).unwrap_or_default();
            let value = self.outcome(&tally, &mut contributor)?;
            let kept = tally.count > 0 && !self.is_count();
            outcome
                .values
                .push((root, value, kept.then(|| Arc::new(tally))));
        }
        Ok(outcome)
    }
}
