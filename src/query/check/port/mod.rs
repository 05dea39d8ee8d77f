//! Port's JSON (conditions, searches, aggregations) to trees of the language.
//!
//! Negated operators match missing values: they hold wherever the plain operator does not
//! (Port: "all results that fail to satisfy the check").

mod aggregate;
mod group;
mod make;
mod operand;
mod operator;
mod path;
mod preset;
mod related;
mod schema;
mod search;
mod value;

use super::checker::Checker;
use super::{blueprints, print};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{At, Model};
use crate::query::ir::{self, Blueprints};
use crate::query::syntax::{self, ast};
use crate::value::BlueprintId;
pub(crate) use search::question;
use serde_json::Value as Json;

/// What is known of the entities that the JSON is about.
#[derive(Clone, Debug)]
struct Scope<'m> {
    model: &'m Model,
    /// What they may be.
    blueprints: Blueprints,
}

/// One rule of the JSON: what it says, and where it stands.
#[derive(Debug)]
struct Leaf {
    expr: ast::Expr,
    path: String,
}

/// The expression that conditions over entities of a blueprint stand for.
pub(super) fn tree(model: &Model, blueprint: BlueprintId, conditions: &Json) -> Result<ast::Expr> {
    let blueprints = blueprints::one(blueprint);
    let scope = Scope { model, blueprints };
    group::conditions(&scope, &At::root(conditions)?, &mut Vec::new())
}

/// Checks conditions over entities of a blueprint as a rule; errors have the path of the condition
/// at fault, and its text.
pub(super) fn rule(
    model: &Model,
    blueprint: BlueprintId,
    conditions: &Json,
) -> Result<ir::RuleExpr> {
    let blueprints = blueprints::one(blueprint);
    let scope = Scope { model, blueprints };
    let mut leaves = Vec::new();
    let tree = group::conditions(&scope, &At::root(conditions)?, &mut leaves)?;
    Checker::for_rule(model, blueprint)
        .rule(&tree)
        .map_err(|error| {
            at_leaf(error, &leaves, |leaf| {
                Checker::for_rule(model, blueprint).rule(leaf).map(|_| ())
            })
        })
}

/// Gives an error the path and the text of the first rule that is wrong by itself.
fn at_leaf(error: Error, leaves: &[Leaf], check: impl Fn(&ast::Expr) -> Result<()>) -> Error {
    for Leaf { expr, path } in leaves {
        let text = print::expression(expr);
        let alone = syntax::parse_expression(&text).and_then(|tree| check(&tree));
        if let Err(wrong) = alone {
            return wrong.with_text(&text).with_path(path);
        }
    }
    error
}

/// A part of Port's JSON that has no translation.
fn refused(what: &str) -> Error {
    let message = format!("{what} is not supported yet");
    Error::new(ErrorKind::Unsupported, message)
}
