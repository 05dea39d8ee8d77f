//! Brings an aggregation up to date with what one commit changed.

use std::sync::Arc;

use super::{Aggregate, Contributor, Way};
use crate::derive::change::same;
use crate::error::Result;
use crate::query::exec::Budget;
use crate::state::{Contribution, State, Tally};
use crate::value::{EntityId, Instant, Value};

/// What one commit changed that an aggregation may depend on; each list ascending.
#[derive(Debug, Default)]
pub(in crate::derive) struct Dirty {
    /// Entities whose contribution may differ, those included that came and went.
    pub(in crate::derive) targets: Vec<EntityId>,
    /// Entities whose aggregated entities may be others; empty where the targets know it.
    pub(in crate::derive) roots: Vec<EntityId>,
    /// Pairs of an aggregating and an aggregated entity that a changed link may join or part.
    pub(in crate::derive) pairs: Vec<(EntityId, EntityId)>,
}

/// One contribution more, less, or different.
#[derive(Debug)]
pub(in crate::derive) struct Exchange {
    root: EntityId,
    target: EntityId,
    old: Option<Contribution>,
    new: Option<Contribution>,
}

/// What came out: new values of entities, and what is kept for them.
#[derive(Debug, Default)]
pub(in crate::derive) struct Outcome {
    pub(in crate::derive) values: Vec<(EntityId, Value, Option<Arc<Tally>>)>,
    /// When contributions have to be looked at again.
    pub(in crate::derive) due: Vec<(EntityId, Option<Instant>)>,
    /// How many contributions were put in, taken out or exchanged.
    pub(in crate::derive) contributions: u64,
    /// How many entities were computed from nothing.
    pub(in crate::derive) computed: u64,
}

impl Aggregate {
    /// The values that differ after a commit. `column` is where the aggregation stands.
    ///
    /// Costs O(changed contributions · those who aggregate them · log contributions), and for an
    /// entity that has to be computed anew O(what it aggregates).
    pub(in crate::derive) fn update(
        &self,
        column: usize,
        (before, after): (&State, &State),
        dirty: &Dirty,
    ) -> Result<Outcome> {
        let budget = Budget::of_expression();
        let mut old = self.over(before, &budget);
        let mut new = self.over(after, &budget);
        let mut outcome = Outcome::default();
        let mut exchanges = Vec::new();
        for (target, roots) in self.meetings((before, after), dirty) {
            let was = old.of(target)?;
            let is = new.of(target)?;
            outcome.due.push((target, new.horizon()));
            for root in roots {
                let (from, to) = self.joined((before, after), root, target);
                let exchange = Exchange {
                    root,
                    target,
                    old: was.clone().filter(|_| from),
                    new: is.clone().filter(|_| to),
                };
                if exchange.differs() {
                    exchanges.push(exchange);
                }
            }
        }
        exchanges.sort_by_key(|exchange| (exchange.root, exchange.target));
        outcome.contributions = exchanges.len() as u64;
        for exchanges in exchanges.chunk_by(|a, b| a.root == b.root) {
            let root = exchanges.first().map(|exchange| exchange.root);
            // Who is gone needs no value.
            if let Some(root) = root.filter(|root| after.entity(*root).is_some()) {
                let changed = self.exchanged(column, after, root, exchanges, &mut new)?;
                outcome.values.push(changed);
            }
        }
        for root in &dirty.roots {
            if after.entity(*root).is_some() {
                outcome.computed += 1;
                outcome.values.push(self.compute(after, *root, &mut new)?);
            }
        }
        Ok(outcome)
    }

