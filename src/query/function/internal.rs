//! Functions that no text can call: what translations and declared types need at run time.

use std::sync::Arc;

use super::argument::any;
use super::{Context, Function, function};
use crate::error::Result;
use crate::value::{Instant, Value};

/// The type of points in time; other declared types go by the name of their property type.
pub(crate) const INSTANT: &str = "date-time";

/// Lists and maps are looked into this far for what no property can hold.
const DEPTH: u32 = 256;

pub(crate) const FUNCTIONS: &[Function] = &[function(
    "as_type",
    (2, 3),
    "as_type(value, type, items?) -> any",
    "The value where it is of a declared type, else null.",
    as_type,
)];

/// Gives the value as a property of the type named by the second argument holds it, and its
/// elements of the type named by the third; null where it is of another type.
fn as_type(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let (Value::String(kind), value) = (any(arguments, 1), any(arguments, 0)) else {
        return Ok(Value::Null);
    };
    let fitted = fitted(value, kind);
    let (Value::List(values), Value::String(items)) = (&fitted, any(arguments, 2)) else {
        return Ok(fitted);
    };
    let elements: Option<Vec<Value>> = values.iter().map(|value| element(value, items)).collect();
    Ok(elements.map(Value::list).into())
}

/// An element of a list; a null stays one.
fn element(value: &Value, kind: &str) -> Option<Value> {
    let element = fitted(value, kind);
    (value.is_null() || !element.is_null()).then_some(element)
}

fn fitted(value: &Value, kind: &str) -> Value {
    match (kind, value) {
        ("string", Value::String(_)) | ("boolean", Value::Bool(_)) | ("number", Value::Int(_)) => {
            value.clone()
        }
        ("number", Value::Float(number)) if number.is_finite() => value.clone(),
        ("string", Value::Level(level)) => Value::String(Arc::clone(&level.title)),
        ("string", Value::Instant(..) | Value::Date(_) | Value::Duration(_)) => {
            value.time_text().into()
        }
        (INSTANT, Value::Instant(..)) => value.clone(),
        (INSTANT, Value::Date(date)) => date.midnight().into(),
        (INSTANT, Value::String(text)) => Instant::parse(text).into(),
        ("array", Value::List(_)) | ("object", Value::Map(_)) if is_plain(value, DEPTH) => {
            value.clone()
        }
        _ => Value::Null,
    }
}

/// Whether no entity is within, which a property cannot hold.
fn is_plain(value: &Value, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Entity(_) | Value::Relation(_) | Value::Path(_) => false,
        Value::List(values) => values.iter().all(|value| is_plain(value, depth)),
        Value::Map(fields) => fields.values().all(|value| is_plain(value, depth)),
        Value::Float(number) => number.is_finite(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::query::function::{find, internal};
    use crate::state::State;
    use crate::value::EntityId;

    fn as_type(arguments: &[Value]) -> Value {
        let (state, now) = (State::default(), Instant(0));
        let function = internal("as_type").unwrap();
        let draws = std::cell::Cell::default();
        let context = Context {
            state: &state,
            now,
            draws: &draws,
        };
        (function.call)(&context, arguments).unwrap()
    }

    #[test]
    fn no_text_finds_an_internal_function() {
        assert!(find("as_type").is_none());
        assert!(super::super::all().all(|known| known.name != "as_type"));
        assert!(
            internal("AS_TYPE").is_none(),
            "translations write it exactly"
        );
    }

    #[test]
    fn a_value_of_the_type_stays_and_of_another_is_null() {
        let noon = Instant::parse("2024-05-31T12:00:00Z").unwrap();
        let list = |values: &[Value]| Value::list(values.iter().cloned());
        let table: [(Value, &[&str], Value); 18] = [
            (1.into(), &["number"], 1.into()),
            (1.5.into(), &["number"], 1.5.into()),
            (f64::NAN.into(), &["number"], Value::Null),
            ("1".into(), &["number"], Value::Null),
            (true.into(), &["boolean"], true.into()),
            (1.into(), &["boolean"], Value::Null),
            ("x".into(), &["string"], "x".into()),
            (1.into(), &["string"], Value::Null),
            (noon.into(), &["string"], "2024-05-31T12:00:00Z".into()),
            (noon.into(), &["date-time"], noon.into()),
            ("2024-05-31T12:00:00Z".into(), &["date-time"], noon.into()),
            ("soon".into(), &["date-time"], Value::Null),
            (Value::Null, &["string"], Value::Null),
            (
                list(&[1.into(), "x".into()]),
                &["array"],
                list(&[1.into(), "x".into()]),
            ),
            (
                list(&[1.into(), Value::Null]),
                &["array", "number"],
                list(&[1.into(), Value::Null]),
            ),
            (
                list(&[1.into(), "x".into()]),
                &["array", "number"],
                Value::Null,
            ),
            (
                list(&["2024-05-31T12:00:00Z".into()]),
                &["array", "date-time"],
                list(&[noon.into()]),
            ),
            (
                list(&[list(&[Value::Entity(EntityId(3))])]),
                &["array"],
                Value::Null,
            ),
        ];
        for (value, types, expected) in table {
            let shown = format!("{value:?} as {types:?}");
            let types = types.iter().map(|name| Value::from(*name));
            let arguments: Vec<Value> = std::iter::once(value).chain(types).collect();
            let found = as_type(&arguments);
            assert_eq!(found, expected, "{shown}");
            assert_eq!(found.kind(), expected.kind(), "{shown}");
        }
    }
}
