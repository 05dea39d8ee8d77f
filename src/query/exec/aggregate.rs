//! Grouping and aggregates.

use std::collections::{BTreeMap, BTreeSet};

use super::eval::Evaluator;
use super::limits::Budget;
use super::pipeline::Input;
use super::record::{Record, weight};
use super::statistics;
use crate::error::{Error, Result};
use crate::query::function::{Fold, LIST_LIMIT, too_long_list};
use crate::query::ir::{Aggregate, ExprKind, Projection, Slot};
use crate::value::{Sum, Value};

/// What an aggregate keeps of the values it has seen.
#[derive(Debug)]
enum Kept {
    Count(u64),
    Sum(Sum),
    /// The least or greatest.
    Best(Option<Value>),
    All(Vec<Value>),
    /// For percentiles: the values, and at which share one is asked for.
    Shared(Vec<Value>, Option<f64>),
}

#[derive(Debug)]
pub(super) struct Accumulator {
    fold: Fold,
    kept: Kept,
    /// The values seen, where each counts once.
    distinct: Option<BTreeSet<Value>>,
}

impl Accumulator {
    pub(super) fn new(fold: Fold, distinct: bool) -> Self {
        let kept = match fold {
            Fold::Count => Kept::Count(0),
            Fold::Sum | Fold::Average => Kept::Sum(Sum::default()),
            Fold::Min | Fold::Max => Kept::Best(None),
            Fold::Median | Fold::Collect | Fold::Deviation | Fold::PopulationDeviation => {
                Kept::All(Vec::new())
            }
            Fold::ContinuousPercentile | Fold::DiscretePercentile => Kept::Shared(Vec::new(), None),
        };
        Self {
            fold,
            kept,
            distinct: distinct.then(BTreeSet::new),
        }
    }

    /// Takes one more value in, of two arguments the list of both; nulls do not count.
    pub(super) fn add(&mut self, value: Value, budget: &Budget<'_>) -> Result<()> {
        let value = match (value, &mut self.kept) {
            (Value::List(both), Kept::Shared(_, share)) => {
                if let Some(asked) = both.get(1) {
                    *share = Some(statistics::share(asked)?);
                }
                both.first().cloned().unwrap_or_default()
            }
            (value, _) => value,
        };
        if value.is_null() {
            return Ok(());
        }
        let weight = || weight(std::slice::from_ref(&value));
        if let Some(seen) = &mut self.distinct {
            if seen.contains(&value) {
                return Ok(());
            }
            budget.hold(weight())?;
            seen.insert(value.clone());
        }
        if let Kept::All(_) | Kept::Shared(..) = self.kept {
            budget.hold(weight())?;
        }
        match &mut self.kept {
            Kept::Count(count) => *count += 1,
            Kept::Sum(sum) => sum.add(&value)?,
            Kept::Best(best) => {
                let better = best.as_ref().is_none_or(|best| match self.fold {
                    Fold::Min => value < *best,
                    _ => value > *best,
                });
                if better {
                    *best = Some(value);
                }
            }
            Kept::All(values) | Kept::Shared(values, _) => {
                let number = matches!(value, Value::Int(_) | Value::Float(_));
                let fits = match self.fold {
                    Fold::Deviation | Fold::PopulationDeviation => number,
                    Fold::Median | Fold::ContinuousPercentile => {
                        number || matches!(value, Value::Duration(_))
                    }
                    _ => true,
                };
                if !fits {
                    let message = format!("expected numbers, found {}", value.kind());
                    return Err(Error::invalid(message));
                }
                if values.len() >= LIST_LIMIT {
                    return Err(too_long_list());
                }
                values.push(value);
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Value> {
        match (self.kept, self.fold) {
            (Kept::Count(count), _) => Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX))),
            (Kept::Sum(sum), Fold::Average) => sum.average(),
            (Kept::Sum(sum), _) => sum.sum(),
            (Kept::Best(best), _) => Ok(best.unwrap_or_default()),
            (Kept::All(values), Fold::Median) => median(values),
            (Kept::All(values), Fold::Deviation) => statistics::deviation(&values, true),
            (Kept::All(values), Fold::PopulationDeviation) => statistics::deviation(&values, false),
            (Kept::All(values), _) => Ok(Value::list(values)),
            (Kept::Shared(values, share), Fold::DiscretePercentile) => {
                Ok(statistics::discrete(values, share.unwrap_or_default()))
            }
            (Kept::Shared(values, share), _) => {
                statistics::continuous(values, share.unwrap_or_default())
            }
        }
    }
}

/// An error with the aggregate that it is of.
fn located(error: Error, aggregate: &Aggregate) -> Error {
    let error = error.context(format!("`{}`", aggregate.function.name));
    match &aggregate.argument {
        Some(argument) => error.with_span(argument.span),
        None => error,
    }
}

fn median(mut values: Vec<Value>) -> Result<Value> {
    values.sort_unstable();
    let middle = values.len() / 2;
    let upper = values.get(middle).cloned().unwrap_or_default();
    if values.len() % 2 == 1 || values.is_empty() {
        return Ok(upper);
    }
    let mut two = Sum::default();
    two.add(&upper)?;
    two.add(values.get(middle - 1).unwrap_or(&upper))?;
    two.average()
}

/// A group: its first row, the values of its keys, its aggregates so far.
struct Group {
    record: Record,
    accumulators: Vec<Accumulator>,
}

