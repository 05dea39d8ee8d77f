//! The order in which derived things are computed: who reads whom, and the circle where there is
//! no order.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use super::column::{Column, Output};
use super::reads::{Input, Inputs, Place};
use crate::error::{Error, Result};
use crate::model::{Meta, Model};
use crate::value::ScorecardId;

/// Something derived: a column by number, or the results of a scorecard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Derived {
    Column(usize),
    Scorecard(ScorecardId),
}

/// How deep each column and scorecard stands: 1 for what reads only what is stored, else one more
/// than the deepest that it reads.
#[derive(Debug, Default)]
pub(super) struct Ranks {
    pub(super) columns: Vec<u32>,
    pub(super) scorecards: BTreeMap<ScorecardId, u32>,
}

/// Ranks everything derived.
///
/// # Errors
/// `Invalid` naming what reads itself in a circle.
pub(super) fn ranks(
    model: &Model,
    columns: &[Column],
    scorecards: &BTreeMap<ScorecardId, Inputs>,
) -> Result<Ranks> {
    let reads = reads(columns, scorecards);
    let order = toposort(&reads, None).map_err(|_| circle(model, columns, &reads))?;
    let mut depths: BTreeMap<NodeIndex, u32> = BTreeMap::new();
    let mut ranks = Ranks {
        columns: vec![1; columns.len()],
        scorecards: BTreeMap::new(),
    };
    for at in order {
        let below = reads.neighbors_directed(at, Direction::Incoming);
        let deepest = below.filter_map(|read| depths.get(&read)).max();
        let depth = deepest.map_or(1, |deepest| deepest + 1);
        depths.insert(at, depth);
        match reads.node_weight(at) {
            Some(Derived::Column(column)) => {
                if let Some(rank) = ranks.columns.get_mut(*column) {
                    *rank = depth;
                }
            }
            Some(Derived::Scorecard(card)) => _ = ranks.scorecards.insert(*card, depth),
            None => {}
        }
    }
    Ok(ranks)
}

/// An arrow from everything derived to what reads it.
fn reads(columns: &[Column], scorecards: &BTreeMap<ScorecardId, Inputs>) -> DiGraph<Derived, ()> {
    let mut graph = DiGraph::new();
    let mut places: BTreeMap<Derived, NodeIndex> = BTreeMap::new();
    let all = (0..columns.len()).map(Derived::Column);
    for derived in all.chain(scorecards.keys().copied().map(Derived::Scorecard)) {
        places.insert(derived, graph.add_node(derived));
    }
    let mut note = |reader: Derived, inputs: &Inputs| {
        for read in inputs
            .iter()
            .flat_map(|(place, input)| derived(columns, place, input))
        {
            if let (Some(read), Some(reader)) = (places.get(&read), places.get(&reader)) {
                graph.update_edge(*read, *reader, ());
            }
        }
    };
    for (at, column) in columns.iter().enumerate() {
        note(Derived::Column(at), &column.inputs);
        note(Derived::Column(at), column.contribution());
    }
    for (card, inputs) in scorecards {
        note(Derived::Scorecard(*card), inputs);
    }
    graph
}

/// What is derived of what is read at a place.
pub(super) fn derived(columns: &[Column], place: &Place, input: &Input) -> Vec<Derived> {
    let wanted = |output: &Output| match (input, output) {
        (Input::Everything, Output::Property(_) | Output::Team)
        | (Input::Meta(Meta::Team), Output::Team) => true,
        (Input::Property(name), Output::Property(own)) => name == own,
        _ => false,
    };
    match input {
        Input::Column(column) => vec![Derived::Column(*column)],
        Input::Level(card) | Input::Rules(card) => vec![Derived::Scorecard(*card)],
        Input::Links(_) => Vec::new(),
        Input::Property(_) | Input::Meta(_) | Input::Everything => {
            let read = columns.iter().enumerate().filter(|(_, column)| {
                place.blueprints.contains(&column.blueprint) && wanted(&column.output)
            });
            read.map(|(at, _)| Derived::Column(at)).collect()
        }
    }
}

/// Names what reads each other in a circle, in the order in which each reads the next.
fn circle(model: &Model, columns: &[Column], reads: &DiGraph<Derived, ()>) -> Error {
    let on_circle = |component: &Vec<NodeIndex>| match component.as_slice() {
        [one] => reads.contains_edge(*one, *one),
        several => !several.is_empty(),
    };
    let components = kosaraju_scc(reads);
    let component = components.into_iter().find(on_circle).unwrap_or_default();
    let mut path: Vec<NodeIndex> = Vec::new();
    let mut at = component.iter().min().copied();
    // Within a strongly connected component everything reads another one of it, so following
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
        let derived = reads.node_weight(*at).copied();
        derived.map_or_else(String::new, |derived| named(model, columns, derived))
    };
    let path: Vec<String> = path.iter().map(named).collect();
    let path = path.join(" -> ");
    Error::invalid(format!(
        "derived properties read each other in a circle: {path}"
    ))
    .with_help("let one of them read what is stored")
}

/// The name of something derived, for people.
pub(super) fn named(model: &Model, columns: &[Column], derived: Derived) -> String {
    match derived {
        Derived::Scorecard(card) => {
            let card = model.scorecard(card).map_or("", |card| &*card.identifier);
            format!("scorecard `{card}`")
        }
        Derived::Column(at) => columns.get(at).map_or_else(String::new, |column| {
            let blueprint = model.blueprint(column.blueprint);
            let blueprint = blueprint.map_or("", |known| &*known.blueprint.identifier);
            match &column.output {
                Output::Property(name) => format!("`{blueprint}.{}`", model.names().text(*name)),
                Output::Team => format!("`{blueprint}.$team`"),
                Output::Hidden(text) => format!("`{text}` of `{blueprint}`"),
            }
        }),
    }
}
