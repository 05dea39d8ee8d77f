//! The order in which derived things are computed: who reads whom, and the circle where there is
//! no order.

use std::collections::BTreeMap;

use super::column::{Column, Output};
use super::reads::{Input, Inputs, Place};
use crate::error::{Error, Result};
use crate::model::{Meta, Model, Reading};
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
    let reading = reading(columns, scorecards);
    let order = reading.order();
    let order = order.map_err(|circle| circle_error(model, columns, &circle))?;
    let mut depths: BTreeMap<Derived, u32> = BTreeMap::new();
    let mut ranks = Ranks {
        columns: vec![1; columns.len()],
        scorecards: BTreeMap::new(),
    };
    for at in order {
        let below = reading.reads(at).filter_map(|read| depths.get(&read));
        let depth = below.max().map_or(1, |deepest| deepest + 1);
        depths.insert(at, depth);
        match at {
            Derived::Column(column) => {
                if let Some(rank) = ranks.columns.get_mut(column) {
                    *rank = depth;
                }
            }
            Derived::Scorecard(card) => _ = ranks.scorecards.insert(card, depth),
        }
    }
    Ok(ranks)
}

/// What of everything derived reads what.
fn reading(columns: &[Column], scorecards: &BTreeMap<ScorecardId, Inputs>) -> Reading<Derived> {
    let mut reading = Reading::new();
    let all = (0..columns.len()).map(Derived::Column);
    all.chain(scorecards.keys().copied().map(Derived::Scorecard))
        .for_each(|derived| reading.add(derived));
    let mut note = |reader: Derived, inputs: &Inputs| {
        let inputs = inputs.iter();
        let read = inputs.flat_map(|(place, input)| derived(columns, place, input));
        read.for_each(|read| reading.add_read(reader, read));
    };
    for (at, column) in columns.iter().enumerate() {
        note(Derived::Column(at), &column.inputs);
        note(Derived::Column(at), column.contribution());
    }
    for (card, inputs) in scorecards {
        note(Derived::Scorecard(*card), inputs);
    }
    reading
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
fn circle_error(model: &Model, columns: &[Column], circle: &[Derived]) -> Error {
    let path = circle.iter().map(|derived| named(model, columns, *derived));
    let path: Vec<String> = path.collect();
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
