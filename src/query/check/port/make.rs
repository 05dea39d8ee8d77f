//! Trees of the language, made where no text was parsed.

use std::sync::Arc;

use crate::error::Span;
use crate::query::syntax::ast::{
    Arrow, Comparison, Expr, ExprKind, Hops, Labels, Name, NodePattern, Path, RelationPattern,
    Subquery, Test,
};
use crate::value::Value;

/// Nothing here was written anywhere; texts are printed, and parsed where a place is needed.
pub(super) const NOWHERE: Span = Span::new(0, 0);

pub(super) const fn expr(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: NOWHERE,
    }
}

pub(super) fn name(text: impl Into<Arc<str>>) -> Name {
    Name {
        text: text.into(),
        span: NOWHERE,
    }
}

pub(super) fn variable(text: &str) -> Expr {
    expr(ExprKind::Variable(text.into()))
}

/// The entity that the JSON is about.
pub(super) fn this() -> Expr {
    variable("this")
}

pub(super) fn member(base: Expr, text: &str) -> Expr {
    expr(ExprKind::Property(Box::new(base), name(text)))
}

pub(super) const fn truth(holds: bool) -> Expr {
    expr(ExprKind::Literal(Value::Bool(holds)))
}

/// A constant as the parser gives it, so that a printed tree parses to itself.
pub(super) fn literal(value: Value) -> Expr {
    match value {
        Value::List(values) => expr(ExprKind::List(
            values.iter().cloned().map(literal).collect(),
        )),
        value => expr(ExprKind::Literal(value)),
    }
}

pub(super) fn not(inner: Expr) -> Expr {
    expr(ExprKind::Not(Box::new(inner)))
}

/// All hold; true of none.
pub(super) fn all(parts: Vec<Expr>) -> Expr {
    several(parts, ExprKind::And, true)
}

/// Some hold; false of none.
pub(super) fn any(parts: Vec<Expr>) -> Expr {
    several(parts, ExprKind::Or, false)
}

fn several(mut parts: Vec<Expr>, kind: fn(Vec<Expr>) -> ExprKind, of_none: bool) -> Expr {
    match (parts.len(), parts.pop()) {
        (_, None) => truth(of_none),
        (1, Some(only)) => only,
        (_, Some(last)) => {
            parts.push(last);
            expr(kind(parts))
        }
    }
}

pub(super) fn missing(operand: Expr) -> Expr {
    expr(ExprKind::IsNull(Box::new(operand)))
}

pub(super) fn missing_or(operand: Expr, otherwise: Expr) -> Expr {
    any(vec![missing(operand), otherwise])
}

pub(super) fn compare(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    expr(ExprKind::Compare(
        comparison,
        Box::new(left),
        Box::new(right),
    ))
}

pub(super) fn test(test: Test, left: Expr, right: Expr) -> Expr {
    expr(ExprKind::Test(test, Box::new(left), Box::new(right)))
}

pub(super) fn call(function: &str, arguments: Vec<Expr>) -> Expr {
    expr(ExprKind::Call {
        name: name(function),
        distinct: false,
        arguments,
        filter: None,
    })
}

/// Whether an expression is an entity of a blueprint.
pub(super) fn is_of(entity: Expr, blueprint: &str) -> Expr {
    let labels = Labels::Name(name(blueprint));
    expr(ExprKind::HasLabels(Box::new(entity), labels))
}

/// `(variable:blueprint)`
pub(super) fn node(variable: Option<&str>, blueprints: &[&str]) -> NodePattern {
    NodePattern {
        variable: variable.map(name),
        labels: labels(blueprints),
        properties: Vec::new(),
        properties_parameter: None,
        filter: None,
        span: NOWHERE,
    }
}

/// One name, or either of several; none for none.
fn labels(names: &[&str]) -> Option<Labels> {
    match names {
        [] => None,
        [only] => Some(Labels::Name(name(*only))),
        several => {
            let several = several.iter().map(|one| Labels::Name(name(*one)));
            Some(Labels::Or(several.collect()))
        }
    }
}

/// `-[:a|b]->{1,3}`; every relation where none is named.
pub(super) fn relation(arrow: Arrow, names: &[&str], hops: Option<(u32, u32)>) -> RelationPattern {
    RelationPattern {
        arrow,
        variable: None,
        labels: labels(names),
        hops: hops.map(|(min, max)| Hops {
            min,
            max: Some(max),
            span: NOWHERE,
        }),
        group: None,
        properties: None,
        filter: None,
        span: NOWHERE,
    }
}

pub(super) const fn path(start: NodePattern, steps: Vec<(RelationPattern, NodePattern)>) -> Path {
    Path {
        variable: None,
        prefix: None,
        start,
        steps,
        unsupported: None,
        span: NOWHERE,
    }
}

/// `EXISTS { path WHERE filter }`
pub(super) fn exists(path: Path, filter: Option<Expr>) -> Expr {
    expr(ExprKind::Exists(Box::new(Subquery::Pattern {
        paths: vec![path],
        filter,
    })))
}
