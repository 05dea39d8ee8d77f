//! Where the owning teams of an entity come from.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::json::At;
use super::path::check_relation;
use super::{Meta, limits};
use crate::error::{Result, did_you_mean};

/// Where the owning teams of an entity come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Ownership {
    /// They are written on the entity. Holds the definition as declared, given back unchanged;
    /// that may say `Inherited` where a relation of the blueprint itself to `_team` overrules it.
    Direct(Json),
    /// They are those of the entity at the end of a path of single relations.
    Inherited {
        /// The relations to follow, at least one.
        path: Vec<Arc<str>>,
        /// The definition as declared, given back unchanged.
        definition: Json,
    },
}

const KINDS: [&str; 2] = ["Direct", "Inherited"];

impl Ownership {
    pub(crate) fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        fields.refuse_misspelled("an ownership", &["type", "path", "title"])?;
        let kind = fields.need("type")?;
        let definition = at.json().clone();
        let ownership = match kind.string()? {
            "Direct" => Self::Direct(definition),
            "Inherited" => Self::Inherited {
                path: read_path(&fields.need("path")?)?,
                definition,
            },
            other => {
                let error = kind.error(format!("unknown ownership `{}`", other.escape_debug()));
                let help = did_you_mean(other, KINDS);
                return Err(
                    error.with_help(help.unwrap_or_else(|| "use `Direct` or `Inherited`".into()))
                );
            }
        };
        fields.text("title")?;
        Ok(ownership)
    }

    /// Port: a relation of its own to the teams makes the ownership of a blueprint direct, whatever
    /// was declared.
    pub(super) fn overruled(self) -> Self {
        match self {
            Self::Direct(definition) | Self::Inherited { definition, .. } => {
                Self::Direct(definition)
            }
        }
    }

    /// The definition as declared, with the path that the field says now.
    pub(crate) fn to_json(&self) -> Json {
        let (definition, kind) = match self {
            Self::Direct(definition) => (definition, "Direct"),
            Self::Inherited { definition, .. } => (definition, "Inherited"),
        };
        let mut map = definition.as_object().cloned().unwrap_or_else(Map::new);
        map.entry("type").or_insert_with(|| Json::from(kind));
        if let Self::Inherited { path, .. } = self {
            let path = path.join(".");
            let said = map.get("path").and_then(Json::as_str).map(without_team);
            if said != Some(&*path) {
                map.insert("path".to_owned(), Json::from(path));
            }
        }
        Json::Object(map)
    }
}

/// A path without the `$team` that Port's newer definitions end it with.
fn without_team(path: &str) -> &str {
    let relations = path.strip_suffix(Meta::Team.name());
    relations
        .and_then(|relations| relations.strip_suffix('.'))
        .unwrap_or(path)
}

fn read_path(at: &At<'_>) -> Result<Vec<Arc<str>>> {
    let path = without_team(at.string()?);
    let steps: Vec<Arc<str>> = path.split('.').map(Arc::from).collect();
    at.at_most(
        steps.len(),
        limits::PATH_RELATIONS,
        "relations in an ownership path",
    )?;
    for step in &steps {
        check_relation(step, "an ownership path").map_err(|error| at.place(error))?;
    }
    Ok(steps)
}
