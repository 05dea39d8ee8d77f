//! A naive evaluator of checked queries: no plan, no index, no laziness, everything tried.
//!
//! It shares with the executor the typed form, values with their order and equality, and the
//! functions of the language; nothing else.

mod clause;
mod expr;
mod fold;
mod operator;
mod pattern;
mod projection;
mod read;
mod walk;

use std::cell::Cell;

use crate::error::{Error, ErrorKind, Result};
use crate::query::Query;
use crate::query::ir::Slot;
use crate::state::State;
use crate::value::{EntityId, Instant, Relationship, Value};

pub(super) use projection::in_order;

/// How many rows and walks are looked at before a query is given up.
const PATIENCE: u64 = 400_000;

/// One version of a catalog as lists, with the time that queries see.
pub(super) struct Naive<'a> {
    state: &'a State,
    now: Instant,
    entities: Vec<EntityId>,
    relations: Vec<Relationship>,
    spent: Cell<u64>,
}

/// What the variables of a query hold.
#[derive(Clone, Debug, Default)]
struct Row {
    slots: Vec<Option<EntityId>>,
    locals: Vec<Value>,
    columns: Vec<Value>,
    aggregates: Vec<Value>,
}

impl Row {
    fn slot(&self, slot: Slot) -> Option<EntityId> {
        self.slots[usize::from(slot.0)]
    }

    fn with_local(&self, at: u16, value: Value) -> Self {
        let mut row = self.clone();
        row.locals[usize::from(at)] = value;
        row
    }
}

impl<'a> Naive<'a> {
    pub(super) fn new(state: &'a State, now: Instant) -> Self {
        let entities: Vec<EntityId> = state.all_members().iter().map(EntityId).collect();
        let mut relations = Vec::new();
        for source in &entities {
            let record = state.entity(*source).unwrap();
            let compiled = state.model().blueprint(record.blueprint()).unwrap();
            for declared in &compiled.blueprint.relations {
                let relation = state.model().names().id(&declared.name).unwrap();
                relations.extend(record.targets(relation).map(|target| Relationship {
                    source: *source,
                    relation,
                    target,
                }));
            }
        }
        Self {
            state,
            now,
            entities,
            relations,
            spent: Cell::new(0),
        }
    }

    /// All rows of a query without parameters; entities are ids.
    pub(super) fn answer(&self, query: &Query) -> Result<Vec<Vec<Value>>> {
        let row = Row {
            slots: vec![None; usize::from(query.slots)],
            locals: vec![Value::Null; usize::from(query.locals)],
            ..Row::default()
        };
        self.union(&query.body, &row)
    }

    fn spend(&self) -> Result<()> {
        self.spent.set(self.spent.get() + 1);
        if self.spent.get() > PATIENCE {
            return Err(Error::new(
                ErrorKind::Limit,
                "too much for trying everything",
            ));
        }
        Ok(())
    }
}
