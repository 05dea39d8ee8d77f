//! Objects: made from fields, taken apart into entries; fields are in the order of their names.

use std::sync::Arc;

use super::super::argument::any;
use super::{Context, Function, check_size, document, list_of, row, row_of_many, wrong};
use crate::error::Result;
use crate::value::{Fields, Value};

/// The names under which an entry may have its key.
const KEYS: [&str; 6] = ["key", "k", "name", "Name", "K", "Key"];
/// The names under which an entry may have its value.
const VALUES: [&str; 3] = ["value", "v", "Value"];

pub(super) const FUNCTIONS: &[Function] = &[
    row_of_many("jq_object", object),
    row("jq_keys", 1, keys),
    row("jq_to_entries", 1, to_entries),
    row("jq_from_entries", 1, from_entries),
    row("jq_index_by", 2, index_by),
];

fn map(fields: Fields) -> Result<Value> {
    let map = Value::Map(Arc::new(fields));
    check_size(&map)?;
    Ok(map)
}

/// Of keys and values, by turns.
fn object(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let mut fields = Fields::new();
    for field in arguments.chunks_exact(2) {
        match field {
            [Value::String(key), value] => _ = fields.insert(Arc::clone(key), value.clone()),
            [other, ..] => return Err(wrong("a string as the key of an object", other)),
            [] => {}
        }
    }
    map(fields)
}

fn keys(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Map(fields) => Ok(Value::list(fields.keys().cloned().map(Value::String))),
        Value::List(values) => {
            let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
            Ok(Value::list((0..count).map(Value::Int)))
        }
        other => Err(wrong("an array or object", other)),
    }
}

fn to_entries(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let entry = |key: Value, value: &Value| {
        let fields = [("key", key), ("value", value.clone())];
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
        Value::Map(Arc::new(fields.collect()))
    };
    let entries = match any(arguments, 0) {
        Value::Map(fields) => {
            let fields = fields.iter();
            Value::list(fields.map(|(key, value)| entry(Value::String(Arc::clone(key)), value)))
        }
        Value::List(values) => {
            let numbered = (0_i64..).zip(values.iter());
            Value::list(numbered.map(|(at, value)| entry(Value::Int(at), value)))
        }
        other => return Err(wrong("an object or array", other)),
    };
    check_size(&entries)?;
    Ok(entries)
}

/// The field of the first of these names that an entry has, and that is not null.
fn field<'v>(entry: &'v Fields, names: &[&str]) -> Option<&'v Value> {
    let mut known = names.iter().filter_map(|name| entry.get(*name));
    known.find(|value| !value.is_null())
}

fn from_entries(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let entries: Vec<&Value> = match any(arguments, 0) {
        Value::List(values) => values.iter().collect(),
        Value::Map(fields) => fields.values().collect(),
        other => return Err(wrong("an array", other)),
    };
    let mut fields = Fields::new();
    for entry in entries {
        let Value::Map(entry) = entry else {
            return Err(wrong("an object", entry));
        };
        let key = match field(entry, &KEYS) {
            Some(Value::String(key)) => Arc::clone(key),
            Some(other) => document::json(other)?.into(),
            None => "null".into(),
        };
        let value = field(entry, &VALUES).or_else(|| entry.get("value"));
        fields.insert(key, value.cloned().unwrap_or_default());
    }
    map(fields)
}

/// The values of the second array by the texts of the first.
fn index_by(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let (keys, values) = (list_of(any(arguments, 0))?, list_of(any(arguments, 1))?);
    let mut fields = Fields::new();
    for (key, value) in keys.iter().zip(values) {
        fields.insert(document::text(key)?, value.clone());
    }
    map(fields)
}
