//! Runs plans over one version of a catalog.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "values and expressions of all other kinds are treated alike"
)]

mod aggregate;
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
mod output;
mod project;
mod record;
mod sort;

use std::rc::Rc;
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
use matcher::Matcher;
use output::Output;

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
    let program = Rc::new(evaluator.plan(&query.matches)?);
    if query.prefix == Some(Prefix::Explain) {
        return Ok(plan_answer(explain(state, query, &program, None)));
    }
    let mut matcher = Matcher::new(Rc::clone(&program));
    let rows = project::run(
        &mut evaluator,
        &mut matcher,
        &query.projection,
        width(query),
    )?;
    if query.prefix == Some(Prefix::Profile) {
        return Ok(plan_answer(explain(
            state,
            query,
            &program,
            Some(rows.len()),
        )));
    }
    let mut output = Output::new(state);
    let mut show = |row: Vec<Value>| row.into_iter().map(|value| output.shown(value)).collect();
    let columns = query
        .projection
        .items
        .iter()
        .map(|item| Arc::clone(&item.name))
        .collect();
    Ok(Answer {
        columns,
        rows: rows.into_iter().map(&mut show).collect(),
    })
}

/// How many slots the patterns of the query itself take up.
fn width(query: &Query) -> usize {
    let nodes = query.matches.iter().flat_map(|part| &part.nodes);
    nodes
        .map(|node| usize::from(node.slot.0) + 1)
        .max()
        .unwrap_or_default()
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
