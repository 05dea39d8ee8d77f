//! The statement's clock, which never moves while it runs.

use super::{Clock, Context, Function, function};
use crate::error::Result;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        clock: Clock::Steady,
        ..function(
            "now",
            (0, 0),
            "now() -> instant",
            "When the statement began.",
            now,
        )
    },
    Function {
        clock: Clock::Daily,
        ..function(
            "today",
            (0, 0),
            "today() -> instant",
            "Midnight UTC before now().",
            today,
        )
    },
];

fn now(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(context.now.into())
}

fn today(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(context.now.start_of_day().into())
}
