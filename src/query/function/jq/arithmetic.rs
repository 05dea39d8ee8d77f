//! jq's `+ - * / %`.

use std::sync::Arc;

use super::super::argument::{LIST_LIMIT, TEXT_LIMIT, any, too_long_list, too_long_text};
use super::number::{float, number, saturated};
use super::{Context, Function, check_size, kind, order, row, text};
use crate::error::{Error, Result};
use crate::value::{Fields, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_add", 2, |_, pair| add(any(pair, 0), any(pair, 1))),
    row("jq_subtract", 2, |_, pair| {
        subtract(any(pair, 0), any(pair, 1))
    }),
    row("jq_multiply", 2, |_, pair| {
        multiply(any(pair, 0), any(pair, 1))
    }),
    row("jq_divide", 2, |_, pair| divide(any(pair, 0), any(pair, 1))),
    row("jq_remainder", 2, |_, pair| {
        remainder(any(pair, 0), any(pair, 1))
    }),
    row("jq_negate", 1, |_: &Context<'_>, arguments| {
        match any(arguments, 0) {
            Value::Int(whole) if *whole != i64::MIN => Ok(Value::Int(-whole)),
            other => Ok(number(-float(other)?)),
        }
    }),
];

fn refused(a: &Value, done: &str, b: &Value) -> Error {
    let (a, b) = (kind(a), kind(b));
    Error::invalid(format!("a {a} and a {b} cannot be {done}"))
}

/// Whole numbers where the result is one of 64 bits, else floats.
fn numbers(
    (a, b): (&Value, &Value),
    whole: fn(i64, i64) -> Option<i64>,
    floats: fn(f64, f64) -> f64,
) -> Option<Value> {
    if let (Value::Int(a), Value::Int(b)) = (a, b)
        && let Some(result) = whole(*a, *b)
    {
        return Some(Value::Int(result));
    }
    let (a, b) = float(a).ok().zip(float(b).ok())?;
    Some(number(floats(a, b)))
}

pub(super) fn add(a: &Value, b: &Value) -> Result<Value> {
    match (a, b) {
        (Value::Null, other) | (other, Value::Null) => Ok(other.clone()),
        (Value::String(a), Value::String(b)) => {
            if a.len().saturating_add(b.len()) > TEXT_LIMIT {
                return Err(too_long_text());
            }
            Ok(Value::string([&**a, &**b].concat()))
        }
        (Value::List(a), Value::List(b)) => {
            if a.len().saturating_add(b.len()) > LIST_LIMIT {
                return Err(too_long_list());
            }
            let both = Value::list(a.iter().chain(b.iter()).cloned());
            check_size(&both)?;
            Ok(both)
        }
        (Value::Map(a), Value::Map(b)) => {
            let mut both = Arc::clone(a);
            let fields = b
                .iter()
                .map(|(key, value)| (Arc::clone(key), value.clone()));
            Arc::make_mut(&mut both).extend(fields);
            let both = Value::Map(both);
            check_size(&both)?;
            Ok(both)
        }
        _ => numbers((a, b), i64::checked_add, |a, b| a + b).ok_or_else(|| refused(a, "added", b)),
    }
}

fn subtract(a: &Value, b: &Value) -> Result<Value> {
    if let (Value::List(from), Value::List(which)) = (a, b) {
        let mut which: Vec<&Value> = which.iter().collect();
        which.sort_by(|a, b| order::compare(a, b));
        let gone = |value: &Value| {
            let found = which.binary_search_by(|known| order::compare(known, value));
            found.is_ok_and(|_| order::equal(value, value))
        };
        return Ok(Value::list(
            from.iter().filter(|value| !gone(value)).cloned(),
        ));
    }
    numbers((a, b), i64::checked_sub, |a, b| a - b).ok_or_else(|| refused(a, "subtracted", b))
}

fn multiply(a: &Value, b: &Value) -> Result<Value> {
    match (a, b) {
        (Value::String(text), times) | (times, Value::String(text)) => {
            let times = float(times).map_err(|_| refused(a, "multiplied", b))?;
            if times.is_nan() || times <= 0.0 {
                return Ok(Value::Null);
            }
            let times = usize::try_from(saturated(times))
                .unwrap_or(usize::MAX)
                .max(1);
            if text.len().saturating_mul(times) > TEXT_LIMIT {
                return Err(too_long_text());
            }
            // Of an empty text any number is as good as one.
            let times = if text.is_empty() { 1 } else { times };
            Ok(Value::string(text.repeat(times)))
        }
        (Value::Map(a), Value::Map(b)) => {
            let both = Value::Map(merged(a, b));
            check_size(&both)?;
            Ok(both)
        }
        _ => numbers((a, b), i64::checked_mul, |a, b| a * b)
            .ok_or_else(|| refused(a, "multiplied", b)),
    }
}

/// Deep: what are objects on both sides are merged, of all else the right side wins. Both sides
/// nest no deeper than values may.
fn merged(a: &Arc<Fields>, b: &Arc<Fields>) -> Arc<Fields> {
    let mut both = Arc::clone(a);
    let fields = Arc::make_mut(&mut both);
    for (key, right) in b.iter() {
        let value = match (fields.get(key), right) {
            (Some(Value::Map(left)), Value::Map(right)) => Value::Map(merged(left, right)),
            _ => right.clone(),
        };
        fields.insert(Arc::clone(key), value);
    }
    both
}

fn divide(a: &Value, b: &Value) -> Result<Value> {
    if let (Value::String(text), Value::String(separator)) = (a, b) {
        return text::split(text, separator);
    }
    let (Ok(over), Ok(under)) = (float(a), float(b)) else {
        return Err(refused(a, "divided", b));
    };
    if under == 0.0 {
        return Err(Error::invalid("division by zero"));
    }
    Ok(number(over / under))
}

/// Of the whole parts; the sign is that of what is divided.
fn remainder(a: &Value, b: &Value) -> Result<Value> {
    let (Ok(over), Ok(under)) = (float(a), float(b)) else {
        return Err(refused(a, "divided", b));
    };
    if over.is_nan() || under.is_nan() {
        return Ok(Value::Float(f64::NAN));
    }
    let whole = |value: &Value, float| match value {
        Value::Int(whole) => *whole,
        _ => saturated(float),
    };
    match whole(b, under) {
        0 => Err(Error::invalid("division by zero")),
        under => Ok(Value::Int(whole(a, over).checked_rem(under).unwrap_or(0))),
    }
}
