//! What the operators behind the patterns pass on: a row with what was computed of it so far.

use super::eval::Evaluator;
use crate::error::Result;
use crate::query::ir::{Expr, ExprKind, Projection};
use crate::query::plan::columns_of;
use crate::value::{EntityId, Value};

/// One row or group.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// The bound entities; for a group those of its first row.
    pub(super) row: Box<[EntityId]>,
    /// The values of the projection's items; empty until they are computed.
    pub(super) columns: Vec<Value>,
    pub(super) aggregates: Vec<Value>,
}

impl Record {
    /// Makes the evaluator see the record.
    pub(super) fn enter(&self, evaluator: &mut Evaluator<'_>) {
        evaluator.restore(&self.row);
        evaluator.columns.clone_from(&self.columns);
        evaluator.aggregates.clone_from(&self.aggregates);
    }
}

/// The values of the projection's items for the row that the evaluator holds.
pub(super) fn columns<'a>(
    evaluator: &mut Evaluator<'a>,
    projection: &'a Projection,
) -> Result<Vec<Value>> {
    projection
        .items
        .iter()
        .map(|item| evaluator.eval(&item.expr))
        .collect()
}

/// The values of the sort expressions for a record. Of columns not computed yet only those that
/// the sort expressions read are computed.
pub(super) fn sort_keys<'a>(
    evaluator: &mut Evaluator<'a>,
    projection: &'a Projection,
    record: &Record,
) -> Result<Vec<Value>> {
    record.enter(evaluator);
    let mut keys = Vec::with_capacity(projection.order.len());
    for sort in &projection.order {
        let expr = match direct(projection, &sort.expr, record) {
            Some(item) => item,
            None if record.columns.is_empty() => {
                fill(evaluator, projection, &sort.expr)?;
                &sort.expr
            }
            None => &sort.expr,
        };
        keys.push(evaluator.eval(expr)?);
    }
    Ok(keys)
}

/// The item itself, where the sort expression is a column that was not computed yet.
fn direct<'a>(projection: &'a Projection, expr: &'a Expr, record: &Record) -> Option<&'a Expr> {
    match expr.kind {
        ExprKind::Column(at) if record.columns.is_empty() => {
            projection.items.get(at).map(|item| &item.expr)
        }
        _ => None,
    }
}

fn fill<'a>(
    evaluator: &mut Evaluator<'a>,
    projection: &'a Projection,
    expr: &'a Expr,
) -> Result<()> {
    let mut columns = vec![Value::Null; projection.items.len()];
    for at in columns_of(expr) {
        if let (Some(item), Some(place)) = (projection.items.get(at), columns.get_mut(at)) {
            *place = evaluator.eval(&item.expr)?;
        }
    }
    evaluator.columns = columns;
    Ok(())
}
