//! Runs a plan: one row at a time, depth first, without recursion and without intermediate rows.

use std::rc::Rc;

use super::closure;
use super::cursor::{Cursor, Found};
use super::eval::{Evaluator, UNBOUND};
use super::expand;
use super::filter::admits;
use crate::error::Result;
use crate::query::plan::{Admit, Op, Program, Step};
use crate::value::{EntityId, NameId};

/// A relationship: source, relation, target.
type Relationship = (EntityId, NameId, EntityId);

/// A plan with the place that it has got to.
pub(crate) struct Matcher<'a> {
    program: Rc<Program<'a>>,
    cursors: Vec<Cursor<'a>>,
    relationships: Vec<Option<Relationship>>,
    /// The step whose cursor goes on next.
    depth: usize,
    started: bool,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(program: Rc<Program<'a>>) -> Self {
        let mut cursors = Vec::new();
        cursors.resize_with(program.steps.len(), Cursor::default);
        let relationships = vec![None; program.registers];
        Self {
            program,
            cursors,
            relationships,
            depth: 0,
            started: false,
        }
    }

    /// Begins again, for a row with other outer entities.
    pub(crate) fn restart(&mut self) {
        self.started = false;
        self.depth = 0;
    }

    /// Binds the entities of the next row in the evaluator; false after the last.
    pub(crate) fn next(&mut self, evaluator: &mut Evaluator<'a>) -> Result<bool> {
        let length = self.program.steps.len();
        self.advance(evaluator, length)
    }

    /// How many rows there are from here on. The last step is counted, not gone through, where
    /// nothing depends on its entities.
    pub(crate) fn count(&mut self, evaluator: &mut Evaluator<'a>) -> Result<u64> {
        let program = Rc::clone(&self.program);
        let mut rows = 0_u64;
        match program.steps.split_last() {
            Some((last, before)) if is_countable(last) => {
                while self.advance(evaluator, before.len())? {
                    let found = self.count_last(evaluator, last)?;
                    last.actual.set(last.actual.get().saturating_add(found));
                    rows = rows.saturating_add(found);
                }
            }
            _ => {
                while self.next(evaluator)? {
                    rows = rows.saturating_add(1);
                }
            }
        }
        Ok(rows)
    }

    fn count_last(&mut self, evaluator: &mut Evaluator<'a>, last: &Step<'a>) -> Result<u64> {
        let graph = evaluator.state.graph();
        match &last.op {
            Op::Scan { candidates, .. } => Ok(candidates.len()),
            Op::Expand {
                from,
                relations,
                way,
                ..
            } => Ok(expand::count(graph, relations, *way, evaluator.slot(*from))),
            Op::Closure {
                from,
                relations,
                way,
                range,
                ..
            } => {
                let Some(cursor) = self.cursors.last_mut() else {
                    return Ok(0);
                };
                let (walk, from) = ((relations.as_slice(), *way, *range), evaluator.slot(*from));
                let reached = closure::reached(cursor, graph, walk, from, evaluator.budget)?;
                Ok(match &last.admit {
                    Admit::Bitmap(wanted) => reached.intersection_len(wanted),
                    _ => reached.len(),
                })
            }
            Op::Test { .. } => Ok(1),
        }
    }

    /// Finds the next row of the first `length` steps.
    fn advance(&mut self, evaluator: &mut Evaluator<'a>, length: usize) -> Result<bool> {
        let program = Rc::clone(&self.program);
        if !self.started {
            self.started = true;
            for condition in &program.constant {
                if !evaluator.holds(condition)? {
                    return Ok(self.finish());
                }
            }
            if length == 0 {
                self.depth = usize::MAX;
                return Ok(true);
            }
            self.open(&program, 0, evaluator)?;
        }
        loop {
            let (Some(step), Some(cursor)) = (
                program.steps.get(self.depth),
                self.cursors.get_mut(self.depth),
            ) else {
                return Ok(false);
            };
            let Some(found) = cursor.next() else {
                match self.depth.checked_sub(1) {
                    Some(outer) => self.depth = outer,
                    None => return Ok(self.finish()),
                }
                continue;
            };
            evaluator.budget.spend(1)?;
            if !self.take(step, found, evaluator)? {
                continue;
            }
            step.actual.set(step.actual.get().saturating_add(1));
            if self.depth + 1 == length {
                return Ok(true);
            }
            self.depth += 1;
            self.open(&program, self.depth, evaluator)?;
        }
    }

    /// No further row will come.
    fn finish(&mut self) -> bool {
        self.depth = usize::MAX;
        false
    }

    /// Adds what a step found to the row; false where the row then breaks a condition.
    fn take(
        &mut self,
        step: &Step<'a>,
        found: Found,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<bool> {
        if let Some(slot) = step.binds() {
            evaluator.bind(slot, found.id);
        }
        if found.id != UNBOUND && !admits(evaluator.state, &step.admit, found.id) {
            return Ok(false);
        }
        if let (Some(register), Op::Expand { from, .. }) = (step.register, &step.op) {
            let from = evaluator.slot(*from);
            let (source, target) = if found.reversed {
                (found.id, from)
            } else {
                (from, found.id)
            };
            let relationship = Some((source, found.relation, target));
            let same = |other: &usize| self.relationships.get(*other) == Some(&relationship);
            if step.differs.iter().any(same) {
                return Ok(false);
            }
            if let Some(place) = self.relationships.get_mut(register) {
                *place = relationship;
            }
        }
        for filter in &step.filters {
            if !evaluator.holds(filter)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes a step begin for the row at hand.
    fn open(
        &mut self,
        program: &Program<'a>,
        depth: usize,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<()> {
        let (Some(step), Some(cursor)) = (program.steps.get(depth), self.cursors.get_mut(depth))
        else {
            return Ok(());
        };
        cursor.clear();
        let graph = evaluator.state.graph();
        match &step.op {
            Op::Scan { candidates, .. } => cursor.give(Rc::clone(candidates)),
            Op::Test { slot } => {
                cursor.push(Found::only(
                    slot.map_or(UNBOUND, |slot| evaluator.slot(slot)),
                ));
            }
            Op::Expand {
                from,
                to,
                relations,
                way,
                bound: true,
            } => {
                let ends = (evaluator.slot(*from), evaluator.slot(*to));
                expand::open_between(cursor, graph, relations, *way, ends);
            }
            Op::Expand {
                from,
                relations,
                way,
                bound: false,
                ..
            } => {
                let from = evaluator.slot(*from);
                expand::open(cursor, graph, relations, *way, from, &step.admit);
            }
            Op::Closure {
                from,
                to,
                relations,
                way,
                range,
                bound,
            } => {
                let (walk, from) = ((relations.as_slice(), *way, *range), evaluator.slot(*from));
                let reached = closure::reached(cursor, graph, walk, from, evaluator.budget)?;
                if !*bound {
                    cursor.give(reached);
                } else if reached.contains(evaluator.slot(*to).0) {
                    cursor.push(Found::only(evaluator.slot(*to)));
                }
            }
        }
        Ok(())
    }
}

/// Whether the rows of a last step can be counted without going through them.
fn is_countable(step: &Step<'_>) -> bool {
    let free = step.filters.is_empty() && step.differs.is_empty() && step.binds().is_some();
    let admits_all = match (&step.op, &step.admit) {
        (_, Admit::All) | (Op::Closure { .. }, Admit::Bitmap(_)) => true,
        (_, Admit::Bitmap(_) | Admit::Blueprints(_) | Admit::Probes(_)) => false,
    };
    free && admits_all
}
