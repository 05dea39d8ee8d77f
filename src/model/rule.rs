//! A rule of a scorecard: what an entity must satisfy for a level.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::exemption::{read_exemptions, read_instant};
use super::identifier::Identifies;
use super::json::{At, insert_as_read, insert_text, shortened};
use super::{Exemption, RuleTest, ScorecardLevel, limits};
use crate::error::{Error, ErrorKind, Result, did_you_mean};
use crate::value::{Duration, Instant};

/// One rule of a scorecard.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Unique within the scorecard.
    pub identifier: Arc<str>,
    /// The name that people see.
    pub title: Option<String>,
    /// The place of its level among the scorecard's levels, at least 1.
    pub level: u16,
    /// What an entity must satisfy.
    pub test: RuleTest,
    /// How much the rule counts in the scorecard's score; 1 where absent.
    pub weight: Option<u32>,
    /// How long after an entity was created, or after the rule is enforced if that is later, the
    /// entity passes without meeting it; of exact length, without months.
    pub grace: Option<Duration>,
    /// Before this instant every entity passes.
    pub enforced_from: Option<Instant>,
    /// The entities that pass without meeting it.
    pub exemptions: Vec<Exemption>,
    /// Every other key of the JSON form (description ..), given back unchanged; and as they were
    /// read, those that can be written in more than one way (`grace`, `enforcedFrom`,
    /// `exemptions`).
    pub other: Map<String, Json>,
}

/// The keys that decide who passes.
const KEYS: [&str; 8] = [
    "identifier",
    "level",
    "query",
    "when",
    "weight",
    "grace",
    "enforcedFrom",
    "exemptions",
];

impl Rule {
    fn read(at: &At<'_>, levels: &[ScorecardLevel]) -> Result<Self> {
        let mut fields = at.fields()?;
        fields.refuse_misspelled("a rule", &KEYS)?;
        let identifier = fields.need("identifier")?.identifier(Identifies::Rule)?;
        let title = fields.text("title")?;
        let level = read_level(&fields.need("level")?, levels)?;
        let test = RuleTest::read_rule(&mut fields)?;
        let weight = fields.take("weight");
        // These can be written in more than one way: they stay with the other keys as they are.
        let grace = fields.peek("grace").map(|at| read_grace(&at));
        let enforced_from = fields.peek("enforcedFrom").map(|at| read_instant(&at));
        let exemptions = fields.peek("exemptions").map(|at| read_exemptions(&at));
        Ok(Self {
            identifier: identifier.into(),
            title,
            level,
            test,
            weight: weight.map(|at| read_weight(&at)).transpose()?,
            grace: grace.transpose()?,
            enforced_from: enforced_from.transpose()?,
            exemptions: exemptions.transpose()?.unwrap_or_default(),
            other: fields.rest(),
        })
    }

    pub(super) fn to_json(&self, levels: &[ScorecardLevel]) -> Json {
        let mut map = self.other.clone();
        map.insert("identifier".to_owned(), Json::from(&*self.identifier));
        insert_text(&mut map, "title", self.title.as_ref());
        let level = levels
            .get(usize::from(self.level))
            .map_or("", |level| &level.title);
        map.insert("level".to_owned(), Json::from(level));
        let (key, test) = self.test.rule_to_json();
        map.insert(key.to_owned(), test);
        if let Some(weight) = self.weight {
            map.insert("weight".to_owned(), Json::from(weight));
        }
        let written = |some: Option<String>| some.map_or(Json::Null, Json::from);
        insert_as_read(
            &mut map,
            "grace",
            &self.grace,
            &None,
            |at| read_grace(at).map(Some),
            |grace| written(grace.map(|grace| grace.to_string())),
        );
        insert_as_read(
            &mut map,
            "enforcedFrom",
            &self.enforced_from,
            &None,
            |at| read_instant(at).map(Some),
            |from| written(from.map(|from| from.to_string())),
        );
        insert_as_read(
            &mut map,
            "exemptions",
            &self.exemptions,
            &Vec::new(),
            read_exemptions,
            |exemptions| exemptions.iter().map(Exemption::to_json).collect(),
        );
        Json::Object(map)
    }
}

/// Microseconds of a day, as durations count it.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

fn read_weight(at: &At<'_>) -> Result<u32> {
    let weight = at
        .json()
        .as_u64()
        .and_then(|weight| u32::try_from(weight).ok());
    weight
        .filter(|weight| *weight <= limits::RULE_WEIGHT)
        .ok_or_else(|| at.expected(&format!("a whole number from 0 to {}", limits::RULE_WEIGHT)))
}

/// A span of exact length, as a literal of the language or as ISO 8601.
fn read_grace(at: &At<'_>) -> Result<Duration> {
    let text = at.string()?;
    let iso = || text.starts_with('P').then(|| Duration::parse_iso(text))?;
    let grace = Duration::parse(text).or_else(iso);
    let Some(grace) = grace.filter(|grace| grace.micros >= 0) else {
        return Err(at.expected("a duration such as `14d` or `P14D`"));
    };
    if grace.months != 0 {
        let error = at.error(format!("`{}` has no fixed length", shortened(text)));
        return Err(error.with_help("give days, such as `30d` for a month"));
    }
    if grace.micros > limits::GRACE_DAYS * DAY {
        let error = Error::new(
            ErrorKind::Limit,
            "the grace period is longer than the limit",
        );
        let help = format!("use at most `{}d`", limits::GRACE_DAYS);
        return Err(at.place(error.with_help(help)));
    }
    Ok(grace)
}

pub(super) fn read_rules(at: &At<'_>, levels: &[ScorecardLevel]) -> Result<Vec<Rule>> {
    let list = at.array()?;
    at.at_most(list.len(), limits::RULES, "rules")?;
    let mut rules: Vec<Rule> = Vec::with_capacity(list.len());
    for at in list {
        let rule = Rule::read(&at, levels)?;
        if rules
            .iter()
            .any(|known| known.identifier == rule.identifier)
        {
            return Err(at.error(format!("rule `{}` is declared twice", rule.identifier)));
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// The place of the level that a rule names.
fn read_level(at: &At<'_>, levels: &[ScorecardLevel]) -> Result<u16> {
    let title = at.string()?;
    let titles = || levels.iter().skip(1).map(|level| &*level.title);
    let known = || match levels.len() {
        ..2 => "declare a level above the first".to_owned(),
        _ => format!("use one of `{}`", titles().collect::<Vec<_>>().join("`, `")),
    };
    match levels.iter().position(|level| *level.title == *title) {
        Some(0) => {
            let message = format!("`{title}` is the first level, which holds without any rule");
            Err(at.error(message).with_help(known()))
        }
        Some(place) => {
            u16::try_from(place).map_err(|_| at.error("the scorecard has too many levels"))
        }
        None => {
            let error = at.error(format!("unknown level `{}`", title.escape_debug()));
            Err(error.with_help(did_you_mean(title, titles()).unwrap_or_else(known)))
        }
    }
}
