//! Rules, levels, scores and counts, from their definitions.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::base::Key;
use super::time::{DAY, format, parse};
use super::{World, condition, expression};

const DEFAULT_LEVELS: [&str; 4] = ["Basic", "Bronze", "Silver", "Gold"];

impl World<'_> {
    /// The title of an entity's level; `None` where the scorecard does not grade it.
    pub(super) fn level(&self, scorecard: &str, of: &Key) -> Option<String> {
        self.grade(self.model.scorecard(scorecard)?, of)
            .map(|(level, _)| level)
    }

    /// As an entity is read: its level, its score, what to fix next, and each rule.
    pub(super) fn card(&self, scorecard: &Json, of: &Key) -> Json {
        let Some((level, passed)) = self.grade(scorecard, of) else {
            return json!({"level": null, "rules": []});
        };
        let results = rules(scorecard).zip(&passed);
        let results: Vec<Json> = results.map(|(rule, _)| self.result(rule, of)).collect();
        let mut card = json!({"score": score(scorecard, &passed), "rules": results});
        if let Some(next) = next_level(scorecard, &level) {
            let place = |level: &Json| levels(scorecard).iter().position(|known| level == known);
            let failing = rules(scorecard)
                .zip(&passed)
                .filter(|(rule, passed)| !**passed && place(&rule["level"]) <= place(&json!(next)));
            let failing: Vec<&Json> = failing.map(|(rule, _)| &rule["identifier"]).collect();
            card["nextLevel"] = json!({"level": next, "rules": failing});
        }
        card["level"] = json!(level);
        card
    }

    /// As a rule of a card is read: whether it passes, and what excuses where it is not met.
    fn result(&self, rule: &Json, of: &Key) -> Json {
        let met = self.meets(rule, of);
        let excuse = self.excuse(rule, of).filter(|_| !met);
        let status = if met || excuse.is_some() {
            "SUCCESS"
        } else {
            "FAILURE"
        };
        let mut result =
            json!({"identifier": rule["identifier"], "status": status, "level": rule["level"]});
        let excuse = excuse.as_ref().and_then(Json::as_object);
        for (key, value) in excuse.into_iter().flatten() {
            result[key] = value.clone();
        }
        result
    }

    /// The level and which rules pass.
    fn grade(&self, scorecard: &Json, of: &Key) -> Option<(String, Vec<bool>)> {
        let filter = scorecard.get("filter");
        if filter.is_some_and(|filter| !self.meets(filter, of)) {
            return None;
        }
        let passed: Vec<bool> = rules(scorecard).map(|rule| self.passes(rule, of)).collect();
        let levels = levels(scorecard);
        let place = |rule: &Json| levels.iter().position(|level| rule["level"] == **level);
        let mut reached = 0;
        for (at, _) in levels.iter().enumerate().skip(1) {
            let attainable = rules(scorecard).any(|rule| place(rule) == Some(at));
            let holds = rules(scorecard)
                .zip(&passed)
                .all(|(rule, passed)| *passed || place(rule) > Some(at));
            if attainable && holds {
                reached = at;
            }
        }
        Some((levels[reached].clone(), passed))
    }

    fn passes(&self, rule: &Json, of: &Key) -> bool {
        self.excuse(rule, of).is_some() || self.meets(rule, of)
    }

    /// What lets an entity pass a rule that it does not meet.
    fn excuse(&self, rule: &Json, of: &Key) -> Option<Json> {
        let exempt = rule["exemptions"].as_array().into_iter().flatten();
        let mut exempt = exempt.filter(|exemption| exemption["entity"] == of.1);
        let ahead = |until: &Json| parse(until).is_none_or(|until| self.now < until);
        if let Some(exemption) = exempt.find(|exemption| ahead(&exemption["until"])) {
            let mut excuse = json!({"state": "exempt"});
            for key in ["until", "reason"] {
                if !exemption[key].is_null() {
                    excuse[key] = exemption[key].clone();
                }
            }
            return Some(excuse);
        }
        let mut until = parse(&rule["enforcedFrom"]);
        let grace = rule["grace"].as_str();
        if let Some(days) = grace.and_then(|text| text.strip_suffix('d')) {
            let days: i64 = days.parse().unwrap();
            let created = Some(self.base.entities[of].created);
            until = created.max(until).map(|start| start + days * DAY);
        }
        let until = until.filter(|until| self.now < *until)?;
        Some(json!({"state": "inGrace", "until": format(until)}))
    }

    fn meets(&self, test: &Json, of: &Key) -> bool {
        if let Some(when) = test["when"].as_str() {
            return expression::value(when)(self, of) == true;
        }
        condition::holds(self, of, test.get("query").unwrap_or(test))
    }

    /// How many entities are graded, are at each level, and pass each rule.
    pub(crate) fn summary(&self, scorecard: &Json) -> Json {
        self.counts(scorecard, |_| true)
    }

    /// The same of each group, by the group as JSON: of the entities that have a value in common.
    pub(crate) fn groups(&self, scorecard: &Json, group: &str) -> Json {
        let mut groups: BTreeMap<String, Vec<&Key>> = BTreeMap::new();
        let keys = self.base.entities.keys();
        for key in keys.filter(|key| scorecard["blueprint"] == key.0) {
            for value in self.members(key, group) {
                groups.entry(value.to_string()).or_default().push(key);
            }
        }
        let counts = |keys: Vec<&Key>| self.counts(scorecard, |key| keys.contains(&key));
        let groups = groups
            .into_iter()
            .map(|(value, keys)| (value, counts(keys)));
        let groups = groups.filter(|(_, counts)| counts["graded"] != 0);
        Json::Object(groups.collect())
    }

    /// The groups that an entity belongs to: one for each value of a list, null where it has none.
    fn members(&self, of: &Key, group: &str) -> Vec<Json> {
        let mut steps: Vec<&str> = group.split('.').collect();
        let last = steps.pop().unwrap_or_default();
        let mut here = Some(of.clone());
        for step in steps {
            here = here.and_then(|here| self.target(&here, step));
        }
        let mut members = here.map_or_else(Vec::new, |here| {
            let relations = &self.model.blueprint(&here.0)["relations"];
            if relations.get(last).is_some() {
                let targets = self.targets(&here, last).into_iter();
                return targets.map(|(_, identifier)| json!(identifier)).collect();
            }
            match self.value(&here, last) {
                Json::Array(items) => items,
                one => vec![one],
            }
        });
        members.dedup();
        if members.is_empty() {
            members.push(Json::Null);
        }
        members
    }

    fn counts(&self, scorecard: &Json, takes: impl Fn(&Key) -> bool) -> Json {
        let keys = self.base.entities.keys();
        let keys = keys.filter(|key| scorecard["blueprint"] == key.0 && takes(key));
        let grades: Vec<_> = keys.filter_map(|key| self.grade(scorecard, key)).collect();
        let levels = levels(scorecard).into_iter().map(|level| {
            let count = grades.iter().filter(|(at, _)| *at == level).count();
            (level, json!(count))
        });
        let rules = rules(scorecard).enumerate().map(|(place, rule)| {
            let count = grades.iter().filter(|(_, passed)| passed[place]).count();
            let name = rule["identifier"].as_str().unwrap_or_default();
            (name.to_owned(), json!(count))
        });
        json!({
            "graded": grades.len(),
            "levels": Json::Object(levels.collect::<Map<_, _>>()),
            "rules": Json::Object(rules.collect::<Map<_, _>>()),
        })
    }
}

