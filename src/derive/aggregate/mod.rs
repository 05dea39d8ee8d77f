//! An aggregation, compiled: over which related entities it is computed, what each of them
//! contributes, and what comes out.

mod contribution;
mod members;
mod outcome;
mod rebuild;
mod update;

pub(super) use contribution::Contributor;
pub(super) use members::stepped;
pub(super) use update::{Dirty, Outcome};

use super::condition::Condition;
use super::reads::{Input, Inputs, Place, Step, inputs, reads_clock};
use super::row::Row;
use crate::error::{Error, Result};
use crate::model::{AggregationFunction, Model};
use crate::query::ir::{self, Direction, PathStep};
use crate::value::{BlueprintId, NameId};

/// An aggregation of a blueprint.
#[derive(Debug)]
pub(super) struct Aggregate {
    /// The blueprint that has it.
    pub(super) root: BlueprintId,
    /// The blueprint of the entities that are aggregated.
    pub(super) target: BlueprintId,
    /// The ways from the former to the latter.
    pub(super) paths: Vec<Vec<PathStep>>,
    pub(super) way: Way,
    pub(super) function: AggregationFunction,
    filter: Option<Condition>,
    value: Option<Row>,
    time: Option<Row>,
    /// What decides, seen from the aggregating entity, which entities are aggregated. None where
    /// the aggregated entities know it.
    pub(super) links: Inputs,
    /// What a contribution depends on, seen from the aggregated entity.
    pub(super) contribution: Inputs,
}

/// How changed links are followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From an aggregated entity single relations lead to the one entity that aggregates it: a
    /// change of a link moves whole contributions.
    Up(Vec<NameId>),
    /// One relation apart: a changed link is one contribution more or less.
    Next(Vec<PathStep>),
    /// Anything else: an entity with a changed link on its ways is computed anew.
    Around,
}

impl Aggregate {
    pub(super) fn new(model: &Model, root: BlueprintId, checked: ir::Aggregation) -> Result<Self> {
        let compiled = model
            .blueprint(checked.target)
            .ok_or_else(|| Error::internal("an aggregation over an unknown blueprint"))?;
        let mut contribution = Inputs::new();
        for rule in [&checked.filter, &checked.value, &checked.time]
            .into_iter()
            .flatten()
        {
            contribution.append(&mut inputs(model, &rule.expr, checked.target)?);
        }
        let way = Way::of(model, root, &checked.paths);
        let links = if let Way::Up(relations) = &way {
            contribution.append(&mut up_links(model, checked.target, relations));
            Inputs::new()
        } else {
            path_links(model, root, &checked.paths)
        };
        let row = |rule| Row::new(model, compiled, rule);
        Ok(Self {
            root,
            target: checked.target,
            way,
            links,
            contribution,
            function: checked.function,
            filter: checked
                .filter
                .map(|rule| Condition::new(model, compiled, rule)),
            value: checked.value.map(row),
            time: checked.time.map(row),
            paths: checked.paths,
        })
    }

    pub(super) fn reads_clock(&self) -> bool {
        let rows = [&self.value, &self.time].into_iter().flatten();
        let filter = self.filter.iter().map(|condition| &condition.rule);
        let mut rules = rows.map(|row| &row.rule).chain(filter);
        rules.any(|rule| reads_clock(&rule.expr))
    }

    /// Whether its value alone is enough to keep it true.
    fn is_count(&self) -> bool {
        self.function == AggregationFunction::Count
    }
}

impl Way {
    fn of(model: &Model, root: BlueprintId, paths: &[Vec<PathStep>]) -> Self {
        if let [path] = paths
            && let Some(relations) = upward(model, root, path)
        {
            return Self::Up(relations);
        }
        let single = |path: &Vec<PathStep>| match path.as_slice() {
            [step] => Some(*step),
            _ => None,
        };
        let steps: Option<Vec<PathStep>> = paths.iter().map(single).collect();
        steps.map_or(Self::Around, Self::Next)
    }
}

/// The relations that lead back along a path, where each is single and followed in its direction.
fn upward(model: &Model, root: BlueprintId, path: &[PathStep]) -> Option<Vec<NameId>> {
    let mut place = Place::this(root);
    let mut relations = Vec::new();
    for step in path {
        if step.direction != Direction::Incoming {
            return None;
        }
        place = place.step(model, Step::along(*step));
        let name = model.names().text(step.relation);
        let sources = place
            .blueprints
            .iter()
            .filter_map(|id| model.blueprint(*id));
        let mut declared = sources.filter_map(|source| source.blueprint.relation(name));
        if declared.any(|relation| relation.many) {
            return None;
        }
        relations.push(step.relation);
    }
    relations.reverse();
    Some(relations)
}

/// The links from an aggregated entity to the one that aggregates it.
fn up_links(model: &Model, target: BlueprintId, relations: &[NameId]) -> Inputs {
    let mut links = Inputs::new();
    let mut place = Place::this(target);
    for relation in relations {
        let step = Step::to(*relation);
        let further = place.step(model, step.clone());
        links.insert((place, Input::Links(step)));
        place = further;
    }
    links
}

/// The links from an aggregating entity to those that it aggregates.
fn path_links(model: &Model, root: BlueprintId, paths: &[Vec<PathStep>]) -> Inputs {
    let mut links = Inputs::new();
    for path in paths {
        let mut place = Place::this(root);
        for step in path {
            let step = Step::along(*step);
            let further = place.step(model, step.clone());
            links.insert((place, Input::Links(step)));
            place = further;
        }
    }
    links
}
