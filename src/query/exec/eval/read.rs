//! Reading from entities: properties, relations, levels and meta-properties.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{Evaluator, expected};
use crate::error::{Error, Result, Span, did_you_mean};
use crate::model::{Declared, Meta};
use crate::query::function::{Holder, LIST_LIMIT, components, holder, meta, part, too_long_list};
use crate::query::ir::{Expr, ExprKind, Read};
use crate::value::{BlueprintId, EntityId, Fields, Level, NameId, ScorecardId, Value};

/// Whether a relation of a blueprint is single or many; `None` where it is not declared.
#[derive(Debug, Default)]
pub(super) struct Shapes(BTreeMap<(BlueprintId, NameId), Option<bool>>);

impl<'a> Evaluator<'a> {
    pub(super) fn eval_read(&mut self, base: &'a Expr, read: &Read) -> Result<Value> {
        if let ExprKind::Slot(slot) = &base.kind {
            let id = self.slot(*slot);
            return Ok(self.read(id, read));
        }
        match self.eval(base)? {
            Value::Null => Ok(Value::Null),
            Value::Entity(id) => Ok(self.read(id, read)),
            Value::List(values) => self.read_each(&values, read, base),
            Value::Map(fields) => Ok(match read {
                Read::Property(name) => fields
                    .get(self.state.model().names().text(*name))
                    .cloned()
                    .unwrap_or_default(),
                Read::Meta(meta) => fields.get(meta.name()).cloned().unwrap_or_default(),
                Read::Relation(_)
                | Read::Level(_)
                | Read::Rules(_)
                | Read::RulePassed(..)
                | Read::Score(_)
                | Read::Column(_) => Value::Null,
            }),
            other => match read {
                Read::Property(name) if holder(&other).is_some() => {
                    let name = self.state.model().names().text(*name);
                    self.eval_key(&other, name, base.span)
                }
                _ => Err(expected("an entity", &other, base.span)),
            },
        }
    }

    /// What a name means on a value whose kind only shows now.
    pub(super) fn eval_key(&mut self, base: &Value, key: &str, span: Span) -> Result<Value> {
        match base {
            Value::Null => Ok(Value::Null),
            Value::Map(fields) => Ok(fields.get(key).cloned().unwrap_or_default()),
            Value::Entity(id) => Ok(self.named(*id, key)),
            other => match (part(other, key), holder(other)) {
                (Some(part), _) => Ok(part),
                (None, Some(holder)) => Err(no_part(other, holder, key).with_span(span)),
                (None, None) => Err(expected("a map or entity", other, span)),
            },
        }
    }

    /// What an entity has under a name: a meta-property, a property, a relation or nothing.
    pub(super) fn named(&mut self, id: EntityId, name: &str) -> Value {
        if let Some(meta) = Meta::named(name) {
            return self.read(id, &Read::Meta(meta));
        }
        let model = self.state.model();
        let blueprint = self.state.entity(id).map(|entity| entity.blueprint());
        let compiled = blueprint.and_then(|blueprint| model.blueprint(blueprint));
        let declared = compiled.and_then(|compiled| compiled.declared(name));
        match (declared, model.names().id(name)) {
            (Some(Declared::Relation(_)), Some(name)) => self.related(id, name),
            (Some(_), Some(name)) => self.state.value(id, name),
            _ => Value::Null,
        }
    }

    /// Reads from every entity of a list: lists flattened, nulls dropped, entities once.
    fn read_each(&mut self, values: &[Value], read: &Read, base: &Expr) -> Result<Value> {
        let mut results = Vec::new();
        let mut seen = RoaringBitmap::new();
        for value in values {
            self.budget.spend(1)?;
            let found = match value {
                Value::Null => continue,
                Value::Entity(id) => self.read(*id, read),
                other => return Err(expected("an entity", other, base.span)),
            };
            let mut add = |value: &Value| match value {
                Value::Null => {}
                Value::Entity(id) if !seen.insert(id.0) => {}
                other => results.push(other.clone()),
            };
            match &found {
                Value::List(values) => values.iter().for_each(&mut add),
                single => add(single),
            }
            if results.len() > LIST_LIMIT {
                return Err(too_long_list().with_span(base.span));
            }
        }
        Ok(Value::list(results))
    }

    fn read(&mut self, id: EntityId, read: &Read) -> Value {
        match read {
            Read::Property(name) => self.state.value(id, *name),
            Read::Meta(which) => {
                let entity = self.state.entity(id);
                entity.map_or(Value::Null, |entity| meta(self.state, entity, *which))
            }
            Read::Relation(name) => self.related(id, *name),
            Read::Score(scorecard) => self.state.score(*scorecard, id),
            Read::Column(column) => self.state.derived().column(*column as usize, id).clone(),
            Read::Level(scorecard) => self.state.level(*scorecard, id).into(),
            Read::Rules(scorecard) => self.rules(*scorecard, id),
            Read::RulePassed(scorecard, rule) => {
                let takes_part = self.state.level(*scorecard, id).is_some();
                let passes = || self.state.rule_passes(*scorecard, *rule, id);
                takes_part.then(passes).into()
            }
        }
    }

    fn related(&mut self, id: EntityId, relation: NameId) -> Value {
        let Some(blueprint) = self.state.blueprint_of(id) else {
            return Value::Null;
        };
        match self.is_many(blueprint, relation) {
            None => Value::Null,
            // The graph has the one target at hand; the order of many is the entity's.
            Some(false) => self
                .state
                .graph()
                .outgoing(relation, id)
                .iter()
                .next()
                .into(),
            Some(true) => {
                let entity = self.state.entity(id);
                let targets = entity.iter().flat_map(|entity| entity.targets(relation));
                Value::list(targets.map(Value::Entity))
            }
        }
    }

    fn is_many(&mut self, blueprint: BlueprintId, relation: NameId) -> Option<bool> {
        let known = self.shapes.0.entry((blueprint, relation));
        *known.or_insert_with(|| {
            let model = self.state.model();
            let compiled = model.blueprint(blueprint)?;
            let declared = compiled.blueprint.relation(model.names().text(relation));
            declared.map(|relation| relation.many)
        })
    }

    fn rules(&self, scorecard: ScorecardId, id: EntityId) -> Value {
        let declared = self.state.model().scorecard(scorecard);
        let Some((declared, _)) = declared.zip(self.state.level(scorecard, id)) else {
            return Value::Null;
        };
        let rules = declared.rules.iter().zip(0_u16..).map(|(rule, at)| {
            let level = declared.levels.get(usize::from(rule.level));
            let level = level.map(|level| Level {
                rank: rule.level,
                title: Arc::clone(&level.title),
            });
            let fields: Fields = [
                ("identifier", Value::String(Arc::clone(&rule.identifier))),
                ("title", rule.title.as_deref().into()),
                ("level", level.into()),
                ("passed", self.state.rule_passes(scorecard, at, id).into()),
            ]
            .into_iter()
            .map(|(key, value)| (Arc::from(key), value))
            .collect();
            Value::Map(Arc::new(fields))
        });
        Value::list(rules)
    }
}

/// The error of a part that a date, point in time or duration does not have.
fn no_part(value: &Value, holder: Holder, name: &str) -> Error {
    let error = Error::invalid(format!("{} values have no part `{name}`", value.kind()));
    match did_you_mean(name, components(holder).map(|known| known.name)) {
        Some(help) => error.with_help(help),
        None => error,
    }
}
