//! Tests of the whole way from text to tree.

mod construct;
mod limit;
mod literal;
mod mistake;
mod outside;
mod precedence;
mod render;
mod robust;

use super::{parse_expression, parse_statement};

/// The compact form of an expression's tree.
fn expr(text: &str) -> String {
    match parse_expression(text) {
        Ok(expr) => render::expr(&expr),
        Err(error) => format!("{error:#}"),
    }
}

/// The compact form of a statement's tree.
fn statement(text: &str) -> String {
    match parse_statement(text) {
        Ok(statement) => render::statement(&statement),
        Err(error) => format!("{error:#}"),
    }
}

fn check(table: &[(&str, &str)], shown: fn(&str) -> String) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(text, expected)| {
            let found = shown(text);
            (found != *expected)
                .then(|| format!("{text}\n  expected {expected}\n  found    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
