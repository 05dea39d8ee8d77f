//! What the checker accepts, and as what; what it refuses, and in which words.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod aggregations;
mod calculations;
mod fixture;
mod port;
mod print;
mod render;
mod rules;
mod scorecard_rules;
mod searches;
mod statements;

use crate::error::{Error, Result};
use crate::model::{Model, RuleTest};
use crate::query::ir::RuleExpr;
use render::Render;

/// Cases of a file: a text on a line, then indented what is expected of it.
fn read(file: &str) -> Vec<(&str, Vec<&str>)> {
    let mut cases: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in file.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix("    "), cases.last_mut()) {
            (Some(expected), Some((_, all))) => all.push(expected),
            _ => cases.push((line, Vec::new())),
        }
    }
    cases
}

/// Compares what each text gives with what is expected, and shows all that differ at once.
fn expect_all(cases: &[(&str, Vec<&str>)], given: impl Fn(&str) -> Vec<String>) {
    let differing: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, given(text)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(text, expected, found)| {
            let (expected, found) = (expected.join("\n    "), found.join("\n    "));
            format!("{text}\n  expected\n    {expected}\n  found\n    {found}")
        })
        .collect();
    assert!(
        differing.is_empty(),
        "{} differ:\n{}",
        differing.len(),
        differing.join("\n")
    );
}

/// The typed form of a statement, or its error.
fn statement(model: &Model, text: &str) -> String {
    match super::statement(model, text) {
        Ok(query) => Render(model).query(&query),
        Err(error) => shown(&error),
    }
}

/// The typed form of a definition, or its error.
fn typed(model: &Model, checked: Result<RuleExpr>) -> String {
    checked.map_or_else(
        |error| shown(&error),
        |checked| Render(model).expr(&checked.expr),
    )
}

/// The typed form of a rule of services, or its error.
fn rule(model: &Model, test: &RuleTest) -> String {
    let service = model.blueprint_id("service").unwrap();
    typed(model, super::rule(model, service, test))
}

/// An error with its place and its help.
fn shown(error: &Error) -> String {
    match error.help() {
        Some(help) => format!("{error} [{help}]"),
        None => error.to_string(),
    }
}
