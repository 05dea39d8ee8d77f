//! Narrows what the nodes of a pattern may be by the relations between them.
//!
//! A hop of one step keeps a source blueprint only if it declares one of the relations towards
//! some blueprint of the other end, and a target only if such a relation allows it (arc
//! consistency, Mackworth 1977). Longer walks are followed over the model in the same way.
//! Each round removes at least one blueprint from one node, so it ends.

use std::collections::BTreeSet;

use super::{blueprints, labels, names};
use crate::error::{Error, Result};
use crate::model::{Model, Relation};
use crate::query::ir::{Blueprints, Direction, Hop, Node, Range, Relations};

/// Walks are followed this far exactly; a longer least length is taken to lead anywhere beyond.
const EXACT_STEPS: u32 = 16;

/// Narrows every node, or says why no entity can match.
pub(super) fn narrow(model: &Model, nodes: &mut [Node], hops: &[Hop]) -> Result<()> {
    loop {
        let mut changed = false;
        for hop in hops {
            let forth = (hop.from, hop.to, hop.direction);
            let back = (hop.to, hop.from, reversed(hop.direction));
            for way in [forth, back] {
                changed |= along(model, nodes, hop, way)?;
            }
        }
        if !changed {
            return Ok(());
        }
    }
}

/// Narrows one end of a hop by what can be reached from the other.
fn along(
    model: &Model,
    nodes: &mut [Node],
    hop: &Hop,
    (from, to, direction): (usize, usize, Direction),
) -> Result<bool> {
    let Some(start) = nodes.get(from).map(|node| node.blueprints.clone()) else {
        return Ok(false);
    };
    if hop.group.is_some() {
        return Ok(false);
    }
    let walked = reached(model, hop, direction, &start);
    let Some(end) = nodes.get_mut(to) else {
        return Ok(false);
    };
    let narrowed = blueprints::intersect(&end.blueprints, &walked);
    if blueprints::is_empty(&narrowed) {
        // The way back reaches nothing only where the way forth does not either.
        return Err(impossible(model, hop, direction, &start, &end.blueprints));
    }
    let changed = narrowed != end.blueprints;
    end.blueprints = narrowed;
    Ok(changed)
}

const fn reversed(direction: Direction) -> Direction {
    match direction {
        Direction::Outgoing => Direction::Incoming,
        Direction::Incoming => Direction::Outgoing,
        Direction::Either => Direction::Either,
    }
}

/// What a walk of a hop's relations and length may arrive at.
fn reached(model: &Model, hop: &Hop, direction: Direction, from: &Blueprints) -> Blueprints {
    let Range { min, max } = hop.range;
    let mut layer = from.clone();
    for _ in 0..min.min(EXACT_STEPS) {
        layer = step(model, &hop.relations, direction, &layer);
    }
    let mut total = layer;
    // After that many steps no length is told from another: all that follows is taken in.
    let mut left = if min > EXACT_STEPS {
        None
    } else {
        max.map(|max| max.saturating_sub(min))
    };
    while left != Some(0) {
        let next = blueprints::union(&total, &step(model, &hop.relations, direction, &total));
        if next == total {
            break;
        }
        total = next;
        left = left.map(|left| left - 1);
    }
    total
}

fn step(
    model: &Model,
    relations: &Relations,
    direction: Direction,
    from: &Blueprints,
) -> Blueprints {
    match direction {
        Direction::Outgoing => targets(model, relations, from),
        Direction::Incoming => sources(model, relations, from),
        Direction::Either => blueprints::union(
            &targets(model, relations, from),
            &sources(model, relations, from),
        ),
    }
}

fn named(model: &Model, relations: &Relations, relation: &Relation) -> bool {
    match relations {
        Relations::All => true,
        Relations::Some(names) => model
            .names()
            .id(&relation.name)
            .is_some_and(|name| names.contains(&name)),
    }
}

/// Lists the relations of each hop that can relate its ends, so that a rule depends on no other.
pub(super) fn list_relations(model: &Model, nodes: &[Node], hops: &mut [Hop]) {
    for hop in hops {
        let (Some(from), Some(to)) = (nodes.get(hop.from), nodes.get(hop.to)) else {
            continue;
        };
        let mut names = labels::explicit(model, hop.relations.clone());
        if hop.range == Range::ONE {
            names.retain(|name| {
                let one = Relations::Some(BTreeSet::from([*name]));
                let next = step(model, &one, hop.direction, &from.blueprints);
                !blueprints::is_empty(&blueprints::intersect(&next, &to.blueprints))
            });
        }
        hop.relations = Relations::Some(names);
    }
}

