//! The answer of a query: columns and rows.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::Row;
use crate::error::Result;
use crate::query::Answer;
use crate::value::Value;

/// The answer of a query.
///
/// ```
/// use portolan::{Catalog, Viewer};
///
/// let snapshot = Catalog::in_memory()?.read(&Viewer::system("docs"));
/// let rows = snapshot.query("RETURN 1 AS one, 'two' AS two", ())?;
/// assert_eq!((rows.columns().len(), rows.len()), (2, 1));
/// let row = rows.iter().next().unwrap();
/// assert_eq!((row[0].kind(), row[1].as_str()), ("number", Some("two")));
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    columns: Vec<Arc<str>>,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    pub(super) fn new(answer: Answer) -> Self {
        Self {
            columns: answer.columns,
            rows: answer.rows,
        }
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows in the order of the answer, each with one value a column.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Value]> {
        self.rows.iter().map(Vec::as_slice)
    }

    /// A row by its place in the answer, from 0.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<Row<'_>> {
        let values = self.rows.get(at)?;
        Some(Row::new(&self.columns, values))
    }

    /// Each row as a JSON object by column name.
    #[must_use]
    pub fn json(&self) -> impl ExactSizeIterator<Item = Map<String, Json>> {
        self.rows.iter().map(|row| {
            let cells = self.columns.iter().zip(row);
            cells
                .map(|(column, value)| (column.to_string(), value.to_json()))
                .collect()
        })
    }

    /// Each row as a value of a type of the caller's; see [`Row::to`].
    ///
    /// # Errors
    /// `Invalid` at the first row that does not fit the type.
    ///
    /// ```
    /// # use portolan::{Catalog, Viewer};
    /// #[derive(serde::Deserialize)]
    /// struct Row {
    ///     answer: i64,
    /// }
    /// let snapshot = Catalog::in_memory()?.read(&Viewer::system("docs"));
    /// let rows: Vec<Row> = snapshot.query("RETURN 6 * 7 AS answer", ())?.to()?;
    /// assert_eq!(rows[0].answer, 42);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn to<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let rows = self.iter().zip(1_u64..);
        rows.map(|(values, number)| {
            let read = Row::new(&self.columns, values).to();
            read.map_err(|error| error.context(format_args!("row {number}")))
        })
        .collect()
    }
}
