//! Columns of single values: mirrors, calculations, inherited ownership.

use super::Round;
use crate::derive::change::same;
use crate::derive::column::{Column, Kind};
use crate::error::Result;
use crate::query::exec::Budget;
use crate::state::State;
use crate::value::{EntityId, Value};

impl Round<'_> {
    /// Computes a column for who has to look again, and tells who reads what came out different.
    pub(super) fn column(&mut self, state: &mut State, at: usize) -> Result<()> {
        let plan = self.plan;
        let Some(column) = plan.columns.get(at) else {
            return Ok(());
        };
        let again = self.columns.remove(&at);
        let changed = if let Kind::Aggregation(aggregate) = &column.kind {
            self.aggregation(state, at, column, aggregate, again)?
        } else {
            let rows = self.rows_and_created(state, column.blueprint, again);
            self.values(state, at, column, &rows)?
        };
        self.work.values_changed += changed.len() as u64;
        for (id, value) in changed {
            state.derived_mut().set_column(at, id, value);
            self.fire_column(state.derived(), at, id);
        }
        Ok(())
    }

    /// The values of some entities that differ from what they were.
    fn values(
        &mut self,
        state: &mut State,
        at: usize,
        column: &Column,
        rows: &[EntityId],
    ) -> Result<Vec<(EntityId, Value)>> {
        let budget = Budget::of_expression();
        let (mut changed, mut due) = (Vec::new(), Vec::new());
        let mut row = match &column.kind {
            Kind::Calculation(row) => Some(row.over(state, &budget)),
            Kind::Mirror(_) | Kind::Aggregation(_) => None,
        };
        for id in rows {
            let Some(entity) = state.entity(*id) else {
                continue;
            };
            self.work.values_evaluated += 1;
            let value = match (&column.kind, &mut row) {
                (Kind::Mirror(mirror), _) => mirror.value(state, entity),
                (_, Some(row)) => row.value(entity)?,
                _ => Value::Null,
            };
            if let (Some(clock), Some(row)) = (column.clock, &row) {
                due.push(((clock, *id), row.horizon()));
            }
            if !same(state.derived().column(at, *id), &value) {
                changed.push((*id, value));
            }
        }
        drop(row);
        for (waiting, instant) in due {
            state.derived_mut().wait(waiting, instant);
        }
        Ok(changed)
    }
}
