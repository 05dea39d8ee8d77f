//! A way between an entity and the entities that it aggregates, as it is declared.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::identifier::Identifies;
use super::json::At;
use super::limits;
use super::path::check_relation;
use crate::error::{Result, did_you_mean};

/// A way between an entity and the entities that it aggregates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregationPath {
    /// Whether the path is written from the aggregated entities (Port's `fromBlueprint`).
    pub from_target: bool,
    /// The relations to follow, at least one.
    pub steps: Vec<AggregationStep>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AggregationStep {
    /// The relation.
    pub relation: Arc<str>,
    /// Whether it is followed against its direction.
    pub incoming: bool,
}

/// The paths of an aggregation property of `own` over `target`.
pub(super) fn read_paths(at: &At<'_>, own: &str, target: &str) -> Result<Vec<AggregationPath>> {
    let list = at.array()?;
    at.at_most(list.len(), limits::AGGREGATION_PATHS, "paths")?;
    list.map(|at| AggregationPath::read(&at, own, target))
        .collect()
}

impl AggregationPath {
    fn read(at: &At<'_>, own: &str, target: &str) -> Result<Self> {
        let mut fields = at.fields()?;
        let from = fields.take("fromBlueprint");
        let from_target = from.map(|at| read_from(&at, own, target)).transpose()?;
        let path = fields.need("path")?;
        let list = path.array()?;
        path.at_most(list.len(), limits::AGGREGATION_STEPS, "relations in a path")?;
        let steps: Vec<AggregationStep> = list
            .map(|at| AggregationStep::read(&at))
            .collect::<Result<_>>()?;
        if steps.is_empty() {
            return Err(path.error("a path needs at least one relation"));
        }
        fields.close("a path", &["fromBlueprint", "path"])?;
        Ok(Self {
            from_target: from_target.unwrap_or(false),
            steps,
        })
    }

    pub(super) fn to_json(&self, target: &str) -> Json {
        let steps: Vec<Json> = self.steps.iter().map(AggregationStep::to_json).collect();
        if self.from_target {
            json!({"fromBlueprint": target, "path": steps})
        } else {
            json!({"path": steps})
        }
    }
}

/// Whether a path begins at the target. Where a blueprint aggregates itself, naming it means that.
fn read_from(at: &At<'_>, own: &str, target: &str) -> Result<bool> {
    let name = at.string()?;
    if name == target || name == own {
        return Ok(name == target);
    }
    let message = format!("a path begins at `{own}` or at the target `{target}`");
    let error = at.error(format!("{message}, not at `{}`", name.escape_debug()));
    Err(match did_you_mean(name, [own, target]) {
        Some(help) => error.with_help(help),
        None => error,
    })
}

impl AggregationStep {
    fn read(at: &At<'_>) -> Result<Self> {
        if at.json().is_string() {
            let relation = relation(at)?;
            return Ok(Self {
                relation,
                incoming: false,
            });
        }
        let mut fields = at.fields()?;
        let relation = relation(&fields.need("relation")?)?;
        let incoming = fields.take("incoming").map(|at| at.bool()).transpose()?;
        fields.close("a step", &["relation", "incoming"])?;
        Ok(Self {
            relation,
            incoming: incoming.unwrap_or(false),
        })
    }

    fn to_json(&self) -> Json {
        if self.incoming {
            json!({"relation": &*self.relation, "incoming": true})
        } else {
            Json::from(&*self.relation)
        }
    }
}

fn relation(at: &At<'_>) -> Result<Arc<str>> {
    let name = at.string()?;
    check_relation(name, "a path").map_err(|error| at.place(error))?;
    Ok(at.identifier(Identifies::Name)?.into())
}
