//! The scenarios as the data file has them, and which group each belongs to.

use std::collections::BTreeMap;

use portolan::{Parameters, Value};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

#[derive(Deserialize)]
pub(crate) struct File {
    pub(crate) source: String,
    pub(crate) scenarios: Vec<Scenario>,
}

/// One query over one graph, and what it must give.
#[derive(Deserialize)]
pub(crate) struct Scenario {
    pub(crate) id: String,
    #[serde(rename = "scenario")]
    pub(crate) title: String,
    pub(crate) query: String,
    pub(crate) expect: Expected,
    pub(crate) params: Map<String, Json>,
    pub(crate) graph: Graph,
    pub(crate) category: String,
    pub(crate) caps: Vec<String>,
    pub(crate) declare: Declared,
    tier: String,
    #[serde(default)]
    uses: Uses,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Expected {
    Table {
        ordered: bool,
        ignore_list_order: bool,
        columns: Vec<String>,
        rows: Vec<Vec<Json>>,
    },
    Error {
        #[serde(rename = "type")]
        kind: String,
        phase: String,
        detail: String,
    },
}

#[derive(Deserialize)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) rels: Vec<Rel>,
}

#[derive(Deserialize)]
pub(crate) struct Node {
    pub(crate) id: u64,
    pub(crate) labels: Vec<String>,
    pub(crate) props: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
pub(crate) struct Rel {
    #[serde(rename = "type")]
    pub(crate) name: String,
    pub(crate) src: u64,
    pub(crate) dst: u64,
}

/// What the query mentions beside what the graph has.
#[derive(Deserialize)]
pub(crate) struct Declared {
    pub(crate) labels: Vec<String>,
    pub(crate) types: Vec<String>,
    pub(crate) props: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Uses {
    functions: Vec<String>,
}

/// The groups that have a floor of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Needs no graph, and no value of time.
    Plain,
    /// One blueprint for each entity, one target for each relation, typed properties.
    Strict,
    /// Entities without a label, relations with several targets.
    Open,
    /// Values of time: dates, instants and durations alone.
    Time,
    /// Values of time: also times of day, times without a zone, and named zones.
    LocalTime,
    /// Relations with properties, or entities of several blueprints: not in the data model.
    Outside,
}

impl Group {
    pub(crate) const ALL: [(Self, &'static str); 6] = [
        (Self::Plain, "tier A, not temporal"),
        (Self::Strict, "tier B, not temporal"),
        (Self::Open, "tier C, not temporal"),
        (Self::Time, "temporal: date, datetime, duration"),
        (
            Self::LocalTime,
            "temporal: also local times and named zones",
        ),
        (Self::Outside, "outside of the data model"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(group, _)| *group == self)
            .unwrap()
            .1
    }
}

impl Scenario {
    pub(crate) fn group(&self) -> Group {
        let temporal =
            self.category == "temporal" || self.caps.iter().any(|cap| cap.starts_with("temporal"));
        match self.tier.get(..2) {
            Some("A " | "B " | "C ") if temporal => self.temporal_group(),
            Some("A ") => Group::Plain,
            Some("B ") => Group::Strict,
            Some("C ") => Group::Open,
            _ => Group::Outside,
        }
    }

    fn temporal_group(&self) -> Group {
        let used = self.uses.functions.iter().map(String::as_str);
        let stored = self.graph.nodes.iter().flat_map(|node| node.props.values());
        let stored = stored.filter_map(|value| value.get("$call")?.as_str());
        let local = |function: &str| {
            let family = function.split('.').next().unwrap_or_default();
            matches!(family, "time" | "localtime" | "localdatetime")
        };
        if used.chain(stored).any(local) || names_zone(&self.query) {
            return Group::LocalTime;
        }
        Group::Time
    }

    pub(crate) fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::default();
        for (name, value) in &self.params {
            parameters.set(name, value_of(value));
        }
        parameters
    }
}

/// Whether a text has a zone by name, as `Europe/Stockholm`.
fn names_zone(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    parts.windows(2).any(|pair| {
        let before = pair[0].chars().next_back();
        let after = pair[1].chars().next();
        before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_uppercase)
    })
}

/// A value of the data file; what JSON cannot say stands under `$f`.
pub(crate) fn value_of(json: &Json) -> Value {
    match json {
        Json::Array(values) => Value::list(values.iter().map(value_of)),
        Json::Object(_) => match float_of(json) {
            Some(float) => Value::Float(float),
            None => Value::from_json(json),
        },
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Value::from_json(json),
    }
}

/// A number that JSON cannot say: `{"$f": "NaN"}`.
pub(crate) fn float_of(json: &Json) -> Option<f64> {
    json.get("$f")?.as_str()?.parse().ok()
}
