//! Values into types of the caller's, by serde, without a JSON document between.

use std::fmt::Display;

use serde::de::value::{
    BorrowedStrDeserializer, Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer,
};
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::Value;

/// Reads a value in its JSON form: instants, dates and durations as texts, levels as their title, a
/// number that JSON cannot hold as null, an entity as its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<'de>(pub(crate) &'de Value);

impl Cell<'_> {
    fn is_null(self) -> bool {
        if let Value::Float(number) = self.0 {
            !number.is_finite()
        } else {
            self.0.is_null()
        }
    }
}

fn text<'de, V: Visitor<'de>>(value: impl Display, visitor: V) -> Result<V::Value, Error> {
    visitor.visit_string(value.to_string())
}

impl<'de> Deserializer<'de> for Cell<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            _ if self.is_null() => visitor.visit_unit(),
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(whole) => visitor.visit_i64(*whole),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Instant(instant, offset) => visitor.visit_string(instant.text_at(*offset)),
            Value::Date(date) => text(date, visitor),
            Value::Duration(duration) => text(duration, visitor),
            Value::Level(level) => visitor.visit_borrowed_str(&level.title),
            Value::List(values) => {
                let mut values = SeqDeserializer::new(values.iter().map(Cell));
                let read = visitor.visit_seq(&mut values)?;
                values.end()?;
                Ok(read)
            }
            Value::Map(fields) => {
                let fields = fields.iter().map(|(key, value)| (&**key, Cell(value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            Value::Entity(id) => visitor.visit_u32(id.0),
            Value::Relation(of) => {
                let ids = [of.source.0, of.relation.0, of.target.0];
                visitor.visit_seq(SeqDeserializer::new(ids.into_iter()))
            }
            Value::Path(path) => {
                let ids = path.entities.iter().map(|id| id.0);
                visitor.visit_seq(SeqDeserializer::new(ids))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Value::Map(fields) = self.0 {
            let fields = fields.iter().map(|(key, value)| (&**key, Cell(value)));
            return visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(fields)));
        }
        let text = if let Value::Level(level) = self.0 {
            Some(&*level.title)
        } else {
            self.0.as_str()
        };
        let Some(text) = text else {
            let found = de::Unexpected::Other(self.0.kind());
            return Err(de::Error::invalid_type(found, &visitor));
        };
        BorrowedStrDeserializer::new(text).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de> for Cell<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;

    use super::Cell;
    use crate::value::{Instant, Level, Value};

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            ".{0,8}".prop_map(Value::from),
            any::<i32>().prop_map(|at| Value::from(Instant(i64::from(at)))),
            any::<u32>().prop_map(|id| Value::Entity(crate::value::EntityId(id))),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c]{1,2}", inner, 0..4).prop_map(|fields| {
                    let fields = fields.into_iter();
                    let fields = fields.map(|(key, value)| (key.as_str().into(), value));
                    Value::Map(std::sync::Arc::new(fields.collect()))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_as_the_json_form_does(value in value()) {
            let read = serde_json::Value::deserialize(Cell(&value)).unwrap();
            prop_assert_eq!(read, value.to_json());
        }
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Service {
        tier: u8,
        weight: f64,
        owner: Option<String>,
        kind: Kind,
        level: String,
        tags: Vec<String>,
        extra: BTreeMap<String, i64>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Backend,
        Other { name: String },
    }

    #[test]
    fn structs_take_what_is_named_like_their_fields() {
        let mut json = json!({"tier": 1, "weight": 2, "owner": null, "kind": "backend",
            "level": "Gold", "tags": ["a"], "extra": {"x": 3}, "unknown": [1]});
        let mut expected = Service {
            tier: 1,
            weight: 2.0,
            owner: None,
            kind: Kind::Backend,
            level: "Gold".to_owned(),
            tags: vec!["a".to_owned()],
            extra: [("x".to_owned(), 3)].into(),
        };
        let read = |json: &serde_json::Value| Service::deserialize(Cell(&Value::from_json(json)));
        assert_eq!(read(&json).unwrap(), expected);
        if let Some(fields) = json.as_object_mut() {
            fields.insert("kind".to_owned(), json!({"other": {"name": "n"}}));
            fields.insert("owner".to_owned(), json!("me"));
        }
        expected.kind = Kind::Other {
            name: "n".to_owned(),
        };
        expected.owner = Some("me".to_owned());
        assert_eq!(read(&json).unwrap(), expected);
        let title = "Gold".into();
        let level = Value::Level(Level { rank: 2, title });
        assert_eq!(String::deserialize(Cell(&level)).unwrap(), "Gold");
        let error = u8::deserialize(Cell(&Value::Int(300))).unwrap_err();
        assert!(error.to_string().contains("300"), "{error}");
        assert!(Kind::deserialize(Cell(&Value::Int(1))).is_err());
        assert!(<(u8,)>::deserialize(Cell(&Value::from(vec![1, 2]))).is_err());
    }
}
