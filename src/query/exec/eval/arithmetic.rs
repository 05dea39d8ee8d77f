//! Arithmetic: checked whole numbers, floats, instants and durations, concatenation.

use crate::error::{Error, Result};
use crate::query::function::{
    LIST_LIMIT, TEXT_LIMIT, float_text, too_long_list, too_long_text, widen,
};
use crate::query::ir::Arithmetic;
use crate::value::{Duration, Instant, Value};

fn overflow() -> Error {
    Error::invalid("the result is out of the range of 64-bit whole numbers")
        .with_help("use a number with a fraction (`2.0`) to compute with floats")
}

/// The opposite of a number or duration.
pub(super) fn negate(value: &Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Int(whole) => whole.checked_neg().map(Value::Int).ok_or_else(overflow),
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::Duration(duration) => Ok(Value::Duration(duration.negated())),
        other => Err(Error::invalid(format!(
            "`-` does not take a {}",
            other.kind()
        ))),
    }
}

/// The result of an operator; null where an operand is.
pub(super) fn apply(operator: Arithmetic, left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Int(a), Value::Int(b)) if operator != Arithmetic::Concatenate => {
            whole(operator, *a, *b)
        }
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            floats(operator, float(left), float(right))
        }
        (Value::Instant(_) | Value::Duration(_), _)
        | (_, Value::Instant(_) | Value::Duration(_))
            if !matches!((left, right), (Value::List(_), _) | (_, Value::List(_))) =>
        {
            times(operator, left, right)
        }
        _ if matches!(operator, Arithmetic::Add | Arithmetic::Concatenate) => {
            concatenate(operator, left, right)
        }
        _ => Err(refused(operator, left, right)),
    }
}

fn refused(operator: Arithmetic, left: &Value, right: &Value) -> Error {
    let (symbol, left, right) = (operator.sign(), left.kind(), right.kind());
    Error::invalid(format!("`{symbol}` does not take a {left} and a {right}"))
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Int(whole) => widen(*whole),
        Value::Float(number) => *number,
        _ => f64::NAN,
    }
}

fn whole(operator: Arithmetic, a: i64, b: i64) -> Result<Value> {
    let result = match operator {
        Arithmetic::Add | Arithmetic::Concatenate => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Modulo if b == 0 => {
            return Err(Error::invalid("division by zero"));
        }
        Arithmetic::Divide => a.checked_div(b),
        // The one quotient that overflows leaves nothing over.
        Arithmetic::Modulo => Some(a.checked_rem(b).unwrap_or(0)),
        Arithmetic::Power => return floats(operator, widen(a), widen(b)),
    };
    result.map(Value::Int).ok_or_else(overflow)
}

fn floats(operator: Arithmetic, a: f64, b: f64) -> Result<Value> {
    Ok(Value::Float(match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Modulo => a % b,
        Arithmetic::Power => a.powf(b),
        Arithmetic::Concatenate => {
            return Err(refused(operator, &Value::Float(a), &Value::Float(b)));
        }
    }))
}

fn out_of_time() -> Error {
    Error::invalid("the result is outside the years -9999 to 9999")
}

fn times(operator: Arithmetic, left: &Value, right: &Value) -> Result<Value> {
    let moved = |instant: Instant, by: Duration| {
        instant
            .checked_add(by)
            .map(Value::Instant)
            .ok_or_else(out_of_time)
    };
    match (operator, left, right) {
        (Arithmetic::Add, Value::Instant(a), Value::Duration(b))
        | (Arithmetic::Add, Value::Duration(b), Value::Instant(a)) => moved(*a, *b),
        (Arithmetic::Subtract, Value::Instant(a), Value::Duration(b)) => moved(*a, b.negated()),
        (Arithmetic::Subtract, Value::Instant(a), Value::Instant(b)) => {
            let micros = a.0.checked_sub(b.0).ok_or_else(out_of_time)?;
            Ok(Value::Duration(Duration { months: 0, micros }))
        }
        (Arithmetic::Add, Value::Duration(a), Value::Duration(b)) => sum(*a, *b),
        (Arithmetic::Subtract, Value::Duration(a), Value::Duration(b)) => sum(*a, b.negated()),
        (Arithmetic::Multiply, Value::Duration(a), Value::Int(_) | Value::Float(_)) => {
            scaled(*a, float(right), right)
        }
        (Arithmetic::Multiply, Value::Int(_) | Value::Float(_), Value::Duration(b)) => {
            scaled(*b, float(left), left)
        }
        (Arithmetic::Divide, Value::Duration(a), Value::Int(_) | Value::Float(_)) => {
            if float(right) == 0.0 {
                return Err(Error::invalid("division by zero"));
            }
            scaled(*a, 1.0 / float(right), &Value::Null)
        }
        _ => Err(refused(operator, left, right)),
    }
}

fn sum(a: Duration, b: Duration) -> Result<Value> {
    let months = a.months.checked_add(b.months);
    let micros = a.micros.checked_add(b.micros);
    let (months, micros) = months.zip(micros).ok_or_else(overflow)?;
    Ok(Value::Duration(Duration { months, micros }))
}

/// A duration times a factor; exact where the factor is a whole number.
fn scaled(duration: Duration, factor: f64, exact: &Value) -> Result<Value> {
    if let Value::Int(count) = exact {
        let months = i64::from(duration.months).checked_mul(*count);
        let months = months.and_then(|months| i32::try_from(months).ok());
        let (months, micros) = months
            .zip(duration.micros.checked_mul(*count))
            .ok_or_else(overflow)?;
        return Ok(Value::Duration(Duration { months, micros }));
    }
    let months = f64::from(duration.months) * factor;
    let micros = widen(duration.micros) * factor;
    let in_range = months.abs() < f64::from(i32::MAX) && micros.abs() < 9e18;
    if !in_range {
        return Err(overflow());
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked above"
    )]
    let (months, micros) = (months.round() as i32, micros.round() as i64);
    Ok(Value::Duration(Duration { months, micros }))
}

/// `+` and `||` of texts and lists; `+` also adds an element to a list or a number to a text.
fn concatenate(operator: Arithmetic, left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::List(a), Value::List(b)) => joined(a, b),
        (Value::List(a), element) if operator == Arithmetic::Add => {
            joined(a, std::slice::from_ref(element))
        }
        (element, Value::List(b)) if operator == Arithmetic::Add => {
            joined(std::slice::from_ref(element), b)
        }
        _ => {
            let texts = text_of(operator, left).zip(text_of(operator, right));
            let (a, b) = texts.ok_or_else(|| refused(operator, left, right))?;
            if a.len().saturating_add(b.len()) > TEXT_LIMIT {
                return Err(too_long_text());
            }
            Ok(Value::string(a + &b))
        }
    }
}

fn text_of(operator: Arithmetic, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Level(level) => Some(level.title.to_string()),
        Value::Int(whole) if operator == Arithmetic::Add => Some(whole.to_string()),
        Value::Float(number) if operator == Arithmetic::Add => Some(float_text(*number)),
        _ => None,
    }
}

fn joined(a: &[Value], b: &[Value]) -> Result<Value> {
    if a.len().saturating_add(b.len()) > LIST_LIMIT {
        return Err(too_long_list());
    }
    Ok(Value::list(a.iter().chain(b).cloned()))
}