/// Groups rows by the items without aggregates; groups keep the order of their first rows.
pub(super) struct Grouping<'a> {
    projection: &'a Projection,
    places: BTreeMap<Vec<Value>, usize>,
    groups: Vec<Group>,
}

impl<'a> Grouping<'a> {
    pub(super) fn new(projection: &'a Projection) -> Self {
        Self {
            projection,
            places: BTreeMap::new(),
            groups: Vec::new(),
        }
    }

    /// Adds the row that the evaluator holds.
    pub(super) fn add(&mut self, evaluator: &mut Evaluator<'a>) -> Result<()> {
        let keys = self.projection.items.iter().filter(|item| !item.aggregated);
        let keys: Result<Vec<Value>> = keys.map(|item| evaluator.eval(&item.expr)).collect();
        let keys = keys?;
        let known = self.places.get(&keys).copied();
        let place = if let Some(place) = known {
            place
        } else {
            evaluator.budget.check_groups(self.groups.len())?;
            let mut record = Record::of_row(evaluator, self.projection);
            record.columns = self.spread(keys.clone());
            let weight = record.weight().saturating_add(weight(&keys));
            evaluator.budget.hold(weight)?;
            self.places.insert(keys, self.groups.len());
            self.groups.push(self.group(record));
            self.groups.len() - 1
        };
        let Some(group) = self.groups.get_mut(place) else {
            return Ok(());
        };
        for (aggregate, accumulator) in self
            .projection
            .aggregates
            .iter()
            .zip(&mut group.accumulators)
        {
            if let Some(filter) = &aggregate.filter
                && !evaluator.holds(filter)?
            {
                continue;
            }
            match &aggregate.argument {
                None => accumulator.add(Value::Bool(true), evaluator.budget)?,
                Some(argument) => {
                    let value = evaluator.eval(argument)?;
                    let added = accumulator.add(value, evaluator.budget);
                    added.map_err(|error| located(error, aggregate))?;
                }
            }
        }
        Ok(())
    }

    fn group(&self, record: Record) -> Group {
        let accumulators = self
            .projection
            .aggregates
            .iter()
            .map(|aggregate| Accumulator::new(aggregate.function.fold, aggregate.distinct))
            .collect();
        Group {
            record,
            accumulators,
        }
    }

    /// The keys at the places of their items, nulls at the others.
    fn spread(&self, keys: Vec<Value>) -> Vec<Value> {
        let mut keys = keys.into_iter();
        let items = self.projection.items.iter();
        items
            .map(|item| {
                if item.aggregated {
                    Value::Null
                } else {
                    keys.next().unwrap_or_default()
                }
            })
            .collect()
    }

    /// The groups with all their columns. Without keys there is always one group.
    pub(super) fn finish(mut self, evaluator: &mut Evaluator<'a>) -> Result<Vec<Record>> {
        let keyless = self.projection.items.iter().all(|item| item.aggregated);
        if self.groups.is_empty() && keyless {
            let columns = self.spread(Vec::new());
            let group = self.group(Record {
                columns,
                ..Record::default()
            });
            self.groups.push(group);
        }
        let mut records = Vec::with_capacity(self.groups.len());
        for Group {
            mut record,
            accumulators,
        } in self.groups
        {
            let aggregates: Result<Vec<Value>> = accumulators
                .into_iter()
                .zip(&self.projection.aggregates)
                .map(|(accumulator, aggregate)| {
                    let finished = accumulator.finish();
                    finished.map_err(|error| located(error, aggregate))
                })
                .collect();
            record.aggregates = aggregates?;
            complete(evaluator, self.projection, &mut record)?;
            records.push(record);
        }
        Ok(records)
    }
}

/// Computes the items that hold aggregates.
pub(super) fn complete<'a>(
    evaluator: &mut Evaluator<'a>,
    projection: &'a Projection,
    record: &mut Record,
) -> Result<()> {
    record.enter(evaluator, projection);
    for (at, item) in projection
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.aggregated)
    {
        let value = evaluator.eval(&item.expr)?;
        if let Some(place) = record.columns.get_mut(at) {
            *place = value;
        }
    }
    Ok(())
}

/// Whether an aggregate is the number of rows: it counts them, or entities that `found` says are
/// never null.
pub(super) fn counts_rows(aggregate: &Aggregate, found: impl Fn(Slot) -> bool) -> bool {
    let never_null = match &aggregate.argument {
        None => true,
        Some(argument) => matches!(argument.kind, ExprKind::Slot(slot) if found(slot)),
    };
    let plain = !aggregate.distinct && aggregate.filter.is_none();
    aggregate.function.fold == Fold::Count && never_null && plain
}

/// The one record of a projection that only counts rows: they need not be gone through.
pub(super) fn count_only<'a>(
    evaluator: &mut Evaluator<'a>,
    input: &mut Input<'_, 'a>,
    projection: &'a Projection,
) -> Result<Option<Record>> {
    let counts = |aggregate: &Aggregate| counts_rows(aggregate, |slot| input.matches(slot));
    let keyless = projection.items.iter().all(|item| item.aggregated);
    if !keyless || !projection.aggregates.iter().all(counts) {
        return Ok(None);
    }
    let count = i64::try_from(input.count(evaluator)?).unwrap_or(i64::MAX);
    let aggregates = vec![Value::Int(count); projection.aggregates.len()];
    let columns = vec![Value::Null; projection.items.len()];
    let mut record = Record {
        columns,
        aggregates,
        ..Record::default()
    };
    complete(evaluator, projection, &mut record)?;
    Ok(Some(record))
}
