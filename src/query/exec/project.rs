//! Projections at work: from the rows of clauses to rows of columns.

use super::aggregate::{Grouping, count_only};
use super::distinct::{Distinct, DistinctEntities};
use super::eval::Evaluator;
use super::limit::Window;
use super::pipeline::Input;
use super::record::{Record, columns, sort_keys};
use super::sort::Sorter;
use crate::error::Result;
use crate::query::ir::Projection;
use crate::value::Value;

/// A projection with the place that it has got to; entities are still ids.
pub(super) struct Projector<'a> {
    projection: &'a Projection,
    stage: Stage,
}

enum Stage {
    Before,
    /// Rows go on as they come: how many may still be dropped, and given.
    Passing {
        skip: usize,
        left: Option<usize>,
        distinct: Option<Distinct>,
        entities: Option<DistinctEntities>,
    },
    /// All rows had to be seen first.
    Kept(std::vec::IntoIter<Record>),
}

impl<'a> Projector<'a> {
    pub(super) fn new(projection: &'a Projection) -> Self {
        Self {
            projection,
            stage: Stage::Before,
        }
    }

    pub(super) fn restart(&mut self) {
        self.stage = Stage::Before;
    }

    pub(super) fn projection(&self) -> &'a Projection {
        self.projection
    }

    /// How many rows there are, where their number is that of the rows that come in.
    pub(super) fn count(
        &mut self,
        input: &mut Input<'_, 'a>,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<Option<u64>> {
        if self.projection.distinct || !self.projection.aggregates.is_empty() {
            return Ok(None);
        }
        let window = Window::new(evaluator, self.projection)?;
        let wide = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let count = input.count(evaluator)?.saturating_sub(wide(window.skip));
        Ok(Some(
            window.limit.map_or(count, |limit| count.min(wide(limit))),
        ))
    }

    /// The columns of the next row.
    pub(super) fn next(
        &mut self,
        input: &mut Input<'_, 'a>,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<Option<Vec<Value>>> {
        let projection = self.projection;
        if matches!(self.stage, Stage::Before) {
            self.stage = start(projection, input, evaluator)?;
        }
        match &mut self.stage {
            Stage::Before => Ok(None),
            Stage::Passing {
                skip,
                left,
                distinct,
                entities,
            } => {
                while *left != Some(0) && input.next(evaluator)? {
                    if let Some(entities) = entities
                        && !entities.is_new(evaluator)?
                    {
                        continue;
                    }
                    if distinct.is_none() && *skip > 0 {
                        *skip -= 1;
                        continue;
                    }
                    let columns = columns(evaluator, projection)?;
                    if let Some(distinct) = distinct
                        && !distinct.is_new(&columns, evaluator.budget)?
                    {
                        continue;
                    }
                    if *skip > 0 {
                        *skip -= 1;
                        continue;
                    }
                    if let Some(left) = left {
                        *left -= 1;
                    }
                    return Ok(Some(columns));
                }
                Ok(None)
            }
            Stage::Kept(records) => {
                let Some(mut record) = records.next() else {
                    return Ok(None);
                };
                // Only now, for the rows that stay, are their values read. Also puts the row back
                // for what follows.
                record.put_back(evaluator, projection);
                if record.columns.is_empty() {
                    record.columns = columns(evaluator, projection)?;
                }
                Ok(Some(record.columns))
            }
        }
    }
}

fn start<'a>(
    projection: &'a Projection,
    input: &mut Input<'_, 'a>,
    evaluator: &mut Evaluator<'a>,
) -> Result<Stage> {
    let window = Window::new(evaluator, projection)?;
    if projection.aggregates.is_empty() && projection.order.is_empty() {
        let named = projection
            .distinct
            .then(|| DistinctEntities::of(projection));
        let entities = named.flatten();
        let by_values = projection.distinct && entities.is_none();
        return Ok(Stage::Passing {
            skip: window.skip,
            left: window.limit,
            distinct: by_values.then(Distinct::default),
            entities,
        });
    }
    let records = if window.limit == Some(0) {
        Vec::new()
    } else if projection.aggregates.is_empty() {
        ordered(projection, input, evaluator, window)?
    } else {
        groups(projection, input, evaluator, window)?
    };
    Ok(Stage::Kept(window.cut(records).into_iter()))
}

/// Every row, or every distinct one, in order.
fn ordered<'a>(
    projection: &'a Projection,
    input: &mut Input<'_, 'a>,
    evaluator: &mut Evaluator<'a>,
    window: Window,
) -> Result<Vec<Record>> {
    if let Some(enough) = window.enough()
        && let Some(records) = input.first_in_order(evaluator, projection, enough)?
    {
        return Ok(records);
    }
    let by_entity = !projection.distinct;
    let mut sorter = Sorter::new(
        evaluator.state,
        &projection.order,
        window.enough(),
        by_entity,
    );
    let mut distinct = projection.distinct.then(Distinct::default);
    while input.next(evaluator)? {
        let mut record = Record::of_row(evaluator, projection);
        if let Some(distinct) = &mut distinct {
            record.columns = columns(evaluator, projection)?;
            if !distinct.is_new(&record.columns, evaluator.budget)? {
                continue;
            }
        }
        let keys = sort_keys(evaluator, projection, &record)?;
        sorter.push(keys, record, evaluator.budget)?;
    }
    Ok(sorter.finish())
}

/// With aggregates: every group gives a record.
fn groups<'a>(
    projection: &'a Projection,
    input: &mut Input<'_, 'a>,
    evaluator: &mut Evaluator<'a>,
    window: Window,
) -> Result<Vec<Record>> {
    let mut records = if let Some(record) = count_only(evaluator, input, projection)? {
        vec![record]
    } else if let Some(records) = input.group_counts(evaluator, projection)? {
        records
    } else {
        let mut grouping = Grouping::new(projection);
        while input.next(evaluator)? {
            grouping.add(evaluator)?;
        }
        grouping.finish(evaluator)?
    };
    if projection.distinct {
        let mut distinct = Distinct::default();
        let mut kept = Vec::with_capacity(records.len());
        for record in records {
            if distinct.is_new(&record.columns, evaluator.budget)? {
                kept.push(record);
            }
        }
        records = kept;
    }
    if projection.order.is_empty() {
        return Ok(records);
    }
    let mut sorter = Sorter::new(evaluator.state, &projection.order, window.enough(), false);
    for record in records {
        let keys = sort_keys(evaluator, projection, &record)?;
        sorter.push(keys, record, evaluator.budget)?;
    }
    Ok(sorter.finish())
}
