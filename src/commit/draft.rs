//! One staged entity: what a caller wrote, checked for shape, before its relations are resolved.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not of the one kind that fits is wrong"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::error::{Error, Result, did_you_mean};
use crate::model::{Blueprint, Compiled, Model, Ownership, Relation, check_entity_identifier};
use crate::state::Record;
use crate::value::EntityId;

/// What a relation of a draft points to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reference {
    /// An entity that the version before the transaction holds.
    Known(EntityId),
    /// An identifier, in the named blueprint or in any of the relation's targets, written by the
    /// given write of the transaction: a later deletion of the target takes it back.
    Named {
        blueprint: Option<Arc<str>>,
        identifier: Arc<str>,
        written: u32,
    },
}

/// One entity as it will be, but for its id and the ids of what it relates to.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) identifier: Arc<str>,
    pub(super) title: Option<Arc<str>>,
    pub(super) icon: Option<Arc<str>>,
    pub(super) team: Vec<Arc<str>>,
    /// Without nulls.
    pub(super) properties: Map<String, Json>,
    /// Without empty lists.
    pub(super) relations: BTreeMap<Arc<str>, Vec<Reference>>,
    /// The form of the blueprint that the properties were checked against.
    pub(super) checked: Option<Arc<Compiled>>,
}

/// The keys of an entity document.
const KEYS: [&str; 7] = [
    "identifier",
    "title",
    "icon",
    "team",
    "properties",
    "relations",
    "blueprint",
];

/// Keys that an entity has when it is read.
const READ_ONLY: [&str; 5] = [
    "createdAt",
    "createdBy",
    "updatedAt",
    "updatedBy",
    "scorecards",
];

impl Draft {
    /// The draft that leaves an existing entity as it is.
    pub(super) fn of(entity: Record<'_>, model: &Model) -> Self {
        let names = model.names();
        let properties = entity.properties();
        let properties =
            properties.map(|(name, value)| (names.text(name).to_owned(), value.to_json()));
        let relations = entity.relations().map(|(name, targets)| {
            (
                names.shared(name),
                targets.into_iter().map(Reference::Known).collect(),
            )
        });
        let head = entity.head();
        Self {
            identifier: head.identifier.into(),
            title: head.title.map(Into::into),
            icon: head.icon.map(Into::into),
            team: head.team.iter().map(Into::into).collect(),
            properties: properties.collect(),
            relations: relations.collect(),
            checked: None,
        }
    }

    /// Writes a document over the draft: what the document names changes, null clears, the rest
    /// stays. `written` numbers the writes of the transaction.
    pub(super) fn write(
        &mut self,
        document: &Map<String, Json>,
        blueprint: &Blueprint,
        written: u32,
    ) -> Result<()> {
        for (key, value) in document {
            match key.as_str() {
                "identifier" => {}
                "title" => self.title = text(value, "/title")?,
                "icon" => self.icon = text(value, "/icon")?,
                "team" => self.team = teams(value, blueprint)?,
                "properties" => self.write_properties(value)?,
                "relations" => self.write_relations(value, blueprint, written)?,
                "blueprint" if value.as_str() == Some(&*blueprint.identifier) => {}
                "blueprint" => {
                    let message = format!(
                        "the document says blueprint {}, but it is written to `{}`",
                        in_backticks(value),
                        blueprint.identifier
                    );
                    return Err(Error::invalid(message).with_path("/blueprint"));
                }
                unknown => return Err(unknown_key(unknown, blueprint)),
            }
        }
        Ok(())
    }

