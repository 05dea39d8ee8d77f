//! A catalog for a scenario: its graph and names as blueprints, relations and entities.

use std::collections::{BTreeMap, BTreeSet};

use portolan::model::Blueprint;
use portolan::{Catalog, Instant, Options, Parameters, Snapshot, Value, Viewer};
use serde_json::{Map, Value as Json, json};

use super::scenario::{Graph, Group, Node, Scenario, value_of};

/// The blueprint of entities without a label, which is not shown.
pub(crate) const UNLABELLED: &str = "_";

/// The relation that a pattern without names means where the graph has none at all.
const UNNAMED: &str = "_";

/// The entities of a scenario as blueprints and documents, ready to be written.
struct Model<'a> {
    scenario: &'a Scenario,
    /// What the properties hold, as documents say it.
    values: BTreeMap<(u64, &'a str), Json>,
    /// The type of a property of a blueprint.
    types: BTreeMap<(&'a str, &'a str), Type>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Type {
    name: &'static str,
    format: Option<&'static str>,
}

pub(crate) fn viewer() -> Viewer {
    Viewer::system("scenarios")
}

/// A catalog with what the scenario has before its query.
pub(crate) fn snapshot(scenario: &Scenario) -> Result<Snapshot, String> {
    let model = Model::of(scenario)?;
    let failed = |error: portolan::Error| format!("{error:#}");
    let noon = Instant::parse("2026-11-01T12:00:00Z").unwrap();
    let catalog =
        Catalog::in_memory_with(Options::default().clock(move || noon)).map_err(failed)?;
    let mut tx = catalog.write(&viewer()).map_err(failed)?;
    let blueprints = model.blueprints().into_iter();
    let blueprints: Result<Vec<_>, _> =
        blueprints.map(|json| Blueprint::from_json(&json)).collect();
    tx.declare(blueprints.map_err(failed)?, [])
        .map_err(failed)?;
    for node in &scenario.graph.nodes {
        tx.upsert(blueprint_of(node), &model.document(node))
            .map_err(failed)?;
    }
    tx.commit().map_err(failed)?;
    Ok(catalog.read(&viewer()))
}

fn blueprint_of(node: &Node) -> &str {
    node.labels.first().map_or(UNLABELLED, String::as_str)
}

/// The identifier of a node's entity; ids in order are identifiers in order.
fn identifier(id: u64) -> String {
    format!("n{id:04}")
}

impl<'a> Model<'a> {
    fn of(scenario: &'a Scenario) -> Result<Self, String> {
        let (mut values, mut types) = (BTreeMap::new(), BTreeMap::new());
        for node in &scenario.graph.nodes {
            for (name, value) in &node.props {
                let (value, kind) = stored(value)?;
                values.insert((node.id, name.as_str()), value);
                types.insert((blueprint_of(node), name.as_str()), kind);
            }
        }
        Ok(Self {
            scenario,
            values,
            types,
        })
    }

    fn graph(&self) -> &'a Graph {
        &self.scenario.graph
    }

    fn blueprints(&self) -> Vec<Json> {
        let nodes = self.graph().nodes.iter().map(blueprint_of);
        let declared = self.scenario.declare.labels.iter().map(String::as_str);
        let names: BTreeSet<&str> = nodes.chain(declared).chain([UNLABELLED]).collect();
        let blueprints = names.iter().map(|name| {
            json!({
                "identifier": name,
                "title": name,
                "schema": {"properties": self.properties(name), "required": []},
                "relations": self.relations(name),
            })
        });
        blueprints.collect()
    }

    /// Every property that the graph or the query names, with the type that it has here, else the
    /// one that it has elsewhere.
    fn properties(&self, blueprint: &str) -> Map<String, Json> {
        let held = self.types.keys().map(|(_, name)| *name);
        let declared = self.scenario.declare.props.iter().map(String::as_str);
        let names: BTreeSet<&str> = held.chain(declared).collect();
        let properties = names.into_iter().map(|name| {
            let here = self.types.get(&(blueprint, name));
            let elsewhere = || self.types.iter().find(|((_, known), _)| *known == name);
            let kind = here.or_else(|| elsewhere().map(|(_, kind)| kind)).copied();
            (
                name.to_owned(),
                kind.map_or_else(|| self.unheld(), Type::to_json),
            )
        });
        properties.collect()
    }

    /// The type of what no entity holds: a text where the query has one to compare it with.
    fn unheld(&self) -> Json {
        let texts = self.scenario.query.contains('\'');
        json!({"type": if texts { "string" } else { "number" }})
    }

    /// The relations that entities of a blueprint have, and to which. Those that only the query
    /// names every blueprint has, to any; in an open model all are such. What the graph has none
    /// of may be related to everything too.
    fn relations(&self, blueprint: &str) -> Map<String, Json> {
        let rels = &self.graph().rels;
        let declared = self.scenario.declare.types.iter();
        let mut names: BTreeSet<&str> = declared.map(String::as_str).collect();
        names.extend(rels.iter().map(|rel| rel.name.as_str()));
        if rels.is_empty() {
            names.insert(UNNAMED);
        }
        let mut relations = Map::new();
        for name in names {
            let same = || rels.iter().filter(|rel| rel.name == name);
            let here = same().any(|rel| self.blueprint(rel.src) == blueprint);
            let strict = self.scenario.group() != Group::Open && same().next().is_some();
            if !strict || !self.occurs(blueprint) {
                relations.insert(name.to_owned(), relation(&json!("*")));
            } else if here {
                let targets = same().map(|rel| self.blueprint(rel.dst));
                let declared = self.scenario.declare.labels.iter().map(String::as_str);
                let only_named = declared.filter(|label| !self.occurs(label));
                let targets: BTreeSet<&str> = targets.chain(only_named).collect();
                relations.insert(name.to_owned(), relation(&json!(targets)));
            }
        }
        relations
    }

    /// Whether the graph has entities of a blueprint.
    fn occurs(&self, blueprint: &str) -> bool {
        let mut nodes = self.graph().nodes.iter();
        nodes.any(|node| blueprint_of(node) == blueprint)
    }

    fn blueprint(&self, id: u64) -> &'a str {
        let found = self.graph().nodes.iter().find(|node| node.id == id);
        found.map_or(UNLABELLED, blueprint_of)
    }

    fn document(&self, node: &Node) -> Json {
        let properties = self.values.iter().filter(|((id, _), _)| *id == node.id);
        let properties: Map<String, Json> = properties
            .map(|((_, name), value)| ((*name).to_owned(), value.clone()))
            .collect();
        let mut relations: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
        for rel in self.graph().rels.iter().filter(|rel| rel.src == node.id) {
            let target =
                json!({"blueprint": self.blueprint(rel.dst), "identifier": identifier(rel.dst)});
            relations.entry(&rel.name).or_default().push(target);
        }
        json!({"identifier": identifier(node.id), "properties": properties, "relations": relations})
    }
}

