//! Query text to syntax tree: a pre-scan that bounds size and nesting, pest, and the tree builder.

pub(crate) mod ast;
mod binding;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule has few of the grammar's many rules for children, and the last arm is the last of them"
)]
mod build;
mod complete;
mod diagnose;
mod foreign;
mod grammar;
mod highlight;
mod limit;
mod operator;
#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "a failed test may panic, and tables are long"
)]
mod tests;
mod token;
mod words;

use pest::Parser as _;

pub(crate) use complete::{Expected, Kind, PropertyOf, expected};
pub use highlight::{Class, highlight};

use crate::error::{Error, Result};
use grammar::{Pair, QueryParser, Rule};
use token::Token;

/// Parses one statement (`EXPLAIN`? query `;`*).
///
/// Errors carry the text. O(length) but for parentheses, whose contents are looked over once per
/// level of nesting.
pub(crate) fn parse_statement(text: &str) -> Result<ast::Statement> {
    parse(text, Rule::statement_only, build::statement)
}

/// Parses an expression alone.
pub(crate) fn parse_expression(text: &str) -> Result<ast::Expr> {
    parse(text, Rule::expr_only, build::expression)
}

type Build<T> = fn(&str, &[Token], Pair<'_>) -> Result<T>;

fn parse<T>(text: &str, rule: Rule, build: Build<T>) -> Result<T> {
    parse_inner(text, rule, build).map_err(|error| error.with_text(text))
}

fn parse_inner<T>(text: &str, rule: Rule, build: Build<T>) -> Result<T> {
    limit::check_size(text)?;
    let tokens = token::tokens(text);
    limit::check(text, &tokens)?;
    let mut pairs =
        QueryParser::parse(rule, text).map_err(|error| diagnose::diagnose(text, &tokens, error))?;
    let whole = pairs.next().and_then(|whole| whole.into_inner().next());
    let whole = whole.ok_or_else(|| Error::internal("the parser found nothing"))?;
    build(text, &tokens, whole)
}
