//! Dotted paths of relations, properties and meta-properties: the group of an entity, and what an
//! aggregation reads.

use super::checker::Checker;
use super::{clock, types};
use crate::error::{Error, Result, Span};
use crate::model::Model;
use crate::query::ir::{RuleExpr, Type};
use crate::query::syntax::ast::{Expr, ExprKind, Name};
use crate::value::BlueprintId;

/// Checks the path of a group of a scorecard: the expression over `this` that yields the group of
/// an entity, or a list of groups. A related entity stands for a group by its identifier.
///
/// # Errors
/// `Syntax` with the path and where in it.
pub(crate) fn group(model: &Model, blueprint: BlueprintId, path: &str) -> Result<RuleExpr> {
    let checked = read(model, blueprint, path)?;
    let element = types::element(&checked.expr.ty).unwrap_or(Type::Null);
    if checked.expr.ty == Type::Map || element == Type::Map {
        let message = format!("`{path}` is a map, and entities are not grouped by those");
        return Err(Error::syntax(message, checked.expr.span)
            .with_text(path)
            .with_help("group by a relation, or by a property that is a single value or a list"));
    }
    Ok(checked)
}

/// Checks a path, from the entity of a blueprint, whose end is read; that of an entity is its
/// identifier. Errors carry the path.
pub(super) fn read(model: &Model, blueprint: BlueprintId, path: &str) -> Result<RuleExpr> {
    let check = || {
        let mut checker = Checker::for_rule(model, blueprint);
        let mut expr = checker.expression(&tree(path)?)?;
        if types::entities(&expr.ty).is_some() {
            let end = Name {
                text: "$identifier".into(),
                span: expr.span,
            };
            expr = checker.member(expr, &end)?;
        }
        let read = checker.finished_rule(expr);
        clock::check(&read)?;
        Ok(read)
    };
    check().map_err(|error: Error| error.with_text(path))
}

/// How many steps a path may have.
const STEPS: usize = 32;

/// The steps of a path, each as a dot further from `this`.
fn tree(path: &str) -> Result<Expr> {
    let mut tree = Expr {
        kind: ExprKind::Variable("this".into()),
        span: Span::new(0, 0),
    };
    let mut start = 0;
    for (place, step) in path.split('.').enumerate() {
        let span = Span::new(start, start + step.len());
        if step.is_empty() {
            return Err(Error::syntax("a step of the path is empty", span)
                .with_help("write it as `relation.property`"));
        }
        if place == STEPS {
            let message = format!("the path has more than {STEPS} steps");
            return Err(Error::syntax(message, span));
        }
        let name = Name {
            text: step.into(),
            span,
        };
        tree = Expr {
            kind: ExprKind::Property(Box::new(tree), name),
            span: Span::new(0, span.end),
        };
        start = span.end + 1;
    }
    Ok(tree)
}
