//! `DISTINCT`: each row of values once, the first one seen.

use std::collections::BTreeSet;

use super::limits::Budget;
use super::record::weight;
use crate::error::Result;
use crate::value::Value;

/// The rows seen so far, by the total order of values: null equals null.
#[derive(Debug, Default)]
pub(super) struct Distinct(BTreeSet<Vec<Value>>);

impl Distinct {
    /// Whether this row of values comes for the first time.
    ///
    /// # Errors
    /// `Limit` where the rows need more memory than they may.
    pub(super) fn is_new(&mut self, columns: &[Value], budget: &Budget<'_>) -> Result<bool> {
        if self.0.contains(columns) {
            return Ok(false);
        }
        budget.hold(weight(columns))?;
        Ok(self.0.insert(columns.to_vec()))
    }
}
