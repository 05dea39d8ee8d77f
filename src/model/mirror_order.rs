//! The order in which mirrors are worked out, and the cycle where there is none.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use super::Model;
use crate::error::{Error, Result};
use crate::value::{BlueprintId, NameId};

/// A mirror property of a blueprint.
type Key = (BlueprintId, NameId);

/// The mirrors of all blueprints, dependencies first.
///
/// # Errors
/// `Invalid` naming the mirrors of a cycle.
pub(super) fn mirror_order(model: &Model) -> Result<Vec<Key>> {
    let reads = reads(model);
    match toposort(&reads, None) {
        Ok(order) => Ok(order
            .into_iter()
            .filter_map(|at| reads.node_weight(at).copied())
            .collect()),
        Err(_) => Err(cycle_error(model, &reads)),
    }
}

/// An edge from each mirror to the mirrors that read it.
fn reads(model: &Model) -> DiGraph<Key, ()> {
    let mut graph = DiGraph::new();
    let mut places: BTreeMap<Key, NodeIndex> = BTreeMap::new();
    let mut add = |graph: &mut DiGraph<Key, ()>, key: Key| {
        *places.entry(key).or_insert_with(|| graph.add_node(key))
    };
    for compiled in model.blueprints() {
        for mirror in &compiled.blueprint.mirrors {
            let Some(name) = model.names.id(&mirror.name) else {
                continue;
            };
            let reader = add(&mut graph, (compiled.id, name));
            let Some(read) = model.names.id(&mirror.property) else {
                continue;
            };
            for end in model.mirrors_read(compiled, mirror) {
                let read = add(&mut graph, (end, read));
                graph.update_edge(read, reader, ());
            }
        }
    }
    graph
}

/// Names the mirrors of one cycle in the order in which each reads the next.
fn cycle_error(model: &Model, reads: &DiGraph<Key, ()>) -> Error {
    let on_cycle = |component: &Vec<NodeIndex>| match component.as_slice() {
        [one] => reads.contains_edge(*one, *one),
        several => !several.is_empty(),
    };
    let component = kosaraju_scc(reads)
        .into_iter()
        .find(on_cycle)
        .unwrap_or_default();
    let mut path: Vec<NodeIndex> = Vec::new();
    let mut at = component.iter().min().copied();
    // Within a strongly connected component every mirror reads another one of it, so following
    // them comes back to one that was seen.
    while let Some(here) = at {
        if let Some(first) = path.iter().position(|seen| *seen == here) {
            path.drain(..first);
            path.push(here);
            break;
        }
        path.push(here);
        let read = reads.neighbors_directed(here, Direction::Incoming);
        at = read.filter(|next| component.contains(next)).min();
    }
    let named = |at: &NodeIndex| {
        let (blueprint, name) = reads.node_weight(*at).copied().unwrap_or_default();
        let blueprint = model
            .blueprint(blueprint)
            .map_or("", |known| &known.blueprint.identifier);
        format!("`{blueprint}.{}`", model.names.text(name))
    };
    let path: Vec<String> = path.iter().map(named).collect();
    Error::invalid(format!(
        "mirror properties read each other in a circle: {}",
        path.join(" -> ")
    ))
    .with_help("let one of them mirror a stored property")
}
