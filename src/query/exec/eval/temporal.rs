//! Arithmetic of dates, points in time and spans of time.

use super::arithmetic::{float, overflow, refused};
use crate::error::{Error, Result};
use crate::query::function::widen;
use crate::query::ir::Arithmetic::{self, Add, Divide, Multiply, Subtract};
use crate::value::{Duration, Value, point, scaled};

fn out_of_time() -> Error {
    Error::invalid("the result is outside the years -9999 to 9999")
}

/// The result of an operator one of whose operands is a date, a point in time or a duration.
pub(super) fn apply(operator: Arithmetic, left: &Value, right: &Value) -> Result<Value> {
    use Value::{Date, Float, Instant, Int};
    match (operator, left, right) {
        (Add, Instant(..) | Date(_), Value::Duration(by))
        | (Add, Value::Duration(by), Instant(..) | Date(_)) => {
            let time = if let Value::Duration(_) = left {
                right
            } else {
                left
            };
            moved(time, *by).ok_or_else(out_of_time)
        }
        (Subtract, Instant(..) | Date(_), Value::Duration(by)) => {
            moved(left, by.negated()).ok_or_else(out_of_time)
        }
        (Subtract, Instant(..) | Date(_), Instant(..) | Date(_)) => {
            let points = point(left).zip(point(right));
            let micros = points.and_then(|(a, b)| a.0.checked_sub(b.0));
            Ok(Duration::new(0, micros.ok_or_else(out_of_time)?).into())
        }
        (Add, Value::Duration(a), Value::Duration(b)) => sum(*a, *b),
        (Subtract, Value::Duration(a), Value::Duration(b)) => sum(*a, b.negated()),
        (Divide, Value::Duration(a), Value::Duration(b)) => ratio(*a, *b),
        (Multiply, Value::Duration(duration), number @ (Int(_) | Float(_)))
        | (Multiply, number @ (Int(_) | Float(_)), Value::Duration(duration)) => {
            product(*duration, number)
        }
        (Divide, Value::Duration(duration), number @ (Int(_) | Float(_))) => match float(number) {
            0.0 => Err(Error::invalid("division by zero")),
            divisor => some(scaled(*duration, 1.0 / divisor)),
        },
        _ => Err(refused(operator, left, right)),
    }
}

/// A date or a point in time, which keeps its offset, moved by a duration.
fn moved(time: &Value, by: Duration) -> Option<Value> {
    match time {
        Value::Instant(instant, offset) => {
            let moved = instant.checked_add_at(*offset, by)?;
            Some(Value::Instant(moved, *offset))
        }
        Value::Date(date) => date.checked_add(by).map(Value::Date),
        _ => None,
    }
}

fn some(duration: Option<Duration>) -> Result<Value> {
    duration.map(Value::Duration).ok_or_else(overflow)
}

fn sum(a: Duration, b: Duration) -> Result<Value> {
    some(a.checked_add(b))
}

/// A duration times a number; exact where that is whole.
fn product(duration: Duration, number: &Value) -> Result<Value> {
    let Value::Int(count) = number else {
        return some(scaled(duration, float(number)));
    };
    let exact = || {
        let months = i64::from(duration.months).checked_mul(*count)?;
        let days = i64::from(duration.days()).checked_mul(*count)?;
        let time = duration.time().checked_mul(*count)?;
        Duration::from_parts(months.try_into().ok()?, days.try_into().ok()?, time)
    };
    some(exact())
}

/// How often one duration goes into another, where both are of one kind: of exact length, or of
/// whole months.
fn ratio(a: Duration, b: Duration) -> Result<Value> {
    let (dividend, divisor) = match (a.months, b.months) {
        (0, 0) => (widen(a.micros), widen(b.micros)),
        (a_months, b_months) if a.micros == 0 && b.micros == 0 => {
            (f64::from(a_months), f64::from(b_months))
        }
        _ => {
            return Err(Error::invalid("months have no fixed length to divide by"));
        }
    };
    if divisor == 0.0 {
        return Err(Error::invalid("division by zero"));
    }
    Ok(Value::Float(dividend / divisor))
}
