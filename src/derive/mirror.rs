//! A mirror property, compiled: the relations to follow and what to read at their end.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::model::{Compiled, Meta, Model};
use crate::query::function;
use crate::state::{Entity, State};
use crate::value::{BlueprintId, EntityId, NameId, Value};

use super::reads::{Input, Inputs, Place, Step};

/// A mirror of a blueprint.
#[derive(Debug)]
pub(super) struct Mirror {
    pub(super) blueprint: BlueprintId,
    pub(super) name: NameId,
    /// At least one.
    relations: Vec<NameId>,
    end: End,
    /// Whether any of the relations is to many, so that the value is a list.
    many: bool,
    /// 1 for a mirror of stored properties only, else one more than what it reads.
    pub(super) rank: u32,
}

#[derive(Debug)]
enum End {
    Property(NameId),
    Meta(Meta),
}

/// The mirrors of a model, dependencies first.
pub(super) fn compile(model: &Model) -> Result<Vec<Mirror>> {
    let mut mirrors: Vec<Mirror> = Vec::new();
    for (blueprint, name) in model.mirror_order() {
        let compiled = model.blueprint(blueprint).ok_or_else(gone)?;
        let mut mirror = Mirror::new(model, compiled, name)?;
        let read = |known: &&Mirror| matches!(mirror.end, End::Property(end) if end == known.name);
        // By name alone: a mirror of the same name of an unrelated blueprint only lifts the rank.
        let deepest = mirrors.iter().filter(read).map(|known| known.rank).max();
        mirror.rank = deepest.map_or(1, |rank| rank + 1);
        mirrors.push(mirror);
    }
    Ok(mirrors)
}

fn gone() -> Error {
    Error::internal("a mirror that the model does not have")
}

impl Mirror {
    fn new(model: &Model, compiled: &Compiled, name: NameId) -> Result<Self> {
        let names = model.names();
        let declared = compiled
            .blueprint
            .mirror(names.text(name))
            .ok_or_else(gone)?;
        let relations = declared.relations.iter().map(|relation| names.id(relation));
        let end = match Meta::named(&declared.property) {
            Some(meta) => End::Meta(meta),
            None => End::Property(names.id(&declared.property).ok_or_else(gone)?),
        };
        Ok(Self {
            blueprint: compiled.id,
            name,
            relations: relations.collect::<Option<_>>().ok_or_else(gone)?,
            end,
            many: is_many(model, compiled, &declared.relations),
            rank: 1,
        })
    }

    /// What the value depends on.
    pub(super) fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::new();
        let mut place = Place::this(self.blueprint);
        for relation in &self.relations {
            let step = Step::to(*relation);
            let further = place.step(step.clone());
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

    /// The value for an entity. Through single relations: what is at the end, or null. Through a
    /// many relation: a list of what is at the ends, in the order in which the relations are
    /// written, lists flattened, without nulls and duplicates.
    ///
    /// Costs O(entities on the way).
    pub(super) fn value(&self, state: &State, entity: &Arc<Entity>) -> Value {
        let mut here = vec![Arc::clone(entity)];
        for relation in &self.relations {
            here = related(state, &here, *relation);
        }
        let mut ends = here.iter().map(|entity| self.read(state, entity));
        if !self.many {
            return ends.next().unwrap_or_default();
        }
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

    fn read(&self, state: &State, entity: &Entity) -> Value {
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

/// What entities point to by a relation, in order, each once.
fn related(state: &State, from: &[Arc<Entity>], relation: NameId) -> Vec<Arc<Entity>> {
    let mut seen = BTreeSet::new();
    let targets = from.iter().flat_map(|entity| entity.targets(relation));
    let targets = targets.filter(|id: &&EntityId| seen.insert(**id));
    targets
        .filter_map(|id| state.entity(*id).cloned())
        .collect()
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
