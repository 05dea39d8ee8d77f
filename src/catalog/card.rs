//! The result of a scorecard for one entity, for reading.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::commit::PastOf;
use crate::derive::{Changed, Past as _, RuleState};
use crate::error::Result;
use crate::model::Scorecard;
use crate::state::{Record, State};
use crate::value::{ScorecardId, Value};

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
/// let next = card.next_level.unwrap();
/// assert_eq!((&*next.level, &*next.rules[0]), ("Bronze", "documented"));
///
/// let summary = snapshot.scorecard_summary("ready")?;
/// assert_eq!((summary.graded, summary.rules[0].1), (2, 1));
/// assert_eq!(&summary.levels[..2], [("Basic".into(), 1), ("Bronze".into(), 1)]);
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Card {
    /// The level; `None` where the scorecard's filter leaves the entity out.
    pub level: Option<Arc<str>>,
    /// The commit since which it has that level; `None` where it is not graded, or that is not
    /// known.
    pub since: Option<Changed>,
    /// The weight of the rules that pass, in hundredths of all; `None` where it is not graded or
    /// there are no rules.
    pub score: Option<i64>,
    /// Every rule in the order of declaration; none where the entity is not graded.
    pub rules: Vec<CardRule>,
    /// What to fix to get on; `None` where there is no higher level with rules.
    pub next_level: Option<NextLevel>,
}

/// The result of one rule for one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CardRule {
    /// The rule's identifier.
    pub identifier: Arc<str>,
    /// The rule's title, or its identifier where it has none.
    pub title: Arc<str>,
    /// The level it belongs to.
    pub level: Arc<str>,
    /// Whether the entity passes it.
    pub passed: bool,
    /// Whether it meets it, or by what else it passes.
    pub state: RuleState,
    /// The commit since which it passes or does not; `None` where that is not known.
    pub since: Option<Changed>,
}

/// The lowest level above the present one that has rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NextLevel {
    /// The level.
    pub level: Arc<str>,
    /// The identifiers of the rules that fail up to it, in the order of declaration.
    pub rules: Vec<Arc<str>>,
}

impl Card {
    /// The card of an entity; without its past, nothing of it says since when.
    pub(super) fn of(
        state: &State,
        past: Option<&PastOf<'_>>,
        (id, scorecard): (ScorecardId, &Scorecard),
        entity: Record<'_>,
    ) -> Result<Self> {
        let Some(level) = state.level(id, entity.id) else {
            return Ok(Self {
                level: None,
                since: None,
                score: None,
                rules: Vec::new(),
                next_level: None,
            });
        };
        let since = |rule| match past {
            Some(past) => past.result(id, rule, entity.id),
            None => Ok(None),
        };
        let mut rules = Vec::with_capacity(scorecard.rules.len());
        for (place, rule) in (0u16..).zip(&scorecard.rules) {
            let identifier = || Arc::clone(&rule.identifier);
            let standing = RuleState::of(state, (id, scorecard), place, entity)?;
            rules.push(CardRule {
                identifier: identifier(),
                title: rule.title.as_deref().map_or_else(identifier, Arc::from),
                level: level_title(scorecard, rule.level),
                passed: standing.passes(),
                state: standing,
                since: since(Some(place))?,
            });
        }
        let score = if let Value::Int(score) = state.score(id, entity.id) {
            Some(score)
        } else {
            None
        };
        Ok(Self {
            next_level: next_level(scorecard, level.rank, &rules),
            level: Some(level.title),
            since: since(None)?,
            score,
            rules,
        })
    }

    /// The rules that fail, in the order of declaration.
    pub fn failing(&self) -> impl Iterator<Item = &CardRule> {
        self.rules.iter().filter(|rule| !rule.passed)
    }

    /// Port's form, `{"level": .., "rules": [{"identifier", "status", "level"}]}`, with what it
    /// does not have beside it: `score`, `since`, `nextLevel`, and on rules `state` where they are
    /// passed without being met, `until`, `reason` and `since`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut card = Map::new();
        card.insert("level".to_owned(), json!(self.level.as_deref()));
        if let Some(score) = self.score {
            card.insert("score".to_owned(), json!(score));
        }
        insert_since(&mut card, self.since.as_ref());
        if let Some(next) = &self.next_level {
            let rules: Vec<&str> = next.rules.iter().map(|rule| &**rule).collect();
            let next = json!({"level": &*next.level, "rules": rules});
            card.insert("nextLevel".to_owned(), next);
        }
        let rules = self.rules.iter().map(CardRule::to_json).collect();
        card.insert("rules".to_owned(), rules);
        Json::Object(card)
    }
}

impl CardRule {
    fn to_json(&self) -> Json {
        let status = if self.passed { "SUCCESS" } else { "FAILURE" };
        let mut rule = Map::new();
        let mut put = |key: &str, value: Json| _ = rule.insert(key.to_owned(), value);
        put("identifier", json!(&*self.identifier));
        put("status", json!(status));
        put("level", json!(&*self.level));
        match &self.state {
            RuleState::InGrace { until } => {
                put("state", json!(self.state.name()));
                put("until", json!(until.to_string()));
            }
            RuleState::Exempt { until, reason } => {
                put("state", json!(self.state.name()));
                if let Some(until) = until {
                    put("until", json!(until.to_string()));
                }
                if let Some(reason) = reason {
                    put("reason", json!(&**reason));
                }
            }
            RuleState::Passed | RuleState::Failed | RuleState::NotGraded => {}
        }
        insert_since(&mut rule, self.since.as_ref());
        Json::Object(rule)
    }
}

fn insert_since(map: &mut Map<String, Json>, since: Option<&Changed>) {
    if let Some(Changed { seq, time, actor }) = since {
        let time = time.map(|time| time.to_string());
        let since = json!({"seq": seq.0, "time": time, "actor": actor.as_deref()});
        map.insert("since".to_owned(), since);
    }
}

/// The lowest level above a rank that has rules. Whoever is at a level passes all rules up to it,
/// so what fails up to the next one is among those of the next one.
fn next_level(scorecard: &Scorecard, rank: u16, rules: &[CardRule]) -> Option<NextLevel> {
    let ranks = scorecard.rules.iter().map(|rule| rule.level);
    let next = ranks.filter(|level| *level > rank).min()?;
    let declared = scorecard.rules.iter().zip(rules);
    let failing = declared.filter(|(rule, result)| rule.level <= next && !result.passed);
    Some(NextLevel {
        level: level_title(scorecard, next),
        rules: failing
            .map(|(rule, _)| Arc::clone(&rule.identifier))
            .collect(),
    })
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
        if let Some(score) = self.score {
            write!(f, ", score {score} of 100")?;
        }
        if let Some(since) = &self.since {
            write!(f, ", since {since}")?;
        }
        for rule in &self.rules {
            let mark = if rule.passed { "pass" } else { "FAIL" };
            write!(f, "\n  {mark}  {:<8} {}", rule.level, rule.title)?;
            if rule.title != rule.identifier {
                write!(f, " ({})", rule.identifier)?;
            }
            if let RuleState::InGrace { .. } | RuleState::Exempt { .. } = rule.state {
                write!(f, ", {}", rule.state)?;
            }
            if let Some(since) = &rule.since {
                write!(f, ", since {since}")?;
            }
        }
        match &self.next_level {
            Some(next) => write!(f, "\nfor {}: {}", next.level, next.rules.join(", ")),
            None => Ok(()),
        }
    }
}
