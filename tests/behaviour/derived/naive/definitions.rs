//! The model as JSON, with parts of it switched off or exchanged.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::ENTITIES;

const BLUEPRINTS: &str = include_str!("../blueprints.json");
const SCORECARDS: &str = include_str!("../scorecards.json");

/// What can be taken out of the model and put back while nothing else refers to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Switch {
    /// A key of an object of a blueprint.
    Property(&'static str, &'static str, &'static str),
    /// A rule of a scorecard.
    Rule(&'static str, &'static str),
    /// A rule whose expression is another one.
    Exchange(&'static str, &'static str, &'static str),
    /// A whole scorecard.
    Scorecard(&'static str),
    /// A key of a scorecard.
    Key(&'static str, &'static str),
    /// A key of a blueprint.
    BlueprintKey(&'static str, &'static str),
}

const AGGREGATIONS: &str = "aggregationProperties";
const CALCULATIONS: &str = "calculationProperties";
const MIRRORS: &str = "mirrorProperties";

/// Everything that a history switches.
pub(crate) const SWITCHES: [Switch; 27] = [
    Switch::Property("service", AGGREGATIONS, "cvssSum"),
    Switch::Property("service", AGGREGATIONS, "medianCvss"),
    Switch::Property("service", AGGREGATIONS, "lastStatus"),
    Switch::Property("service", AGGREGATIONS, "deploysPerDay"),
    Switch::Property("service", AGGREGATIONS, "packages"),
    Switch::Property("service", AGGREGATIONS, "dependencyVulnSum"),
    Switch::Property("package", AGGREGATIONS, "users"),
    Switch::Property("team", AGGREGATIONS, "siblings"),
    Switch::Property("domain", AGGREGATIONS, "averageCoverage"),
    Switch::Property("service", MIRRORS, "dependencyTiers"),
    Switch::Property("service", MIRRORS, "domainHealth"),
    Switch::Property("incident", MIRRORS, "teams"),
    Switch::Property("service", CALCULATIONS, "risk"),
    Switch::Property("service", CALCULATIONS, "grade"),
    Switch::Property("service", CALCULATIONS, "tenfold"),
    Switch::Rule("readiness", "owned"),
    Switch::Rule("readiness", "safe"),
    Switch::Rule("readiness", "fresh"),
    Switch::Rule("security", "ready"),
    Switch::Rule("security", "tagged"),
    Switch::Rule("teamwork", "secure"),
    Switch::Exchange("readiness", "covered", "coverage >= 80"),
    Switch::Scorecard("teamwork"),
    Switch::Scorecard("domains"),
    Switch::Key("readiness", "filter"),
    Switch::Key("security", "groups"),
    Switch::BlueprintKey("service", "ownership"),
];

/// The blueprints and scorecards that are declared.
#[derive(Clone, Debug)]
pub(crate) struct Definitions {
    pub(crate) blueprints: Vec<Json>,
    pub(crate) scorecards: Vec<Json>,
    /// By place in [`SWITCHES`].
    off: BTreeSet<usize>,
}

impl Definitions {
    pub(crate) fn all() -> Self {
        Self::without(BTreeSet::new())
    }

    /// The same with one switch turned.
    pub(crate) fn turned(&self, switch: usize) -> Self {
        let mut off = self.off.clone();
        if !off.remove(&switch) {
            off.insert(switch);
        }
        Self::without(off)
    }

    fn without(off: BTreeSet<usize>) -> Self {
        let read = |text| serde_json::from_str::<Vec<Json>>(text).unwrap();
        let (mut blueprints, mut scorecards) = (read(BLUEPRINTS), read(SCORECARDS));
        for switch in off.iter().filter_map(|at| SWITCHES.get(*at)) {
            turn_off(*switch, &mut blueprints, &mut scorecards);
        }
        Self {
            blueprints,
            scorecards,
            off,
        }
    }

    /// The same without a relation that is required.
    pub(crate) fn relaxed(&self) -> Self {
        let mut relaxed = self.clone();
        for blueprint in &mut relaxed.blueprints {
            let relations = blueprint["relations"].as_object_mut();
            for relation in relations.into_iter().flat_map(Map::values_mut) {
                relation["required"] = Json::from(false);
            }
        }
        relaxed
    }

    /// The name of a blueprint of the fixture.
    pub(super) fn name(blueprint: &str) -> &'static str {
        let known = ENTITIES.iter().find(|(name, _)| *name == blueprint);
        known.unwrap().0
    }

    pub(crate) fn blueprint(&self, identifier: &str) -> &Json {
        self.blueprints
            .iter()
            .find(|known| known["identifier"] == identifier)
            .unwrap_or(&Json::Null)
    }

    pub(crate) fn scorecard(&self, identifier: &str) -> Option<&Json> {
        self.scorecards
            .iter()
            .find(|known| known["identifier"] == identifier)
    }

    pub(super) fn relation_target(&self, blueprint: &str, relation: &str) -> String {
        let target = &self.blueprint(blueprint)["relations"][relation]["target"];
        target.as_str().unwrap_or_default().to_owned()
    }
}

fn turn_off(switch: Switch, blueprints: &mut [Json], scorecards: &mut Vec<Json>) {
    let named = |list: &mut [Json], name: &str| -> usize {
        let at = list.iter().position(|known| known["identifier"] == name);
        at.unwrap()
    };
    match switch {
        Switch::Property(blueprint, kind, name) => {
            let at = named(blueprints, blueprint);
            let map = blueprints[at][kind].as_object_mut();
            map.unwrap().remove(name);
        }
        Switch::BlueprintKey(blueprint, key) => {
            let at = named(blueprints, blueprint);
            let map = blueprints[at].as_object_mut();
            map.unwrap().remove(key);
        }
        Switch::Key(scorecard, key) => {
            // A scorecard that is off has no keys to switch.
            let at = named(scorecards, scorecard);
            let map = scorecards[at].as_object_mut();
            map.unwrap().remove(key);
        }
        Switch::Scorecard(scorecard) => {
            let at = named(scorecards, scorecard);
            scorecards.remove(at);
        }
        Switch::Rule(scorecard, rule) => {
            let at = named(scorecards, scorecard);
            let rules = scorecards[at]["rules"].as_array_mut();
            rules.unwrap().retain(|known| known["identifier"] != rule);
        }
        Switch::Exchange(scorecard, rule, when) => {
            let at = named(scorecards, scorecard);
            let rules = scorecards[at]["rules"].as_array_mut();
            let rules = rules.unwrap().iter_mut();
            for known in rules.filter(|known| known["identifier"] == rule) {
                known["when"] = Json::from(when);
            }
        }
    }
}
