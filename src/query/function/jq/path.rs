//! Paths into values: what is there, what is put there, what is taken away.
//!
//! While paths are followed each is a pair, `[path, value]`.

use std::sync::Arc;

use super::super::argument::{LIST_LIMIT, any, too_long_list};
use super::access::{index, place};
use super::number::floor;
use super::{Context, Function, check_size, kind, list_of, order, row, wrong};
use crate::error::{Error, Result};
use crate::value::{Fields, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_path_step", 2, |_, arguments| {
        step(any(arguments, 0), any(arguments, 1))
    }),
    row("jq_path_each", 1, path_each),
    row("jq_path_at", 2, |_, arguments| {
        let steps = list_of(any(arguments, 1))?;
        let pair = any(arguments, 0).clone();
        steps.iter().try_fold(pair, |pair, key| step(&pair, key))
    }),
    row("jq_get_path", 2, |_, arguments| {
        get(any(arguments, 0), list_of(any(arguments, 1))?)
    }),
    row("jq_set_path", 3, |_, arguments| {
        let path = list_of(any(arguments, 1))?;
        let changed = set(any(arguments, 0), path, any(arguments, 2))?;
        check_size(&changed)?;
        Ok(changed)
    }),
    row("jq_delete_paths", 2, |_, arguments| {
        delete(any(arguments, 0), any(arguments, 1))
    }),
    row("jq_update", 3, update),
    row("jq_descendants", 1, |_, arguments| {
        let mut found = Vec::new();
        descend(any(arguments, 0), &mut found)?;
        Ok(Value::list(found))
    }),
    row("jq_paths", 1, |_, arguments| {
        let mut found = Vec::new();
        paths(any(arguments, 0), &mut Vec::new(), &mut found)?;
        Ok(Value::list(found))
    }),
];

fn step(pair: &Value, key: &Value) -> Result<Value> {
    let [Value::List(path), value] = list_of(pair)? else {
        return Err(wrong("a path", pair));
    };
    let value = index(value, key)?;
    let path = path.iter().chain([key]).cloned();
    Ok(Value::list([Value::list(path), value]))
}

/// One step further to every element.
fn path_each(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let pair = any(arguments, 0);
    let keys: Vec<Value> = match list_of(pair)? {
        [_, Value::List(values)] => (0_i64..)
            .zip(values.iter())
            .map(|(at, _)| Value::Int(at))
            .collect(),
        [_, Value::Map(fields)] => fields.keys().cloned().map(Value::String).collect(),
        [_, other] => return Err(wrong("an array or object", other)),
        _ => return Err(wrong("a path", pair)),
    };
    let steps: Result<Vec<Value>> = keys.iter().map(|key| step(pair, key)).collect();
    Ok(Value::list(steps?))
}

fn get(value: &Value, path: &[Value]) -> Result<Value> {
    let mut found = value.clone();
    for key in path {
        if found.is_null() {
            return Ok(Value::Null);
        }
        found = index(&found, key)?;
    }
    Ok(found)
}

/// The value with another at a path. Paths are as long as values may be deep, else
/// [`check_size`] refuses what comes out.
fn set(value: &Value, path: &[Value], to: &Value) -> Result<Value> {
    let Some((key, rest)) = path.split_first() else {
        return Ok(to.clone());
    };
    if path.len() > super::size::DEPTH {
        return Err(wrong("a shorter path", key));
    }
    match (value, key) {
        (Value::Map(_) | Value::Null, Value::String(name)) => {
            let inner = set(&index(value, key)?, rest, to)?;
            let mut fields = match value {
                Value::Map(fields) => Arc::clone(fields),
                _ => Arc::default(),
            };
            Arc::make_mut(&mut fields).insert(Arc::clone(name), inner);
            Ok(Value::Map(fields))
        }
        (Value::List(_) | Value::Null, Value::Int(_) | Value::Float(_)) => {
            let inner = set(&index(value, key)?, rest, to)?;
            put(value, key, inner)
        }
        _ => {
            let (value, key) = (kind(value), kind(key));
            Err(Error::invalid(format!(
                "cannot set in a {value} with a {key}"
            )))
        }
    }
}

