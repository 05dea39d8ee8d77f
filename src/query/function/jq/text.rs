//! Strings: parts, case, characters.

use std::sync::Arc;

use super::super::argument::{TEXT_LIMIT, any, too_long_text};
use super::number::saturated;
use super::{Context, Function, document, list_of, number, row, row_of_many, text_of, wrong};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    row_of_many("jq_concatenate", |_, arguments| {
        concatenated(arguments.iter())
    }),
    row("jq_starts_with", 2, |_, arguments| {
        let (text, part) = pair(arguments)?;
        Ok(Value::Bool(text.starts_with(part)))
    }),
    row("jq_ends_with", 2, |_, arguments| {
        let (text, part) = pair(arguments)?;
        Ok(Value::Bool(text.ends_with(part)))
    }),
    row("jq_trim_start_text", 2, |_, arguments| {
        Ok(trimmed(arguments, |text, part| text.strip_prefix(part)))
    }),
    row("jq_trim_end_text", 2, |_, arguments| {
        Ok(trimmed(arguments, |text, part| text.strip_suffix(part)))
    }),
    row("jq_trim", 1, |_, arguments| {
        mapped(arguments, |text| text.trim().into())
    }),
    row("jq_trim_start", 1, |_, arguments| {
        mapped(arguments, |text| text.trim_start().into())
    }),
    row("jq_trim_end", 1, |_, arguments| {
        mapped(arguments, |text| text.trim_end().into())
    }),
    row("jq_ascii_lower", 1, |_, arguments| {
        mapped(arguments, |text| text.to_ascii_lowercase().into())
    }),
    row("jq_ascii_upper", 1, |_, arguments| {
        mapped(arguments, |text| text.to_ascii_uppercase().into())
    }),
    row("jq_split", 2, |_, arguments| {
        let (text, separator) = pair(arguments)?;
        split(text, separator)
    }),
    row("jq_join", 2, join),
    row("jq_explode", 1, |_, arguments| {
        let text = text_of(any(arguments, 0))?;
        let codes = text
            .chars()
            .map(|character| i64::from(u32::from(character)));
        Ok(Value::list(codes.map(Value::Int)))
    }),
    row("jq_implode", 1, implode),
    row("jq_bytes", 1, |_, arguments| {
        let length = text_of(any(arguments, 0))?.len();
        Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
    }),
];

fn pair(arguments: &[Value]) -> Result<(&str, &str)> {
    Ok((text_of(any(arguments, 0))?, text_of(any(arguments, 1))?))
}

fn mapped(arguments: &[Value], apply: impl FnOnce(&str) -> Arc<str>) -> Result<Value> {
    Ok(Value::String(apply(text_of(any(arguments, 0))?)))
}

/// The text without a part at its end; anything else as it is.
fn trimmed(arguments: &[Value], strip: for<'t> fn(&'t str, &str) -> Option<&'t str>) -> Value {
    let whole = any(arguments, 0);
    let stripped = pair(arguments)
        .ok()
        .and_then(|(text, part)| strip(text, part));
    stripped.map_or_else(|| whole.clone(), Value::from)
}

/// Strings one after the other.
pub(super) fn concatenated<'v>(parts: impl Iterator<Item = &'v Value>) -> Result<Value> {
    let mut all = String::new();
    for part in parts {
        push(&mut all, text_of(part)?)?;
    }
    Ok(Value::string(all))
}

/// Appends to a text that must not become too long.
pub(super) fn push(text: &mut String, part: &str) -> Result<()> {
    if text.len().saturating_add(part.len()) > TEXT_LIMIT {
        return Err(too_long_text());
    }
    text.push_str(part);
    Ok(())
}

pub(super) fn split(text: &str, separator: &str) -> Result<Value> {
    if text.is_empty() {
        return Ok(Value::list([]));
    }
    let parts: Vec<Value> = if separator.is_empty() {
        let character = |c: char| Value::from(&*c.encode_utf8(&mut [0; 4]));
        text.chars().map(character).collect()
    } else {
        text.split(separator).map(Value::from).collect()
    };
    let parts = Value::list(parts);
    super::check_size(&parts)?;
    Ok(parts)
}

fn join(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let values = match any(arguments, 0) {
        Value::Map(fields) => fields.values().cloned().collect(),
        other => list_of(other)?.to_vec(),
    };
    if values.is_empty() {
        return Ok(Value::from(""));
    }
    let separator = match any(arguments, 1) {
        Value::Null => "",
        // Of one element nothing is joined.
        _ if values.len() == 1 => "",
        other => text_of(other)?,
    };
    let mut joined = String::new();
    for (at, value) in values.iter().enumerate() {
        push(&mut joined, if at == 0 { "" } else { separator })?;
        match value {
            Value::Null => {}
            Value::String(text) => push(&mut joined, text)?,
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                push(&mut joined, &document::json(value)?)?;
            }
            other => return Err(wrong("a string, number or boolean to join", other)),
        }
    }
    Ok(Value::string(joined))
}

fn implode(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let codes = list_of(any(arguments, 0))?;
    let character = |code: &Value| -> Result<char> {
        let code = saturated(number::float(code)?);
        let known = u32::try_from(code).ok().and_then(char::from_u32);
        known.ok_or_else(|| Error::invalid(format!("{code} is not a character")))
    };
    let text: Result<String> = codes.iter().map(character).collect();
    Ok(Value::string(text?))
}

/// Where a part begins, every place, counted in characters.
pub(super) fn places(text: &str, part: &str) -> Value {
    if part.is_empty() {
        return Value::Null;
    }
    let starts = (0_i64..).zip(text.char_indices());
    let found = starts
        .filter(|(_, (byte, _))| text.get(*byte..).is_some_and(|rest| rest.starts_with(part)));
    Value::list(found.map(|(at, _)| Value::Int(at)))
}
