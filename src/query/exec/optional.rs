//! `OPTIONAL MATCH` at work: a row without a match goes on once, with nulls.

use super::eval::{Evaluator, UNBOUND};
use super::matching::Matching;
use super::pipeline::Input;
use crate::error::Result;
use crate::query::ir::{Match, Scope};
use crate::query::plan::Program;
use crate::value::Value;

pub(super) struct Optional<'a> {
    matching: Matching<'a>,
    /// What is null where nothing matches.
    binds: &'a Scope,
    /// Whether the row at hand has had a match; `None` before the first row.
    matched: Option<bool>,
}

impl<'a> Optional<'a> {
    pub(super) fn new(pattern: &'a Match, binds: &'a Scope) -> Self {
        Self {
            matching: Matching::new(std::slice::from_ref(pattern)),
            binds,
            matched: None,
        }
    }

    /// The pattern at work.
    pub(super) fn matching(&mut self) -> &mut Matching<'a> {
        &mut self.matching
    }

    pub(super) fn restart(&mut self) {
        self.matched = None;
        self.matching.restart();
    }

    pub(super) fn program(&self) -> Option<&Program<'a>> {
        self.matching.program()
    }

    pub(super) fn next(
        &mut self,
        input: &mut Input<'_, 'a>,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<bool> {
        loop {
            if self.matched.is_some() && self.matching.step(evaluator)? {
                self.matched = Some(true);
                return Ok(true);
            }
            if self.matched.take() == Some(false) {
                for slot in &self.binds.slots {
                    evaluator.bind(*slot, UNBOUND);
                }
                for local in &self.binds.locals {
                    evaluator.set_local(*local, Value::Null);
                }
                return Ok(true);
            }
            if !input.next(evaluator)? {
                return Ok(false);
            }
            self.matching.begin(evaluator)?;
            self.matched = Some(false);
        }
    }
}
