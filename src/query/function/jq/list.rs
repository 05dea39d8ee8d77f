//! Arrays: sorting, grouping, flattening, ranges.

use std::cmp::Ordering;

use super::super::argument::{LIST_LIMIT, any, too_long_list};
use super::number::{float, floor, number};
use super::{Context, Function, arithmetic, check_size, list_of, order, row, row_of_many, wrong};
use crate::error::{Error, Result};
use crate::value::Value;

/// Functions that go by a key take the array and the keys of its elements, in their order.
pub(super) const FUNCTIONS: &[Function] = &[
    row_of_many("jq_array", array),
    row("jq_sum", 1, sum),
    row("jq_sort", 2, |_, arguments| {
        let sorted = sorted(arguments)?;
        Ok(Value::list(
            sorted.into_iter().map(|(_, value)| value.clone()),
        ))
    }),
    row("jq_group", 2, |_, arguments| {
        let groups = groups(arguments)?;
        let group = |group: Vec<&Value>| Value::list(group.into_iter().cloned());
        Ok(Value::list(groups.into_iter().map(group)))
    }),
    row("jq_unique", 2, |_, arguments| {
        let groups = groups(arguments)?;
        let first = |group: Vec<&Value>| group.first().map(|value| (*value).clone());
        Ok(Value::list(groups.into_iter().filter_map(first)))
    }),
    row("jq_min", 2, |_, arguments| {
        extreme(arguments, Ordering::is_lt)
    }),
    row("jq_max", 2, |_, arguments| {
        extreme(arguments, Ordering::is_ge)
    }),
    row("jq_reverse", 1, reverse),
    row("jq_flatten", 2, flatten),
    row("jq_range", 3, range),
    row("jq_transpose", 1, transpose),
    row("jq_to_array", 1, |_, arguments| {
        let value = any(arguments, 0);
        Ok(match value {
            Value::List(_) => value.clone(),
            other => Value::list([other.clone()]),
        })
    }),
];

fn array(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let list = Value::list(arguments.iter().cloned());
    check_size(&list)?;
    Ok(list)
}

/// The elements of an array or the values of an object, added up.
fn sum(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let values: Vec<&Value> = match any(arguments, 0) {
        Value::List(values) => values.iter().collect(),
        Value::Map(fields) => fields.values().collect(),
        other => return Err(wrong("an array or object", other)),
    };
    // Texts and arrays are not copied anew for every element.
    if values.len() > 1 && values.iter().all(|value| matches!(value, Value::String(_))) {
        return super::text::concatenated(values.into_iter());
    }
    if values.len() > 1 && values.iter().all(|value| matches!(value, Value::List(_))) {
        return joined(&values);
    }
    let mut sum = Value::Null;
    for value in values {
        sum = arithmetic::add(&sum, value)?;
    }
    Ok(sum)
}

fn joined(lists: &[&Value]) -> Result<Value> {
    let mut all = Vec::new();
    for list in lists {
        all.extend_from_slice(list_of(list)?);
        if all.len() > LIST_LIMIT {
            return Err(too_long_list());
        }
    }
    let all = Value::list(all);
    check_size(&all)?;
    Ok(all)
}

/// The elements with their keys, those with equal keys in the order they have.
fn keyed(arguments: &[Value]) -> Result<Vec<(&Value, &Value)>> {
    let (values, keys) = (list_of(any(arguments, 0))?, list_of(any(arguments, 1))?);
    Ok(keys.iter().zip(values).collect())
}

fn sorted(arguments: &[Value]) -> Result<Vec<(&Value, &Value)>> {
    let mut all = keyed(arguments)?;
    all.sort_by(|(a, _), (b, _)| order::compare(a, b));
    Ok(all)
}

fn groups(arguments: &[Value]) -> Result<Vec<Vec<&Value>>> {
    let sorted = sorted(arguments)?;
    let groups = sorted.chunk_by(|(a, _), (b, _)| order::compare(a, b).is_eq());
    Ok(groups
        .map(|group| group.iter().map(|(_, value)| *value).collect())
        .collect())
}

/// The element whose key no later one replaces.
fn extreme(arguments: &[Value], replaces: fn(Ordering) -> bool) -> Result<Value> {
    let mut all = keyed(arguments)?.into_iter();
    let Some(mut best) = all.next() else {
        return Ok(Value::Null);
    };
    for next in all {
        if replaces(order::compare(next.0, best.0)) {
            best = next;
        }
    }
    Ok(best.1.clone())
}

fn reverse(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::list([])),
        Value::String(text) => Ok(Value::string(text.chars().rev().collect::<String>())),
        other => Ok(Value::list(list_of(other)?.iter().rev().cloned())),
    }
}

fn flatten(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let values: Vec<&Value> = match any(arguments, 0) {
        Value::List(values) => values.iter().collect(),
        Value::Map(fields) => fields.values().collect(),
        other => return Err(wrong("an array or object", other)),
    };
    let depth = floor(any(arguments, 1))?;
    if depth < 0 {
        return Err(Error::invalid("the depth to flatten must not be negative"));
    }
    let mut flat = Vec::new();
    spread(values.into_iter(), depth, &mut flat);
    Ok(Value::list(flat))
}

/// Values nest no deeper than they may.
fn spread<'v>(values: impl Iterator<Item = &'v Value>, depth: i64, flat: &mut Vec<Value>) {
    for value in values {
        match value {
            Value::List(inner) if depth > 0 => {
                let inner: &mut dyn Iterator<Item = &Value> = &mut inner.iter();
                spread(inner, depth - 1, flat);
            }
            other => flat.push(other.clone()),
        }
    }
}

/// From the first number up to, not including, the second, by the third.
fn range(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let bound = |at| float(any(arguments, at));
    let (from, to, by) = (bound(0)?, bound(1)?, bound(2)?);
    let mut numbers = Vec::new();
    let mut next = from;
    while (by > 0.0 && next < to) || (by < 0.0 && next > to) {
        if numbers.len() >= LIST_LIMIT {
            return Err(too_long_list());
        }
        numbers.push(number(next));
        next += by;
    }
    Ok(Value::list(numbers))
}

fn transpose(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let rows = list_of(any(arguments, 0))?;
    let rows: Vec<&[Value]> = rows.iter().map(list_of).collect::<Result<_>>()?;
    let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    if width.saturating_mul(rows.len()) > LIST_LIMIT {
        return Err(too_long_list());
    }
    let cell = |row: &&[Value], at: usize| row.get(at).cloned().unwrap_or_default();
    let column = |at| Value::list(rows.iter().map(|row| cell(row, at)));
    Ok(Value::list((0..width).map(column)))
}

/// Where a run of elements begins, every place.
pub(super) fn places(values: &[Value], part: &[Value]) -> Value {
    if part.is_empty() {
        return Value::Null;
    }
    let same = |window: &[Value]| window.iter().zip(part).all(|(a, b)| order::equal(a, b));
    let found = values.windows(part.len()).zip(0_i64..);
    Value::list(
        found
            .filter(|(window, _)| same(window))
            .map(|(_, at)| Value::Int(at)),
    )
}
