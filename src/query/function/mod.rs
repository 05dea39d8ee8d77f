//! The functions and aggregates of the language as data: one table that the checker, the
//! evaluator, completion and the documentation read.

#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::unnecessary_wraps,
    reason = "values of all other kinds are treated alike; all functions have one signature"
)]

mod aggregate;
mod argument;
mod calendar;
mod component;
mod convert;
mod date;
mod datetime;
mod duration;
mod entity;
mod fields;
mod internal;
mod jq;
mod list;
mod map;
mod math;
mod number;
mod path;
mod text;
mod time;
mod time_of_day;
mod truncate;
mod version;

use std::cell::Cell;

use crate::error::Result;
use crate::value::{Instant, Value};

pub(crate) use argument::{LIST_LIMIT, TEXT_LIMIT, too_long_list, too_long_text};
pub(crate) use component::{Holder, components, holder, part};
pub(crate) use convert::{float_text, truncate, widen};
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
    /// How many random numbers the statement has drawn.
    pub(crate) draws: &'a Cell<u64>,
}

/// One function of the language.
#[derive(Debug)]
pub(crate) struct Function {
    /// In lower case; calls match without regard to case.
    pub(crate) name: &'static str,
    pub(crate) min_arguments: usize,
    pub(crate) max_arguments: usize,
    /// How the answer moves with the clock, which a call without arguments reads: in a rule it
    /// stands only where [`super::ir::rate`] tells how a comparison moves.
    pub(crate) clock: Clock,
    /// Answers differently each time: never taken for a constant, and not in a definition.
    pub(crate) random: bool,
    /// For people and the checker: `substring(string, start, length?) -> string`. An argument that
    /// is called by kinds of values, as `list or string`, takes no others.
    pub(crate) signature: &'static str,
    /// One sentence; none of what only translations call, so nobody knows it by its name.
    pub(crate) summary: &'static str,
    /// Null arguments reach the function too. Errors carry no span: the caller adds it.
    pub(crate) call: fn(&Context<'_>, &[Value]) -> Result<Value>,
}

impl Function {
    /// Whether a call with so many arguments reads the clock.
    pub(crate) fn reads_clock(&self, arguments: usize) -> bool {
        self.clock != Clock::Still && arguments == 0
    }
}

/// How an answer moves with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Not at all.
    Still,
    /// As it does.
    Steady,
    /// By a day at each midnight UTC.
    Daily,
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
    /// The standard deviation of a sample.
    Deviation,
    /// The standard deviation of all there are.
    PopulationDeviation,
    ContinuousPercentile,
    DiscretePercentile,
}

impl Fold {
    /// How many arguments it takes. Of two, it goes over the lists of both.
    pub(crate) const fn arguments(self) -> usize {
        match self {
            Self::ContinuousPercentile | Self::DiscretePercentile => 2,
            Self::Count
            | Self::Sum
            | Self::Average
            | Self::Min
            | Self::Max
            | Self::Median
            | Self::Collect
            | Self::Deviation
            | Self::PopulationDeviation => 1,
        }
    }
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
        clock: Clock::Still,
        random: false,
        signature,
        summary,
        call,
    }
}

const FAMILIES: [&[Function]; 14] = [
    convert::FUNCTIONS,
    date::FUNCTIONS,
    datetime::FUNCTIONS,
    duration::FUNCTIONS,
    entity::FUNCTIONS,
    list::FUNCTIONS,
    map::FUNCTIONS,
    math::FUNCTIONS,
    number::FUNCTIONS,
    path::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
    truncate::FUNCTIONS,
    version::FUNCTIONS,
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
