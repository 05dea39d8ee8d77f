//! `MATCH` at work: the matches of patterns for each row that comes in.

use std::rc::Rc;

use super::eval::Evaluator;
use super::matcher::Matcher;
use super::pipeline::Input;
use crate::error::Result;
use crate::query::ir::{Match, Slot};
use crate::query::plan::{Program, anew_for_rows};

/// Patterns with their plan, for the row at hand.
pub(super) struct Matching<'a> {
    matches: &'a [Match],
    /// The plan of all rows, or the first of many.
    program: Rc<Program<'a>>,
    matcher: Matcher<'a>,
    /// Whether what a row holds decides how its matches are found.
    anew: bool,
    open: bool,
}

impl<'a> Matching<'a> {
    pub(super) fn new(evaluator: &mut Evaluator<'a>, matches: &'a [Match]) -> Result<Self> {
        let program = Rc::new(evaluator.plan(matches, false)?);
        Ok(Self {
            matches,
            matcher: Matcher::new(Rc::clone(&program)),
            program,
            anew: anew_for_rows(matches),
            open: false,
        })
    }

    pub(super) fn restart(&mut self) {
        self.open = false;
    }

    pub(super) fn program(&self) -> &Program<'a> {
        &self.program
    }

    /// Whether the patterns find the entity of a slot.
    pub(super) fn finds(&self, slot: Slot) -> bool {
        let mut nodes = self.matches.iter().flat_map(|part| &part.nodes);
        nodes.any(|node| node.slot == slot && !node.bound)
    }

    /// Begins with the row that the evaluator holds.
    pub(super) fn begin(&mut self, evaluator: &mut Evaluator<'a>) -> Result<()> {
        self.open = true;
        if !self.anew {
            self.matcher.restart();
            return Ok(());
        }
        let program = Rc::new(evaluator.plan(self.matches, true)?);
        let before = std::mem::replace(&mut self.matcher, Matcher::new(program));
        self.program.add(before.program());
        Ok(())
    }

    /// The next match of that row.
    pub(super) fn step(&mut self, evaluator: &mut Evaluator<'a>) -> Result<bool> {
        self.open = self.open && self.matcher.next(evaluator)?;
        Ok(self.open)
    }

    pub(super) fn next(
        &mut self,
        input: &mut Input<'_, 'a>,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<bool> {
        loop {
            if self.step(evaluator)? {
                return Ok(true);
            }
            if !input.next(evaluator)? {
                return Ok(false);
            }
            self.begin(evaluator)?;
        }
    }

    pub(super) fn count(
        &mut self,
        input: &mut Input<'_, 'a>,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<u64> {
        let mut rows = 0_u64;
        while input.next(evaluator)? {
            self.begin(evaluator)?;
            rows = rows.saturating_add(self.matcher.count(evaluator)?);
        }
        self.open = false;
        Ok(rows)
    }
}