/// What the relations of a set of blueprints point to.
fn targets(model: &Model, relations: &Relations, from: &Blueprints) -> Blueprints {
    let declared = blueprints::members(model, from).flat_map(|known| &known.blueprint.relations);
    let named = declared.filter(|relation| named(model, relations, relation));
    named.fold(Blueprints::Some(BTreeSet::new()), |set, relation| {
        blueprints::union(&set, &names::target_set(model, &relation.target))
    })
}

/// The blueprints with a relation that may point to one of a set.
fn sources(model: &Model, relations: &Relations, to: &Blueprints) -> Blueprints {
    let points = |relation: &Relation| {
        named(model, relations, relation)
            && !blueprints::is_empty(&blueprints::intersect(
                &names::target_set(model, &relation.target),
                to,
            ))
    };
    let known = model
        .blueprints()
        .filter(|known| known.blueprint.relations.iter().any(points));
    Blueprints::Some(known.map(|known| known.id).collect())
}

/// Why a hop, walked in a direction, leads from nothing of one set to anything of the other.
fn impossible(
    model: &Model,
    hop: &Hop,
    direction: Direction,
    from: &Blueprints,
    to: &Blueprints,
) -> Error {
    let (source, target) = match direction {
        Direction::Incoming => (to, from),
        Direction::Outgoing | Direction::Either => (from, to),
    };
    let relation = relation_shown(model, &hop.relations);
    let message = why(model, hop, direction, (source, target), &relation);
    let error = Error::syntax(message, hop.span);
    let backwards = reached(model, hop, reversed(direction), from);
    if direction != Direction::Either
        && !blueprints::is_empty(&blueprints::intersect(&backwards, to))
    {
        return error.with_help(format!(
            "{relation} goes the other way: turn the arrow round"
        ));
    }
    match declarations(model, &hop.relations) {
        Some(help) => error.with_help(help),
        None => error,
    }
}

fn why(
    model: &Model,
    hop: &Hop,
    direction: Direction,
    (source, target): (&Blueprints, &Blueprints),
    relation: &str,
) -> String {
    let towards = targets(model, &hop.relations, source);
    let (sources_shown, targets_shown) = (shown(model, source), shown(model, target));
    if direction == Direction::Either {
        return format!("{relation} does not relate {sources_shown} with {targets_shown}");
    }
    if blueprints::is_empty(&towards) {
        return match &hop.relations {
            Relations::All => names::nobody_has(model, source, "relation"),
            Relations::Some(_) => names::nobody_has(model, source, &format!("relation {relation}")),
        };
    }
    if hop.range == Range::ONE {
        let allowed = shown(model, &towards);
        return format!("{relation} of {sources_shown} targets {allowed}, not {targets_shown}");
    }
    format!("no walk over {relation} leads from {sources_shown} to {targets_shown}")
}

fn shown(model: &Model, set: &Blueprints) -> String {
    blueprints::shown(model, set).unwrap_or_else(|| "any blueprint".to_owned())
}

fn relation_shown(model: &Model, relations: &Relations) -> String {
    match relations {
        Relations::All => "any relation".to_owned(),
        Relations::Some(names) => {
            blueprints::listed(names.iter().map(|name| model.names().text(*name)), "or")
        }
    }
}

/// Which blueprints declare the relations, and what they point to.
fn declarations(model: &Model, relations: &Relations) -> Option<String> {
    if matches!(relations, Relations::All) {
        return None;
    }
    let names = labels::explicit(model, relations.clone());
    let mut found = Vec::new();
    for known in model.blueprints() {
        for relation in &known.blueprint.relations {
            if model
                .names()
                .id(&relation.name)
                .is_some_and(|name| names.contains(&name))
            {
                let targets = shown(model, &names::target_set(model, &relation.target));
                let owner = &known.blueprint.identifier;
                found.push(format!(
                    "`{}` goes from `{owner}` to {targets}",
                    relation.name
                ));
            }
        }
    }
    found.truncate(4);
    (!found.is_empty()).then(|| found.join("; "))
}
