//! Queries end to end over a small catalog, and over random ones against a naive evaluator.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod derived;
mod fixture;
mod horizon;
mod hostile;
#[cfg(feature = "jq")]
mod jq;
mod limits;
mod oracle;
mod plans;
mod queries;
mod walks;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Answer, Cancel, Limits, bind, run};
use crate::error::Result;
use crate::query::check::statement;
use crate::state::State;
use crate::value::{Instant, Value};

fn now() -> Instant {
    Instant::parse("2024-05-31T12:00:00Z").unwrap()
}

/// Checks, binds and runs a query.
fn ask(state: &State, query: &str, parameters: &[(&str, Value)]) -> Result<Answer> {
    let checked = statement(state.model(), query)?;
    let parameters = parameters
        .iter()
        .map(|(name, value)| (Arc::from(*name), value.clone()));
    let values = bind(&checked, parameters.collect::<BTreeMap<_, _>>())?;
    run(
        state,
        &checked,
        &values,
        now(),
        &Limits::default(),
        &Cancel::new(),
    )
}

/// The rows of an answer as text.
fn text(answer: &Answer) -> String {
    let cells = |row: &Vec<Value>| {
        row.iter()
            .map(Value::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    answer
        .rows
        .iter()
        .map(cells)
        .collect::<Vec<_>>()
        .join(" | ")
}
