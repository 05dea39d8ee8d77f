//! Elements, fields and slices of values, and what values hold.

use super::super::argument::any;
use super::number::{float, floor, number};
use super::{Context, Function, kind, list, order, row, text, wrong};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_index", 2, |_, arguments| {
        index(any(arguments, 0), any(arguments, 1))
    }),
    row("jq_slice", 3, |_, arguments| {
        slice(any(arguments, 0), any(arguments, 1), any(arguments, 2))
    }),
    row("jq_has", 2, has),
    row("jq_length", 1, length),
    row("jq_contains", 2, |_, arguments| {
        contains(any(arguments, 0), any(arguments, 1)).map(Value::Bool)
    }),
    row("jq_inside", 2, |_, arguments| {
        contains(any(arguments, 1), any(arguments, 0)).map(Value::Bool)
    }),
    row("jq_indices", 2, |_, arguments| {
        indices(any(arguments, 0), any(arguments, 1))
    }),
    row("jq_first_index", 2, |_, arguments| ends(arguments, 0)),
    row("jq_last_index", 2, |_, arguments| ends(arguments, -1)),
];

fn refused(value: &Value, key: &Value) -> Error {
    let (value, key) = (kind(value), kind(key));
    Error::invalid(format!("cannot index a {value} with a {key}"))
}

/// `.[key]`.
pub(super) fn index(value: &Value, key: &Value) -> Result<Value> {
    match (value, key) {
        (Value::Map(fields), Value::String(key)) => {
            Ok(fields.get(key).cloned().unwrap_or_default())
        }
        (Value::List(values), Value::Int(_) | Value::Float(_)) => Ok(place(key, values.len())?
            .and_then(|at| values.get(at))
            .cloned()
            .into()),
        (Value::Null, Value::Int(_) | Value::Float(_) | Value::String(_) | Value::Null) => {
            Ok(Value::Null)
        }
        (Value::List(_), Value::List(_)) => indices(value, key),
        (Value::List(_) | Value::String(_) | Value::Null, Value::Map(bounds)) => {
            let bound = |name: &str| bounds.get(name).cloned().unwrap_or_default();
            slice(value, &bound("start"), &bound("end"))
        }
        _ => Err(refused(value, key)),
    }
}

/// The place that a number names among so many, counted from the end where it is negative;
/// `None` outside.
pub(super) fn place(key: &Value, length: usize) -> Result<Option<usize>> {
    let at = floor(key)?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if at < 0 {
        at.saturating_add(length)
    } else {
        at
    };
    Ok(usize::try_from(at).ok().filter(|_| at < length))
}

/// `.[from:to]` of an array, or of the characters of a string.
fn slice(value: &Value, from: &Value, to: &Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::List(values) => {
            let (from, to) = bounds(from, to, values.len())?;
            let part = values.get(from..to).unwrap_or_default();
            Ok(Value::list(part.iter().cloned()))
        }
        Value::String(text) => {
            let (from, to) = bounds(from, to, text.chars().count())?;
            let characters = text.chars().skip(from).take(to - from);
            Ok(Value::string(characters.collect::<String>()))
        }
        other => Err(refused(other, from)),
    }
}

/// The bounds of a slice within a length; the first is at most the second.
pub(super) fn bounds(from: &Value, to: &Value, length: usize) -> Result<(usize, usize)> {
    let clamp = |at: i64| {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let at = if at < 0 {
            at.saturating_add(length)
        } else {
            at
        };
        usize::try_from(at.clamp(0, length)).unwrap_or(0)
    };
    let from = match from {
        Value::Null => 0,
        number => clamp(floor(number)?),
    };
    let to = match to {
        Value::Null => length,
        bound => clamp(floor(&number(float(bound)?.ceil()))?),
    };
    Ok((from, to.max(from)))
}

fn has(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match (any(arguments, 0), any(arguments, 1)) {
        (Value::Map(fields), Value::String(key)) => Ok(Value::Bool(fields.contains_key(key))),
        (Value::List(values), key @ (Value::Int(_) | Value::Float(_))) => {
            let length = i64::try_from(values.len()).unwrap_or(i64::MAX);
            Ok(Value::Bool((0..length).contains(&floor(key)?)))
        }
        (value, key) => Err(refused(value, key)),
    }
}

fn length(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let count = match any(arguments, 0) {
        Value::Null => 0,
        Value::String(text) => text.chars().count(),
        Value::List(values) => values.len(),
        Value::Map(fields) => fields.len(),
        Value::Int(whole) if *whole != i64::MIN => return Ok(Value::Int(whole.abs())),
        other @ (Value::Int(_) | Value::Float(_)) => return Ok(number(float(other)?.abs())),
        other => return Err(wrong("what has a length", other)),
    };
    Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// Whether a value holds another: a string a part, an array every element in some of its own, an
/// object every field in its own of that name.
fn contains(value: &Value, part: &Value) -> Result<bool> {
    match (value, part) {
        (Value::Map(fields), Value::Map(parts)) => {
            for (key, part) in parts.iter() {
                match fields.get(key) {
                    Some(value) if contains(value, part)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        (Value::List(values), Value::List(parts)) => {
            for part in parts.iter() {
                let mut found = false;
                for value in values.iter() {
                    let alike = kind(value) == kind(part);
                    found = found || (alike && contains(value, part)?);
                }
                if !found {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::String(text), Value::String(part)) => Ok(text.contains(&**part)),
        _ if kind(value) == kind(part) => Ok(order::equal(value, part)),
        _ => {
            let (value, part) = (kind(value), kind(part));
            Err(Error::invalid(format!("a {value} cannot contain a {part}")))
        }
    }
}

/// Where a part is in a value, every place.
fn indices(value: &Value, part: &Value) -> Result<Value> {
    match (value, part) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::String(text), Value::String(part)) => Ok(text::places(text, part)),
        (Value::List(values), Value::List(part)) => Ok(list::places(values, part)),
        (Value::List(values), part) => Ok(list::places(values, std::slice::from_ref(part))),
        _ => Err(refused(value, part)),
    }
}

fn ends(arguments: &[Value], at: i64) -> Result<Value> {
    let places = indices(any(arguments, 0), any(arguments, 1))?;
    index(&places, &Value::Int(at))
}
