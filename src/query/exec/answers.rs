//! A whole query at work: the rows of its parts, one after the other.

use super::distinct::Distinct;
use super::eval::Evaluator;
use super::pipeline::Pipeline;
use super::project::Projector;
use crate::error::Result;
use crate::query::ir::Union;
use crate::query::plan::PartPlan;
use crate::value::Value;

/// A query with the place that it has got to; entities are still ids.
pub(super) struct Answers<'a> {
    parts: Vec<(Pipeline<'a>, Projector<'a>)>,
    at: usize,
    distinct: Option<Distinct>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(query: &'a Union) -> Self {
        let parts = query.parts.iter().map(|part| {
            let pipeline = Pipeline::new(&part.clauses);
            (pipeline, Projector::new(&part.projection))
        });
        Self {
            parts: parts.collect(),
            at: 0,
            distinct: query.distinct.then(Distinct::default),
        }
    }

    /// Begins again, for another row of the query around.
    pub(super) fn restart(&mut self) {
        self.at = 0;
        if let Some(distinct) = &mut self.distinct {
            *distinct = Distinct::default();
        }
        for (pipeline, projector) in &mut self.parts {
            pipeline.restart();
            projector.restart();
        }
    }

    /// The columns of the next row.
    pub(super) fn next(&mut self, evaluator: &mut Evaluator<'a>) -> Result<Option<Vec<Value>>> {
        while let Some((pipeline, projector)) = self.parts.get_mut(self.at) {
            let Some(columns) = projector.next(&mut pipeline.rows(), evaluator)? else {
                self.at += 1;
                continue;
            };
            let new = match &mut self.distinct {
                Some(distinct) => distinct.is_new(&columns, evaluator.budget)?,
                None => true,
            };
            if new {
                return Ok(Some(columns));
            }
        }
        Ok(None)
    }

    /// How many rows there are. Those of one projection that keeps every row are not made.
    pub(super) fn count(&mut self, evaluator: &mut Evaluator<'a>) -> Result<u64> {
        if let [(pipeline, projector)] = self.parts.as_mut_slice()
            && self.distinct.is_none()
            && let Some(count) = projector.count(&mut pipeline.rows(), evaluator)?
        {
            return Ok(count);
        }
        let mut rows = 0_u64;
        while self.next(evaluator)?.is_some() {
            rows = rows.saturating_add(1);
        }
        Ok(rows)
    }

    /// Plans every pattern, to show the plans.
    pub(super) fn plan(&mut self, evaluator: &mut Evaluator<'a>) -> Result<()> {
        let mut parts = self.parts.iter_mut();
        parts.try_for_each(|(pipeline, _)| pipeline.plan(evaluator))
    }

    /// How each part is answered.
    pub(super) fn plans(&self, evaluator: &mut Evaluator<'a>) -> Vec<PartPlan<'_, 'a>> {
        let parts = self.parts.iter();
        let plans = parts.map(|(pipeline, projector)| PartPlan {
            shortcut: pipeline.shortcut(evaluator, projector.projection()),
            programs: pipeline.programs().collect(),
        });
        plans.collect()
    }
}
