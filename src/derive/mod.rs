//! The hot path: keeps derived properties, scorecard rules, levels and statistics exactly true in
//! every commit, with work in proportion to what the commit changed.
//!
//! A [`Plan`] is compiled once for every version of the model. It knows of every derived property
//! and every condition of a rule (an atom) what it reads and along which relations. A commit is
//! followed through the plan by rank: what changed on entities fires triggers, triggers walk back
//! to who has to look again, and everything is computed after all that it reads. A value that
//! comes out as it was stops there. Mirrors, calculations and inherited ownership are computed
//! for the entities that read what changed; aggregations exchange the contributions that differ.
//! Atoms are bit planes, 64 entities to a word; each block of 64 that an atom changed in has its
//! rules and levels computed once, all 64 at a time. The passing of time is a change like any
//! other: what reads the clock waits in a calendar for the instant at which it may differ.
//!
//! The discipline (static ranks, cutoff on equal values) is that of self-adjusting computation
//! (Acar, 2005; Jane Street's Incremental); the set-at-a-time walks are the delta rules of
//! incremental view maintenance, without stored joins. Derived values are a pure function of the
//! other parts of a version: [`Plan::update`] and [`Plan::rebuild`] give the same bits.

#![expect(
    clippy::similar_names,
    clippy::wildcard_enum_match_arm,
    reason = "stages are of a state; of the many kinds of expressions, values and inputs most \
              questions are about a few, and all others are answered alike"
)]

mod aggregate;
mod atom;
mod change;
mod column;
mod compile;
mod condition;
mod counter;
mod differences;
mod explain;
mod fill;
mod formula;
mod graded;
mod mirror;
mod names;
mod operands;
mod planes;
mod rank;
mod reads;
mod rebuild;
mod render;
mod reuse;
mod row;
#[cfg(test)]
mod tests;
mod trigger;
mod update;
mod why;
mod why_aggregation;
mod why_changed;
mod why_property;
mod why_state;
mod why_way;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use why::why;
pub use why::{Input, Leaf, Why};
pub use why_aggregation::{Contribution, Contributions};
pub use why_changed::Changed;
#[cfg(test)]
pub(crate) use why_changed::NoPast;
pub(crate) use why_changed::{Past, Written};
pub(crate) use why_property::why_property;
pub use why_property::{Origin, WhyProperty};
pub use why_state::RuleState;
pub use why_way::WayStep;
pub use work::Work;

use crate::model::Model;
use crate::query::ir::RuleExpr;
use crate::state::Layout;
use crate::value::{BlueprintId, ScorecardId};

/// How the derived values of one version of the model are kept true. Immutable.
#[derive(Debug)]
pub(crate) struct Plan {
    model: Arc<Model>,
    layout: Arc<Layout>,
    /// By the number of the column.
    columns: Vec<column::Column>,
    ranks: rank::Ranks,
    planes: BTreeMap<BlueprintId, planes::Planes>,
    /// What gives the group of an entity, for every grouping of a scorecard.
    groupings: BTreeMap<ScorecardId, Vec<row::Row>>,
    triggers: trigger::Triggers,
    /// What reads the clock, by number.
    clock: Vec<ClockReader>,
}

/// Something that reads the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClockReader {
    Column(usize),
    /// What entities contribute to the aggregation in a column.
    Contribution(usize),
    Atom(BlueprintId, u32),
}

impl Plan {
    /// The columns of a blueprint with their numbers.
    fn columns_of(&self, blueprint: BlueprintId) -> impl Iterator<Item = (usize, &column::Column)> {
        let all = self.columns.iter().enumerate();
        all.filter(move |(_, column)| column.blueprint == blueprint)
    }

    /// The blueprint of the entities that something reads the clock for.
    fn waiting_for(&self, reader: ClockReader) -> Option<BlueprintId> {
        let column = |at: usize| self.columns.get(at);
        match reader {
            ClockReader::Column(at) => column(at).map(|column| column.blueprint),
            ClockReader::Contribution(at) => match &column(at)?.kind {
                column::Kind::Aggregation(aggregate) => Some(aggregate.target),
                column::Kind::Mirror(_) | column::Kind::Calculation(_) => None,
            },
            ClockReader::Atom(blueprint, _) => Some(blueprint),
        }
    }

    /// The aggregations over the entities of a blueprint, with the numbers of their columns.
    fn aggregates_over(
        &self,
        target: BlueprintId,
    ) -> impl Iterator<Item = (usize, &aggregate::Aggregate)> {
        let all = self.columns.iter().enumerate();
        all.filter_map(move |(at, column)| match &column.kind {
            column::Kind::Aggregation(aggregate) if aggregate.target == target => {
                Some((at, &**aggregate))
            }
            _ => None,
        })
    }
}

/// The checked expressions of a scorecard.
#[derive(Debug)]
struct Checked {
    filter: Option<RuleExpr>,
    rules: Vec<RuleExpr>,
}
