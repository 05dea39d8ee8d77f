//! What an aggregation keeps of the entities that one entity aggregates.

use crate::cow::{Pages, SortedMap};
use crate::error::Result;
use crate::value::{EntityId, Sum, Value};

/// What one entity contributes to an aggregation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contribution {
    /// A number to add up.
    pub(crate) number: Option<Value>,
    /// What it is ordered by, where order matters: its value, or its point in time.
    pub(crate) key: Option<Value>,
    /// What is read of it where it turns out to be the first or the last.
    pub(crate) payload: Option<Value>,
}

/// The contributions to one aggregation of one entity.
///
/// The sum is exact and the order total, so that the tally does not depend on the order in which
/// contributions came and went. A change costs O(log n) and copies at most one leaf of the order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) sum: Sum,
    ordered: SortedMap<(Value, EntityId), ()>,
    /// How many different keys there are.
    pub(crate) distinct: u64,
}

impl Tally {
    /// Takes up what an entity contributes.
    ///
    /// # Errors
    /// Of a number that cannot be added up.
    pub(crate) fn add(&mut self, id: EntityId, contribution: &Contribution) -> Result<()> {
        self.count += 1;
        if let Some(number) = &contribution.number {
            self.sum.add(number)?;
        }
        if let Some(key) = &contribution.key {
            if !self.has(key) {
                self.distinct += 1;
            }
            self.ordered.get_or_insert_with(&(key.clone(), id), || ());
        }
        Ok(())
    }

    /// Takes out what an entity contributed.
    ///
    /// # Errors
    /// Of a number that cannot be added up.
    pub(crate) fn remove(&mut self, id: EntityId, contribution: &Contribution) -> Result<()> {
        self.count = self.count.saturating_sub(1);
        if let Some(number) = &contribution.number {
            self.sum.remove(number)?;
        }
        if let Some(key) = &contribution.key
            && self.ordered.remove(&(key.clone(), id)).is_some()
            && !self.has(key)
        {
            self.distinct = self.distinct.saturating_sub(1);
        }
        Ok(())
    }

    fn has(&self, key: &Value) -> bool {
        let from = (key.clone(), EntityId(0));
        let to = (key.clone(), EntityId(u32::MAX));
        let (from, to) = (
            std::ops::Bound::Included(&from),
            std::ops::Bound::Included(&to),
        );
        self.ordered.range(from, to).next().is_some()
    }

    /// The least key with its entity; of equal ones the entity with the lowest id.
    pub(crate) fn first(&self) -> Option<(&Value, EntityId)> {
        self.ordered.iter().next().map(|((key, id), ())| (key, *id))
    }

    /// The greatest key with its entity; of equal ones the entity with the highest id.
    pub(crate) fn last(&self) -> Option<(&Value, EntityId)> {
        let mut all = self.ordered.iter();
        all.next_back().map(|((key, id), ())| (key, *id))
    }

    /// The key of a rank from 0. Costs O(n / 256).
    pub(crate) fn nth(&self, rank: usize) -> Option<&Value> {
        self.ordered.nth(rank).map(|((key, _), ())| key)
    }

    /// The heap that the tally holds, shared or not.
    pub(super) fn heap_bytes(&self) -> usize {
        self.ordered.heap_bytes(|(key, _), ()| key.heap_bytes())
    }

    /// Counts what the tally holds and the other does not share.
    pub(super) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        let there = other.map(|other| &other.ordered);
        self.ordered
            .unshared(there, count, |(own, ()), there, count| {
                count.value(&own.0, there.map(|(key, ())| &key.0));
            });
    }

    /// How many contributions are ordered.
    pub(crate) fn len(&self) -> usize {
        self.ordered.len()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::{Contribution, Tally};
    use crate::value::{EntityId, Value};

    fn of(number: i64) -> Contribution {
        Contribution {
            number: Some(Value::Int(number)),
            key: Some(Value::Int(number)),
            payload: None,
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_out_leaves_no_trace(terms in prop::collection::vec((0i64..6, any::<bool>()), 0..40)) {
            let mut tally = Tally::default();
            for (id, (number, _)) in (0..).zip(&terms) {
                tally.add(EntityId(id), &of(*number)).unwrap();
            }
            let mut kept = Vec::new();
            for (id, (number, keep)) in (0..).zip(&terms) {
                if *keep {
                    kept.push((*number, EntityId(id)));
                } else {
                    tally.remove(EntityId(id), &of(*number)).unwrap();
                }
            }
            kept.sort_unstable();
            let numbers: Vec<i64> = kept.iter().map(|(number, _)| *number).collect();
            let mut distinct = numbers.clone();
            distinct.dedup();
            prop_assert_eq!(tally.count, kept.len() as u64);
            prop_assert_eq!(tally.len(), kept.len());
            prop_assert_eq!(tally.distinct, distinct.len() as u64);
            prop_assert_eq!(tally.sum.sum().unwrap(), Value::Int(numbers.iter().sum()));
            let key = |(key, id): (&Value, EntityId)| (key.clone(), id);
            let expected = |(number, id): &(i64, EntityId)| (Value::Int(*number), *id);
            prop_assert_eq!(tally.first().map(key), kept.first().map(expected));
            prop_assert_eq!(tally.last().map(key), kept.last().map(expected));
            for (rank, number) in numbers.iter().enumerate() {
                prop_assert_eq!(tally.nth(rank), Some(&Value::Int(*number)));
            }
            prop_assert_eq!(tally.nth(numbers.len()), None);
        }
    }
}
