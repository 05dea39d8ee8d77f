//! Queries made by hand over patterns, and their rows as numbers of entities.

use super::{boxed, expr};
use crate::error::Span;
use crate::model::Meta;
use crate::query::exec::{Answer, Cancel, Limits, run};
use crate::query::ir::{
    Aggregate, Clause, Expr, ExprKind, Item, Match, Part, Projection, Query, Read, Scope, Slot,
    Type, Union,
};
use crate::state::State;
use crate::value::{Instant, Value};

pub(super) fn item(expr: Expr, aggregated: bool) -> Item {
    Item {
        name: "x".into(),
        expr,
        aggregated,
    }
}

pub(super) fn query(
    matches: Vec<Match>,
    slots: u16,
    items: Vec<Item>,
    aggregates: Vec<Aggregate>,
) -> Query {
    let projection = Projection {
        distinct: false,
        items,
        aggregates,
        order: Vec::new(),
        skip: None,
        limit: None,
        scope: Scope {
            slots: (0..slots).map(Slot).collect(),
            locals: Vec::new(),
        },
    };
    Query {
        prefix: None,
        slots,
        slot_names: Vec::new(),
        locals: 0,
        local_names: Vec::new(),
        parameters: Vec::new(),
        body: Union {
            parts: vec![Part {
                clauses: vec![Clause::Match(matches)],
                projection,
            }],
            distinct: false,
        },
    }
}

pub(super) fn answer(state: &State, query: &Query) -> Answer {
    run(
        state,
        query,
        &[],
        Instant(0),
        &Limits::default(),
        &Cancel::new(),
    )
    .unwrap()
}

pub(super) fn identifier(slot: u16) -> Item {
    let base = boxed(ExprKind::Slot(Slot(slot)));
    item(
        expr(ExprKind::Read {
            base,
            read: Read::Meta(Meta::Identifier),
        }),
        false,
    )
}

pub(super) fn constant_of(count: usize) -> Expr {
    expr(ExprKind::Literal(Value::Int(i64::try_from(count).unwrap())))
}

/// A grouping key: the identifier, the text or the number of a node's entity.
pub(super) fn grouped(state: &State, node: usize, kind: usize) -> Item {
    let names = state.model().names();
    let slot = ExprKind::Slot(Slot(u16::try_from(node).unwrap()));
    let base = boxed(slot);
    let (read, ty) = match kind {
        0 => (Read::Meta(Meta::Identifier), Type::String),
        1 => (Read::Property(names.id("k").unwrap()), Type::String),
        _ => (Read::Property(names.id("n").unwrap()), Type::Number),
    };
    let kind = ExprKind::Read { base, read };
    let span = Span::default();
    item(Expr { kind, ty, span }, false)
}

pub(super) fn named(rows: &[Vec<Value>]) -> Vec<Vec<usize>> {
    let at = |value: &Value| value.as_str().unwrap()[1..].parse().unwrap();
    let mut rows: Vec<Vec<usize>> = rows
        .iter()
        .map(|row| row.iter().map(at).collect())
        .collect();
    rows.sort_unstable();
    rows
}

pub(super) fn ids(width: usize) -> Vec<Item> {
    (0..u16::try_from(width).unwrap()).map(identifier).collect()
}
