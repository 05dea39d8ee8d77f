//! The hot path: keeps mirrors, scorecard rules, levels and statistics exactly true in every
//! commit, with work in proportion to what the commit changed.
//!
//! A [`Plan`] is compiled once for every version of the model. It knows of every mirror and every
//! condition of a rule (an atom) what it reads and along which relations. A commit is followed
//! through the plan by rank: what changed on entities fires triggers, triggers walk back to who
//! has to look again, mirrors first and in the order of their dependencies, then atoms. A value
//! that comes out as it was stops there. Atoms are bit planes, 64 entities to a word; each block
//! of 64 that an atom changed in has its rules and levels computed once, all 64 at a time.
//!
//! The discipline (static ranks, cutoff on equal values) is that of self-adjusting computation
//! (Acar, 2005; Jane Street's Incremental); the set-at-a-time walks are the delta rules of
//! incremental view maintenance, without stored joins. Derived values are a pure function of the
//! other parts of a version: [`Plan::update`] and [`Plan::rebuild`] give the same bits.

mod atom;
mod change;
mod compile;
mod explain;
mod formula;
mod mirror;
mod names;
mod planes;
mod reads;
mod rebuild;
mod render;
#[cfg(test)]
mod tests;
mod trigger;
mod update;
mod why;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use why::{Leaf, Why};
pub(crate) use work::LevelChange;
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
    /// Dependencies first; the place is the number of the mirror and of its column.
    mirrors: Vec<mirror::Mirror>,
    planes: compile::AllPlanes,
    triggers: trigger::Triggers,
    checked: BTreeMap<ScorecardId, Checked>,
}

impl Plan {
    /// The mirrors of a blueprint by their numbers, ascending by name.
    fn mirrors_of(&self, blueprint: BlueprintId) -> impl Iterator<Item = (usize, &mirror::Mirror)> {
        let part = self.layout.blueprints.get(blueprint.index());
        let numbers = part
            .into_iter()
            .flat_map(|part| &part.mirrors)
            .map(|(_, number)| *number);
        numbers.filter_map(|number| Some((number, self.mirrors.get(number)?)))
    }
}

/// The checked expressions of a scorecard.
#[derive(Debug)]
struct Checked {
    filter: Option<RuleExpr>,
    rules: Vec<RuleExpr>,
}
