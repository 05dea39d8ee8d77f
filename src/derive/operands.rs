//! The parts that an expression consists of, for reading and for changing.

use crate::query::ir::{Expr, ExprKind};

/// Writes the walk once for shared and once for exclusive references.
macro_rules! walk {
    ($(#[$document:meta])* $name:ident, $iter:ident, $as_deref:ident, $($mutable:tt)?) => {
        $(#[$document])*
        pub(super) fn $name(expr: & $($mutable)? Expr) -> Vec<& $($mutable)? Expr> {
            match & $($mutable)? expr.kind {
                ExprKind::Not(a)
                | ExprKind::Negate(a)
                | ExprKind::IsNull(a)
                | ExprKind::IsEmpty(a)
                | ExprKind::IsBlueprint(a, _)
                | ExprKind::Key(a, _)
                | ExprKind::Read { base: a, .. } => vec![a],
                ExprKind::Index(a, b)
                | ExprKind::Compare(_, a, b)
                | ExprKind::Arithmetic(_, a, b)
                | ExprKind::Test(_, a, b)
                | ExprKind::Elapsed { from: a, to: b, .. } => vec![a, b],
                ExprKind::Slice(a, from, to) => {
                    let ends = from.$iter().chain(to).map(|end| & $($mutable)? **end);
                    std::iter::once(& $($mutable)? **a).chain(ends).collect()
                }
                ExprKind::List(items)
                | ExprKind::And(items)
                | ExprKind::Or(items)
                | ExprKind::Xor(items)
                | ExprKind::Call(_, items) => items.$iter().collect(),
                ExprKind::Map(fields) => fields.$iter().map(|(_, value)| value).collect(),
                ExprKind::Case { arms, otherwise } => {
                    let arms = arms.$iter().flat_map(|(when, then)| [when, then]);
                    arms.chain(otherwise.$as_deref()).collect()
                }
                ExprKind::Comprehension {
                    list, filter, map, ..
                } => {
                    let parts = [filter.$as_deref(), map.$as_deref()];
                    std::iter::once(& $($mutable)? **list)
                        .chain(parts.into_iter().flatten())
                        .collect()
                }
                ExprKind::Quantified { list, filter, .. } => vec![list, filter],
                ExprKind::Let { value, body, .. } => vec![value, body],
                ExprKind::Reduce {
                    start, list, step, ..
                } => vec![start, list, step],
                ExprKind::Literal(_)
                | ExprKind::Parameter(_)
                | ExprKind::Slot(_)
                | ExprKind::Local(_)
                | ExprKind::Exists(_)
                | ExprKind::Count(..)
                | ExprKind::Subquery(..)
                | ExprKind::Outputs(..)
                | ExprKind::Aggregate(_)
                | ExprKind::Column(_) => Vec::new(),
            }
        }
    };
}

walk! {
    /// The direct operands of an expression, for changing: none of a generator, whose parts are
    /// not changed one by one.
    operands_mut, iter_mut, as_deref_mut, mut
}

walk! {
    /// Those that are an expression's own.
    plain, iter, as_deref,
}

/// The direct operands of an expression that binds nothing.
pub(super) fn operands(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Outputs(_, generator) => generator.expressions(),
        _ => plain(expr),
    }
}
