//! The types of derived properties: mirrors, calculations and aggregations.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::{self, Arrived};
use super::{aggregation, blueprints, calculation, types};
use crate::model::{Aggregation, Compiled, Declared, Meta, Mirror, Model};
use crate::query::ir::{Blueprints, Type};
use crate::value::BlueprintId;

/// How deep types are followed through properties that read others; beyond, nothing is known of
/// them. The model refuses cycles.
const DEPTH: u32 = 32;

/// Finds the types of properties; each derived one once, through however many others it is read.
pub(super) struct Typing<'m> {
    model: &'m Model,
    known: BTreeMap<(BlueprintId, Arc<str>), Type>,
    depth: u32,
}

impl<'m> Typing<'m> {
    pub(super) const fn new(model: &'m Model) -> Self {
        Self {
            model,
            known: BTreeMap::new(),
            depth: 0,
        }
    }

    /// The type of what a name stands for on the entities of a blueprint.
    pub(super) fn of(&mut self, owner: &Compiled, declared: Declared<'_>) -> Type {
        let name = match declared {
            Declared::Property(property) => return names::property_type(property),
            Declared::Calculation(calculation) => return calculation::value_type(calculation),
            Declared::Relation(relation) => {
                let targets = Type::Entity(names::target_set(self.model, &relation.target));
                return if relation.many {
                    types::list_of(targets)
                } else {
                    targets
                };
            }
            Declared::Mirror(mirror) => &mirror.name,
            Declared::Aggregation(aggregation) => &aggregation.name,
        };
        let key = (owner.id, Arc::clone(name));
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if self.depth == DEPTH {
            return Type::Any;
        }
        // Stands in for itself, should it be read on the way.
        self.known.insert(key.clone(), Type::Any);
        self.depth += 1;
        let ty = match declared {
            Declared::Mirror(mirror) => self.mirror(owner.id, mirror),
            Declared::Aggregation(aggregation) => self.aggregation(aggregation),
            Declared::Property(_) | Declared::Calculation(_) | Declared::Relation(_) => Type::Any,
        };
        self.depth -= 1;
        self.known.insert(key, ty.clone());
        ty
    }

    /// The type of a mirror: that of what its path ends in, a list where a relation on it is many.
    fn mirror(&mut self, owner: BlueprintId, mirror: &Mirror) -> Type {
        let relations = mirror.relations.iter().map(|step| &**step);
        self.path(owner, relations, &mirror.property)
    }

    fn aggregation(&mut self, aggregation: &Aggregation) -> Type {
        let target = self.model.blueprint_id(&aggregation.target);
        let of = match (&aggregation.property, target) {
            (Some(path), Some(target)) => {
                let mut steps: Vec<&str> = path.split('.').collect();
                let end = steps.pop().unwrap_or_default();
                self.path(target, steps.into_iter(), end)
            }
            _ => Type::Null,
        };
        // An entity at the end is read as its identifier.
        let of = match types::entities(&of) {
            Some((_, true)) => types::list_of(Type::String),
            Some((_, false)) => Type::String,
            None => of,
        };
        aggregation::value_type(aggregation.function, of)
    }

    /// The type of what a path over relations ends in.
    fn path<'p>(
        &mut self,
        from: BlueprintId,
        relations: impl Iterator<Item = &'p str>,
        end: &str,
    ) -> Type {
        let (mut set, mut many, mut mixed) = (blueprints::one(from), false, false);
        for step in relations {
            let declared = blueprints::members(self.model, &set)
                .filter_map(|known| known.blueprint.relation(step));
            let Some(arrived) = declared
                .map(|found| Arrived::of(self.model, found))
                .reduce(Arrived::and)
            else {
                // A step that is no relation, such as `$team`, leads to nothing that is known.
                return if step.starts_with('$') {
                    Type::Any
                } else {
                    Type::Null
                };
            };
            many |= arrived.many;
            mixed |= arrived.single && arrived.many;
            set = arrived.targets;
        }
        let ty = self.end(&set, end);
        // Where one blueprint leads to one entity and another to many, either may come.
        match (many, mixed) {
            (_, true) => Type::Any,
            (true, false) => types::flattened(ty),
            (false, false) => ty,
        }
    }

    fn end(&mut self, set: &Blueprints, end: &str) -> Type {
        if let Some(meta) = Meta::named(end) {
            return names::meta_type(meta);
        }
        let model = self.model;
        let mut ty = Type::Null;
        for known in blueprints::members(model, set) {
            if let Some(declared) = known.declared(end) {
                ty = types::common(ty, self.of(known, declared));
            }
        }
        ty
    }
}
