//! Functions of lists and maps.

use super::argument::{LIST_LIMIT, any, list, or_null, too_long_list, whole, wrong};
use super::{Context, Function, function};
use crate::error::{Error, Result};
use crate::value::Value;

const SIZE: &str = "How many elements a list or map has, or characters a text.";
const LENGTH: &str = "How many relations a path has, elements a list, or characters a text.";

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "size",
        (1, 1),
        "size(list or map or string) -> number",
        SIZE,
        size,
    ),
    function(
        "length",
        (1, 1),
        "length(path or list or string) -> number",
        LENGTH,
        length,
    ),
    function(
        "isempty",
        (1, 1),
        "isEmpty(list or map or string) -> boolean",
        "Whether there is no element, field or character.",
        is_empty,
    ),
    function(
        "head",
        (1, 1),
        "head(list) -> any",
        "The first element.",
        head,
    ),
    function(
        "last",
        (1, 1),
        "last(list) -> any",
        "The last element.",
        last,
    ),
    function(
        "tail",
        (1, 1),
        "tail(list) -> list",
        "All elements but the first.",
        tail,
    ),
    function(
        "reverse",
        (1, 1),
        "reverse(list or string) -> list or string",
        "The elements of a list, or the characters of a text, backwards.",
        reverse,
    ),
    function(
        "range",
        (2, 3),
        "range(start, end, step?) -> list",
        "The whole numbers from start to end, both included.",
        range,
    ),
    function(
        "rank",
        (1, 1),
        "rank(level) -> number",
        "The place of a level among its scorecard's levels, from 0.",
        rank,
    ),
];

fn is_empty(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(match size(context, arguments)? {
        Value::Null => Value::Null,
        _ => Value::Bool(any(arguments, 0).is_empty()),
    })
}

fn size(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let size = match any(arguments, 0) {
        Value::Null => return Ok(Value::Null),
        Value::String(text) => text.chars().count(),
        Value::List(values) => values.len(),
        Value::Map(fields) => fields.len(),
        other => return Err(wrong(0, "a list, map or string", other)),
    };
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

fn length(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Path(path) => {
            let length = i64::try_from(path.relations.len());
            Ok(Value::Int(length.unwrap_or(i64::MAX)))
        }
        Value::Null | Value::String(_) | Value::List(_) => size(context, arguments),
        other => Err(wrong(0, "a path, list or string", other)),
    }
}

fn head(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(or_null!(list(arguments, 0))
        .first()
        .cloned()
        .unwrap_or_default())
}

fn last(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(or_null!(list(arguments, 0))
        .last()
        .cloned()
        .unwrap_or_default())
}

fn tail(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(Value::list(
        or_null!(list(arguments, 0)).iter().skip(1).cloned(),
    ))
}

fn reverse(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::String(text) => Ok(Value::string(text.chars().rev().collect::<String>())),
        Value::List(values) => Ok(Value::list(values.iter().rev().cloned())),
        other => Err(wrong(0, "a list or string", other)),
    }
}

fn range(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let start = or_null!(whole(arguments, 0));
    let end = or_null!(whole(arguments, 1));
    let step = if arguments.len() > 2 {
        or_null!(whole(arguments, 2))
    } else {
        1
    };
    if step == 0 {
        return Err(Error::invalid("argument 3 must not be zero"));
    }
    let count = (i128::from(end) - i128::from(start)) / i128::from(step) + 1;
    let forward = (end >= start) == (step > 0) || end == start;
    if forward && count > i128::try_from(LIST_LIMIT).unwrap_or_default() {
        return Err(too_long_list());
    }
    let count = if forward {
        usize::try_from(count).unwrap_or_default()
    } else {
        0
    };
    let numbers = std::iter::successors(Some(start), |last| last.checked_add(step));
    Ok(Value::list(numbers.take(count).map(Value::Int)))
}

fn rank(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Level(level) => Ok(Value::Int(i64::from(level.rank))),
        other => Err(wrong(0, "a level", other)),
    }
}
