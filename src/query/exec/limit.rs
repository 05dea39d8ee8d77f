//! `SKIP` and `LIMIT`: how many rows are wanted.

use super::eval::Evaluator;
use crate::error::{Error, Result};
use crate::query::ir::{Expr, Projection};
use crate::value::Value;

/// The window of rows that the answer consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) skip: usize,
    pub(super) limit: Option<usize>,
}

impl Window {
    pub(super) fn new<'a>(
        evaluator: &mut Evaluator<'a>,
        projection: &'a Projection,
    ) -> Result<Self> {
        let skip = count(evaluator, projection.skip.as_ref(), "SKIP")?.unwrap_or_default();
        let limit = count(evaluator, projection.limit.as_ref(), "LIMIT")?;
        Ok(Self { skip, limit })
    }

    /// How many rows are enough.
    pub(super) fn enough(self) -> Option<usize> {
        self.limit.map(|limit| limit.saturating_add(self.skip))
    }

    /// Drops the rows outside the window.
    pub(super) fn cut<T>(self, rows: Vec<T>) -> Vec<T> {
        rows.into_iter()
            .skip(self.skip)
            .take(self.limit.unwrap_or(usize::MAX))
            .collect()
    }
}

fn count<'a>(
    evaluator: &mut Evaluator<'a>,
    expr: Option<&'a Expr>,
    clause: &str,
) -> Result<Option<usize>> {
    let Some(expr) = expr else { return Ok(None) };
    match evaluator.eval(expr)? {
        Value::Int(count) if count >= 0 => Ok(Some(usize::try_from(count).unwrap_or(usize::MAX))),
        other => {
            let message = format!("`{clause}` must be a whole number from 0, found `{other}`");
            Err(Error::invalid(message).with_span(expr.span))
        }
    }
}
