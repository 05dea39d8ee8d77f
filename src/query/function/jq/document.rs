//! Values as JSON documents: what jq sees of properties, and JSON as text.

use std::sync::Arc;

use serde_json::Value as Json;

use super::super::argument::{TEXT_LIMIT, any, too_long_text};
use super::number::{self, number};
use super::{Context, Function, kind, row, text_of, wrong};
use crate::error::{Error, Result};
use crate::value::{Fields, Instant, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_document", 1, |_, arguments| {
        Ok(document(any(arguments, 0)))
    }),
    row("jq_time_stamp", 1, |_, arguments| {
        Ok(match any(arguments, 0) {
            Value::Instant(instant, _) => Value::string(stamp(*instant)),
            other => document(other),
        })
    }),
    row("jq_present", 1, present),
    row("jq_type", 1, |_, arguments| {
        Ok(Value::from(kind(any(arguments, 0))))
    }),
    row("jq_is", 2, |_, arguments| {
        let wanted = text_of(any(arguments, 1))?;
        Ok(Value::Bool(is(any(arguments, 0), wanted)))
    }),
    row("jq_to_string", 1, |_, arguments| {
        text(any(arguments, 0)).map(Value::String)
    }),
    row("jq_to_json", 1, |_, arguments| {
        json(any(arguments, 0)).map(Value::string)
    }),
    row("jq_from_json", 1, |_, arguments| {
        parsed(text_of(any(arguments, 0))?)
    }),
    row("jq_to_number", 1, to_number),
];

/// The value as JSON has it: what is no JSON as its text, an entity not at all.
fn document(value: &Value) -> Value {
    match value {
        Value::Instant(..) | Value::Date(_) | Value::Duration(_) => value.time_text().into(),
        Value::Level(level) => Value::String(Arc::clone(&level.title)),
        Value::Entity(_) => Value::Null,
        Value::List(values) if values.iter().any(|value| !is_plain(value)) => {
            Value::list(values.iter().map(document))
        }
        other => other.clone(),
    }
}

/// Maps come from JSON, so within them everything is plain.
const fn is_plain(value: &Value) -> bool {
    !matches!(
        value,
        Value::Instant(..)
            | Value::Date(_)
            | Value::Duration(_)
            | Value::Level(_)
            | Value::Entity(_)
            | Value::List(_)
    )
}

/// RFC 3339 in UTC with three digits of fraction, as clients of Port's see meta-properties.
fn stamp(instant: Instant) -> String {
    let whole = Instant(instant.0.saturating_sub(instant.0.rem_euclid(1_000_000)));
    let text = whole.to_string();
    let milliseconds = instant.0.rem_euclid(1_000_000) / 1_000;
    format!("{}.{milliseconds:03}Z", text.trim_end_matches('Z'))
}

/// The fields of a map that are not null.
fn present(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let Value::Map(fields) = any(arguments, 0) else {
        return Err(wrong("an object", any(arguments, 0)));
    };
    let fields = fields.iter().filter(|(_, value)| !value.is_null());
    let fields: Fields = fields.map(|(k, v)| (Arc::clone(k), v.clone())).collect();
    Ok(Value::Map(Arc::new(fields)))
}

fn is(value: &Value, wanted: &str) -> bool {
    match (wanted, value) {
        ("iterable", value) => matches!(value, Value::List(_) | Value::Map(_)),
        ("scalar", value) => !is(value, "iterable"),
        ("nan", Value::Float(number)) => number.is_nan(),
        ("infinite", Value::Float(number)) => number.is_infinite(),
        ("normal", Value::Float(number)) => number.is_normal(),
        ("normal", Value::Int(whole)) => *whole != 0,
        ("finite", Value::Float(number)) => number.is_finite(),
        ("finite", Value::Int(_)) => true,
        _ => kind(value) == wanted,
    }
}

/// The text of a string, else the JSON text.
pub(super) fn text(value: &Value) -> Result<Arc<str>> {
    match value {
        Value::String(text) => Ok(Arc::clone(text)),
        other => Ok(json(other)?.into()),
    }
}

/// The JSON text, without blanks.
pub(super) fn json(value: &Value) -> Result<String> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, to: &mut String) -> Result<()> {
    match value {
        Value::List(values) => {
            to.push('[');
            for (at, value) in values.iter().enumerate() {
                to.push_str(if at == 0 { "" } else { "," });
                write(value, to)?;
            }
            to.push(']');
        }
        Value::Map(fields) => {
            to.push('{');
            for (at, (key, value)) in fields.iter().enumerate() {
                to.push_str(if at == 0 { "" } else { "," });
                to.push_str(&Json::from(&**key).to_string());
                to.push(':');
                write(value, to)?;
            }
            to.push('}');
        }
        other => match number::text(other) {
            Some(number) => to.push_str(&number),
            None => to.push_str(&other.to_json().to_string()),
        },
    }
    if to.len() > TEXT_LIMIT {
        return Err(too_long_text());
    }
    Ok(())
}

fn parsed(text: &str) -> Result<Value> {
    let json: Json =
        serde_json::from_str(text).map_err(|error| Error::invalid(format!("not JSON: {error}")))?;
    Ok(Value::from_json(&json))
}

fn to_number(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        number @ (Value::Int(_) | Value::Float(_)) => Ok(number.clone()),
        Value::String(text) => match parsed(text) {
            Ok(Value::Int(whole)) => Ok(Value::Int(whole)),
            Ok(Value::Float(float)) => Ok(number(float)),
            _ => Err(Error::invalid(format!("`{text}` is not a number"))),
        },
        other => Err(wrong("a string or number", other)),
    }
}
