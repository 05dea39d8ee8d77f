//! Validation of entity values against their blueprint, by a JSON Schema compiled once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jsonschema::Validator;
use serde_json::{Map, Value as Json};

use super::definition::schema_of;
use super::format::{options, shared};
use super::json::{nested_within, pointer, shown};
use super::problem::{Problem, error_of};
use super::{Blueprint, Property, PropertyType, limits};
use crate::error::{Error, Result, did_you_mean};

/// The compiled schema of one blueprint's properties.
///
/// Each property has a validator of its own, so that checking an entity clones nothing and the
/// errors speak of properties.
pub(crate) struct EntitySchema {
    /// By name; what is derived or a relation is listed to say so when it is written.
    slots: BTreeMap<Arc<str>, Slot>,
    required: Vec<Arc<str>>,
}

/// What a name may not be confused with, or how its value is checked.
enum Slot {
    /// A property whose definition says no more than its type.
    Typed(PropertyType),
    /// A text property of a checked format without further rules.
    Formatted(&'static Validator),
    /// A property with further rules.
    Ruled(Box<Validator>),
    /// Something that is not written as a property.
    NotWritten(&'static str),
}

/// What is written elsewhere or not at all, and what to say about it.
const MIRROR: &str = "is a mirror property: it is derived, not written";
const CALCULATION: &str = "is a calculation property: it is derived, not written";
const AGGREGATION: &str = "is an aggregation property: it is derived, not written";
const RELATION: &str = "is a relation: write it under `relations`";

impl EntitySchema {
    /// Compiles the property definitions; references of any kind are refused.
    ///
    /// # Errors
    /// `Invalid` with the path in the blueprint of a definition that is not a JSON Schema, or of a
    /// default that does not fit its own definition.
    pub(crate) fn compile(blueprint: &Blueprint) -> Result<Self> {
        let mut slots = BTreeMap::new();
        for relation in &blueprint.relations {
            slots.insert(Arc::clone(&relation.name), Slot::NotWritten(RELATION));
        }
        for mirror in &blueprint.mirrors {
            slots.insert(Arc::clone(&mirror.name), Slot::NotWritten(MIRROR));
        }
        for name in blueprint.calculations.iter().map(|c| &c.name) {
            slots.insert(Arc::clone(name), Slot::NotWritten(CALCULATION));
        }
        for name in blueprint.aggregations.iter().map(|a| &a.name) {
            slots.insert(Arc::clone(name), Slot::NotWritten(AGGREGATION));
        }
        for property in &blueprint.properties {
            slots.insert(Arc::clone(&property.name), compile(property)?);
        }
        Ok(Self {
            slots,
            required: blueprint.required.clone(),
        })
    }

    /// Checks the whole set of properties an entity would have; nulls count as missing.
    /// The error lists every problem with its path and what was expected.
    ///
    /// # Errors
    /// `Invalid`; the path is that of the first problem, such as `/properties/tier`.
    pub(crate) fn validate(&self, properties: &Map<String, Json>) -> Result<()> {
        let mut problems = Vec::new();
        for (name, value) in properties.iter().filter(|(_, value)| !value.is_null()) {
            match self.slots.get(name.as_str()) {
                Some(slot) => slot.check(value, &pointer_to(name), &mut problems),
                None => problems.push(self.unknown(name)),
            }
        }
        let given = |name: &Arc<str>| {
            properties
                .get(&**name)
                .is_some_and(|value| !value.is_null())
        };
        for name in self.required.iter().filter(|name| !given(name)) {
            problems.push(Problem::new(
                pointer_to(name)(),
                "required, but missing",
                None,
            ));
        }
        error_of(problems).map_or(Ok(()), Err)
    }

    fn unknown(&self, name: &str) -> Problem {
        let stored = self
            .slots
            .iter()
            .filter(|(_, slot)| !matches!(slot, Slot::NotWritten(_)));
        let help = did_you_mean(name, stored.map(|(name, _)| &**name));
        let shown = name.escape_debug();
        Problem::new(
            pointer_to(name)(),
            format!("unknown property `{shown}`"),
            help,
        )
    }
}

impl fmt::Debug for EntitySchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntitySchema")
            .field("properties", &self.slots.keys())
            .finish_non_exhaustive()
    }
}

impl Slot {
    /// Adds what is wrong with a value; the path is made only where something is.
    fn check(&self, value: &Json, path: &dyn Fn() -> String, problems: &mut Vec<Problem>) {
        match self {
            Self::NotWritten(why) => {
                let path = path();
                let name = path.rsplit('/').next().unwrap_or_default();
                problems.push(Problem::new(path.clone(), format!("`{name}` {why}"), None));
            }
            // Comparing and walking values is recursive: the bound keeps the stack safe.
            Self::Typed(_) | Self::Formatted(_) | Self::Ruled(_)
                if !nested_within(value, limits::JSON_DEPTH) =>
            {
                let message = format!("nested deeper than {} levels", limits::JSON_DEPTH);
                problems.push(Problem::new(path(), message, None));
            }
            Self::Typed(kind) if kind.holds(value) => {}
            Self::Typed(kind) => {
                let message = format!("expected {}, got {}", kind.described(), shown(value));
                problems.push(Problem::new(path(), message, None));
            }
            Self::Formatted(validator) => run(validator, value, path, problems),
            Self::Ruled(validator) => run(validator, value, path, problems),
        }
    }
}

fn run(
    validator: &Validator,
    value: &Json,
    path: &dyn Fn() -> String,
    problems: &mut Vec<Problem>,
) {
    if !validator.is_valid(value) {
        let path = path();
        problems.extend(
            validator
                .iter_errors(value)
                .map(|error| Problem::of(&error, &path)),
        );
    }
}

fn pointer_to(name: &str) -> impl Fn() -> String {
    move || pointer("/properties", name)
}

fn compile(property: &Property) -> Result<Slot> {
    let path = pointer("/schema/properties", &property.name);
    let schema = schema_of(&property.definition, &path)?;
    let plain = schema
        .as_object()
        .is_some_and(|schema| schema.keys().eq(["type"]));
    let slot = if plain {
        Slot::Typed(property.kind)
    } else if let Some(validator) = shared(&schema) {
        Slot::Formatted(validator)
    } else {
        let built = options()
            .build(&schema)
            .map_err(|error| not_a_schema(&error, &path))?;
        Slot::Ruled(Box::new(built))
    };
    if let Some(default) = &property.default {
        let mut problems = Vec::new();
        slot.check(default, &|| pointer(&path, "default"), &mut problems);
        if let Some(error) = error_of(problems) {
            return Err(error.context("the default does not fit the definition"));
        }
    }
    Ok(slot)
}

/// An error of the definition itself; its place in the schema is one in the definition.
fn not_a_schema(error: &jsonschema::ValidationError<'_>, path: &str) -> Error {
    let path = format!("{path}{}", error.instance_path());
    let message = format!("not a good definition: {}", error.masked_with("the value"));
    Error::invalid(message).with_path(path)
}