    /// Every dirty target with those who aggregate it before or after and are not computed anew.
    fn meetings(
        &self,
        (before, after): (&State, &State),
        dirty: &Dirty,
    ) -> Vec<(EntityId, Vec<EntityId>)> {
        let mut pairs: Vec<(EntityId, EntityId)> = Vec::new();
        for target in &dirty.targets {
            let mut roots = self.roots_of(after, *target);
            if matches!(self.way, Way::Up(_)) {
                roots.extend(self.roots_of(before, *target));
            }
            pairs.extend(roots.into_iter().map(|root| (*target, root)));
        }
        pairs.extend(dirty.pairs.iter().map(|(root, target)| (*target, *root)));
        pairs.retain(|(_, root)| dirty.roots.binary_search(root).is_err());
        pairs.sort_unstable();
        pairs.dedup();
        let mut met: Vec<(EntityId, Vec<EntityId>)> = Vec::new();
        let mut rest = &*pairs;
        let paired = dirty.pairs.iter().map(|(_, target)| *target);
        let mut targets: Vec<EntityId> = dirty.targets.iter().copied().chain(paired).collect();
        targets.sort_unstable();
        targets.dedup();
        for target in targets {
            let here = rest.partition_point(|(other, _)| *other <= target);
            let (own, others) = rest.split_at(here);
            met.push((target, own.iter().map(|(_, root)| *root).collect()));
            rest = others;
        }
        met
    }

    /// Whether one entity aggregates another before, and after.
    fn joined(
        &self,
        (before, after): (&State, &State),
        root: EntityId,
        target: EntityId,
    ) -> (bool, bool) {
        match &self.way {
            Way::Up(_) => {
                let is = |state| self.roots_of(state, target).contains(&root);
                (is(before), is(after))
            }
            Way::Next(_) => {
                let is = |state| self.linked(state, root, target);
                (is(before), is(after))
            }
            // Whoever has a changed link on its ways is computed anew.
            Way::Around => (true, true),
        }
    }

    /// The value of an entity after some of what it aggregates changed.
    fn exchanged(
        &self,
        column: usize,
        after: &State,
        root: EntityId,
        exchanges: &[Exchange],
        contributor: &mut Contributor<'_>,
    ) -> Result<(EntityId, Value, Option<Arc<Tally>>)> {
        let derived = after.derived();
        if self.is_count() {
            let was = match derived.column(column, root) {
                Value::Int(count) => *count,
                _ => 0,
            };
            let more = |exchange: &Exchange| {
                i64::from(exchange.new.is_some()) - i64::from(exchange.old.is_some())
            };
            let count = was.saturating_add(exchanges.iter().map(more).sum());
            return Ok((root, Value::Int(count), None));
        }
        let mut tally = derived.tally(column, root).cloned().unwrap_or_default();
        let changed = Arc::make_mut(&mut tally);
        for exchange in exchanges {
            if let Some(old) = &exchange.old {
                changed.remove(exchange.target, old)?;
            }
            if let Some(new) = &exchange.new {
                changed.add(exchange.target, new)?;
            }
        }
        let value = self.outcome(changed, contributor)?;
        Ok((root, value, Some(tally).filter(|tally| tally.count > 0)))
    }

    /// The value of an entity from nothing.
    pub(super) fn compute(
        &self,
        state: &State,
        root: EntityId,
        contributor: &mut Contributor<'_>,
    ) -> Result<(EntityId, Value, Option<Arc<Tally>>)> {
        let mut tally = Tally::default();
        for target in self.targets_of(state, root) {
            if let Some(contribution) = contributor.of(target)? {
                tally.add(target, &contribution)?;
            }
        }
        let value = self.outcome(&tally, contributor)?;
        let kept = tally.count > 0 && !self.is_count();
        Ok((root, value, kept.then(|| Arc::new(tally))))
    }
}

impl Exchange {
    fn differs(&self) -> bool {
        let equal = |a: &Option<Value>, b: &Option<Value>| match (a, b) {
            (Some(a), Some(b)) => same(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        match (&self.old, &self.new) {
            (None, None) => false,
            (Some(old), Some(new)) => {
                !(equal(&old.number, &new.number)
                    && equal(&old.key, &new.key)
                    && equal(&old.payload, &new.payload))
            }
            _ => true,
        }
    }
}
