//! Functions of texts; positions and lengths count characters, not bytes.

use super::argument::{
    LIST_LIMIT, TEXT_LIMIT, amount, any, list, or_null, text, too_long_list, too_long_text,
};
use super::{Context, Function, function};
use crate::error::Result;
use crate::value::Value;

const LOWER: &str = "The text in lower case.";
const UPPER: &str = "The text in upper case.";

pub(super) const FUNCTIONS: &[Function] = &[
    function("lower", (1, 1), "lower(string) -> string", LOWER, lower),
    function("tolower", (1, 1), "toLower(string) -> string", LOWER, lower),
    function("upper", (1, 1), "upper(string) -> string", UPPER, upper),
    function("toupper", (1, 1), "toUpper(string) -> string", UPPER, upper),
    function(
        "trim",
        (1, 1),
        "trim(string) -> string",
        "Without white space at both ends.",
        trim,
    ),
    function(
        "btrim",
        (1, 1),
        "btrim(string) -> string",
        "Without white space at both ends.",
        trim,
    ),
    function(
        "ltrim",
        (1, 1),
        "ltrim(string) -> string",
        "Without white space in front.",
        ltrim,
    ),
    function(
        "rtrim",
        (1, 1),
        "rtrim(string) -> string",
        "Without white space at the end.",
        rtrim,
    ),
    function(
        "left",
        (2, 2),
        "left(string, n) -> string",
        "The first n characters.",
        left,
    ),
    function(
        "right",
        (2, 2),
        "right(string, n) -> string",
        "The last n characters.",
        right,
    ),
    function(
        "substring",
        (2, 3),
        "substring(string, start, length?) -> string",
        "The characters from a position, counted from 0.",
        substring,
    ),
    function(
        "split",
        (2, 2),
        "split(string, separator) -> list",
        "The parts between the separators; by characters where the separator is empty.",
        split,
    ),
    function(
        "replace",
        (3, 3),
        "replace(string, old, new) -> string",
        "Every occurrence of one text replaced by another.",
        replace,
    ),
    function(
        "join",
        (2, 2),
        "join(list, separator) -> string",
        "The texts of a list in one, nulls left out.",
        join,
    ),
];

fn map(arguments: &[Value], apply: impl Fn(&str) -> String) -> Result<Value> {
    let text = or_null!(text(arguments, 0));
    Ok(Value::string(apply(text)))
}

fn lower(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    map(arguments, str::to_lowercase)
}

fn upper(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    map(arguments, str::to_uppercase)
}

fn trim(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    map(arguments, |text| text.trim().to_owned())
}

fn ltrim(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    map(arguments, |text| text.trim_start().to_owned())
}

fn rtrim(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    map(arguments, |text| text.trim_end().to_owned())
}

fn left(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let count = or_null!(amount(arguments, 1));
    map(arguments, |text| text.chars().take(count).collect())
}

fn right(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let count = or_null!(amount(arguments, 1));
    map(arguments, |text| {
        text.chars()
            .skip(text.chars().count().saturating_sub(count))
            .collect()
    })
}

fn substring(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let start = or_null!(amount(arguments, 1));
    let length = if arguments.len() > 2 {
        or_null!(amount(arguments, 2))
    } else {
        usize::MAX
    };
    map(arguments, |text| {
        text.chars().skip(start).take(length).collect()
    })
}

fn split(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = or_null!(text(arguments, 0));
    let separator = or_null!(text(arguments, 1));
    let parts: Vec<Value> = if separator.is_empty() {
        whole
            .chars()
            .take(LIST_LIMIT + 1)
            .map(|c| Value::string(c.to_string()))
            .collect()
    } else {
        whole
            .split(separator)
            .take(LIST_LIMIT + 1)
            .map(Value::from)
            .collect()
    };
    if parts.len() > LIST_LIMIT {
        Err(too_long_list())
    } else {
        Ok(Value::list(parts))
    }
}

fn replace(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = or_null!(text(arguments, 0));
    let old = or_null!(text(arguments, 1));
    let new = or_null!(text(arguments, 2));
    if old.is_empty() {
        return Ok(any(arguments, 0).clone());
    }
    let growth = whole.matches(old).count().saturating_mul(new.len());
    if whole.len().saturating_add(growth) > TEXT_LIMIT {
        return Err(too_long_text());
    }
    Ok(Value::string(whole.replace(old, new)))
}

fn join(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let values = or_null!(list(arguments, 0));
    let separator = or_null!(text(arguments, 1));
    let mut joined = String::new();
    for (place, value) in values.iter().filter(|value| !value.is_null()).enumerate() {
        if place > 0 {
            joined.push_str(separator);
        }
        joined.push_str(&value.to_string());
        if joined.len() > TEXT_LIMIT {
            return Err(too_long_text());
        }
    }
    Ok(Value::string(joined))
}
