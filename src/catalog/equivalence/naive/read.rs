//! What is read of entities, from the stored record wherever there is one.

use std::sync::Arc;

use super::Naive;
use crate::error::{Error, Result};
use crate::model::{Declared, Meta};
use crate::query::function::meta;
use crate::query::ir::Read;
use crate::value::{EntityId, Fields, Level, NameId, Value};

impl Naive<'_> {
    pub(super) fn read_of(&self, base: &Value, read: &Read) -> Result<Value> {
        match base {
            Value::Null => Ok(Value::Null),
            Value::Entity(id) => Ok(self.read(*id, read)),
            Value::Map(fields) => Ok(match read {
                Read::Property(name) => field(fields, self.state.model().names().text(*name)),
                Read::Meta(meta) => field(fields, meta.name()),
                _ => Value::Null,
            }),
            Value::List(values) => {
                let mut found: Vec<Value> = Vec::new();
                for value in values.iter() {
                    let more = match value {
                        Value::Null => continue,
                        Value::Entity(id) => self.read(*id, read),
                        _ => return Err(Error::invalid("expected an entity")),
                    };
                    let more = match more {
                        Value::List(values) => values.to_vec(),
                        single => vec![single],
                    };
                    for value in more {
                        let again = matches!(value, Value::Entity(_)) && found.contains(&value);
                        if !value.is_null() && !again {
                            found.push(value);
                        }
                    }
                }
                Ok(Value::list(found))
            }
            _ => Err(Error::invalid("expected an entity")),
        }
    }

    pub(super) fn key_of(&self, base: &Value, key: &str) -> Result<Value> {
        match base {
            Value::Null => Ok(Value::Null),
            Value::Map(fields) => Ok(field(fields, key)),
            Value::Entity(id) => Ok(self.named(*id, key)),
            _ => Err(Error::invalid("expected a map or entity")),
        }
    }

    /// What an entity has under a name.
    pub(super) fn named(&self, id: EntityId, name: &str) -> Value {
        if let Some(which) = Meta::named(name) {
            return self.read(id, &Read::Meta(which));
        }
        let model = self.state.model();
        let blueprint = self.state.entity(id).unwrap().blueprint();
        let declared = model.blueprint(blueprint).unwrap().declared(name);
        match (declared, model.names().id(name)) {
            (Some(Declared::Relation(_)), Some(name)) => self.related(id, name),
            (Some(_), Some(name)) => self.state.value(id, name),
            _ => Value::Null,
        }
    }

    fn read(&self, id: EntityId, read: &Read) -> Value {
        let entity = self.state.entity(id).unwrap();
        match read {
            Read::Meta(which) => meta(self.state, entity, *which),
            Read::Property(name) => self.state.value(id, *name),
            Read::Relation(name) => self.related(id, *name),
            Read::Level(scorecard) => self.state.level(*scorecard, id).into(),
            Read::Score(scorecard) => self.state.score(*scorecard, id),
            Read::Column(_) => Value::Null,
            Read::RulePassed(scorecard, rule) => match self.state.level(*scorecard, id) {
                Some(_) => self.state.rule_passes(*scorecard, *rule, id).into(),
                None => Value::Null,
            },
            Read::Rules(scorecard) => {
                if self.state.level(*scorecard, id).is_none() {
                    return Value::Null;
                }
                let declared = self.state.model().scorecard(*scorecard).unwrap();
                let rules = declared.rules.iter().zip(0..).map(|(rule, at)| {
                    let title = &declared.levels[usize::from(rule.level)].title;
                    let level = Level {
                        rank: rule.level,
                        title: Arc::clone(title),
                    };
                    let passed = self.state.rule_passes(*scorecard, at, id);
                    let fields: Fields = [
                        ("identifier", Value::String(Arc::clone(&rule.identifier))),
                        ("title", rule.title.as_deref().into()),
                        ("level", Value::Level(level)),
                        ("passed", passed.into()),
                    ]
                    .map(|(key, value)| (Arc::from(key), value))
                    .into();
                    Value::Map(Arc::new(fields))
                });
                Value::list(rules)
            }
        }
    }

    fn related(&self, id: EntityId, relation: NameId) -> Value {
        let entity = self.state.entity(id).unwrap();
        let model = self.state.model();
        let compiled = model.blueprint(entity.blueprint()).unwrap();
        match compiled.blueprint.relation(model.names().text(relation)) {
            None => Value::Null,
            Some(declared) if declared.many => {
                Value::list(entity.targets(relation).map(Value::Entity))
            }
            Some(_) => entity.targets(relation).next().into(),
        }
    }
}

fn field(fields: &Fields, key: &str) -> Value {
    fields.get(key).cloned().unwrap_or_default()
}
