//! What the operators behind the patterns pass on: a row with what was computed of it so far.

use super::eval::Evaluator;
use crate::error::Result;
use crate::query::ir::{Expr, ExprKind, Projection};
use crate::query::plan::columns_of;
use crate::value::{EntityId, Value};

/// One row or group.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// The entities of the projection's scope; for a group those of its first row.
    pub(super) row: Box<[EntityId]>,
    /// The values of the projection's scope, likewise.
    pub(super) locals: Box<[Value]>,
    /// The values of the projection's items; empty until they are computed.
    pub(super) columns: Vec<Value>,
    pub(super) aggregates: Vec<Value>,
}

impl Record {
    /// The row that the evaluator holds.
    pub(super) fn of_row(evaluator: &Evaluator<'_>, projection: &Projection) -> Self {
        let scope = &projection.scope;
        Self {
            row: scope
                .slots
                .iter()
                .map(|slot| evaluator.slot(*slot))
                .collect(),
            locals: scope.locals.iter().map(|at| evaluator.local(*at)).collect(),
            ..Self::default()
        }
    }

    /// About how many bytes the record takes up.
    pub(super) fn weight(&self) -> u64 {
        let own = size_of::<Self>() + size_of_val(&*self.row);
        let own = u64::try_from(own).unwrap_or(u64::MAX);
        own.saturating_add(weight(&self.locals))
            .saturating_add(weight(&self.columns))
    }

    /// Makes the evaluator see the record.
    pub(super) fn enter(&self, evaluator: &mut Evaluator<'_>, projection: &Projection) {
        self.put_back(evaluator, projection);
        evaluator.columns.clone_from(&self.columns);
        evaluator.aggregates.clone_from(&self.aggregates);
    }

    /// Makes the evaluator hold the row of the record.
    pub(super) fn put_back(&self, evaluator: &mut Evaluator<'_>, projection: &Projection) {
        for (slot, id) in projection.scope.slots.iter().zip(&self.row) {
            evaluator.bind(*slot, *id);
        }
        for (local, value) in projection.scope.locals.iter().zip(&self.locals) {
            evaluator.set_local(*local, value.clone());
        }
    }
}

/// About how many bytes values take up.
pub(super) fn weight(values: &[Value]) -> u64 {
    let bytes = values
        .iter()
        .map(|value| size_of::<Value>() + value.heap_bytes());
    u64::try_from(bytes.sum::<usize>()).unwrap_or(u64::MAX)
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
    record.enter(evaluator, projection);
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
