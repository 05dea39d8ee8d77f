//! `MATCH` at work: the matches of patterns for each row that comes in.

use std::rc::Rc;

use super::eval::Evaluator;
use super::matcher::Matcher;
use super::pipeline::Input;
use crate::error::{Error, Result};
use crate::query::ir::{Match, Slot};
use crate::query::plan::{Program, anew_for_rows};

/// Patterns with their plan, for the row at hand.
pub(super) struct Matching<'a> {
    matches: &'a [Match],
    /// The plan of all rows, or the first of many, and where it has got to; made when it is needed.
    planned: Option<(Rc<Program<'a>>, Matcher<'a>)>,
    /// Whether what a row holds decides how its matches are found.
    anew: bool,
    open: bool,
}

impl<'a> Matching<'a> {
    pub(super) fn new(matches: &'a [Match]) -> Self {
        Self {
            matches,
            planned: None,
            anew: anew_for_rows(matches),
            open: false,
        }
    }

    /// Plans the patterns, where that was not done yet.
    ///
    /// # Errors
    /// `Limit` for a pattern or a walk that is too long.
    pub(super) fn plan(
        &mut self,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<&mut (Rc<Program<'a>>, Matcher<'a>)> {
        if self.planned.is_none() {
            let program = Rc::new(evaluator.plan(self.matches, false)?);
            self.planned = Some((Rc::clone(&program), Matcher::new(program)));
        }
        let planned = self.planned.as_mut();
        planned.ok_or_else(|| Error::internal("a pattern was not planned"))
    }

    pub(super) fn restart(&mut self) {
        self.open = false;
    }

    pub(super) fn matches(&self) -> &'a [Match] {
        self.matches
    }

    pub(super) fn program(&self) -> Option<&Program<'a>> {
        self.planned.as_ref().map(|(program, _)| &**program)
    }

    /// Whether the patterns find the entity of a slot.
    pub(super) fn finds(&self, slot: Slot) -> bool {
        let mut nodes = self.matches.iter().flat_map(|part| &part.nodes);
        nodes.any(|node| node.slot == slot && !node.bound)
    }

    /// Begins with the row that the evaluator holds.
    pub(super) fn begin(&mut self, evaluator: &mut Evaluator<'a>) -> Result<()> {
        self.open = true;
        let (matches, anew) = (self.matches, self.anew);
        let (first, at) = self.plan(evaluator)?;
        if !anew {
            at.restart();
            return Ok(());
        }
        let program = Rc::new(evaluator.plan(matches, true)?);
        let before = std::mem::replace(at, Matcher::new(program));
        first.add(before.program());
        Ok(())
    }

    /// The next match of that row.
    pub(super) fn step(&mut self, evaluator: &mut Evaluator<'a>) -> Result<bool> {
        if let Some((_, matcher)) = &mut self.planned {
            self.open = self.open && matcher.next(evaluator)?;
        }
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
            let (_, matcher) = self.plan(evaluator)?;
            rows = rows.saturating_add(matcher.count(evaluator)?);
        }
        self.open = false;
        Ok(rows)
    }
}
