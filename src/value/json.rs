//! Values from JSON and to JSON.

use std::sync::Arc;

use serde::ser::{Serialize, Serializer};
use serde_json::Value as Json;

use super::{Fields, Value};

impl Value {
    /// The value of a JSON document. Whole numbers beyond 64 bits become floats.
    #[must_use]
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => number.as_f64().map_or(Self::Null, Self::Float),
            },
            Json::String(text) => Self::string(text.as_str()),
            Json::Array(values) => Self::list(values.iter().map(Self::from_json)),
            Json::Object(fields) => {
                let fields = fields.iter();
                let fields: Fields = fields
                    .map(|(k, v)| (Arc::from(k.as_str()), Self::from_json(v)))
                    .collect();
                Self::Map(Arc::new(fields))
            }
        }
    }

    /// The JSON form: instants as RFC 3339, dates and durations as ISO 8601, levels as their title, a
    /// number that JSON cannot hold (NaN, infinite) as null. An entity becomes its id, a
    /// relation the ids of its ends around that of its name, a path the ids of its entities; rows
    /// of a query carry maps instead.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(whole) => Json::from(*whole),
            Self::Float(number) => Json::from(*number),
            Self::String(text) => Json::from(&**text),
            Self::Instant(..) | Self::Date(_) | Self::Duration(_) => self.time_text().into(),
            Self::Level(level) => Json::from(&*level.title),
            Self::List(values) => values.iter().map(Self::to_json).collect(),
            Self::Map(fields) => Json::Object(
                fields
                    .iter()
                    .map(|(k, v)| (k.to_string(), v.to_json()))
                    .collect(),
            ),
            Self::Entity(id) => Json::from(id.0),
            Self::Relation(of) => Json::from(vec![of.source.0, of.relation.0, of.target.0]),
            Self::Path(path) => path.entities.iter().map(|id| Json::from(id.0)).collect(),
        }
    }
}

impl Value {
    /// The text of a point in time, date or duration; `None` for other kinds.
    pub(crate) fn time_text(&self) -> Option<String> {
        match self {
            Self::Instant(instant, offset) => Some(instant.text_at(*offset)),
            Self::Date(date) => Some(date.to_string()),
            Self::Duration(duration) => Some(duration.to_string()),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::Level(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Entity(_)
            | Self::Relation(_)
            | Self::Path(_) => None,
        }
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        Self::from_json(&json)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl std::fmt::Display for Value {
    /// The text itself for a string, the JSON form for everything else.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.as_str() {
            Some(text) => f.write_str(text),
            None => write!(f, "{}", self.to_json()),
        }
    }
}
