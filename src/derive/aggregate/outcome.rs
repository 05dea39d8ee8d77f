//! From the contributions to the value of an aggregation.

use super::{Aggregate, Contributor};
use crate::error::Result;
use crate::model::{AggregationFunction, Period};
use crate::state::Tally;
use crate::value::{Instant, Sum, Value};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

impl Aggregate {
    /// The value that contributions give. Of none, counts and sums are 0 and all else is null.
    ///
    /// Costs O(1), of medians and percentiles O(contributions / 256).
    pub(super) fn outcome(
        &self,
        tally: &Tally,
        contributor: &mut Contributor<'_>,
    ) -> Result<Value> {
        let key = |found: Option<(&Value, _)>| found.map_or(Value::Null, |(key, _)| key.clone());
        Ok(match self.function {
            AggregationFunction::Count => whole(tally.count),
            AggregationFunction::Sum => total(&tally.sum),
            AggregationFunction::Average => tally.sum.average()?,
            AggregationFunction::Min => key(tally.first()),
            AggregationFunction::Max => key(tally.last()),
            AggregationFunction::Median => median(tally)?,
            AggregationFunction::Percentile(hundredths) => percentile(tally, hundredths),
            AggregationFunction::DistinctCount => whole(tally.distinct),
            AggregationFunction::First => match tally.first() {
                Some((_, id)) => contributor.payload(id)?,
                None => Value::Null,
            },
            AggregationFunction::Last => match tally.last() {
                Some((_, id)) => contributor.payload(id)?,
                None => Value::Null,
            },
            AggregationFunction::AveragePer(period) => {
                let numerator = if self.value.is_some() {
                    total(&tally.sum)
                } else {
                    whole(tally.count)
                };
                per_period(tally, period, &numerator)
            }
        })
    }
}

impl Aggregate {
    /// The value where nothing contributes.
    pub(in crate::derive) fn of_nothing(&self) -> Value {
        match self.function {
            AggregationFunction::Count
            | AggregationFunction::DistinctCount
            | AggregationFunction::Sum => Value::Int(0),
            _ => Value::Null,
        }
    }
}

fn whole(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The sum; as a float where it is beyond 64-bit whole numbers.
fn total(sum: &Sum) -> Value {
    sum.sum().unwrap_or_else(|_| sum.as_float())
}

/// The middle value, or the mean of the two in the middle.
fn median(tally: &Tally) -> Result<Value> {
    let middle = tally.len() / 2;
    let Some(upper) = tally.nth(middle) else {
        return Ok(Value::Null);
    };
    if tally.len() % 2 == 1 {
        return Ok(upper.clone());
    }
    let mut two = Sum::default();
    two.add(upper)?;
    two.add(tally.nth(middle - 1).unwrap_or(upper))?;
    two.average()
}

/// The nearest rank: the least value that at least so many hundredths of all do not exceed.
fn percentile(tally: &Tally, hundredths: f64) -> Value {
    let count = tally.len();
    if count == 0 {
        return Value::Null;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count that memory can hold"
    )]
    let rank = (hundredths / 100.0 * count as f64).ceil() as usize;
    let at = rank.clamp(1, count) - 1;
    tally.nth(at).cloned().unwrap_or_default()
}

/// A number by the periods that have begun between the first and the last point in time.
fn per_period(tally: &Tally, period: Period, number: &Value) -> Value {
    let ends = tally.first().zip(tally.last());
    let Some(((Value::Instant(first, _), _), (Value::Instant(last, _), _))) = ends else {
        return Value::Null;
    };
    let periods = periods(*first, *last, period);
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest float is what is asked for"
    )]
    let (periods, number) = match number {
        Value::Int(whole) => (periods as f64, *whole as f64),
        Value::Float(number) => (periods as f64, *number),
        _ => return Value::Null,
    };
    Value::Float(number / periods)
}

/// How many periods a span takes up, one that has begun counting whole; at least one.
fn periods(first: Instant, last: Instant, period: Period) -> i64 {
    let length = match period {
        Period::Hour => HOUR,
        Period::Day => DAY,
        Period::Week => 7 * DAY,
        Period::Month => return months(first, last),
    };
    let span = last.0.saturating_sub(first.0);
    let begun = span.div_euclid(length) + i64::from(span.rem_euclid(length) > 0);
    begun.max(1)
}

/// Calendar months from the first instant on (UTC), one that has begun counting whole.
fn months(first: Instant, last: Instant) -> i64 {
    let (mut low, mut high) = (0i32, 12 * 20_000);
    // The least number of months that reaches the last instant.
    while low < high {
        let middle = low + (high - low) / 2;
        let reached = first.checked_add(crate::value::Duration::new(middle, 0));
        if reached.is_none_or(|reached| reached >= last) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    i64::from(low.max(1))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::periods;
    use crate::model::Period;
    use crate::value::Instant;

    #[test]
    fn a_period_that_has_begun_counts_whole() {
        let at = |text| Instant::parse(text).unwrap();
        let first = at("2026-01-31T10:00:00Z");
        let cases = [
            ("2026-01-31T10:00:00Z", Period::Hour, 1),
            ("2026-01-31T12:20:00Z", Period::Hour, 3),
            ("2026-01-31T12:00:00Z", Period::Hour, 2),
            ("2026-02-01T10:00:00.000001Z", Period::Day, 2),
            ("2026-02-14T10:00:00Z", Period::Week, 2),
            ("2026-02-28T10:00:00Z", Period::Month, 1),
            ("2026-02-28T10:00:00.000001Z", Period::Month, 2),
            ("2027-01-31T10:00:00Z", Period::Month, 12),
        ];
        for (last, period, expected) in cases {
            assert_eq!(
                periods(first, at(last), period),
                expected,
                "{last} {period:?}"
            );
        }
    }
}
