//! Tests of the model.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod any_json;
mod corpus;
mod derived;
mod model;
mod references;
mod round_trip;
mod rules;
mod validation;
mod ways;
mod wrong;
mod wrong_derived;

use serde_json::{Value as Json, json};

use super::{Blueprint, Model, Scorecard};
use crate::error::{Error, Result};

/// A blueprint from JSON that is right.
fn blueprint(json: &Json) -> Blueprint {
    Blueprint::from_json(json).unwrap()
}

/// A scorecard from JSON that is right.
fn scorecard(json: &Json) -> Scorecard {
    Scorecard::from_json(json).unwrap()
}

/// A model of these blueprints and scorecards alone.
fn model_of(blueprints: &[Json], scorecards: &[Json]) -> Result<Model> {
    let blueprints = blueprints.iter().map(blueprint).collect();
    Model::default().with(blueprints, scorecards.iter().map(scorecard).collect())
}

/// A blueprint with these property definitions.
fn with_properties(properties: &Json) -> Json {
    json!({"identifier": "service", "schema": {"properties": properties}})
}

/// The whole text of an error, place and help included.
fn text<T: std::fmt::Debug>(result: Result<T>) -> String {
    format!("{:#}", result.unwrap_err())
}

/// Compares texts case by case, so that one run shows every difference.
fn assert_texts(cases: &[(String, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(got, wanted)| got != wanted)
        .map(|(got, wanted)| format!("got    {got}\nwanted {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The text of an error that is not there fails the comparison rather than the run.
fn error_text(error: Option<Error>) -> String {
    error.map_or_else(|| "no error".to_owned(), |error| format!("{error:#}"))
}
