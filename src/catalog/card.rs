//! Scorecard results for reading: one entity's card, and the summary over all entities.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::model::Scorecard;
use crate::state::State;
use crate::value::{EntityId, ScorecardId};

/// The result of one scorecard for one entity.
///
/// ```
/// use portolan::{Catalog, Viewer, model::{Blueprint, Scorecard}};
/// use serde_json::json;
///
/// let catalog = Catalog::in_memory()?;
/// let viewer = Viewer::system("docs");
/// let service = json!({
///     "identifier": "service", "title": "Service",
///     "schema": {"properties": {"readme": {"type": "string"}}, "required": []}
/// });
/// let ready = json!({
///     "identifier": "ready", "title": "Ready", "blueprint": "service",
///     "rules": [{"identifier": "documented", "level": "Bronze", "when": "readme IS NOT NULL"}]
/// });
/// let mut tx = catalog.write(&viewer)?;
/// tx.declare([Blueprint::from_json(&service)?], [Scorecard::from_json(&ready)?])?;
/// tx.upsert("service", &json!({"identifier": "cart"}))?;
/// tx.upsert("service", &json!({"identifier": "mail", "properties": {"readme": "Mail"}}))?;
/// tx.commit()?;
///
/// let snapshot = catalog.read(&viewer);
/// let card = snapshot.scorecard("ready", "cart")?;
/// assert_eq!(card.level.as_deref(), Some("Basic"));
/// assert_eq!(&*card.failing().next().unwrap().identifier, "documented");
///
/// let summary = snapshot.scorecard_summary("ready")?;
/// assert_eq!((summary.graded, summary.rules[0].1), (2, 1));
/// assert_eq!(&summary.levels[..2], [("Basic".into(), 1), ("Bronze".into(), 1)]);
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The level; `None` where the scorecard's filter leaves the entity out.
    pub level: Option<Arc<str>>,
    /// Every rule in the order of declaration; none where the entity is not graded.
    pub rules: Vec<CardRule>,
}

/// The result of one rule for one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRule {
    /// The rule's identifier.
    pub identifier: Arc<str>,
    /// The rule's title, or its identifier where it has none.
    pub title: Arc<str>,
    /// The level it belongs to.
    pub level: Arc<str>,
    /// Whether the entity passes it.
    pub passed: bool,
}

impl Card {
    pub(super) fn of(
        state: &State,
        id: ScorecardId,
        scorecard: &Scorecard,
        entity: EntityId,
    ) -> Self {
        let Some(level) = state.level(id, entity) else {
            return Self {
                level: None,
                rules: Vec::new(),
            };
        };
        let rules = (0u16..)
            .zip(&scorecard.rules)
            .map(|(place, rule)| CardRule {
                identifier: Arc::clone(&rule.identifier),
                title: rule
                    .title
                    .as_deref()
                    .map_or_else(|| Arc::clone(&rule.identifier), Arc::from),
                level: level_title(scorecard, rule.level),
                passed: state.rule_passes(id, place, entity),
            });
        Self {
            level: Some(level.title),
            rules: rules.collect(),
        }
    }

    /// The rules that fail, in the order of declaration.
    pub fn failing(&self) -> impl Iterator<Item = &CardRule> {
        self.rules.iter().filter(|rule| !rule.passed)
    }

    /// Port's form: `{"level": .., "rules": [{"identifier", "status", "level"}]}`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let status = |rule: &CardRule| if rule.passed { "SUCCESS" } else { "FAILURE" };
        let rules = self.rules.iter().map(|rule| {
            json!({"identifier": &*rule.identifier, "status": status(rule), "level": &*rule.level})
        });
        json!({"level": self.level.as_deref(), "rules": rules.collect::<Vec<_>>()})
    }
}

fn level_title(scorecard: &Scorecard, rank: u16) -> Arc<str> {
    let level = scorecard.levels.get(usize::from(rank));
    level.map_or_else(Arc::default, |level| Arc::clone(&level.title))
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self
            .level
            .as_deref()
            .unwrap_or("not graded: the filter leaves it out");
        write!(f, "level: {level}")?;
        for rule in &self.rules {
            let mark = if rule.passed { "pass" } else { "FAIL" };
            write!(f, "\n  {mark}  {:<8} {}", rule.level, rule.title)?;
            if rule.title != rule.identifier {
                write!(f, " ({})", rule.identifier)?;
            }
        }
        Ok(())
    }
}

/// How a scorecard stands over all entities of its blueprint; see [`Card`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many entities it grades: those that its filter lets in.
    pub graded: u64,
    /// Every level from the lowest, with how many entities are exactly there.
    pub levels: Vec<(Arc<str>, u64)>,
    /// Every rule's identifier, with how many of the graded entities pass it.
    pub rules: Vec<(Arc<str>, u64)>,
}

impl Summary {
    pub(super) fn of(state: &State, id: ScorecardId, scorecard: &Scorecard) -> Self {
        let counts = state.derived().statistics(id).cloned().unwrap_or_default();
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
