//! The cells of an answer, as JSON values under named columns.

use portolan::{Rows, Value};
use serde_json::Value as Json;

/// Named columns and rows of as many values.
#[derive(Debug)]
pub(crate) struct Cells {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Json>>,
}

impl Cells {
    pub(crate) fn new<const N: usize>(columns: [&str; N]) -> Self {
        Self {
            columns: columns.map(str::to_owned).into(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push<const N: usize>(&mut self, row: [Json; N]) {
        self.rows.push(row.into());
    }

    /// The answer of a query.
    pub(crate) fn of(rows: &Rows) -> Self {
        let columns = rows.columns().iter().map(ToString::to_string).collect();
        let rows = rows
            .iter()
            .map(|row| row.iter().map(Value::to_json).collect())
            .collect();
        Self { columns, rows }
    }
}

/// A value as a table or a CSV file shows it: texts bare, everything composed as JSON.
pub(crate) fn bare(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            value.to_string()
        }
    }
}
