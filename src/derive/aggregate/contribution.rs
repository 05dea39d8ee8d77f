//! What one entity contributes to an aggregation, in one version.

use super::Aggregate;
use crate::derive::condition::{ConditionOver, earlier};
use crate::derive::row::RowOver;
use crate::error::Result;
use crate::model::AggregationFunction;
use crate::query::exec::Budget;
use crate::state::{Contribution, Record, State};
use crate::value::{EntityId, Instant, Value};

/// An aggregation over one version: what evaluation prepares is prepared once for all entities.
pub(in crate::derive) struct Contributor<'a> {
    aggregate: &'a Aggregate,
    state: &'a State,
    filter: Option<ConditionOver<'a>>,
    value: Option<RowOver<'a>>,
    time: Option<RowOver<'a>>,
    horizon: Option<Instant>,
}

impl Aggregate {
    /// What entities contribute in a version.
    pub(in crate::derive) fn over<'a>(
        &'a self,
        state: &'a State,
        budget: &'a Budget<'a>,
    ) -> Contributor<'a> {
        Contributor {
            aggregate: self,
            state,
            filter: self
                .filter
                .as_ref()
                .map(|filter| filter.over(state, budget)),
            value: self.value.as_ref().map(|row| row.over(state, budget)),
            time: self.time.as_ref().map(|row| row.over(state, budget)),
            horizon: None,
        }
    }
}

impl Contributor<'_> {
    /// The contribution of an entity; `None` where it does not exist, is of another blueprint, or
    /// does not take part.
    pub(super) fn of(&mut self, id: EntityId) -> Result<Option<Contribution>> {
        self.horizon = None;
        let state = self.state;
        let Some(entity) = state.entity(id) else {
            return Ok(None);
        };
        if entity.blueprint() != self.aggregate.target {
            return Ok(None);
        }
        if let Some(filter) = &mut self.filter {
            let holds = filter.holds(entity)?;
            self.horizon = filter.horizon();
            if !holds {
                return Ok(None);
            }
        }
        self.taking_part(entity)
    }

    /// When the last contribution changes by the passing of time alone.
    pub(super) const fn horizon(&self) -> Option<Instant> {
        self.horizon
    }

    fn taking_part(&mut self, entity: Record<'_>) -> Result<Option<Contribution>> {
        let value = read(&mut self.value, entity, &mut self.horizon)?;
        let time = read(&mut self.time, entity, &mut self.horizon)?;
        Ok(match self.aggregate.function {
            AggregationFunction::Count => Some(Contribution::default()),
            AggregationFunction::Sum | AggregationFunction::Average => {
                number(value).map(|number| Contribution {
                    number: Some(number),
                    ..Contribution::default()
                })
            }
            AggregationFunction::Min
            | AggregationFunction::Max
            | AggregationFunction::DistinctCount => known(value).map(|key| Contribution {
                key: Some(key),
                ..Contribution::default()
            }),
            AggregationFunction::Median | AggregationFunction::Percentile(_) => {
                number(value).map(|key| Contribution {
                    key: Some(key),
                    ..Contribution::default()
                })
            }
            AggregationFunction::First | AggregationFunction::Last => known(value)
                .zip(instant(time))
                .map(|(payload, time)| Contribution {
                    number: None,
                    key: Some(time),
                    payload: Some(payload),
                }),
            AggregationFunction::AveragePer(_) => {
                let counts = self.value.is_none();
                let number = number(value);
                let time = instant(time).filter(|_| counts || number.is_some());
                time.map(|time| Contribution {
                    number,
                    key: Some(time),
                    payload: None,
                })
            }
        })
    }

    /// What is read of an entity where it is the first or the last.
    pub(super) fn payload(&mut self, id: EntityId) -> Result<Value> {
        match self.state.entity(id) {
            Some(entity) => read(&mut self.value, entity, &mut None),
            None => Ok(Value::Null),
        }
    }
}

fn read(
    row: &mut Option<RowOver<'_>>,
    entity: Record<'_>,
    horizon: &mut Option<Instant>,
) -> Result<Value> {
    let Some(row) = row else {
        return Ok(Value::Null);
    };
    let value = row.value(entity)?;
    *horizon = earlier(*horizon, row.horizon());
    Ok(value)
}

fn number(value: Value) -> Option<Value> {
    matches!(value, Value::Int(_) | Value::Float(_)).then_some(value)
}

fn instant(value: Value) -> Option<Value> {
    matches!(value, Value::Instant(..)).then_some(value)
}

fn known(value: Value) -> Option<Value> {
    (!value.is_null()).then_some(value)
}
