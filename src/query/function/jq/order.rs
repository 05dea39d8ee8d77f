//! jq's order, equality and truth of values.

use std::cmp::Ordering;

use super::super::argument::any;
use super::{Context, Function, row};
use crate::error::Result;
use crate::value::{Value, order};

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_equal", 2, |_, pair| answer(pair, equal)),
    row("jq_unequal", 2, |_, pair| answer(pair, |a, b| !equal(a, b))),
    row("jq_less", 2, |_, pair| {
        answer(pair, |a, b| operator(a, b).is_lt())
    }),
    row("jq_less_or_equal", 2, |_, pair| {
        answer(pair, |a, b| operator(a, b).is_le())
    }),
    row("jq_greater", 2, |_, pair| {
        answer(pair, |a, b| operator(a, b).is_gt())
    }),
    row("jq_greater_or_equal", 2, |_, pair| {
        answer(pair, |a, b| operator(a, b).is_ge())
    }),
    row("jq_true", 1, |_: &Context<'_>, arguments| {
        Ok(Value::Bool(is_true(any(arguments, 0))))
    }),
];

/// Whether jq takes a value for true: everything but null and false.
pub(crate) fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

fn answer(pair: &[Value], test: impl FnOnce(&Value, &Value) -> bool) -> Result<Value> {
    Ok(Value::Bool(test(any(pair, 0), any(pair, 1))))
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Float(number) if number.is_nan())
}

/// Equality: NaN equals nothing.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    !is_nan(a) && compare(a, b).is_eq()
}

/// The order that `<` and its kin go by: NaN is less than every number, NaN included.
fn operator(a: &Value, b: &Value) -> Ordering {
    if is_nan(a) && is_nan(b) {
        return Ordering::Less;
    }
    compare(a, b)
}

const fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Int(_) | Value::Float(_) => 3,
        Value::String(_) => 4,
        Value::List(_) => 5,
        Value::Map(_) => 6,
        _ => 7,
    }
}

/// The order that sorting goes by: null, false, true, numbers (NaN first), strings, arrays,
/// objects; objects by their keys, then by their values.
pub(super) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let numbers = is_nan(b).cmp(&is_nan(a));
            numbers.then_with(|| order(a, b))
        }
        (Value::List(a), Value::List(b)) => {
            let different = a.iter().zip(b.iter()).map(|(a, b)| compare(a, b));
            let different = different.into_iter().find(|order| order.is_ne());
            different.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Map(a), Value::Map(b)) => a.keys().cmp(b.keys()).then_with(|| {
            let mut values = a.values().zip(b.values()).map(|(a, b)| compare(a, b));
            let different = values.find(|order| order.is_ne());
            different.unwrap_or(Ordering::Equal)
        }),
        _ => rank(a).cmp(&rank(b)).then_with(|| order(a, b)),
    }
}
