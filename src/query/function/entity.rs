//! Functions of entities, and what an entity shows of itself.

use std::sync::Arc;

use super::argument::{any, wrong};
use super::{Context, Function, function};
use crate::error::Result;
use crate::model::Meta;
use crate::state::{Record, State};
use crate::value::{EntityId, Fields, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "keys",
        (1, 1),
        "keys(entity or relation or map) -> list",
        "The names of a map's fields, or of the properties that an entity has.",
        keys,
    ),
    function(
        "properties",
        (1, 1),
        "properties(entity or relation or map) -> map",
        "The properties that an entity has, mirrors included; a relation has none, a map is as it is.",
        properties,
    ),
    function(
        "labels",
        (1, 1),
        "labels(entity) -> list",
        "The identifier of an entity's blueprint, in a list.",
        labels,
    ),
];

/// The properties of an entity that are not null, mirrors included.
pub(crate) fn properties_of(state: &State, id: EntityId) -> Fields {
    let Some(entity) = state.entity(id) else {
        return Fields::new();
    };
    let names = state.model().names();
    let stored = entity.properties().map(|(name, _)| name);
    let blueprint = state.model().blueprint(entity.blueprint());
    let derived = blueprint.iter().flat_map(|compiled| compiled.derived());
    let derived = derived.filter_map(|name| names.id(name));
    stored
        .chain(derived)
        .map(|name| (names.shared(name), state.value(id, name)))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// A meta-property of an entity; null where it has none.
pub(crate) fn meta(state: &State, entity: Record<'_>, meta: Meta) -> Value {
    // The most asked for are read without the rest of the head.
    if meta == Meta::Identifier {
        return entity.identifier().into();
    }
    if meta == Meta::Title {
        return entity.title().into();
    }
    let head = entity.head();
    match meta {
        Meta::Identifier => head.identifier.into(),
        Meta::Title => head.title.into(),
        Meta::Icon => head.icon.into(),
        Meta::Team => state.team(entity),
        Meta::Blueprint => {
            let compiled = state.model().blueprint(head.blueprint);
            compiled
                .map(|compiled| Arc::clone(&compiled.blueprint.identifier))
                .into()
        }
        Meta::CreatedAt => head.created_at.into(),
        Meta::UpdatedAt => head.updated_at.into(),
        Meta::CreatedBy => head.created_by.into(),
        Meta::UpdatedBy => head.updated_by.into(),
    }
}

fn keys(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let keys = |fields: &Fields| Value::list(fields.keys().cloned().map(Value::String));
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Map(fields) => Ok(keys(fields)),
        Value::Relation(_) => Ok(Value::list([])),
        Value::Entity(id) => Ok(keys(&properties_of(context.state, *id))),
        other => Err(wrong(0, "an entity, relation or map", other)),
    }
}

fn properties(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Entity(id) => Ok(Value::Map(Arc::new(properties_of(context.state, *id)))),
        Value::Relation(_) => Ok(Value::Map(Arc::default())),
        same @ (Value::Null | Value::Map(_)) => Ok(same.clone()),
        other => Err(wrong(0, "an entity, relation or map", other)),
    }
}

fn labels(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Entity(id) => Ok(context.state.entity(*id).map_or(Value::Null, |entity| {
            Value::list([meta(context.state, entity, Meta::Blueprint)])
        })),
        other => Err(wrong(0, "an entity", other)),
    }
}
