//! `DISTINCT`: each row of values once, the first one seen.

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use smallvec::SmallVec;

use super::eval::Evaluator;
use super::limits::Budget;
use super::record::weight;
use crate::error::Result;
use crate::graph::DenseSet;
use crate::model::Meta;
use crate::query::ir::{Blueprints, Expr, ExprKind, Projection, Read, Slot, Type};
use crate::value::{EntityId, Value};

/// The rows seen so far, by the total order of values: null equals null.
#[derive(Debug, Default)]
pub(super) struct Distinct(BTreeSet<Vec<Value>>);

impl Distinct {
    /// Whether this row of values comes for the first time.
    ///
    /// # Errors
    /// `Limit` where too much memory would be held.
    pub(super) fn is_new(&mut self, columns: &[Value], budget: &Budget<'_>) -> Result<bool> {
        if self.0.contains(columns) {
            return Ok(false);
        }
        budget.hold(weight(columns))?;
        Ok(self.0.insert(columns.to_vec()))
    }
}

/// The rows seen so far, by the entities in them: of columns that each name an entity.
#[derive(Debug)]
pub(super) struct DistinctEntities {
    slots: SmallVec<[Slot; 2]>,
    /// Where one column is all.
    one: DenseSet,
    more: HashSet<SmallVec<[EntityId; 2]>, FixedState>,
}

impl DistinctEntities {
    /// For a projection whose columns differ exactly where entities of the row do.
    pub(super) fn of(projection: &Projection) -> Option<Self> {
        let slots = projection.items.iter().map(|item| named(&item.expr));
        Some(Self {
            slots: slots.collect::<Option<_>>()?,
            one: DenseSet::default(),
            more: HashSet::default(),
        })
    }

    /// Whether the entities of the row at hand come for the first time.
    ///
    /// # Errors
    /// `Limit` where too much memory would be held.
    pub(super) fn is_new(&mut self, evaluator: &Evaluator<'_>) -> Result<bool> {
        if let [only] = self.slots.as_slice() {
            return Ok(self.one.insert(evaluator.slot(*only)));
        }
        let entities = self.slots.iter().map(|slot| evaluator.slot(*slot));
        let new = self.more.insert(entities.collect());
        if new {
            evaluator.budget.hold(32)?;
        }
        Ok(new)
    }
}

/// The slot whose entity an expression names, other ones otherwise.
fn named(expr: &Expr) -> Option<Slot> {
    let slot = |expr: &Expr| match expr.kind {
        ExprKind::Slot(slot) => Some(slot),
        _ => None,
    };
    match &expr.kind {
        // Null or of one blueprint, whose entities have identifiers of their own.
        ExprKind::Read {
            base,
            read: Read::Meta(Meta::Identifier),
        } => match &base.ty {
            Type::Entity(Blueprints::Some(set)) if set.len() == 1 => slot(base),
            _ => None,
        },
        _ => slot(expr),
    }
}
