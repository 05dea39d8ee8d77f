//! A blueprint with what is compiled from it once per version.

use super::{Blueprint, EntitySchema, Mirror, Property, Relation};
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
    /// A calculation property: kept, not computed yet.
    Calculation,
    /// An aggregation property: kept, not computed yet.
    Aggregation,
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

    /// What a name stands for: a property, stored or derived, before a relation of the same name.
    #[must_use]
    pub fn declared(&self, name: &str) -> Option<Declared<'_>> {
        let blueprint = &self.blueprint;
        let listed =
            |list: &[(std::sync::Arc<str>, _)]| list.iter().any(|(known, _)| **known == *name);
        if let Some(property) = blueprint.property(name) {
            Some(Declared::Property(property))
        } else if let Some(mirror) = blueprint.mirror(name) {
            Some(Declared::Mirror(mirror))
        } else if listed(&blueprint.calculations) {
            Some(Declared::Calculation)
        } else if listed(&blueprint.aggregations) {
            Some(Declared::Aggregation)
        } else {
            blueprint.relation(name).map(Declared::Relation)
        }
    }
}
