//! `ORDER BY` with a `LIMIT` along an index: the first rows, without the others.

use crate::error::Result;
use crate::query::exec::Evaluator;
use crate::query::exec::record::{Record, sort_keys};
use crate::query::exec::sort::Sorter;
use crate::query::ir::{Expr, ExprKind, Match, Projection};
use crate::query::plan::Ordered;

/// Whether the first `enough` rows in order are found along an index.
pub(in crate::query::exec) fn goes_along<'a>(
    evaluator: &mut Evaluator<'a>,
    matches: &'a [Match],
    projection: &'a Projection,
    enough: usize,
) -> bool {
    along(evaluator, matches, projection, enough).is_some()
}

/// The way along an index, and whether it is gone backwards.
fn along<'a>(
    evaluator: &mut Evaluator<'a>,
    matches: &'a [Match],
    projection: &'a Projection,
    enough: usize,
) -> Option<(Ordered<'a>, bool)> {
    let sort = projection.order.first()?;
    // Nulls come last along an index.
    if projection.distinct || sort.nulls_first {
        return None;
    }
    let by = item(projection, &sort.expr);
    let along = evaluator.ordered(matches, (by, sort.descending), enough)?;
    Some((along, sort.descending))
}

/// The first `enough` rows in order, or a few more; `None` where no index gives them.
pub(in crate::query::exec) fn first_in_order<'a>(
    evaluator: &mut Evaluator<'a>,
    matches: &'a [Match],
    projection: &'a Projection,
    enough: usize,
) -> Result<Option<Vec<Record>>> {
    let Some((along, descending)) = along(evaluator, matches, projection, enough) else {
        return Ok(None);
    };
    let mut records = Vec::new();
    along.each(descending, |same| {
        evaluator
            .budget
            .spend(u64::try_from(same.len()).unwrap_or(u64::MAX))?;
        if let [only] = same {
            evaluator.bind(along.slot, *only);
            records.push(Record::of_row(evaluator, projection));
        } else {
            let left = enough.saturating_sub(records.len());
            let mut sorter = Sorter::new(evaluator.state, &projection.order, Some(left), true);
            for id in same {
                evaluator.bind(along.slot, *id);
                let record = Record::of_row(evaluator, projection);
                let keys = sort_keys(evaluator, projection, &record)?;
                sorter.push(keys, record, evaluator.budget)?;
            }
            records.extend(sorter.finish());
        }
        Ok(records.len() < enough)
    })?;
    Ok(Some(records))
}

/// What a sort expression stands for: the item itself where it is a column.
fn item<'a>(projection: &'a Projection, expr: &'a Expr) -> &'a Expr {
    match expr.kind {
        ExprKind::Column(at) => projection.items.get(at).map_or(expr, |item| &item.expr),
        _ => expr,
    }
}
