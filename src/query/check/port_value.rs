//! The values of Port's conditions: which JSON each operator takes, and what is refused by name.

use serde_json::Value as Json;

use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;

/// The condition that a value belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) property: &'a str,
    pub(super) operator: &'a str,
}

impl Place<'_> {
    fn wrong<T>(self, wanted: &str, found: &Json) -> Result<T> {
        let Place { property, operator } = self;
        let found = kind(found);
        let message =
            format!("`{operator}` on `{property}` takes {wanted} as its value, not {found}");
        Err(Error::invalid(message))
    }

    /// Refuses values that stand for something else: presets, the user, templates.
    pub(super) fn refuse_references(self, value: &Json) -> Result<()> {
        const KEYS: [(&str, &str); 3] = [
            ("preset", "a preset as a value"),
            ("context", "the user's context as a value"),
            ("jqQuery", "a jq query as a value"),
        ];
        for (key, what) in KEYS {
            if let Some(found) = value.get(key) {
                let found = found
                    .as_str()
                    .map(|text| format!(" (`{text}`)"))
                    .unwrap_or_default();
                return Err(refused(&format!("{what}{found}")));
            }
        }
        let texts = [value]
            .into_iter()
            .chain(value.as_array().into_iter().flatten());
        for text in texts.filter_map(Json::as_str) {
            if text.contains("{{") {
                return Err(refused(&format!("the template `{text}` as a value")));
            }
            if self.property == "$team" && text == "My Teams" {
                return Err(refused("the value `My Teams`"));
            }
        }
        Ok(())
    }
}

/// Part of Port's conditions that cannot be evaluated yet.
pub(super) fn refused(what: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("{what} is not supported yet"),
    )
}

/// Anything but an object.
pub(super) fn plain(value: &Json, place: Place<'_>) -> Result<Value> {
    if value.is_object() {
        place.wrong("a single value or an array", value)
    } else {
        Ok(Value::from_json(value))
    }
}

/// A string, number or boolean.
pub(super) fn scalar(value: &Json, place: Place<'_>) -> Result<Value> {
    match value {
        Json::String(_) | Json::Number(_) | Json::Bool(_) => Ok(Value::from_json(value)),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            place.wrong("a string, number or boolean", value)
        }
    }
}

/// What has an order: a number, or a text such as a date-time.
pub(super) fn ordered(value: &Json, place: Place<'_>) -> Result<Value> {
    if value.is_number() || value.is_string() {
        return Ok(Value::from_json(value));
    }
    place.wrong("a number or a date-time", value)
}

pub(super) fn text(value: &Json, place: Place<'_>) -> Result<Value> {
    if value.is_string() {
        Ok(Value::from_json(value))
    } else {
        place.wrong("a string", value)
    }
}

/// An array of strings, numbers and booleans.
pub(super) fn list(value: &Json, place: Place<'_>) -> Result<Value> {
    let Some(items) = value.as_array() else {
        return place.wrong("an array", value);
    };
    let items: Result<Vec<Value>> = items.iter().map(|item| scalar(item, place)).collect();
    Ok(Value::list(items?))
}

/// `{"from": .., "to": ..}`, both ends included.
pub(super) fn bounds(value: &Json, place: Place<'_>) -> Result<(Value, Value)> {
    match (value.get("from"), value.get("to")) {
        (Some(from), Some(to)) => Ok((ordered(from, place)?, ordered(to, place)?)),
        _ => place.wrong("an object with `from` and `to`", value),
    }
}

const fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "another object",
    }
}
