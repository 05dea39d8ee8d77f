//! Runs plans over one version of a catalog.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "values and expressions of all other kinds are treated alike"
)]

mod aggregate;
mod answers;
mod bind;
mod closure;
mod cursor;
mod distinct;
mod eval;
mod expand;
mod filter;
mod limit;
mod limits;
mod matcher;
mod matching;
mod optional;
mod output;
mod pipeline;
mod project;
mod record;
mod shortest;
mod sort;
mod trails;
mod unwind;
mod with;

use std::sync::Arc;

pub(crate) use bind::bind;
pub(crate) use eval::Evaluator;
pub(crate) use limits::Budget;
pub use limits::{Cancel, Limits};

use super::ir::{Query, RuleExpr};
use super::plan::explain;
use super::syntax::ast::Prefix;
use crate::error::Result;
use crate::state::State;
use crate::value::{EntityId, Instant, Value};
use answers::Answers;
use output::Output;
use record::weight;

/// The answer of a query: columns and rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// The names of the columns, as written or given by `AS`.
    pub(crate) columns: Vec<Arc<str>>,
    /// The rows, each with a value for every column. Entities are maps of `$blueprint`,
    /// `$identifier`, `$title` and their properties.
    pub(crate) rows: Vec<Vec<Value>>,
}

/// Runs a query. `parameters` are in the order of the query's, as [`bind`] gives them.
///
/// # Errors
/// `Limit` where a limit is reached, `Closed` where the query is cancelled, `Invalid` where an
/// expression has no value, with its span.
pub(crate) fn run(
    state: &State,
    query: &Query,
    parameters: &[Value],
    now: Instant,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Answer> {
    bind::check(query, parameters)?;
    let budget = Budget::new(limits, cancel);
    let mut evaluator =
        Evaluator::new(state, (query.slots, query.locals), parameters, now, &budget);
    let mut answers = Answers::new(&mut evaluator, &query.body)?;
    if query.prefix == Some(Prefix::Explain) {
        return Ok(plan_answer(explain(
            state,
            query,
            &answers.programs(),
            None,
        )));
    }
    let mut rows = Vec::new();
    while let Some(row) = answers.next(&mut evaluator)? {
        budget.hold(weight(&row))?;
        rows.push(row);
        budget.check_rows(rows.len())?;
    }
    if query.prefix == Some(Prefix::Profile) {
        let lines = explain(state, query, &answers.programs(), Some(rows.len()));
        return Ok(plan_answer(lines));
    }
    let mut output = Output::new(state);
    let mut show = |row: Vec<Value>| row.into_iter().map(|value| output.shown(value)).collect();
    Ok(Answer {
        columns: query.columns().map(Arc::clone).collect(),
        rows: rows.into_iter().map(&mut show).collect(),
    })
}

fn plan_answer(lines: Vec<String>) -> Answer {
    let rows = lines
        .into_iter()
        .map(|line| vec![Value::string(line)])
        .collect();
    Answer {
        columns: vec!["plan".into()],
        rows,
    }
}

/// Evaluates a rule expression for one entity. For many, keep an [`Evaluator`].
///
/// # Errors
/// `Invalid` where the expression has no value, with its span.
pub(crate) fn evaluate(
    state: &State,
    rule: &RuleExpr,
    this: EntityId,
    now: Instant,
) -> Result<Value> {
    let budget = Budget::of_expression();
    let mut evaluator = Evaluator::new(state, (rule.slots, rule.locals), &[], now, &budget);
    evaluator.eval_for(rule, this)
}

#[cfg(test)]
mod tests;
