//! Entities in answers: ids until here, then maps of what they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Meta;
use crate::query::function::{meta, properties_of};
use crate::state::State;
use crate::value::{EntityId, Fields, Relationship, Value};

/// Turns the ids in the values of an answer into maps; an entity that comes twice is read once.
#[derive(Debug)]
pub(super) struct Output<'a> {
    state: &'a State,
    known: BTreeMap<EntityId, Value>,
}

const SHOWN: [Meta; 3] = [Meta::Blueprint, Meta::Identifier, Meta::Title];

impl<'a> Output<'a> {
    pub(super) fn new(state: &'a State) -> Self {
        Self {
            state,
            known: BTreeMap::new(),
        }
    }

    /// The value as the caller gets it. Lists and maps nest no deeper than expressions do.
    pub(super) fn shown(&mut self, value: Value) -> Value {
        match value {
            Value::Entity(id) => self.entity(id),
            Value::Relation(of) => self.relation(of),
            Value::Path(path) => {
                let entities = path.entities.iter().map(|id| self.entity(*id));
                let entities = Value::list(entities.collect::<Vec<_>>());
                let relations = path.relations.iter().map(|of| self.relation(*of));
                let relations = Value::list(relations.collect::<Vec<_>>());
                map([("$entities", entities), ("$relations", relations)])
            }
            Value::List(values) if values.iter().any(holds_entity) => {
                Value::list(values.iter().map(|value| self.shown(value.clone())))
            }
            Value::Map(fields) if fields.values().any(holds_entity) => {
                let fields = fields.iter();
                let fields: Fields = fields
                    .map(|(key, value)| (Arc::clone(key), self.shown(value.clone())))
                    .collect();
                Value::Map(Arc::new(fields))
            }
            other => other,
        }
    }

    /// A relation with what its ends are called.
    fn relation(&self, of: Relationship) -> Value {
        let end = |id| {
            let entity = self.state.entity(id);
            let named = |which| {
                let value = entity.map(|entity| meta(self.state, entity, which));
                (which.name(), value.unwrap_or_default())
            };
            map([named(Meta::Blueprint), named(Meta::Identifier)])
        };
        let name = self.state.model().names().text(of.relation);
        map([
            ("$relation", Value::string(name)),
            ("$source", end(of.source)),
            ("$target", end(of.target)),
        ])
    }

    fn entity(&mut self, id: EntityId) -> Value {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let Some(entity) = self.state.entity(id) else {
            return Value::Null;
        };
        let mut fields = properties_of(self.state, id);
        for which in SHOWN {
            fields.insert(which.name().into(), meta(self.state, entity, which));
        }
        let shown = Value::Map(Arc::new(fields));
        self.known.insert(id, shown.clone());
        shown
    }
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter();
    Value::Map(Arc::new(
        fields.map(|(key, value)| (Arc::from(key), value)).collect(),
    ))
}

fn holds_entity(value: &Value) -> bool {
    match value {
        Value::Entity(_) | Value::Relation(_) | Value::Path(_) => true,
        Value::List(values) => values.iter().any(holds_entity),
        Value::Map(fields) => fields.values().any(holds_entity),
        _ => false,
    }
}
