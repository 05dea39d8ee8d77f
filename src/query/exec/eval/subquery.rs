//! Subqueries: run for the row at hand, planned once per query.

use std::collections::BTreeMap;
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::Evaluator;
use crate::error::{Error, Result};
use crate::query::exec::aggregate::Accumulator;
use crate::query::exec::answers::Answers;
use crate::query::exec::matcher::Matcher;
use crate::query::function::{LIST_LIMIT, too_long_list};
use crate::query::ir::{Expr, Match, Slot, Subquery, Taking, Union};
use crate::query::plan::{Ordered, Planner, Program, Tree, is_constant, is_known, reads_clock};
use crate::value::Value;

/// The plans of the subqueries that were evaluated before, by where each subquery stands; taken
/// out while they run. A query may hold thousands.
#[derive(Default)]
pub(super) struct Subqueries<'a> {
    patterns: BTreeMap<*const Subquery, Matcher<'a>>,
    queries: BTreeMap<*const Union, Answers<'a>>,
}

impl<'a> Evaluator<'a> {
    /// Plans patterns for this evaluator's state and parameters; with `row`, also for what the row
    /// at hand holds already.
    pub(crate) fn plan(&mut self, matches: &'a [Match], row: bool) -> Result<Program<'a>> {
        let row = row.then_some(matches);
        self.with_planner(row, |planner| planner.plan(matches))
    }

    /// The tree that patterns are, where they are one: see [`Planner::tree`].
    pub(in crate::query::exec) fn tree(&mut self, matches: &'a [Match]) -> Option<Tree<'a>> {
        if self.by_rows {
            return None;
        }
        self.with_planner(None, |planner| planner.tree(matches))
    }

    /// The way to the first rows along an index: see [`Planner::ordered`].
    pub(in crate::query::exec) fn ordered(
        &mut self,
        matches: &'a [Match],
        by: (&Expr, bool),
        enough: usize,
    ) -> Option<Ordered<'a>> {
        if self.by_rows {
            return None;
        }
        self.with_planner(None, |planner| planner.ordered(matches, by, enough))
    }

    /// Plans with what is constant; what the row at hand holds is too, for patterns that are
    /// planned for it.
    fn with_planner<T>(
        &mut self,
        row: Option<&[Match]>,
        plan: impl FnOnce(&mut Planner<'_, 'a>) -> T,
    ) -> T {
        let (state, hops) = (self.state, self.budget.limits().hops);
        // An expression that fails has no index value: it fails again where it is evaluated.
        // Entities that an index leaves out are not compared, so that nothing tells when time
        // lets them in: what a rule compares with the clock is not looked up.
        let mut constant = |expr: &'a Expr| {
            let fixed = is_constant(expr) || row.is_some_and(|found| is_known(expr, found));
            let constant = fixed && !(self.timed && reads_clock(expr));
            if constant { self.eval(expr).ok() } else { None }
        };
        plan(&mut Planner {
            state,
            constant: &mut constant,
            hops,
        })
    }

    fn matcher(&mut self, subquery: &'a Subquery) -> Result<Matcher<'a>> {
        if let Some(mut matcher) = self
            .subqueries
            .patterns
            .remove(&std::ptr::from_ref(subquery))
        {
            matcher.restart();
            return Ok(matcher);
        }
        Ok(Matcher::new(Rc::new(self.plan(&subquery.matches, false)?)))
    }

    fn give_back(&mut self, subquery: &'a Subquery, matcher: Matcher<'a>) {
        self.subqueries.patterns.insert(subquery, matcher);
    }

    /// Whether a subquery has a row; looks for no second one.
    pub(super) fn exists(&mut self, subquery: &'a Subquery) -> Result<bool> {
        let mut matcher = self.matcher(subquery)?;
        let found = matcher.next(self)?;
        self.give_back(subquery, matcher);
        Ok(found)
    }

    /// What is taken of the rows of a whole query.
    pub(super) fn eval_subquery(&mut self, taking: &Taking, query: &'a Union) -> Result<Value> {
        let mut answers = match self.subqueries.queries.remove(&std::ptr::from_ref(query)) {
            Some(mut answers) => {
                answers.restart();
                answers
            }
            None => Answers::new(query),
        };
        // Its projections put their own columns in the place of those of the row at hand.
        let columns = std::mem::take(&mut self.columns);
        let aggregates = std::mem::take(&mut self.aggregates);
        let value = self.take(taking, &mut answers);
        (self.columns, self.aggregates) = (columns, aggregates);
        self.subqueries.queries.insert(query, answers);
        value
    }

    fn take(&mut self, taking: &Taking, answers: &mut Answers<'a>) -> Result<Value> {
        let first = |row: Vec<Value>| row.into_iter().next().unwrap_or_default();
        match taking {
            Taking::Exists => Ok(answers.next(self)?.is_some().into()),
            Taking::Count => {
                let mut rows = 0;
                while answers.next(self)?.is_some() {
                    rows += 1;
                }
                Ok(Value::Int(rows))
            }
            Taking::List => {
                let mut values = Vec::new();
                while let Some(row) = answers.next(self)? {
                    values.push(first(row));
                    if values.len() > LIST_LIMIT {
                        return Err(too_long_list());
                    }
                }
                Ok(Value::list(values))
            }
            Taking::Fold(function, distinct) => {
                let mut accumulator = Accumulator::new(function.fold, *distinct);
                while let Some(row) = answers.next(self)? {
                    accumulator.add(first(row), self.budget)?;
                }
                accumulator.finish()
            }
        }
    }

    /// How many rows a subquery has, or how many entities in one of its slots.
    pub(super) fn eval_count(
        &mut self,
        subquery: &'a Subquery,
        slot: Option<Slot>,
    ) -> Result<Value> {
        let mut matcher = self.matcher(subquery)?;
        let count = match slot {
            None => matcher.count(self)?,
            Some(slot) => {
                let mut distinct = RoaringBitmap::new();
                while matcher.next(self)? {
                    distinct.insert(self.slot(slot).0);
                }
                distinct.len()
            }
        };
        self.give_back(subquery, matcher);
        let count = i64::try_from(count);
        count
            .map(Value::Int)
            .map_err(|_| Error::internal("a count beyond 63 bits"))
    }
}
