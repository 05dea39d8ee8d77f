//! The checks of aggregation properties that need the whole model: targets, paths and properties.

use std::sync::Arc;

use super::json::pointer;
use super::reach::{Places, lack, property_names, suggest};
use super::{
    Aggregation, AggregationPath, AggregationStep, Compiled, Declared, Meta, Model, PropertyType,
};
use crate::error::{Error, Result};

impl Model {
    /// What an aggregation property of a blueprint refers to exists. That there is a way where none
    /// is declared is found where the ways are.
    pub(super) fn check_aggregation(
        &self,
        own: &Arc<Compiled>,
        aggregation: &Aggregation,
    ) -> Result<()> {
        let at = |rest: &str| {
            let path = pointer("/aggregationProperties", &aggregation.name);
            format!("{path}/{rest}")
        };
        let target = self
            .need_blueprint(&aggregation.target)
            .map_err(|error| error.with_path(at("target")))?;
        for (place, path) in aggregation.paths.iter().enumerate() {
            let base = at(&format!("pathFilter/{place}/path"));
            self.check_path(own, target, path, &base)?;
        }
        if let Some(name) = &aggregation.property {
            let at_property = |error: Error| error.with_path(at("calculationSpec/property"));
            let kind = property_kind(target, name).map_err(at_property)?;
            check_numbers(aggregation, name, kind).map_err(at_property)?;
            check_declared_type(aggregation, name, kind)
                .map_err(|error| error.with_path(at("type")))?;
        }
        if let Some(name) = &aggregation.measure_time_by {
            check_time(target, name)
                .map_err(|error| error.with_path(at("calculationSpec/measureTimeBy")))?;
        }
        Ok(())
    }

    /// Every step of a path can be taken, and it ends where it should. `base` is its place.
    fn check_path(
        &self,
        own: &Arc<Compiled>,
        target: &Arc<Compiled>,
        path: &AggregationPath,
        base: &str,
    ) -> Result<()> {
        let (start, end) = if path.from_target {
            (target, own)
        } else {
            (own, target)
        };
        // Whoever writes a path from the far side forgets to say so.
        let name = &target.blueprint.identifier;
        let from_target =
            || format!("a path that begins at `{name}` needs `\"fromBlueprint\": \"{name}\"`");
        let mut at = Places::from([start.id]);
        for (place, step) in path.steps.iter().enumerate() {
            at = self.take(&at, step).map_err(|error| {
                let error = error.with_path(format!("{base}/{place}"));
                let there = target.blueprint.relation(&step.relation).is_some();
                if place == 0 && !path.from_target && !step.incoming && there {
                    error.with_help(from_target())
                } else {
                    error
                }
            })?;
        }
        if at.contains(&end.id) {
            return Ok(());
        }
        let end = &end.blueprint.identifier;
        let message = match &*self.compiled(&at) {
            [one] => format!(
                "the path ends at `{}`, not at `{end}`",
                one.blueprint.identifier
            ),
            several => format!(
                "the path ends at {} blueprints, but not at `{end}`",
                several.len()
            ),
        };
        let error = Error::invalid(message).with_path(base);
        Err(if path.from_target {
            error
        } else {
            error.with_help(from_target())
        })
    }

    /// Where a step leads to.
    fn take(&self, from: &Places, step: &AggregationStep) -> Result<Places> {
        let relation = &step.relation;
        if step.incoming {
            return self.follow_back(from, relation).map_err(|error| {
                match self.follow(from, relation) {
                    Err(_) => error,
                    Ok(_) => error.with_help(format!(
                        "`{relation}` leads away from here: drop `incoming`"
                    )),
                }
            });
        }
        self.follow(from, relation).map_err(|error| {
            match self.follow_back(from, relation) {
                Err(_) => error,
                Ok(_) => error.with_help(format!(
                    "`{relation}` points here: write `{{\"relation\": \"{relation}\", \"incoming\": true}}`"
                )),
            }
        })
    }
}

/// The type of a property of the target, where it can be told without following its definition.
fn property_kind(target: &Arc<Compiled>, name: &str) -> Result<Option<PropertyType>> {
    if name.starts_with('$') {
        let Some(meta) = Meta::named(name) else {
            let error = Error::invalid(format!("unknown meta-property `{}`", name.escape_debug()));
            return Err(suggest(
                error,
                name,
                Meta::ALL.iter().map(|(known, _)| *known),
            ));
        };
        return Ok(Some(match meta {
            Meta::Team => PropertyType::Array,
            Meta::Identifier
            | Meta::Title
            | Meta::Icon
            | Meta::Blueprint
            | Meta::CreatedAt
            | Meta::UpdatedAt
            | Meta::CreatedBy
            | Meta::UpdatedBy => PropertyType::String,
        }));
    }
    match target.declared(name) {
        Some(Declared::Property(property)) => Ok(Some(property.kind)),
        Some(Declared::Calculation(calculation)) => Ok(Some(calculation.kind)),
        Some(Declared::Aggregation(inner)) if inner.function.gives_number() => {
            Ok(Some(PropertyType::Number))
        }
        Some(Declared::Aggregation(inner)) => Ok(inner.kind()),
        Some(Declared::Mirror(_)) => Ok(None),
        Some(Declared::Relation(_)) => {
            let owner = &target.blueprint.identifier;
            let message = format!("`{name}` is a relation of blueprint `{owner}`, not a property");
            Err(Error::invalid(message))
        }
        None => {
            let names = property_names(&target.blueprint);
            Err(suggest(lack(&[target], "property", name), name, names))
        }
    }
}

fn check_numbers(aggregation: &Aggregation, name: &str, kind: Option<PropertyType>) -> Result<()> {
    match kind {
        Some(kind) if kind != PropertyType::Number && aggregation.function.takes_numbers() => {
            let (function, kind) = (aggregation.function.name(), kind.described());
            Err(Error::invalid(format!(
                "`{function}` takes numbers, but `{name}` is {kind}"
            )))
        }
        _ => Ok(()),
    }
}

/// The least, greatest, first and last values are of the type of the property.
fn check_declared_type(
    aggregation: &Aggregation,
    name: &str,
    kind: Option<PropertyType>,
) -> Result<()> {
    match (kind, aggregation.kind()) {
        (Some(kind), Some(declared))
            if kind != declared && !aggregation.function.gives_number() =>
        {
            let (function, kind) = (aggregation.function.name(), kind.described());
            let declared = declared.described();
            let message = format!("`{function}` of `{name}` gives {kind}, not {declared}");
            Err(Error::invalid(message))
        }
        _ => Ok(()),
    }
}

/// What entities are ordered by must be a point in time, as far as its definition alone tells.
fn check_time(target: &Arc<Compiled>, name: &str) -> Result<()> {
    property_kind(target, name)?;
    let is_instant = match target.declared(name) {
        Some(Declared::Property(property)) => property.is_instant(),
        Some(Declared::Calculation(calculation)) => calculation.is_instant(),
        Some(Declared::Mirror(_) | Declared::Aggregation(_)) => true,
        Some(Declared::Relation(_)) => false,
        None => matches!(Meta::named(name), Some(Meta::CreatedAt | Meta::UpdatedAt)),
    };
    if is_instant {
        return Ok(());
    }
    let help = "name a property of format `date-time`, `$createdAt` or `$updatedAt`";
    Err(Error::invalid(format!("`{name}` is not a point in time")).with_help(help))
}
