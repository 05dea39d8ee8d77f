//! A blueprint with what is compiled from it once per version.

use std::sync::Arc;

use super::{Aggregation, Blueprint, Calculation, EntitySchema, Mirror, Property, Relation};
use crate::error::Result;
use crate::value::BlueprintId;

/// A blueprint with what is compiled from it once per version.
#[derive(Debug)]
pub struct Compiled {
    /// The id, which stays the same when the blueprint changes.
    pub id: BlueprintId,
    /// The blueprint as declared.
    pub blueprint: Blueprint,
    pub(crate) schema: EntitySchema,
}

/// What a name stands for on the entities of one blueprint.
#[derive(Clone, Copy, Debug)]
pub enum Declared<'a> {
    /// A stored property.
    Property(&'a Property),
    /// A property read through relations.
    Mirror(&'a Mirror),
    /// A relation.
    Relation(&'a Relation),
    /// A property computed from the entity itself.
    Calculation(&'a Calculation),
    /// A property computed over related entities.
    Aggregation(&'a Aggregation),
}

impl Compiled {
    /// Compiles the property definitions of a blueprint.
    pub(crate) fn new(id: BlueprintId, blueprint: Blueprint) -> Result<Self> {
        let schema = EntitySchema::compile(&blueprint)
            .map_err(|error| error.context(format_args!("blueprint `{}`", blueprint.identifier)))?;
        Ok(Self {
            id,
            blueprint,
            schema,
        })
    }

    /// The names of the derived properties: mirrors, calculations and aggregations.
    pub(crate) fn derived(&self) -> impl Iterator<Item = &Arc<str>> {
        let blueprint = &self.blueprint;
        let mirrors = blueprint.mirrors.iter().map(|mirror| &mirror.name);
        let calculations = blueprint.calculations.iter().map(|c| &c.name);
        let aggregations = blueprint.aggregations.iter().map(|a| &a.name);
        mirrors.chain(calculations).chain(aggregations)
    }

    /// What a name stands for: a property, stored or derived, before a relation of the same name.
    #[must_use]
    pub fn declared(&self, name: &str) -> Option<Declared<'_>> {
        let blueprint = &self.blueprint;
        if let Some(property) = blueprint.property(name) {
            Some(Declared::Property(property))
        } else if let Some(mirror) = blueprint.mirror(name) {
            Some(Declared::Mirror(mirror))
        } else if let Some(calculation) = blueprint.calculation(name) {
            Some(Declared::Calculation(calculation))
        } else if let Some(aggregation) = blueprint.aggregation(name) {
            Some(Declared::Aggregation(aggregation))
        } else {
            blueprint.relation(name).map(Declared::Relation)
        }
    }
}