    fn write_properties(&mut self, value: &Json) -> Result<()> {
        for (name, value) in object(value, "/properties")? {
            if value.is_null() {
                self.properties.remove(name);
            } else {
                self.properties.insert(name.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn write_relations(&mut self, value: &Json, blueprint: &Blueprint, written: u32) -> Result<()> {
        for (name, value) in object(value, "/relations")? {
            // What the blueprint does not know any more can still be cleared.
            if value.is_null() && self.relations.remove(name.as_str()).is_some() {
                continue;
            }
            let path = format!("/relations/{name}");
            let Some(relation) = blueprint.relation(name) else {
                let known = blueprint.relations.iter().map(|relation| &*relation.name);
                let message = format!(
                    "blueprint `{}` has no relation `{name}`",
                    blueprint.identifier
                );
                let help = did_you_mean(name, known)
                    .unwrap_or_else(|| "declare the relation on the blueprint first".to_owned());
                return Err(Error::invalid(message).with_path(path).with_help(help));
            };
            let references = references(value, &path, written)?;
            if references.len() > 1 && !relation.many {
                return Err(too_many(relation, references.len()));
            }
            if references.is_empty() {
                self.relations.remove(name.as_str());
            } else {
                self.relations
                    .insert(Arc::clone(&relation.name), references);
            }
        }
        Ok(())
    }

    /// Gives a new entity the defaults of properties that were not named at all.
    pub(super) fn fill_defaults(&mut self, document: &Map<String, Json>, blueprint: &Blueprint) {
        let written = document.get("properties").and_then(Json::as_object);
        for property in &blueprint.properties {
            let named = written.is_some_and(|written| written.contains_key(&*property.name));
            if let Some(default) = property.default.as_ref().filter(|_| !named) {
                self.properties
                    .insert(property.name.to_string(), default.clone());
            }
        }
    }
}

/// The identifier that a document names, checked.
pub(super) fn identifier(document: &Map<String, Json>) -> Result<Arc<str>> {
    let value = document.get("identifier").unwrap_or(&Json::Null);
    let Some(text) = value.as_str() else {
        let message = match value {
            Json::Null => "an entity needs an `identifier`".to_owned(),
            other => format!("an identifier is a string, not {}", kind(other)),
        };
        return Err(Error::invalid(message).with_path("/identifier"));
    };
    check_entity_identifier(text).map_err(|error| error.with_path("/identifier"))?;
    Ok(text.into())
}

/// The object that a document must be.
pub(super) fn object<'a>(value: &'a Json, path: &str) -> Result<&'a Map<String, Json>> {
    value.as_object().ok_or_else(|| {
        let what = if path.is_empty() {
            "an entity"
        } else {
            path.trim_start_matches('/')
        };
        let error = Error::invalid(format!("{what} must be an object, not {}", kind(value)));
        if path.is_empty() {
            error
        } else {
            error.with_path(path)
        }
    })
}

fn text(value: &Json, path: &str) -> Result<Option<Arc<str>>> {
    match value {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.as_str().into())),
        other => {
            let message = format!("must be a string or null, not {}", kind(other));
            Err(Error::invalid(message).with_path(path))
        }
    }
}

fn teams(value: &Json, blueprint: &Blueprint) -> Result<Vec<Arc<str>>> {
    let wrong = |value: &Json| {
        let message = format!("must be a team or a list of teams, not {}", kind(value));
        Error::invalid(message).with_path("/team")
    };
    let teams = match value {
        Json::Null => Vec::new(),
        Json::String(team) => vec![Arc::from(team.as_str())],
        Json::Array(teams) => {
            let team = |team: &Json| team.as_str().map(Arc::from).ok_or_else(|| wrong(team));
            teams.iter().map(team).collect::<Result<_>>()?
        }
        other => return Err(wrong(other)),
    };
    if let (Some(Ownership::Inherited { path, .. }), false) =
        (&blueprint.ownership, teams.is_empty())
    {
        let (owner, path) = (&blueprint.identifier, path.join("."));
        let message = format!("blueprint `{owner}` inherits its teams along `{path}`");
        let help = format!("write the team on the entity at the end of `{path}`");
        return Err(Error::invalid(message).with_path("/team").with_help(help));
    }
    Ok(teams)
}

