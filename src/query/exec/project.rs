//! The projection: from the rows of the patterns to the rows of the answer.

use super::aggregate::{Grouping, count_only};
use super::distinct::Distinct;
use super::eval::Evaluator;
use super::limit::Window;
use super::matcher::Matcher;
use super::record::{Record, columns, sort_keys};
use super::sort::Sorter;
use crate::error::Result;
use crate::query::ir::Projection;
use crate::value::Value;

/// Runs a projection over the rows of a matcher; entities are still ids.
pub(super) fn run<'a>(
    evaluator: &mut Evaluator<'a>,
    matcher: &mut Matcher<'a>,
    projection: &'a Projection,
    width: usize,
) -> Result<Vec<Vec<Value>>> {
    let window = Window::new(evaluator, projection)?;
    if window.limit == Some(0) {
        return Ok(Vec::new());
    }
    let records = if projection.aggregates.is_empty() {
        rows(evaluator, matcher, projection, width, window)?
    } else {
        groups(evaluator, matcher, projection, width, window)?
    };
    let records = window.cut(records);
    evaluator.budget.check_rows(records.len())?;
    let mut answer = Vec::with_capacity(records.len());
    for mut record in records {
        // Only now, for the rows that stay, are their values read.
        if record.columns.is_empty() {
            record.enter(evaluator);
            record.columns = columns(evaluator, projection)?;
        }
        answer.push(record.columns);
    }
    Ok(answer)
}

/// Without aggregates: every row, or every distinct one, gives a record.
fn rows<'a>(
    evaluator: &mut Evaluator<'a>,
    matcher: &mut Matcher<'a>,
    projection: &'a Projection,
    width: usize,
    window: Window,
) -> Result<Vec<Record>> {
    let ordered = !projection.order.is_empty();
    let mut sorter = Sorter::new(
        evaluator.state,
        &projection.order,
        window.enough(),
        !projection.distinct,
    );
    let mut distinct = projection.distinct.then(Distinct::default);
    let mut records = Vec::new();
    let most = usize::try_from(evaluator.budget.limits().rows).unwrap_or(usize::MAX);
    while matcher.next(evaluator)? {
        let mut record = Record {
            row: evaluator.row(width).into(),
            ..Record::default()
        };
        if let Some(distinct) = &mut distinct {
            record.columns = columns(evaluator, projection)?;
            if !distinct.is_new(&record.columns) {
                continue;
            }
        }
        if ordered {
            let keys = sort_keys(evaluator, projection, &record)?;
            sorter.push(keys, record);
            continue;
        }
        records.push(record);
        if window
            .enough()
            .is_some_and(|enough| records.len() >= enough)
        {
            break;
        }
        if window.limit.is_none() && records.len() > most.saturating_add(window.skip) {
            evaluator.budget.check_rows(records.len() - window.skip)?;
        }
    }
    Ok(if ordered { sorter.finish() } else { records })
}

/// With aggregates: every group gives a record.
fn groups<'a>(
    evaluator: &mut Evaluator<'a>,
    matcher: &mut Matcher<'a>,
    projection: &'a Projection,
    width: usize,
    window: Window,
) -> Result<Vec<Record>> {
    let mut records = if let Some(record) = count_only(evaluator, matcher, projection)? {
        vec![record]
    } else {
        let mut grouping = Grouping::new(projection, width);
        while matcher.next(evaluator)? {
            grouping.add(evaluator)?;
        }
        grouping.finish(evaluator)?
    };
    if projection.distinct {
        let mut distinct = Distinct::default();
        records.retain(|record| distinct.is_new(&record.columns));
    }
    if projection.order.is_empty() {
        return Ok(records);
    }
    let mut sorter = Sorter::new(evaluator.state, &projection.order, window.enough(), false);
    for record in records {
        let keys = sort_keys(evaluator, projection, &record)?;
        sorter.push(keys, record);
    }
    Ok(sorter.finish())
}