impl Type {
    fn to_json(self) -> Json {
        match self.format {
            Some(format) => json!({"type": self.name, "format": format}),
            None => json!({"type": self.name}),
        }
    }
}

fn relation(target: &Json) -> Json {
    json!({"target": target, "many": true, "required": false})
}

/// A property as a document says it, with its type. A value of time is stored as its text.
fn stored(json: &Json) -> Result<(Json, Type), String> {
    let plain = |name| Type { name, format: None };
    Ok(match json {
        Json::Null | Json::String(_) => (json.clone(), plain("string")),
        Json::Bool(_) => (json.clone(), plain("boolean")),
        Json::Number(_) => (json.clone(), plain("number")),
        Json::Array(_) => (json.clone(), plain("array")),
        Json::Object(fields) => match fields.get("$call").and_then(Json::as_str) {
            Some(function) => {
                let format = matches!(function, "date" | "datetime").then_some("date-time");
                let kind = Type {
                    name: "string",
                    format,
                };
                (called(function, fields.get("args"))?, kind)
            }
            None => (json.clone(), plain("object")),
        },
    })
}

/// The text of a value of time, which the language itself works out from its parts.
fn called(function: &str, arguments: Option<&Json>) -> Result<Json, String> {
    let catalog = Catalog::in_memory().map_err(|error| error.to_string())?;
    let argument = arguments.and_then(|all| all.get(0)).unwrap_or(&Json::Null);
    let mut parameters = Parameters::default();
    parameters.set("parts", value_of(argument));
    let rows = catalog
        .read(&viewer())
        .query(&format!("RETURN {function}($parts) AS value"), parameters)
        .map_err(|error| format!("set-up: {error:#}"))?;
    let value = rows.iter().next().and_then(|row| row.first());
    Ok(value.map_or(Json::Null, Value::to_json))
}
