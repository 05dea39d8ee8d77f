//! Percentiles and deviations of the values of a group.

use crate::error::{Error, Result};
use crate::query::function::{truncate, widen};
use crate::value::{Duration, Sum, Value};

/// The standard deviation of numbers, of a sample or of all there are; 0 of fewer than two. The
/// order of the values does not matter.
pub(super) fn deviation(values: &[Value], of_sample: bool) -> Result<Value> {
    let count = widen(i64::try_from(values.len()).unwrap_or(i64::MAX));
    if values.len() < 2 {
        return Ok(Value::Float(0.0));
    }
    let mut sum = Sum::default();
    values.iter().try_for_each(|value| sum.add(value))?;
    let mean = float(&sum.average()?);
    let mut squares = Sum::default();
    for value in values {
        let distance = float(value) - mean;
        squares.add(&Value::Float(distance * distance))?;
    }
    let divisor = if of_sample { count - 1.0 } else { count };
    Ok(Value::Float((float(&squares.sum()?) / divisor).sqrt()))
}

/// The share of a percentile: a number from 0 to 1.
pub(super) fn share(value: &Value) -> Result<f64> {
    let share = match value {
        Value::Int(whole) => widen(*whole),
        Value::Float(number) => *number,
        other => {
            let message = format!("the percentile must be a number, found {}", other.kind());
            return Err(Error::invalid(message));
        }
    };
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    let message = format!("the percentile must be from 0 to 1, found {share}");
    Err(Error::invalid(message))
}

/// The least of the values that so large a share of them does not exceed; null of nothing.
pub(super) fn discrete(mut values: Vec<Value>, share: f64) -> Value {
    values.sort_unstable();
    let place = share * widen(i64::try_from(values.len()).unwrap_or(i64::MAX));
    let place = index(place.ceil() - 1.0);
    values.get(place).cloned().unwrap_or_default()
}

/// The value at so large a share of the way through the values, between two of them where it does
/// not fall on one; null of nothing.
pub(super) fn continuous(mut values: Vec<Value>, share: f64) -> Result<Value> {
    values.sort_unstable();
    let Some(last) = values.len().checked_sub(1) else {
        return Ok(Value::Null);
    };
    let place = share * widen(i64::try_from(last).unwrap_or(i64::MAX));
    let at = index(place.floor());
    let lower = values.get(at).cloned().unwrap_or_default();
    let upper = values.get(at + 1).unwrap_or(&lower);
    let part = place - place.floor();
    match (&lower, upper) {
        (Value::Duration(low), Value::Duration(high)) if low.months == 0 && high.months == 0 => {
            let way = (widen(high.micros) - widen(low.micros)) * part;
            let micros = truncate(way.round()).and_then(|way| low.micros.checked_add(way));
            let micros = micros.ok_or_else(|| Error::invalid("the percentile is out of range"))?;
            Ok(Duration::new(0, micros).into())
        }
        (Value::Duration(_), _) | (_, Value::Duration(_)) => Err(Error::invalid(
            "months have no fixed length: there is nothing between two durations with some",
        )),
        (low, high) => Ok(Value::Float(float(low) * (1.0 - part) + float(high) * part)),
    }
}

fn index(place: f64) -> usize {
    let place = truncate(place.max(0.0)).unwrap_or(0);
    usize::try_from(place).unwrap_or(0)
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Int(whole) => widen(*whole),
        Value::Float(number) => *number,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn numbers(values: &[i64]) -> Vec<Value> {
        values.iter().copied().map(Value::Int).collect()
    }

    #[test]
    fn percentiles_of_numbers() {
        let table = [
            (0.0, 10, 10.0),
            (0.5, 20, 20.0),
            (0.25, 10, 15.0),
            (0.9, 30, 28.0),
            (1.0, 30, 30.0),
        ];
        for (share, at, between) in table {
            let values = numbers(&[30, 10, 20]);
            assert_eq!(discrete(values.clone(), share), Value::Int(at), "{share}");
            assert_eq!(
                continuous(values, share).unwrap(),
                Value::Float(between),
                "{share}"
            );
        }
        assert!(continuous(Vec::new(), 0.5).unwrap().is_null());
        assert!(discrete(Vec::new(), 0.5).is_null());
        assert!(share(&Value::Float(1.1)).is_err());
        assert!(share(&Value::Float(f64::NAN)).is_err());
    }

    #[test]
    fn percentiles_of_durations() {
        let hours = |hours: i64| Value::from(Duration::new(0, hours * 3_600_000_000));
        let found = continuous(vec![hours(3), hours(1)], 0.25).unwrap();
        assert_eq!(found.time_text().as_deref(), Some("PT1H30M"));
        let month = Value::from(Duration::new(1, 0));
        assert!(continuous(vec![hours(1), month], 0.5).is_err());
    }

    #[test]
    fn deviations_do_not_depend_on_the_order() {
        let mut values = numbers(&[2, 4, 4, 4, 5, 5, 7, 9]);
        let found = deviation(&values, false).unwrap();
        assert_eq!(found, Value::Float(2.0));
        values.reverse();
        assert_eq!(deviation(&values, false).unwrap(), found);
        let Value::Float(sample) = deviation(&values, true).unwrap() else {
            unreachable!("a float");
        };
        assert!((sample - 2.138_089_935).abs() < 1e-9);
        assert_eq!(deviation(&numbers(&[5]), true).unwrap(), Value::Float(0.0));
    }
}
