//! How a scorecard stands over all entities of a blueprint, and over each group of them.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result, did_you_mean};
use crate::model::{Model, Scorecard};
use crate::state::{Groups, State, Statistics};
use crate::value::{ScorecardId, Value, order};

/// How a scorecard stands over all entities of its blueprint; see [`Card`](crate::Card) for an
/// example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many entities it grades: those that its filter lets in.
    pub graded: u64,
    /// Every level from the lowest, with how many entities are exactly there.
    pub levels: Vec<(Arc<str>, u64)>,
    /// Every rule's identifier, with how many of the graded entities pass it.
    pub rules: Vec<(Arc<str>, u64)>,
}

/// How a scorecard stands over the entities of one group; prints as a line.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSummary {
    /// The group: the value of the path, related entities by their identifiers; null for the
    /// entities that have none.
    pub group: Value,
    /// How its entities do.
    pub summary: Summary,
}

impl Summary {
    pub(crate) fn of(state: &State, id: ScorecardId, scorecard: &Scorecard) -> Self {
        let counts = state.derived().statistics(id).cloned().unwrap_or_default();
        Self::counted(scorecard, counts)
    }

    fn counted(scorecard: &Scorecard, counts: Statistics) -> Self {
        let levels = (0u16..).zip(&scorecard.levels).map(|(rank, level)| {
            let count = counts.levels.iter().find(|(known, _)| *known == rank);
            (
                Arc::clone(&level.title),
                count.map_or(0, |(_, count)| *count),
            )
        });
        let rules = scorecard
            .rules
            .iter()
            .map(|rule| Arc::clone(&rule.identifier));
        Self {
            graded: counts.tested,
            levels: levels.collect(),
            rules: rules.zip(counts.rules).collect(),
        }
    }
}

impl GroupSummary {
    /// Every group that a scorecard keeps under a path, in the order of their values.
    ///
    /// # Errors
    /// `NotFound` where the scorecard keeps none under the path.
    pub(crate) fn all(
        state: &State,
        id: ScorecardId,
        scorecard: &Scorecard,
        path: &str,
    ) -> Result<Vec<Self>> {
        let place = scorecard.groups.iter().position(|known| **known == *path);
        let place = place.ok_or_else(|| not_kept(scorecard, path))?;
        let groups = state.derived().groups(id, place);
        let groups = groups.into_iter().flat_map(Groups::iter);
        let mut groups: Vec<Self> = groups
            .map(|(group, counts)| Self {
                group: named(state, group),
                summary: Summary::counted(scorecard, Statistics::clone(counts)),
            })
            .collect();
        groups.sort_by(|a, b| order(&a.group, &b.group));
        Ok(groups)
    }
}

/// A group with related entities by their identifiers.
fn named(state: &State, group: &Value) -> Value {
    if let Value::Entity(id) = group {
        return Value::string(state.identifier(*id));
    }
    group.clone()
}

fn not_kept(scorecard: &Scorecard, path: &str) -> Error {
    let name = &scorecard.identifier;
    let error = Error::not_found(format!(
        "scorecard `{name}` keeps no counts by `{}`",
        path.escape_debug()
    ));
    let known: Vec<&str> = scorecard.groups.iter().map(|known| &**known).collect();
    if let Some(near) = did_you_mean(path, known.iter().copied()) {
        return error.with_help(near);
    }
    let add = "add the path to the `groups` of the scorecard";
    error.with_help(if known.is_empty() {
        format!("{add}; it has none")
    } else {
        format!("use one of `{}`, or {add}", known.join("`, `"))
    })
}

/// A scorecard of a model by identifier.
///
/// # Errors
/// `NotFound`.
pub(crate) fn find_scorecard<'m>(
    model: &'m Model,
    identifier: &str,
) -> Result<(ScorecardId, &'m Arc<Scorecard>)> {
    let id = model.scorecard_id(identifier);
    let found = id.and_then(|id| Some((id, model.scorecard(id)?)));
    found.ok_or_else(|| {
        let error = Error::not_found(format!("there is no scorecard `{identifier}`"));
        let known = model.scorecards().map(|(_, known)| &*known.identifier);
        match did_you_mean(identifier, known) {
            Some(help) => error.with_help(help),
            None => error,
        }
    })
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} graded", self.graded)?;
        for (level, count) in &self.levels {
            write!(f, "\n  {count:>8}  at {level}")?;
        }
        for (rule, count) in &self.rules {
            write!(f, "\n  {count:>8}  pass {rule}")?;
        }
        Ok(())
    }
}

impl fmt::Display for GroupSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = match self.group.as_str() {
            Some(text) => text.to_owned(),
            None => self.group.to_json().to_string(),
        };
        write!(f, "{group}: {} graded", self.summary.graded)?;
        for (level, count) in self.summary.levels.iter().filter(|(_, count)| *count > 0) {
            write!(f, ", {count} at {level}")?;
        }
        Ok(())
    }
}
