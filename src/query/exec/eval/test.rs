//! The word operators: `IN`, `CONTAINS`, `STARTS WITH`, `LIKE` and their kin.

use super::pattern::{Patterns, Syntax};
use crate::error::{Error, Result};
use crate::query::ir::Test;
use crate::value::{self, Value};

/// The answer of a test; `None` where it is unknown.
pub(super) fn apply(
    patterns: &mut Patterns,
    test: Test,
    left: &Value,
    right: &Value,
) -> Result<Option<bool>> {
    match test {
        Test::In => is_in(left, right),
        Test::Contains => Ok(contains(left, right)),
        Test::ContainsAny => several(left, right, true),
        Test::ContainsAll => several(left, right, false),
        Test::StartsWith => Ok(texts(left, right).map(|(text, part)| text.starts_with(part))),
        Test::EndsWith => Ok(texts(left, right).map(|(text, part)| text.ends_with(part))),
        Test::Like => matches(patterns, Syntax::Like, left, right),
        Test::LikeIgnoreCase => matches(patterns, Syntax::LikeIgnoreCase, left, right),
        Test::Regex => matches(patterns, Syntax::Regex, left, right),
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Level(level) => Some(&level.title),
        _ => None,
    }
}

/// Both as texts; where either is not one, the answer is unknown.
fn texts<'a>(left: &'a Value, right: &'a Value) -> Option<(&'a str, &'a str)> {
    text(left).zip(text(right))
}

fn matches(
    patterns: &mut Patterns,
    syntax: Syntax,
    left: &Value,
    right: &Value,
) -> Result<Option<bool>> {
    let (Some(text), Value::String(pattern)) = (text(left), right) else {
        return Ok(None);
    };
    patterns.is_match(syntax, pattern, text).map(Some)
}

fn is_in(value: &Value, list: &Value) -> Result<Option<bool>> {
    match list {
        Value::Null => Ok(None),
        Value::List(values) => Ok(member(value, values)),
        other => Err(Error::invalid(format!(
            "`IN` needs a list, found {}",
            other.kind()
        ))),
    }
}

/// Whether some element equals the value: false of nothing, unknown where only nulls might.
fn member(value: &Value, values: &[Value]) -> Option<bool> {
    let mut known = true;
    for element in values {
        match value::equal(value, element) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
    }
    if known { Some(false) } else { None }
}

fn contains(container: &Value, part: &Value) -> Option<bool> {
    match container {
        Value::List(values) => member(part, values),
        _ => texts(container, part).map(|(text, part)| text.contains(part)),
    }
}

/// `CONTAINS ANY` (`any`) and `CONTAINS ALL` of a list of parts.
fn several(container: &Value, parts: &Value, any: bool) -> Result<Option<bool>> {
    let parts = match parts {
        Value::Null => return Ok(None),
        Value::List(parts) => parts,
        other => {
            let name = if any { "CONTAINS ANY" } else { "CONTAINS ALL" };
            return Err(Error::invalid(format!(
                "`{name}` needs a list, found {}",
                other.kind()
            )));
        }
    };
    if container.is_null() {
        return Ok(None);
    }
    let mut known = true;
    for part in parts.iter() {
        match contains(container, part) {
            Some(truth) if truth == any => return Ok(Some(any)),
            Some(_) => {}
            None => known = false,
        }
    }
    Ok(if known { Some(!any) } else { None })
}
