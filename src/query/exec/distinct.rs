//! `DISTINCT`: each row of values once, the first one seen.

use std::collections::BTreeSet;

use crate::value::Value;

/// The rows seen so far, by the total order of values: null equals null.
#[derive(Debug, Default)]
pub(super) struct Distinct(BTreeSet<Vec<Value>>);

impl Distinct {
    /// Whether this row of values comes for the first time.
    pub(super) fn is_new(&mut self, columns: &[Value]) -> bool {
        !self.0.contains(columns) && self.0.insert(columns.to_vec())
    }
}
