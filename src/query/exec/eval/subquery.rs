//! `EXISTS` and `COUNT`: a pattern matched for the row at hand, planned once per query.

use std::collections::BTreeMap;
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::Evaluator;
use crate::error::{Error, Result};
use crate::query::exec::matcher::Matcher;
use crate::query::ir::{Expr, Match, Slot, Subquery};
use crate::query::plan::{Planner, Program, is_constant, reads_clock};
use crate::value::Value;

/// The plans of the subqueries that were evaluated before, by where each subquery stands; taken
/// out while they run. A query may hold thousands.
#[derive(Default)]
pub(super) struct Subqueries<'a>(BTreeMap<*const Subquery, Matcher<'a>>);

impl<'a> Evaluator<'a> {
    /// Plans patterns for this evaluator's state and parameters.
    pub(crate) fn plan(&mut self, matches: &'a [Match]) -> Result<Program<'a>> {
        let (state, hops) = (self.state, self.budget.limits().hops);
        // An expression that fails has no index value: it fails again where it is evaluated.
        // Entities that an index leaves out are not compared, so that nothing tells when time
        // lets them in: what a rule compares with the clock is not looked up.
        let mut constant = |expr: &'a Expr| {
            let constant = is_constant(expr) && !(self.timed && reads_clock(expr));
            if constant { self.eval(expr).ok() } else { None }
        };
        Planner {
            state,
            constant: &mut constant,
            hops,
        }
        .plan(matches)
    }

    fn matcher(&mut self, subquery: &'a Subquery) -> Result<Matcher<'a>> {
        if let Some(mut matcher) = self.subqueries.0.remove(&std::ptr::from_ref(subquery)) {
            matcher.restart();
            return Ok(matcher);
        }
        Ok(Matcher::new(Rc::new(self.plan(&subquery.matches)?)))
    }

    fn give_back(&mut self, subquery: &'a Subquery, matcher: Matcher<'a>) {
        self.subqueries.0.insert(subquery, matcher);
    }

    /// Whether a subquery has a row; looks for no second one.
    pub(super) fn exists(&mut self, subquery: &'a Subquery) -> Result<bool> {
        let mut matcher = self.matcher(subquery)?;
        let found = matcher.next(self)?;
        self.give_back(subquery, matcher);
        Ok(found)
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
