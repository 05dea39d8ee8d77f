//! Projections: the columns that `RETURN` and `WITH` make of rows.

use std::sync::Arc;

use super::{Expr, Scope};
use crate::query::function::AggregateFunction;

#[derive(Clone, Debug)]
pub(crate) struct Projection {
    pub(crate) distinct: bool,
    pub(crate) items: Vec<Item>,
    /// Empty where no item holds an aggregate; then every row gives one output row. Otherwise
    /// the items without aggregates are the grouping keys.
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) order: Vec<Sort>,
    pub(crate) skip: Option<Expr>,
    pub(crate) limit: Option<Expr>,
    /// What its rows hold: all that must be put back where a row is looked at again.
    pub(crate) scope: Scope,
}

impl Projection {
    /// Rows as they are, without a column.
    pub(crate) fn of_rows() -> Self {
        Self {
            distinct: false,
            items: Vec::new(),
            aggregates: Vec::new(),
            order: Vec::new(),
            skip: None,
            limit: None,
            scope: Scope::default(),
        }
    }

    /// Whether every row gives one row, in the order that they come.
    pub(crate) fn is_plain(&self) -> bool {
        let cut = self.skip.is_some() || self.limit.is_some();
        !self.distinct && self.aggregates.is_empty() && self.order.is_empty() && !cut
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) name: Arc<str>,
    pub(crate) expr: Expr,
    /// Whether the expression holds an aggregate.
    pub(crate) aggregated: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) function: &'static AggregateFunction,
    /// None for `count(*)`.
    pub(crate) argument: Option<Expr>,
    pub(crate) distinct: bool,
    pub(crate) filter: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sort {
    pub(crate) expr: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}
