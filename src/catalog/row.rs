//! One row of an answer, and rows into types of the caller's.

use std::sync::Arc;

use serde::de::value::{Error as ReadError, MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::error::{Error, Result};
use crate::value::{Cell, Value};

/// One row of an answer: a value for every column.
///
/// ```
/// use portolan::{Catalog, Value, Viewer};
///
/// let rows = Catalog::in_memory()?
///     .read(&Viewer::system("docs"))
///     .query("RETURN 'cart' AS id, 2 AS tier", ())?;
/// let row = rows.row(0).unwrap();
/// assert_eq!(row.get("tier"), Some(&Value::from(2)));
/// assert_eq!(row.to::<(String, u8)>()?, ("cart".to_owned(), 2));
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    columns: &'a [Arc<str>],
    values: &'a [Value],
}

impl<'a> Row<'a> {
    pub(super) fn new(columns: &'a [Arc<str>], values: &'a [Value]) -> Self {
        Self { columns, values }
    }

    /// The values in the order of the columns.
    #[must_use]
    pub fn values(self) -> &'a [Value] {
        self.values
    }

    /// The value of a column; `None` where there is no such column.
    #[must_use]
    pub fn get(self, column: &str) -> Option<&'a Value> {
        let at = self.columns.iter().position(|known| **known == *column)?;
        self.values.get(at)
    }

    /// The row as a value of a type of the caller's. A struct or map takes the columns by name, a
    /// tuple takes them in order, and anything else the value of the only column.
    ///
    /// # Errors
    /// `Invalid` where the row does not fit the type.
    pub fn to<T: DeserializeOwned>(self) -> Result<T> {
        T::deserialize(self).map_err(|error| {
            let help = "let the type take what the query returns, or return something else";
            Error::invalid(format!("a row does not fit: {error}")).with_help(help)
        })
    }

    /// The cell that the row is where it has one column.
    fn only(self) -> std::result::Result<Cell<'a>, ReadError> {
        match self.values {
            [only] => Ok(Cell(only)),
            more => Err(de::Error::custom(format!(
                "there are {} columns, which need a struct or a tuple",
                more.len()
            ))),
        }
    }
}

impl<'de> Deserializer<'de> for Row<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        self.only()?.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        let cells = self.columns.iter().map(|column| &**column);
        visitor.visit_map(MapDeserializer::new(
            cells.zip(self.values.iter().map(Cell)),
        ))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        let mut cells = SeqDeserializer::new(self.values.iter().map(Cell));
        let read = visitor.visit_seq(&mut cells)?;
        cells.end()?;
        Ok(read)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        self.only()?.deserialize_option(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, ReadError> {
        self.only()?.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq identifier ignored_any
    }
}
