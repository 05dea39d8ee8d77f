//! Syntax tree to typed form: names resolved against the model, types, grouping, refusals by name.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many kinds of expressions, types and values most questions are about a few, \
              and all others are answered alike"
)]

mod aggregate;
mod aggregation;
mod blueprints;
mod calculation;
mod call;
mod checker;
mod clause;
mod clock;
mod collection;
mod constant;
mod derived;
mod expression;
pub(super) mod jq;
mod labels;
mod map_projection;
mod names;
mod narrow;
mod operators;
mod path;
mod path_pattern;
mod pattern;
mod port;
mod print;
mod print_pattern;
mod print_value;
mod projection;
mod reads;
mod refuse;
mod scorecard_rule;
mod scorecards;
mod statement;
mod subquery;
#[cfg(test)]
mod tests;
mod types;
mod walk;

use serde_json::Value as Json;

use super::syntax::ast;
use super::{ir, syntax};
use crate::error::Result;
use crate::model::{Model, RuleTest};
use crate::value::{BlueprintId, NameId};
pub(crate) use aggregation::aggregation;
pub(crate) use calculation::calculation;
use checker::Checker;
pub(crate) use path::group;
pub(crate) use port::question;
pub(crate) use scorecard_rule::scorecard_rule;

/// Parses and checks a statement. Errors carry the text.
pub(crate) fn statement(model: &Model, text: &str) -> Result<ir::Query> {
    let result = syntax::parse_statement(text)
        .and_then(|tree| Checker::for_statement(model).statement(&tree));
    result.map_err(|error| error.with_text(text))
}

/// Checks a rule, filter or other boolean expression over one entity of a blueprint (`this`, slot 0).
pub(crate) fn rule(model: &Model, blueprint: BlueprintId, rule: &RuleTest) -> Result<ir::RuleExpr> {
    match rule {
        RuleTest::Expression(text) => {
            let checker = Checker::for_rule(model, blueprint);
            expression(text, |tree| checker.rule(tree))
        }
        RuleTest::Conditions(conditions) => {
            let rule = port::rule(model, blueprint, &conditions.json())?;
            clock::check(&rule)?;
            Ok(rule)
        }
    }
}

/// Parses the text of an expression over one entity and checks it. Errors carry the text.
fn expression(
    text: &str,
    check: impl FnOnce(&ast::Expr) -> Result<ir::RuleExpr>,
) -> Result<ir::RuleExpr> {
    let result = syntax::parse_expression(text).and_then(|tree| {
        let checked = check(&tree)?;
        clock::check(&checked)?;
        Ok(checked)
    });
    result.map_err(|error| error.with_text(text))
}

/// The type of a property of a blueprint, stored or derived; `Null` where there is none.
pub(crate) fn property_type(model: &Model, blueprint: BlueprintId, name: NameId) -> ir::Type {
    names::property(model, blueprint, name)
}

/// The expression text of a rule over entities of a blueprint, whichever form it was declared in.
pub(crate) fn rule_text(model: &Model, blueprint: BlueprintId, rule: &RuleTest) -> Result<String> {
    match rule {
        RuleTest::Expression(text) => Ok(text.to_string()),
        RuleTest::Conditions(conditions) => conditions_text(model, blueprint, &conditions.json()),
    }
}

/// The expression text of Port's conditions over entities of a blueprint.
pub(crate) fn conditions_text(
    model: &Model,
    blueprint: BlueprintId,
    conditions: &Json,
) -> Result<String> {
    Ok(print::expression(&port::tree(
        model, blueprint, conditions,
    )?))
}
