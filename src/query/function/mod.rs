//! The functions and aggregates of the language as data: one table that the checker, the
//! evaluator, completion and the documentation read.

#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::unnecessary_wraps,
    reason = "values of all other kinds are treated alike; all functions have one signature"
)]

mod aggregate;
mod argument;
mod convert;
mod entity;
mod internal;
mod jq;
mod list;
mod map;
mod number;
mod path;
mod text;
mod time;

use crate::error::Result;
use crate::value::{Instant, Value};

pub(crate) use argument::{LIST_LIMIT, TEXT_LIMIT, too_long_list, too_long_text};
pub(crate) use convert::{float_text, widen};
pub(crate) use entity::{meta, properties_of};
pub(crate) use internal::INSTANT;
#[cfg(feature = "jq")]
pub(crate) use jq::{check_pattern, number, saturated};
pub(crate) use jq::{check_size, is_true};

/// What a function may know beside its arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) state: &'a crate::state::State,
    /// Fixed for the whole statement.
    pub(crate) now: Instant,
}

/// One function of the language.
#[derive(Debug)]
pub(crate) struct Function {
    /// In lower case; calls match without regard to case.
    pub(crate) name: &'static str,
    pub(crate) min_arguments: usize,
    pub(crate) max_arguments: usize,
    /// Reads the clock: in a rule it stands only where [`super::ir::rate`] tells how it moves.
    pub(crate) reads_clock: bool,
    /// For people and the checker: `substring(string, start, length?) -> string`. An argument that
    /// is called by kinds of values, as `list or string`, takes no others.
    pub(crate) signature: &'static str,
    /// One sentence; none of what only translations call, so nobody knows it by its name.
    pub(crate) summary: &'static str,
    /// Null arguments reach the function too. Errors carry no span: the caller adds it.
    pub(crate) call: fn(&Context<'_>, &[Value]) -> Result<Value>,
}

/// One aggregate of the language.
#[derive(Debug)]
pub(crate) struct AggregateFunction {
    pub(crate) name: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) fold: Fold,
}

/// How an aggregate goes over the non-null values of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Count,
    Sum,
    Average,
    Min,
    Max,
    Median,
    Collect,
}

/// One row of a family's table.
const fn function(
    name: &'static str,
    (min_arguments, max_arguments): (usize, usize),
    signature: &'static str,
    summary: &'static str,
    call: fn(&Context<'_>, &[Value]) -> Result<Value>,
) -> Function {
    Function {
        name,
        min_arguments,
        max_arguments,
        reads_clock: false,
        signature,
        summary,
        call,
    }
}

const FAMILIES: [&[Function]; 8] = [
    convert::FUNCTIONS,
    entity::FUNCTIONS,
    list::FUNCTIONS,
    map::FUNCTIONS,
    number::FUNCTIONS,
    path::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
];

/// Functions that only translations use: no text can call them, and no help shows them.
const INTERNAL: [&[Function]; 1] = [internal::FUNCTIONS];

/// The function of a name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The internal function of a name, exactly as its table has it.
pub(crate) fn internal(name: &str) -> Option<&'static Function> {
    let mut all = INTERNAL.into_iter().chain(jq::FAMILIES).flatten();
    all.find(|function| function.name == name)
}

/// The aggregate of a name, in any case.
pub(crate) fn find_aggregate(name: &str) -> Option<&'static AggregateFunction> {
    all_aggregates().find(|aggregate| aggregate.name.eq_ignore_ascii_case(name))
}

/// Every function, for completion and documentation.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.into_iter().flatten()
}

/// Every aggregate, for completion and documentation.
pub(crate) fn all_aggregates() -> impl Iterator<Item = &'static AggregateFunction> {
    aggregate::AGGREGATES.iter()
}

#[cfg(test)]
mod tests;
