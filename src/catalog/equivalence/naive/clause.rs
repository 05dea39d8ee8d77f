//! Clauses one after the other, each from all rows to all rows.

use super::{Naive, Row};
use crate::error::Result;
use crate::query::ir::{Clause, Target, Union};
use crate::value::Value;

impl Naive<'_> {
    /// The rows of a query for a row around it.
    pub(super) fn union(&self, query: &Union, around: &Row) -> Result<Vec<Vec<Value>>> {
        let mut answer = Vec::new();
        for part in &query.parts {
            let mut rows = vec![around.clone()];
            for clause in &part.clauses {
                rows = self.clause(clause, rows, around)?;
            }
            for (_, columns) in self.project(&part.projection, rows, around)? {
                if !(query.distinct && answer.contains(&columns)) {
                    answer.push(columns);
                }
            }
        }
        Ok(answer)
    }

    fn clause(&self, clause: &Clause, rows: Vec<Row>, around: &Row) -> Result<Vec<Row>> {
        let mut out = Vec::new();
        match clause {
            Clause::Match(parts) => {
                for row in rows {
                    out.extend(self.matches(parts, &row)?);
                }
            }
            Clause::Optional { pattern, binds } => {
                for mut row in rows {
                    let found = self.matches(std::slice::from_ref(pattern), &row)?;
                    if found.is_empty() {
                        for slot in &binds.slots {
                            row.slots[usize::from(slot.0)] = None;
                        }
                        for local in &binds.locals {
                            row.locals[usize::from(*local)] = Value::Null;
                        }
                        out.push(row);
                    } else {
                        out.extend(found);
                    }
                }
            }
            Clause::Unwind { local, list } => {
                for row in rows {
                    let values = match self.eval(list, &row)? {
                        Value::Null => Vec::new(),
                        Value::List(values) => values.to_vec(),
                        single => vec![single],
                    };
                    for value in values {
                        self.spend()?;
                        out.push(row.with_local(*local, value));
                    }
                }
            }
            Clause::Let { local, value } => {
                for row in rows {
                    let value = self.eval(value, &row)?;
                    out.push(row.with_local(*local, value));
                }
            }
            Clause::Filter(condition) => {
                for row in rows {
                    if self.holds(condition, &row)? {
                        out.push(row);
                    }
                }
            }
            Clause::With {
                projection,
                targets,
                filter,
            } => {
                for (mut row, columns) in self.project(projection, rows, around)? {
                    for (target, value) in targets.iter().zip(columns) {
                        match (target, value) {
                            (Target::Slot(slot), Value::Entity(id)) => {
                                row.slots[usize::from(slot.0)] = Some(id);
                            }
                            (Target::Slot(slot), _) => row.slots[usize::from(slot.0)] = None,
                            (Target::Local(local), value) => {
                                row.locals[usize::from(*local)] = value;
                            }
                        }
                    }
                    let keep = match filter {
                        Some(filter) => self.holds(filter, &row)?,
                        None => true,
                    };
                    if keep {
                        out.push(row);
                    }
                }
            }
        }
        Ok(out)
    }
}
