//! Syntax tree to typed form: names resolved against the model, types, grouping, refusals by name.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many kinds of expressions, types and values most questions are about a few, \
              and all others are answered alike"
)]

mod aggregate;
mod blueprints;
mod call;
mod checker;
mod collection;
mod constant;
mod expression;
mod labels;
mod names;
mod narrow;
mod operators;
mod pattern;
mod port;
mod port_value;
mod print;
mod print_pattern;
mod print_value;
mod projection;
mod reads;
mod refuse;
mod scorecards;
mod statement;
mod subquery;
#[cfg(test)]
mod tests;
mod types;
mod walk;

use super::{ir, syntax};
use crate::error::Result;
use crate::model::{Model, RuleTest};
use crate::value::BlueprintId;
use checker::Checker;

/// Parses and checks a statement. Errors carry the text.
pub(crate) fn statement(model: &Model, text: &str) -> Result<ir::Query> {
    let result = syntax::parse_statement(text)
        .and_then(|tree| Checker::for_statement(model).statement(&tree));
    result.map_err(|error| error.with_text(text))
}

/// Checks a rule, filter or other boolean expression over one entity of a blueprint (`this`, slot 0).
pub(crate) fn rule(model: &Model, blueprint: BlueprintId, rule: &RuleTest) -> Result<ir::RuleExpr> {
    let checker = Checker::for_rule(model, blueprint);
    match rule {
        RuleTest::Expression(text) => {
            let result = syntax::parse_expression(text).and_then(|tree| checker.rule(&tree));
            result.map_err(|error| error.with_text(text))
        }
        RuleTest::Conditions(conditions) => checker.port_rule(conditions),
    }
}

/// The expression text of a rule, whichever form it was declared in.
pub(crate) fn rule_text(rule: &RuleTest) -> Result<String> {
    match rule {
        RuleTest::Expression(text) => Ok(text.to_string()),
        RuleTest::Conditions(conditions) => Ok(print::expression(&port::tree(conditions)?)),
    }
}