fn references(value: &Json, path: &str, written: u32) -> Result<Vec<Reference>> {
    let named = |blueprint: Option<&str>, identifier: &str| Reference::Named {
        blueprint: blueprint.map(Arc::from),
        identifier: identifier.into(),
        written,
    };
    let one = |value: &Json, path: String| match value {
        Json::String(identifier) => Ok(named(None, identifier)),
        Json::Object(fields) => {
            let field = |name| fields.get(name).and_then(Json::as_str);
            match (field("blueprint"), field("identifier"), fields.len()) {
                (Some(blueprint), Some(identifier), 2) => Ok(named(Some(blueprint), identifier)),
                _ => Err(not_a_reference(value, path)),
            }
        }
        _ => Err(not_a_reference(value, path)),
    };
    let mut references = match value {
        Json::Null => return Ok(Vec::new()),
        Json::Array(values) => {
            let values = values.iter().enumerate();
            values
                .map(|(at, value)| one(value, format!("{path}/{at}")))
                .collect::<Result<_>>()?
        }
        value => vec![one(value, path.to_owned())?],
    };
    remove_duplicates(&mut references);
    Ok(references)
}

/// Keeps the first of equal references: a relation is a set, in the order it was written.
fn remove_duplicates(references: &mut Vec<Reference>) {
    let mut seen = std::collections::BTreeSet::new();
    references.retain(|reference| match reference {
        Reference::Known(_) => true,
        Reference::Named {
            blueprint,
            identifier,
            ..
        } => seen.insert((blueprint.clone(), Arc::clone(identifier))),
    });
}

/// The error of a relation to one entity that would point to several.
pub(super) fn too_many(relation: &Relation, count: usize) -> Error {
    let name = &relation.name;
    Error::invalid(format!("relation `{name}` takes one entity, not {count}"))
        .with_path(format!("/relations/{name}"))
        .with_help("declare the relation with `\"many\": true` to point to several")
}

fn not_a_reference(value: &Json, path: String) -> Error {
    let message = format!("a relation points to an identifier, not to {}", kind(value));
    let help = "write the target's identifier, a list of identifiers, null, or \
                `{\"blueprint\": .., \"identifier\": ..}`";
    Error::invalid(message).with_path(path).with_help(help)
}

fn unknown_key(key: &str, blueprint: &Blueprint) -> Error {
    let error =
        Error::invalid(format!("an entity has no key `{key}`")).with_path(format!("/{key}"));
    if blueprint.property(key).is_some() {
        return error.with_help(format!(
            "`{key}` is a property: write it under `properties`"
        ));
    }
    if blueprint.relation(key).is_some() {
        return error.with_help(format!("`{key}` is a relation: write it under `relations`"));
    }
    if READ_ONLY.contains(&key) {
        return error.with_help(format!("the catalog writes `{key}` itself: leave it out"));
    }
    let known = KEYS.join("`, `");
    let help = did_you_mean(key, KEYS).unwrap_or_else(|| format!("the keys are `{known}`"));
    error.with_help(help)
}

fn in_backticks(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| kind(value).to_owned(), |text| format!("`{text}`"))
}

/// What people call a kind of JSON value.
pub(crate) fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;

    use super::*;

    fn teams_of(ownership: &Json, team: &Json) -> Result<Vec<Arc<str>>> {
        let blueprint = json!({
            "identifier": "service",
            "relations": {"system": {"target": "system"}},
            "ownership": ownership,
        });
        teams(team, &Blueprint::from_json(&blueprint).unwrap())
    }

    #[test]
    fn teams_that_are_inherited_are_not_written() {
        let inherited = json!({"type": "Inherited", "path": "system.domain"});
        let wanted = "`/team`: blueprint `service` inherits its teams along `system.domain`\n\
                      help: write the team on the entity at the end of `system.domain`";
        for team in [json!("shop"), json!(["shop"])] {
            let error = teams_of(&inherited, &team).unwrap_err();
            assert_eq!(format!("{error:#}"), wanted);
        }
        for cleared in [json!(null), json!([])] {
            assert!(teams_of(&inherited, &cleared).unwrap().is_empty());
        }
        for ownership in [json!({"type": "Direct"}), json!(null)] {
            let written = teams_of(&ownership, &json!(["shop", "pay"])).unwrap();
            assert_eq!(written, [Arc::from("shop"), Arc::from("pay")]);
        }
    }
}
