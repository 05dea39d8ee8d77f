//! `ORDER BY`, and the bounded form that keeps only the first rows.

use std::cmp::Ordering;

use super::limits::Budget;
use super::record::{Record, weight};
use crate::error::Result;
use crate::query::ir::Sort;
use crate::state::State;
use crate::value::{EntityId, Value};

/// A record with its sort values.
#[derive(Debug)]
struct Keyed {
    keys: Vec<Value>,
    record: Record,
    ordinal: usize,
}

/// Collects records and gives them in order. With a bound it never holds more than about twice
/// that many.
#[derive(Debug)]
pub(super) struct Sorter<'a> {
    state: &'a State,
    order: &'a [Sort],
    bound: Option<usize>,
    /// Whether rows stand for themselves, so that ties go by the entities bound in them.
    by_entity: bool,
    kept: Vec<Keyed>,
    seen: usize,
}

impl<'a> Sorter<'a> {
    pub(super) fn new(
        state: &'a State,
        order: &'a [Sort],
        bound: Option<usize>,
        by_entity: bool,
    ) -> Self {
        Self {
            state,
            order,
            bound,
            by_entity,
            kept: Vec::new(),
            seen: 0,
        }
    }

    /// # Errors
    /// `Limit` where the records need more memory than they may.
    pub(super) fn push(
        &mut self,
        keys: Vec<Value>,
        record: Record,
        budget: &Budget<'_>,
    ) -> Result<()> {
        // What is dropped again makes room for what comes later.
        if self.bound.is_none_or(|bound| self.kept.len() < bound) {
            budget.hold(record.weight().saturating_add(weight(&keys)))?;
        }
        let ordinal = self.seen;
        self.seen += 1;
        self.kept.push(Keyed {
            keys,
            record,
            ordinal,
        });
        if let Some(bound) = self.bound
            && self.kept.len() >= bound.saturating_mul(2).max(64)
        {
            self.keep(bound);
        }
        Ok(())
    }

    /// Keeps the first `bound` records, in linear time.
    fn keep(&mut self, bound: usize) {
        let compare = comparison(self.state, self.order, self.by_entity);
        if bound > 0 && bound < self.kept.len() {
            self.kept.select_nth_unstable_by(bound, compare);
        }
        self.kept.truncate(bound);
    }

    /// The records in order.
    pub(super) fn finish(mut self) -> Vec<Record> {
        if let Some(bound) = self.bound {
            self.keep(bound);
        }
        self.kept
            .sort_unstable_by(comparison(self.state, self.order, self.by_entity));
        self.kept.into_iter().map(|keyed| keyed.record).collect()
    }
}

/// The order of records: total, because rows that tie in everything go by when they came.
fn comparison<'a>(
    state: &'a State,
    order: &'a [Sort],
    by_entity: bool,
) -> impl Fn(&Keyed, &Keyed) -> Ordering + 'a {
    move |a, b| {
        let keys = order.iter().zip(a.keys.iter().zip(&b.keys));
        let by_keys = keys
            .map(|(sort, (a, b))| compare(sort, a, b))
            .find(|order| order.is_ne());
        let hidden = || {
            if by_entity {
                by_names(state, &a.record.row, &b.record.row)
            } else {
                Ordering::Equal
            }
        };
        by_keys
            .unwrap_or_else(hidden)
            .then_with(|| a.ordinal.cmp(&b.ordinal))
    }
}

fn compare(sort: &Sort, a: &Value, b: &Value) -> Ordering {
    let nulls = if sort.nulls_first {
        Ordering::Less
    } else {
        Ordering::Greater
    };
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => nulls,
        (false, true) => nulls.reverse(),
        (false, false) if sort.descending => b.cmp(a),
        (false, false) => a.cmp(b),
    }
}

/// Ascending by blueprint and identifier, which stay the same where ids do not.
fn by_names(state: &State, a: &[EntityId], b: &[EntityId]) -> Ordering {
    let name = |id: &EntityId| {
        let entity = state.entity(*id)?;
        let compiled = state.model().blueprint(entity.blueprint());
        Some((&*compiled?.blueprint.identifier, entity.identifier()))
    };
    let mut pairs = a.iter().zip(b).filter(|(a, b)| a != b);
    pairs
        .next()
        .map_or(Ordering::Equal, |(a, b)| name(a).cmp(&name(b)))
}
