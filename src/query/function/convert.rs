//! Functions that turn one kind of value into another.

use std::sync::Arc;

use super::argument::{any, or_null, wrong};
use super::{Context, Function, function};
use crate::error::Result;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "coalesce",
        (1, usize::MAX),
        "coalesce(value, ..) -> any",
        "The first argument that is not null.",
        coalesce,
    ),
    function(
        "tostring",
        (1, 1),
        "toString(value) -> string",
        "The text of a string, number, boolean, instant, date, duration or level.",
        to_string,
    ),
    function(
        "tointeger",
        (1, 1),
        "toInteger(value) -> number",
        "The whole number in a number, boolean or string; null where there is none.",
        to_integer,
    ),
    function(
        "tofloat",
        (1, 1),
        "toFloat(value) -> number",
        "The number in a number or string, with a fraction; null where there is none.",
        to_float,
    ),
    function(
        "toboolean",
        (1, 1),
        "toBoolean(value) -> boolean",
        "The boolean in a boolean, whole number or string; null where there is none.",
        to_boolean,
    ),
    function(
        "tostringornull",
        (1, 1),
        "toStringOrNull(value) -> string",
        "As toString, and null of a list, a map or an entity.",
        |context, arguments| or_null(to_string(context, arguments)),
    ),
    function(
        "tointegerornull",
        (1, 1),
        "toIntegerOrNull(value) -> number",
        "As toInteger, and null of any other kind of value.",
        |context, arguments| or_null(to_integer(context, arguments)),
    ),
    function(
        "tofloatornull",
        (1, 1),
        "toFloatOrNull(value) -> number",
        "As toFloat, and null of any other kind of value.",
        |context, arguments| or_null(to_float(context, arguments)),
    ),
    function(
        "tobooleanornull",
        (1, 1),
        "toBooleanOrNull(value) -> boolean",
        "As toBoolean, and null of any other kind of value.",
        |context, arguments| or_null(to_boolean(context, arguments)),
    ),
    function(
        "valuetype",
        (1, 1),
        "valueType(value) -> string",
        "The kind of a value: string, number, boolean, instant, date, duration, level, list, map ..",
        value_type,
    ),
];

/// Null in place of the error of a wrong kind of argument, which is the only one there is.
fn or_null(converted: Result<Value>) -> Result<Value> {
    Ok(converted.unwrap_or_default())
}

fn value_type(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        other => Ok(Value::from(other.kind())),
    }
}

fn coalesce(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(arguments
        .iter()
        .find(|value| !value.is_null())
        .cloned()
        .unwrap_or_default())
}

fn to_string(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        text @ Value::String(_) => Ok(text.clone()),
        Value::Float(number) => Ok(Value::string(float_text(*number))),
        other @ (Value::List(_)
        | Value::Map(_)
        | Value::Entity(_)
        | Value::Relation(_)
        | Value::Path(_)) => Err(wrong(0, "a single value", other)),
        Value::Level(level) => Ok(Value::String(Arc::clone(&level.title))),
        other @ (Value::Bool(_) | Value::Int(_)) => Ok(Value::string(other.to_string())),
        time @ (Value::Instant(..) | Value::Date(_) | Value::Duration(_)) => {
            Ok(time.time_text().into())
        }
    }
}

/// A float keeps its fraction in text, so that it reads back as one.
pub(crate) fn float_text(number: f64) -> String {
    if number.is_finite() {
        format!("{number:?}")
    } else {
        number.to_string()
    }
}

fn to_integer(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Int(whole) => Ok(Value::Int(*whole)),
        Value::Bool(value) => Ok(Value::Int(i64::from(*value))),
        Value::Float(number) => Ok(truncate(*number).into()),
        Value::String(text) => {
            let text = text.trim();
            let whole = text.parse::<i64>().ok();
            Ok(whole.or_else(|| truncate(text.parse().ok()?)).into())
        }
        other => Err(wrong(0, "a number, boolean or string", other)),
    }
}

/// The whole part of a float; `None` where 64 bits cannot hold it.
pub(crate) fn truncate(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let whole = number.trunc();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within the range of 64 bits"
    )]
    (-LIMIT..LIMIT).contains(&whole).then_some(whole as i64)
}

/// The float nearest to a whole number.
pub(crate) fn widen(whole: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest float is what is asked for"
    )]
    let wide = whole as f64;
    wide
}

fn to_float(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Int(whole) => Ok(Value::Float(widen(*whole))),
        Value::Float(number) => Ok(Value::Float(*number)),
        Value::String(text) => Ok(text.trim().parse::<f64>().ok().into()),
        other => Err(wrong(0, "a number or string", other)),
    }
}

fn to_boolean(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Bool(value) => Ok(Value::Bool(*value)),
        Value::Int(whole) => Ok(Value::Bool(*whole != 0)),
        Value::String(text) => {
            let is = |name: &str| text.trim().eq_ignore_ascii_case(name);
            Ok(if is("true") {
                Some(true)
            } else {
                is("false").then_some(false)
            }
            .into())
        }
        other => Err(wrong(0, "a boolean, whole number or string", other)),
    }
}

/// The two operands of a float operation; null where one is.
pub(super) fn number(arguments: &[Value], at: usize) -> Result<Option<f64>> {
    match any(arguments, at) {
        Value::Null => Ok(None),
        Value::Int(whole) => Ok(Some(widen(*whole))),
        Value::Float(number) => Ok(Some(*number)),
        other => Err(wrong(at, "a number", other)),
    }
}

/// Applies a float function to the first argument.
pub(super) fn with_number(arguments: &[Value], apply: fn(f64) -> f64) -> Result<Value> {
    let number = or_null!(number(arguments, 0));
    Ok(Value::Float(apply(number)))
}
