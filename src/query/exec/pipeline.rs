//! Clauses at work: each pulls rows from the one before it, one at a time.

use super::eval::Evaluator;
use super::limit::Window;
use super::matching::Matching;
use super::operators::{counts_along, first_in_order, goes_along, group_counts, tree_count};
use super::optional::Optional;
use super::record::Record;
use super::unwind::Unwind;
use super::with::With;
use crate::error::Result;
use crate::query::ir::{Clause, Expr, Projection, Slot};
use crate::query::plan::Program;

/// The clauses of a query or subquery with the place that each has got to. The row itself is in
/// the evaluator; every clause writes only places of its own, so a row stays whole while a later
/// clause goes on with it.
pub(super) struct Pipeline<'a> {
    stages: Vec<Stage<'a>>,
    started: bool,
}

enum Stage<'a> {
    Match(Matching<'a>),
    Optional(Optional<'a>),
    Unwind(Unwind<'a>),
    Let { local: u16, value: &'a Expr },
    Filter(&'a Expr),
    With(With<'a>),
}

/// The rows that a clause works on.
pub(super) struct Input<'s, 'a> {
    stages: &'s mut [Stage<'a>],
    started: &'s mut bool,
}

impl<'a> Pipeline<'a> {
    pub(super) fn new(clauses: &'a [Clause]) -> Self {
        Self {
            stages: clauses.iter().map(Stage::new).collect(),
            started: false,
        }
    }

    /// Begins again, for another row of the query around.
    pub(super) fn restart(&mut self) {
        self.started = false;
        for stage in &mut self.stages {
            match stage {
                Stage::Match(matching) => matching.restart(),
                Stage::Optional(optional) => optional.restart(),
                Stage::Unwind(unwind) => unwind.restart(),
                Stage::With(with) => with.restart(),
                Stage::Let { .. } | Stage::Filter(_) => {}
            }
        }
    }

    /// The rows behind the last clause.
    pub(super) fn rows(&mut self) -> Input<'_, 'a> {
        Input {
            stages: &mut self.stages,
            started: &mut self.started,
        }
    }

    /// Plans every pattern, whether it is needed or not.
    ///
    /// # Errors
    /// `Limit` for a pattern or a walk that is too long.
    pub(super) fn plan(&mut self, evaluator: &mut Evaluator<'a>) -> Result<()> {
        for stage in &mut self.stages {
            match stage {
                Stage::Match(matching) => matching.plan(evaluator).map(drop)?,
                Stage::Optional(optional) => optional.matching().plan(evaluator).map(drop)?,
                Stage::Unwind(_) | Stage::Let { .. } | Stage::Filter(_) | Stage::With(_) => {}
            }
        }
        Ok(())
    }

    /// What answers a projection without the rows of the only pattern, for people. A `LIMIT` that
    /// is none is for the run to tell.
    pub(super) fn shortcut(
        &self,
        evaluator: &mut Evaluator<'a>,
        projection: &'a Projection,
    ) -> Option<&'static str> {
        let [Stage::Match(matching)] = &*self.stages else {
            return None;
        };
        let matches = matching.matches();
        if !projection.aggregates.is_empty() {
            let counts = counts_along(evaluator, matches, projection);
            return counts.then_some("Count along the pattern, without its rows");
        }
        let enough = Window::new(evaluator, projection).ok()?.enough()?;
        let along = goes_along(evaluator, matches, projection, enough);
        along.then_some("Along an index, to the last row that is wanted")
    }

    /// The plan of each clause that has one, with the rows that came of clauses before.
    pub(super) fn programs(&self) -> impl Iterator<Item = Option<&Program<'a>>> {
        self.stages.iter().map(|stage| match stage {
            Stage::Match(matching) => matching.program(),
            Stage::Optional(optional) => optional.program(),
            Stage::Unwind(_) | Stage::Let { .. } | Stage::Filter(_) | Stage::With(_) => None,
        })
    }
}

impl<'a> Stage<'a> {
    fn new(clause: &'a Clause) -> Self {
        match clause {
            Clause::Match(matches) => Self::Match(Matching::new(matches)),
            Clause::Optional { pattern, binds } => Self::Optional(Optional::new(pattern, binds)),
            Clause::Unwind { local, list } => Self::Unwind(Unwind::new(*local, list)),
            Clause::Let { local, value } => Self::Let {
                local: *local,
                value,
            },
            Clause::Filter(condition) => Self::Filter(condition),
            Clause::With {
                projection,
                targets,
                filter,
            } => Self::With(With::new(projection, targets, filter.as_ref())),
        }
    }
}

impl<'a> Input<'_, 'a> {
    /// Makes the evaluator hold the next row; false after the last. Recursion goes as deep as
    /// there are clauses, which the checker bounds.
    pub(super) fn next(&mut self, evaluator: &mut Evaluator<'a>) -> Result<bool> {
        let Some((last, before)) = self.stages.split_last_mut() else {
            // Every query begins with one row that holds nothing.
            return Ok(!std::mem::replace(self.started, true));
        };
        let mut input = Input {
            stages: before,
            started: self.started,
        };
        match last {
            Stage::Match(matching) => matching.next(&mut input, evaluator),
            Stage::Optional(optional) => optional.next(&mut input, evaluator),
            Stage::Unwind(unwind) => unwind.next(&mut input, evaluator),
            Stage::With(with) => with.next(&mut input, evaluator),
            Stage::Let { local, value } => {
                let found = input.next(evaluator)?;
                if found {
                    let value = evaluator.eval(value)?;
                    evaluator.set_local(*local, value);
                }
                Ok(found)
            }
            Stage::Filter(condition) => {
                while input.next(evaluator)? {
                    if evaluator.holds(condition)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// Whether the last clause is a pattern that finds the entity of a slot, which so is never
    /// null.
    pub(super) fn matches(&self, slot: Slot) -> bool {
        match self.stages.last() {
            Some(Stage::Match(matching)) => matching.finds(slot),
            _ => false,
        }
    }

    /// The groups of a projection that counts, where they need no rows.
    pub(super) fn group_counts(
        &mut self,
        evaluator: &mut Evaluator<'a>,
        projection: &'a Projection,
    ) -> Result<Option<Vec<Record>>> {
        match &*self.stages {
            [Stage::Match(matching)] if !*self.started => {
                group_counts(evaluator, matching.matches(), projection)
            }
            _ => Ok(None),
        }
    }

    /// The first rows of a projection that orders them, where an index gives them.
    pub(super) fn first_in_order(
        &mut self,
        evaluator: &mut Evaluator<'a>,
        projection: &'a Projection,
        enough: usize,
    ) -> Result<Option<Vec<Record>>> {
        match &*self.stages {
            [Stage::Match(matching)] if !*self.started => {
                first_in_order(evaluator, matching.matches(), projection, enough)
            }
            _ => Ok(None),
        }
    }

    /// How many rows there are from here on; those of a last pattern need not be gone through.
    pub(super) fn count(&mut self, evaluator: &mut Evaluator<'a>) -> Result<u64> {
        let mut rows = 0_u64;
        if let [Stage::Match(matching)] = &*self.stages
            && !*self.started
            && let Some(count) = tree_count(evaluator, matching.matches())?
        {
            return Ok(count);
        }
        if let Some((Stage::Match(matching), before)) = self.stages.split_last_mut() {
            let mut input = Input {
                stages: before,
                started: self.started,
            };
            return matching.count(&mut input, evaluator);
        }
        while self.next(evaluator)? {
            rows = rows.saturating_add(1);
        }
        Ok(rows)
    }
}
