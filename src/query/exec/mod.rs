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
mod operators;
mod optional;
mod output;
mod pipeline;
mod project;
mod record;
mod repeat;
mod shortest;
mod sort;
mod statistics;
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
    let mut rows = Vec::new();
    let keep = &mut |row: Vec<Value>| {
        rows.push(row);
        Ok(true)
    };
    let budget = Budget::new(limits, cancel);
    each_within(state, query, parameters, now, (&budget, true), keep)?;
    let columns = columns(query);
    Ok(Answer { columns, rows })
}

/// The names of the columns that a query answers with.
pub(crate) fn columns(query: &Query) -> Vec<Arc<str>> {
    match query.prefix {
        Some(Prefix::Explain | Prefix::Profile) => vec!["plan".into()],
        None => query.columns().map(Arc::clone).collect(),
    }
}

/// Runs a query and gives away each row as soon as it is known, until `visit` wants no more.
///
/// # Errors
/// As [`run`], and those of `visit`.
pub(crate) fn each(
    state: &State,
    query: &Query,
    parameters: &[Value],
    now: Instant,
    (limits, cancel): (&Limits, &Cancel),
    visit: &mut dyn FnMut(Vec<Value>) -> Result<bool>,
) -> Result<()> {
    let budget = Budget::new(limits, cancel);
    each_within(state, query, parameters, now, (&budget, false), visit)
}

/// `kept` says whether what is given away stays in memory, so that it counts.
fn each_within(
    state: &State,
    query: &Query,
    parameters: &[Value],
    now: Instant,
    (budget, kept): (&Budget<'_>, bool),
    visit: &mut dyn FnMut(Vec<Value>) -> Result<bool>,
) -> Result<()> {
    bind::check(query, parameters)?;
    let places = (query.slots, query.locals);
    let mut evaluator = Evaluator::new(state, places, parameters, now, budget);
    let mut answers = Answers::new(&query.body);
    evaluator.by_rows = query.prefix == Some(Prefix::Profile);
    if query.prefix.is_some() {
        answers.plan(&mut evaluator)?;
    }
    if query.prefix == Some(Prefix::Explain) {
        let plans = answers.plans(&mut evaluator);
        return lines(explain(state, query, &plans, None), visit);
    }
    let mut output = Output::new(state);
    let mut count = 0;
    while let Some(row) = answers.next(&mut evaluator)? {
        if kept {
            budget.hold(weight(&row))?;
        }
        count += 1;
        budget.check_rows(count)?;
        if query.prefix == Some(Prefix::Profile) {
            continue;
        }
        let shown = row.into_iter().map(|value| output.shown(value));
        if !visit(shown.collect())? {
            return Ok(());
        }
    }
    if query.prefix == Some(Prefix::Profile) {
        let plans = answers.plans(&mut evaluator);
        return lines(explain(state, query, &plans, Some(count)), visit);
    }
    Ok(())
}

/// How many rows a query has; they are not made where their number follows from less.
///
/// # Errors
/// As [`run`], but for what only making the rows would find.
pub(crate) fn count(
    state: &State,
    query: &Query,
    parameters: &[Value],
    now: Instant,
    (limits, cancel): (&Limits, &Cancel),
) -> Result<u64> {
    bind::check(query, parameters)?;
    let budget = Budget::new(limits, cancel);
    let places = (query.slots, query.locals);
    let mut evaluator = Evaluator::new(state, places, parameters, now, &budget);
    Answers::new(&query.body).count(&mut evaluator)
}

/// Gives lines as rows of one column.
fn lines(lines: Vec<String>, visit: &mut dyn FnMut(Vec<Value>) -> Result<bool>) -> Result<()> {
    for line in lines {
        if !visit(vec![Value::string(line)])? {
            break;
        }
    }
    Ok(())
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