/// The weight of the rules passed in hundredths of all, rounded down.
fn score(scorecard: &Json, passed: &[bool]) -> u64 {
    let weights = rules(scorecard).map(|rule| rule["weight"].as_u64().unwrap_or(1));
    let weights: Vec<u64> = weights.collect();
    let all: u64 = weights.iter().sum();
    let passed = weights.iter().zip(passed).filter(|(_, passed)| **passed);
    let passed: u64 = passed.map(|(weight, _)| weight).sum();
    passed * 100 / all
}

/// The lowest level above one that has rules.
fn next_level(scorecard: &Json, level: &str) -> Option<String> {
    let above = levels(scorecard)
        .into_iter()
        .skip_while(|known| known != level);
    let mut above = above.skip(1);
    above.find(|level| rules(scorecard).any(|rule| rule["level"] == **level))
}

fn rules(scorecard: &Json) -> impl Iterator<Item = &Json> {
    scorecard["rules"].as_array().into_iter().flatten()
}

fn levels(scorecard: &Json) -> Vec<String> {
    match scorecard["levels"].as_array() {
        Some(levels) => levels
            .iter()
            .map(|level| level["title"].as_str().unwrap_or_default().to_owned())
            .collect(),
        None => DEFAULT_LEVELS.map(str::to_owned).to_vec(),
    }
}
