//! Aggregation properties: which entities one goes over, and what it reads of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{blueprints, names, path, types};
use crate::error::{Error, Result};
use crate::model::{
    Aggregation, AggregationFunction, AggregationPath, AggregationStep, Compiled, Meta, Model,
};
use crate::query::ir::{self, Blueprints, Direction, PathStep, RuleExpr, Type};
use crate::query::syntax::ast::Name;
use crate::value::BlueprintId;

/// Checks an aggregation property of a blueprint.
///
/// # Errors
/// `Invalid` with the path in the definition, or that of the filter with its text.
pub(crate) fn aggregation(
    model: &Model,
    blueprint: BlueprintId,
    aggregation: &Aggregation,
) -> Result<ir::Aggregation> {
    let Some(target) = model.blueprint_id(&aggregation.target) else {
        let message = format!("there is no blueprint `{}`", aggregation.target);
        let known = model.blueprints().map(|known| &*known.blueprint.identifier);
        let error = Error::invalid(message).with_path("/target");
        return Err(names::suggest(error, &aggregation.target, known));
    };
    let paths = if aggregation.paths.is_empty() {
        ways(model, blueprint, target)?
    } else {
        let ends = (blueprint, target);
        let paths = aggregation.paths.iter().enumerate();
        paths
            .map(|(at, path)| resolved(model, ends, path, at))
            .collect::<Result<_>>()?
    };
    let filter = aggregation.query.as_ref();
    Ok(ir::Aggregation {
        target,
        paths,
        filter: filter
            .map(|filter| super::rule(model, target, filter))
            .transpose()
            .map_err(|error| error.context("`query`"))?,
        value: value(model, target, aggregation)?,
        time: time(model, target, aggregation)?,
        function: aggregation.function,
    })
}

/// The type of an aggregation's values, where `of` is the type of what it reads.
pub(super) fn value_type(function: AggregationFunction, of: Type) -> Type {
    use AggregationFunction as F;
    match function {
        F::Count | F::Sum | F::Average | F::AveragePer(_) | F::Median | F::DistinctCount => {
            Type::Number
        }
        F::Min | F::Max | F::Percentile(_) | F::First | F::Last => of,
    }
}

/// What is read of each entity; `None` where entities are counted.
fn value(
    model: &Model,
    target: BlueprintId,
    aggregation: &Aggregation,
) -> Result<Option<RuleExpr>> {
    use AggregationFunction as F;
    let at = "/calculationSpec/property";
    let Some(property) = &aggregation.property else {
        if matches!(aggregation.function, F::Count | F::AveragePer(_)) {
            return Ok(None);
        }
        let message = "this function is computed of a property";
        return Err(Error::invalid(message).with_path(at));
    };
    let read = path::read(model, target, property).map_err(|error| error.with_path(at))?;
    let ty = &read.expr.ty;
    let (fits, wanted) = match aggregation.function {
        F::Sum | F::Average | F::AveragePer(_) | F::Median => (*ty == Type::Number, "numbers"),
        F::Min | F::Max | F::Percentile(_) => (is_ordered(ty), "values that have an order"),
        F::Count | F::DistinctCount | F::First | F::Last => (true, ""),
    };
    if fits || types::is_open(ty) {
        return Ok(Some(read));
    }
    let found = types::described(ty);
    let message = format!("`{property}` is {found}, and this function needs {wanted}");
    Err(Error::invalid(message).with_path(at))
}

const fn is_ordered(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Number
            | Type::String
            | Type::Boolean
            | Type::Instant
            | Type::Date
            | Type::Duration
            | Type::Level(_)
    )
}

/// The point in time of each entity, for the functions that go by it.
fn time(model: &Model, target: BlueprintId, aggregation: &Aggregation) -> Result<Option<RuleExpr>> {
    use AggregationFunction as F;
    if !matches!(aggregation.function, F::AveragePer(_) | F::First | F::Last) {
        return Ok(None);
    }
    let at = "/calculationSpec/measureTimeBy";
    let name = aggregation
        .measure_time_by
        .as_deref()
        .unwrap_or_else(|| Meta::CreatedAt.name());
    let read = path::read(model, target, name).map_err(|error| error.with_path(at))?;
    if read.expr.ty == Type::Instant || types::is_open(&read.expr.ty) {
        return Ok(Some(read));
    }
    let message = format!(
        "`{name}` is {}, not a date-time",
        types::described(&read.expr.ty)
    );
    Err(Error::invalid(message).with_path(at))
}