/// An array, or null for an empty one, with another element; filled up with nulls.
fn put(array: &Value, key: &Value, element: Value) -> Result<Value> {
    let mut values = match array {
        Value::List(values) => values.to_vec(),
        _ => Vec::new(),
    };
    let at = match floor(key)? {
        beyond if beyond >= 0 => usize::try_from(beyond).unwrap_or(usize::MAX),
        _ => place(key, values.len())?
            .ok_or_else(|| Error::invalid("an index before the start of the array"))?,
    };
    if at >= LIST_LIMIT {
        return Err(too_long_list());
    }
    if at >= values.len() {
        values.resize(at + 1, Value::Null);
    }
    if let Some(place) = values.get_mut(at) {
        *place = element;
    }
    Ok(Value::list(values))
}

/// The value without what is at the paths: the last first, so that none moves another.
fn delete(value: &Value, paths: &Value) -> Result<Value> {
    let mut paths: Vec<&Value> = list_of(paths)?.iter().collect();
    paths.sort_by(|a, b| order::compare(b, a));
    paths.dedup_by(|a, b| order::equal(a, b));
    let mut left = value.clone();
    for path in paths {
        left = without(&left, list_of(path)?)?;
    }
    Ok(left)
}

fn without(value: &Value, path: &[Value]) -> Result<Value> {
    match (path, value) {
        ([], _) | (_, Value::Null) => Ok(Value::Null),
        ([Value::String(key)], Value::Map(fields)) => {
            let mut fields: Fields = (**fields).clone();
            fields.remove(key);
            Ok(Value::Map(Arc::new(fields)))
        }
        ([key @ (Value::Int(_) | Value::Float(_))], Value::List(values)) => {
            let gone = place(key, values.len())?;
            let kept = values
                .iter()
                .enumerate()
                .filter(|(at, _)| Some(*at) != gone);
            Ok(Value::list(kept.map(|(_, value)| value.clone())))
        }
        ([key], _) => {
            let (value, key) = (kind(value), kind(key));
            Err(Error::invalid(format!(
                "cannot delete from a {value} with a {key}"
            )))
        }
        ([key, rest @ ..], _) => {
            let inner = index(value, key)?;
            if inner.is_null() {
                return Ok(value.clone());
            }
            let inner = without(&inner, rest)?;
            set(value, std::slice::from_ref(key), &inner)
        }
    }
}

/// One step of `|=`: of the value so far and the paths to delete, a path, and its new value in an
/// array, empty where there is none.
fn update(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let (state, path) = (any(arguments, 0), any(arguments, 1));
    let ([value, gone], new) = (list_of(state)?, list_of(any(arguments, 2))?) else {
        return Err(wrong("a value and paths", state));
    };
    if let Some(new) = new.first() {
        let changed = set(value, list_of(path)?, new)?;
        check_size(&changed)?;
        return Ok(Value::list([changed, gone.clone()]));
    }
    let gone = list_of(gone)?.iter().chain([path]).cloned();
    Ok(Value::list([value.clone(), Value::list(gone)]))
}

/// The value, and all within, in the order of a walk.
fn descend(value: &Value, found: &mut Vec<Value>) -> Result<()> {
    if found.len() >= LIST_LIMIT {
        return Err(too_long_list());
    }
    found.push(value.clone());
    match value {
        Value::List(values) => values.iter().try_for_each(|value| descend(value, found)),
        Value::Map(fields) => fields.values().try_for_each(|value| descend(value, found)),
        _ => Ok(()),
    }
}

/// Every path into the value, in the order of a walk. The value nests no deeper than it may.
fn paths(value: &Value, here: &mut Vec<Value>, found: &mut Vec<Value>) -> Result<()> {
    let inner: Vec<(Value, &Value)> = match value {
        Value::List(values) => (0_i64..).map(Value::Int).zip(values.iter()).collect(),
        Value::Map(fields) => {
            let fields = fields.iter();
            fields
                .map(|(key, value)| (Value::String(Arc::clone(key)), value))
                .collect()
        }
        _ => return Ok(()),
    };
    for (key, value) in inner {
        here.push(key);
        if found.len() >= LIST_LIMIT / (here.len() + 1) {
            return Err(too_long_list());
        }
        found.push(Value::list(here.iter().cloned()));
        paths(value, here, found)?;
        here.pop();
    }
    Ok(())
}
