//! Walks over expressions: which slots and columns they read.

use std::collections::BTreeSet;

use crate::query::ir::{Expr, ExprKind, Match, Slot, Subquery};

/// Calls `visit` on the expression and everything in it, the filters of subqueries included.
/// The parser bounds how deep expressions nest.
pub(super) fn each<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Slot(_)
        | ExprKind::Local(_)
        | ExprKind::Aggregate(_)
        | ExprKind::Column(_) => {}
        ExprKind::Read { base: one, .. }
        | ExprKind::Key(one, _)
        | ExprKind::Not(one)
        | ExprKind::Negate(one)
        | ExprKind::IsNull(one)
        | ExprKind::IsEmpty(one)
        | ExprKind::IsBlueprint(one, _) => each(one, visit),
        ExprKind::Index(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::Test(_, a, b)
        | ExprKind::Elapsed { from: a, to: b, .. }
        | ExprKind::Quantified {
            list: a, filter: b, ..
        } => {
            each(a, visit);
            each(b, visit);
        }
        ExprKind::Slice(base, from, to) => {
            each(base, visit);
            from.iter().chain(to).for_each(|bound| each(bound, visit));
        }
        ExprKind::List(many)
        | ExprKind::And(many)
        | ExprKind::Or(many)
        | ExprKind::Xor(many)
        | ExprKind::Call(_, many) => many.iter().for_each(|one| each(one, visit)),
        ExprKind::Map(fields) => fields.iter().for_each(|(_, one)| each(one, visit)),
        ExprKind::Case { arms, otherwise } => {
            for (condition, value) in arms {
                each(condition, visit);
                each(value, visit);
            }
            if let Some(value) = otherwise {
                each(value, visit);
            }
        }
        ExprKind::Comprehension {
            list, filter, map, ..
        } => {
            each(list, visit);
            filter.iter().chain(map).for_each(|one| each(one, visit));
        }
        ExprKind::Outputs(_, generator) => {
            generator
                .expressions()
                .into_iter()
                .for_each(|one| each(one, visit));
        }
        ExprKind::Exists(subquery) | ExprKind::Count(subquery, _) => {
            filters(subquery).for_each(|filter| each(filter, visit));
        }
    }
}

fn filters(subquery: &Subquery) -> impl Iterator<Item = &Expr> {
    subquery.matches.iter().flat_map(|part| &part.filters)
}

/// The slots that an expression reads, those inside its subqueries included.
pub(super) fn slots_of(expr: &Expr) -> BTreeSet<Slot> {
    let mut slots = BTreeSet::new();
    let nodes = |part: &Match| part.nodes.iter().map(|node| node.slot).collect::<Vec<_>>();
    each(expr, &mut |part| match &part.kind {
        ExprKind::Slot(slot) => _ = slots.insert(*slot),
        ExprKind::Exists(subquery) | ExprKind::Count(subquery, _) => {
            slots.extend(subquery.matches.iter().flat_map(nodes));
        }
        _ => {}
    });
    slots
}

/// The columns of the projection that an expression reads.
pub(crate) fn columns_of(expr: &Expr) -> BTreeSet<usize> {
    let mut columns = BTreeSet::new();
    each(expr, &mut |part| {
        if let ExprKind::Column(at) = part.kind {
            columns.insert(at);
        }
    });
    columns
}

/// Whether an expression has the same value on every row.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    let mut constant = true;
    each(expr, &mut |part| {
        constant &= !matches!(
            part.kind,
            ExprKind::Slot(_)
                | ExprKind::Local(_)
                | ExprKind::Aggregate(_)
                | ExprKind::Column(_)
                | ExprKind::Exists(_)
                | ExprKind::Count(..)
                | ExprKind::Comprehension { .. }
                | ExprKind::Quantified { .. }
                | ExprKind::Outputs(..)
        );
    });
    constant
}

/// Whether an expression, or some part of it, reads the clock.
pub(crate) fn reads_clock(expr: &Expr) -> bool {
    let mut found = false;
    each(expr, &mut |part| {
        found |= matches!(&part.kind, ExprKind::Call(function, _) if function.reads_clock);
    });
    found
}