/// A path as it is walked from the entity that has the property.
fn resolved(
    model: &Model,
    (own, target): (BlueprintId, BlueprintId),
    path: &AggregationPath,
    at: usize,
) -> Result<Vec<PathStep>> {
    let (start, end) = if path.from_target {
        (target, own)
    } else {
        (own, target)
    };
    let mut here = blueprints::one(start);
    let mut steps = Vec::with_capacity(path.steps.len());
    for (place, step) in path.steps.iter().enumerate() {
        let located = |error: Error| error.with_path(format!("/pathFilter/{at}/path/{place}"));
        let (next, step) = walked(model, &here, step).map_err(located)?;
        steps.push(step);
        here = next;
    }
    if !blueprints::contains(&here, end) {
        let leads = blueprints::shown(model, &here).unwrap_or_default();
        let wanted = blueprints::shown(model, &blueprints::one(end)).unwrap_or_default();
        let message = format!("the path leads to {leads}, not to {wanted}");
        return Err(Error::invalid(message).with_path(format!("/pathFilter/{at}/path")));
    }
    if path.from_target {
        steps.reverse();
        for step in &mut steps {
            step.direction = turned(step.direction);
        }
    }
    Ok(steps)
}

const fn turned(direction: Direction) -> Direction {
    match direction {
        Direction::Outgoing => Direction::Incoming,
        Direction::Incoming => Direction::Outgoing,
        Direction::Either => Direction::Either,
    }
}

/// Where a step leads from entities of some blueprints.
fn walked(
    model: &Model,
    from: &Blueprints,
    step: &AggregationStep,
) -> Result<(Blueprints, PathStep)> {
    let name = Name {
        text: Arc::clone(&step.relation),
        span: crate::error::Span::default(),
    };
    let nothing = Blueprints::Some(BTreeSet::new());
    let next = if step.incoming {
        sources(model, from, &name)
    } else {
        let declared = blueprints::members(model, from)
            .filter_map(|known| known.blueprint.relation(&name.text));
        declared.fold(nothing, |set, relation| {
            blueprints::union(&set, &names::target_set(model, &relation.target))
        })
    };
    if blueprints::is_empty(&next) {
        return Err(nowhere(model, from, step, &name));
    }
    let direction = if step.incoming {
        Direction::Incoming
    } else {
        Direction::Outgoing
    };
    let relation = names::interned(model, &name)?;
    Ok((
        next,
        PathStep {
            relation,
            direction,
        },
    ))
}

/// The blueprints whose relation of a name may point to one of a set.
fn sources(model: &Model, to: &Blueprints, name: &Name) -> Blueprints {
    let points = |known: &&Arc<Compiled>| {
        known
            .blueprint
            .relation(&name.text)
            .is_some_and(|relation| {
                let targets = names::target_set(model, &relation.target);
                !blueprints::is_empty(&blueprints::intersect(&targets, to))
            })
    };
    Blueprints::Some(model.blueprints().filter(points).map(|b| b.id).collect())
}

fn nowhere(model: &Model, from: &Blueprints, step: &AggregationStep, name: &Name) -> Error {
    let shown = blueprints::shown(model, from).unwrap_or_else(|| "any blueprint".to_owned());
    let relation = &step.relation;
    if step.incoming {
        let message = format!("no relation `{relation}` points to {shown}");
        let error = Error::invalid(message);
        let forwards = blueprints::members(model, from)
            .any(|known| known.blueprint.relation(relation).is_some());
        return if forwards {
            error.with_help("it goes the other way: leave `incoming` out")
        } else {
            error
        };
    }
    let message = names::nobody_has(model, from, &format!("relation `{relation}`"));
    let error = Error::invalid(message);
    if !blueprints::is_empty(&sources(model, from, name)) {
        return error.with_help(format!(
            "it goes the other way: write `{{\"relation\": \"{relation}\", \"incoming\": true}}`"
        ));
    }
    let known = blueprints::members(model, from).flat_map(|known| &known.blueprint.relations);
    names::suggest(error, relation, known.map(|relation| &*relation.name))
}

/// Every shortest way between two blueprints.
fn ways(model: &Model, from: BlueprintId, to: BlueprintId) -> Result<Vec<Vec<PathStep>>> {
    let found = model.ways(from, to);
    if found.is_empty() {
        let shown = |id| blueprints::shown(model, &blueprints::one(id)).unwrap_or_default();
        let message = format!("no relations lead from {} to {}", shown(from), shown(to));
        return Err(Error::invalid(message)
            .with_path("/target")
            .with_help("declare a relation between the two, or between others that join them"));
    }
    let step = |step: AggregationStep| {
        let direction = if step.incoming {
            Direction::Incoming
        } else {
            Direction::Outgoing
        };
        let id = model.names().id(&step.relation);
        let relation = id.ok_or_else(|| Error::internal("a relation without a name id"))?;
        Ok(PathStep {
            relation,
            direction,
        })
    };
    let way = |way: Vec<AggregationStep>| way.into_iter().map(step).collect();
    found.into_iter().map(way).collect()
}
