//! The operators and functions of jq, with jq's own rules; only translations of jq call them.

mod access;
mod arithmetic;
mod document;
mod format;
mod list;
mod math;
mod number;
mod object;
mod order;
mod path;
mod pattern;
mod size;
mod text;
mod time;

use super::{Context, Function};
use crate::error::{Error, Result};
use crate::value::Value;

#[cfg(feature = "jq")]
pub(crate) use number::{number, saturated};
pub(crate) use order::is_true;
#[cfg(feature = "jq")]
pub(crate) use pattern::check as check_pattern;
pub(crate) use size::check_size;

/// The tables, one a family.
pub(super) const FAMILIES: [&[Function]; 12] = [
    access::FUNCTIONS,
    arithmetic::FUNCTIONS,
    document::FUNCTIONS,
    format::FUNCTIONS,
    list::FUNCTIONS,
    math::FUNCTIONS,
    object::FUNCTIONS,
    order::FUNCTIONS,
    path::FUNCTIONS,
    pattern::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
];

/// One row of a table.
const fn row(
    name: &'static str,
    arguments: usize,
    call: fn(&Context<'_>, &[Value]) -> Result<Value>,
) -> Function {
    Function {
        name,
        min_arguments: arguments,
        max_arguments: arguments,
        clock: super::Clock::Still,
        random: false,
        signature: name,
        summary: "",
        call,
    }
}

/// One row of a table, for a function of any number of arguments.
const fn row_of_many(
    name: &'static str,
    call: fn(&Context<'_>, &[Value]) -> Result<Value>,
) -> Function {
    Function {
        max_arguments: usize::MAX,
        ..row(name, 0, call)
    }
}

/// What jq calls the kind of a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::List(_) => "array",
        Value::Map(_) => "object",
        other => other.kind(),
    }
}

/// The error of a value of the wrong kind.
fn wrong(expected: &str, found: &Value) -> Error {
    Error::invalid(format!("expected {expected}, found {}", kind(found)))
}

fn text_of(value: &Value) -> Result<&str> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong("a string", other)),
    }
}

fn list_of(value: &Value) -> Result<&[Value]> {
    match value {
        Value::List(values) => Ok(values),
        other => Err(wrong("an array", other)),
    }
}
