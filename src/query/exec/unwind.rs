//! `UNWIND` and `FOR` at work: a row for each element of a list.

use std::sync::Arc;

use super::eval::Evaluator;
use super::pipeline::Input;
use crate::error::Result;
use crate::query::ir::Expr;
use crate::value::Value;

pub(super) struct Unwind<'a> {
    local: u16,
    list: &'a Expr,
    values: Arc<[Value]>,
    at: usize,
}

impl<'a> Unwind<'a> {
    pub(super) fn new(local: u16, list: &'a Expr) -> Self {
        Self {
            local,
            list,
            values: Arc::new([]),
            at: 0,
        }
    }

    pub(super) fn restart(&mut self) {
        self.values = Arc::new([]);
        self.at = 0;
    }

    pub(super) fn next(
        &mut self,
        input: &mut Input<'_, 'a>,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<bool> {
        loop {
            if let Some(value) = self.values.get(self.at) {
                self.at += 1;
                evaluator.budget.spend(1)?;
                evaluator.set_local(self.local, value.clone());
                return Ok(true);
            }
            self.restart();
            if !input.next(evaluator)? {
                return Ok(false);
            }
            self.values = match evaluator.eval(self.list)? {
                Value::Null => Arc::new([]),
                Value::List(values) => values,
                other => Arc::new([other]),
            };
        }
    }
}
