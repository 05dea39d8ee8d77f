//! A rule of a scorecard: what an entity must satisfy for a level.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::identifier::Identifies;
use super::json::{At, insert_text};
use super::{RuleTest, ScorecardLevel, limits};
use crate::error::{Result, did_you_mean};

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
    /// Every other key of the JSON form (description, weight ..), given back unchanged.
    pub other: Map<String, Json>,
}

impl Rule {
    fn read(at: &At<'_>, levels: &[ScorecardLevel]) -> Result<Self> {
        let mut fields = at.fields()?;
        let identifier = fields.need("identifier")?.identifier(Identifies::Rule)?;
        Ok(Self {
            identifier: identifier.into(),
            title: fields.text("title")?,
            level: read_level(&fields.need("level")?, levels)?,
            test: RuleTest::read_rule(&mut fields)?,
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
        Json::Object(map)
    }
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
