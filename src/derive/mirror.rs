//! A mirror property or inherited ownership, compiled: the relations to follow and what to read
//! at their end.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::model::{self, Compiled, Declared, Meta, Model};
use crate::query::function;
use crate::state::{Record, State};
use crate::value::{BlueprintId, EntityId, NameId, Value};

use super::reads::{Input, Inputs, Place, Step};

/// A walk over relations and what is read at its end: a mirror property, or inherited ownership.
#[derive(Debug)]
pub(super) struct Mirror {
    /// At least one.
    relations: Vec<NameId>,
    end: End,
    /// Whether any of the relations is to many, so that the value is a list.
    many: bool,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Property(NameId),
    Meta(Meta),
}

impl Mirror {
    /// A mirror property of a blueprint.
    pub(super) fn property(
        model: &Model,
        compiled: &Compiled,
        declared: &model::Mirror,
    ) -> Result<Self> {
        let end = match Meta::named(&declared.property) {
            Some(meta) => End::Meta(meta),
            None => End::Property(model.names().id(&declared.property).ok_or_else(unknown)?),
        };
        Self::new(model, compiled, &declared.relations, end)
    }

    /// The owning teams of a blueprint that inherits them.
    pub(super) fn team(model: &Model, compiled: &Compiled, path: &[Arc<str>]) -> Result<Self> {
        Self::new(model, compiled, path, End::Meta(Meta::Team))
    }

    fn new(model: &Model, compiled: &Compiled, path: &[Arc<str>], end: End) -> Result<Self> {
        let names = model.names();
        let relations = path.iter().map(|relation| names.id(relation));
        Ok(Self {
            relations: relations.collect::<Option<_>>().ok_or_else(unknown)?,
            end,
            many: is_many(model, compiled, path),
        })
    }

    /// What the value depends on.
    pub(super) fn inputs(&self, model: &Model, blueprint: BlueprintId) -> Inputs {
        let mut inputs = Inputs::new();
        let mut place = Place::this(blueprint);
        for relation in &self.relations {
            let step = Step::to(*relation);
            let further = place.step(model, step.clone());
            inputs.insert((place, Input::Links(step)));
            place = further;
        }
        let end = match self.end {
            End::Property(name) => Input::Property(name),
            End::Meta(meta) => Input::Meta(meta),
        };
        inputs.insert((place, end));
        inputs
    }

    /// Whether what is read at the end is short and worth looking up: it is indexed there.
    pub(super) fn is_indexed(&self, model: &Model, inputs: &Inputs) -> bool {
        let name = match self.end {
            End::Property(name) => model.names().text(name),
            End::Meta(meta) => return !matches!(meta, Meta::Icon),
        };
        let ends = inputs
            .iter()
            .filter(|(_, input)| matches!(input, Input::Property(_)));
        let mut ends = ends.flat_map(|(place, _)| &place.blueprints);
        ends.any(|end| {
            let compiled = model.blueprint(*end);
            let declared = compiled.and_then(|compiled| compiled.declared(name));
            match declared {
                Some(Declared::Property(property)) => property.is_indexed(),
                Some(Declared::Calculation(calculation)) => calculation.is_indexed(),
                Some(Declared::Aggregation(aggregation)) => aggregation.index == Some(true),
                Some(Declared::Mirror(_) | Declared::Relation(_)) | None => false,
            }
        })
    }

    /// The value for an entity. Through single relations: what is at the end, or null. Through a
    /// many relation: a list of what is at the ends, in the order in which the relations are
    /// written, lists flattened, without nulls and duplicates.
    ///
    /// Costs O(entities on the way).
    pub(super) fn value(&self, state: &State, entity: Record<'_>) -> Value {
        if !self.many {
            let mut here = entity;
            for relation in &self.relations {
                let target = here.targets(*relation).next();
                let Some(target) = target.and_then(|id| state.entity(id)) else {
                    return Value::Null;
                };
                here = target;
            }
            return self.read(state, here);
        }
        let mut here = vec![entity];
        for relation in &self.relations {
            here = related(state, &here, *relation);
        }
        let ends = here.iter().map(|entity| self.read(state, *entity));
        let (mut values, mut seen) = (Vec::new(), BTreeSet::new());
        let mut keep = |value: Value| {
            if !value.is_null() && seen.insert(value.clone()) {
                values.push(value);
            }
        };
        for end in ends {
            if let Value::List(items) = end {
                items.iter().cloned().for_each(&mut keep);
            } else {
                keep(end);
            }
        }
        Value::list(values)
    }

    fn read(&self, state: &State, entity: Record<'_>) -> Value {
        match self.end {
            End::Property(name) => state.value(entity.id, name),
            End::Meta(meta) => function::meta(state, entity, meta),
        }
    }

    /// For people: `owner.parent.$title`.
    pub(super) fn path(&self, model: &Model) -> String {
        let relations = self
            .relations
            .iter()
            .map(|relation| model.names().text(*relation));
        let end = match self.end {
            End::Property(name) => model.names().text(name),
            End::Meta(meta) => meta.name(),
        };
        relations.chain([end]).collect::<Vec<_>>().join(".")
    }
}

fn unknown() -> Error {
    Error::internal("a path over a name that is not declared")
}

/// What entities point to by a relation, in order, each once.
fn related<'a>(state: &'a State, from: &[Record<'_>], relation: NameId) -> Vec<Record<'a>> {
    let mut seen = BTreeSet::new();
    let targets = from.iter().flat_map(|entity| entity.targets(relation));
    let targets = targets.filter(|id: &EntityId| seen.insert(*id));
    targets.filter_map(|id| state.entity(id)).collect()
}

/// Whether a path goes through a many relation of any blueprint that it can come by.
fn is_many(model: &Model, from: &Compiled, relations: &[Arc<str>]) -> bool {
    let mut here = BTreeSet::from([from.id]);
    for name in relations {
        let blueprints = here.iter().filter_map(|id| model.blueprint(*id));
        let taken: Vec<_> = blueprints
            .filter_map(|c| c.blueprint.relation(name))
            .collect();
        if taken.iter().any(|relation| relation.many) {
            return true;
        }
        let reached = model.blueprints().filter(|compiled| {
            taken
                .iter()
                .any(|relation| relation.target.allows(&compiled.blueprint.identifier))
        });
        here = reached.map(|compiled| compiled.id).collect();
    }
    false
}
