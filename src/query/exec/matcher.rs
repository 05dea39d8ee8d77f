//! Runs a plan: one row at a time, depth first, without recursion and without intermediate rows.

use std::rc::Rc;

use super::closure;
use super::cursor::{Cursor, Found, Walks};
use super::eval::{Evaluator, UNBOUND};
use super::expand;
use super::filter::admits;
use super::repeat::Repeat;
use super::shortest::shortest;
use super::trails::{Course, Steps, Trails, relationship};
use crate::error::Result;
use crate::query::ir::{self, PathVariable};
use crate::query::plan::{Admit, Op, Program, Step};
use crate::value::{Relationship, Value};

/// A plan with the place that it has got to.
pub(crate) struct Matcher<'a> {
    program: Rc<Program<'a>>,
    cursors: Vec<Cursor<'a>>,
    /// The walks that steps remember, in the direction in which their hops were written.
    walks: Vec<Vec<Relationship>>,
    /// The step whose cursor goes on next.
    depth: usize,
    started: bool,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(program: Rc<Program<'a>>) -> Self {
        let mut cursors = Vec::new();
        cursors.resize_with(program.steps.len(), Cursor::default);
        let walks = vec![Vec::new(); program.registers];
        Self {
            program,
            cursors,
            walks,
            depth: 0,
            started: false,
        }
    }

    /// For the pattern that a hop repeats.
    fn of_group(evaluator: &mut Evaluator<'a>, repeat: Repeat<'a>) -> Result<Self> {
        let pattern = if repeat.reversed {
            &repeat.group.backward
        } else {
            &repeat.group.forward
        };
        let program = evaluator.plan(std::slice::from_ref(pattern), false)?;
        Ok(Self::new(Rc::new(program)))
    }

    pub(crate) fn program(&self) -> &Program<'a> {
        &self.program
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
            Op::Test { .. } | Op::Walk { .. } | Op::Repeat { .. } => Ok(1),
        }
    }

    /// Finds the next row of the first `length` steps.
    fn advance(&mut self, evaluator: &mut Evaluator<'a>, length: usize) -> Result<bool> {
        let program = Rc::clone(&self.program);
        if !self.started {
            self.started = true;
            for (slot, value) in &program.inputs {
                let value = evaluator.entity(value)?;
                evaluator.bind(*slot, value);
            }
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
            let found = if matches!(step.op, Op::Walk { .. }) {
                let (course, budget) = (course(step, evaluator), evaluator.budget);
                match course {
                    Some(course) => cursor.next_walk(&course, &mut || budget.spend(1))?,
                    None => None,
                }
            } else {
                cursor.next()
            };
            let Some(found) = found else {
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
        if let Op::Walk {
            to, bound: true, ..
        }
        | Op::Repeat {
            to, bound: true, ..
        } = &step.op
            && found.id != evaluator.slot(*to)
        {
            return Ok(false);
        }
        if let Some(slot) = step.binds() {
            evaluator.bind(slot, found.id);
        }
        if found.id == UNBOUND {
            // A bound entity that is null matches nothing; a step of conditions alone has none.
            if !matches!(step.op, Op::Test { slot: None }) {
                return Ok(false);
            }
        } else if !admits(evaluator.state, &step.admit, found.id) {
            return Ok(false);
        }
        if let Some(register) = step.register
            && !self.remember(step, register, found, evaluator)
        {
            return Ok(false);
        }
        for (path, base) in &step.paths {
            if !self.set_path(path, *base, evaluator) {
                return Ok(false);
            }
        }
        for filter in &step.filters {
            if !evaluator.holds(filter)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Keeps the walk of a step; false where it shares a relationship that it may not share.
    fn remember(
        &mut self,
        step: &Step<'a>,
        register: usize,
        found: Found,
        evaluator: &mut Evaluator<'a>,
    ) -> bool {
        let mut walk = self
            .walks
            .get_mut(register)
            .map(std::mem::take)
            .unwrap_or_default();
        walk.clear();
        match &step.op {
            Op::Expand { from, .. } => walk.push(relationship(evaluator.slot(*from), &found)),
            Op::Walk { reversed, .. } | Op::Repeat { reversed, .. } => {
                let steps = self.cursors.get(self.depth).map(|cursor| &cursor.steps);
                walk.extend(steps.iter().flat_map(|steps| &steps.relations));
                if *reversed {
                    walk.reverse();
                }
                if let (Some(repeat), Some(steps)) = (repeat(step), steps) {
                    repeat.set_lists(steps, evaluator);
                }
            }
            Op::Scan { .. } | Op::Test { .. } | Op::Closure { .. } => {}
        }
        let others = step
            .differs
            .iter()
            .filter_map(|other| self.walks.get(*other));
        let shares = others.flatten().any(|other| walk.contains(other));
        if let Some((local, list)) = step.variable
            && !shares
        {
            let mut relations = walk.iter().copied().map(Value::Relation);
            let value = if list {
                Value::list(relations)
            } else {
                relations.next().unwrap_or_default()
            };
            evaluator.set_local(local, value);
        }
        if let Some(place) = self.walks.get_mut(register) {
            *place = walk;
        }
        !shares
    }

    /// Makes a path of the walks of its hops; false where its mode does not allow it.
    fn set_path(&self, path: &PathVariable, base: usize, evaluator: &mut Evaluator<'a>) -> bool {
        let mut steps = Steps::at(evaluator.slot(path.start));
        let walks = path
            .hops
            .iter()
            .filter_map(|hop| self.walks.get(base + hop));
        for relation in walks.flatten() {
            let here = steps.end();
            let next = if here == Some(relation.source) {
                relation.target
            } else {
                relation.source
            };
            steps.push(*relation, next);
        }
        let allowed = steps.fits(path.mode);
        if allowed {
            evaluator.set_local(path.local, steps.into_value());
        }
        allowed
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
            Op::Repeat {
                from, to, bound, ..
            } => {
                let ends = (evaluator.slot(*from), bound.then(|| evaluator.slot(*to)));
                let Some(repeat) = repeat(step) else {
                    return Ok(());
                };
                let mut inner = match cursor.inner.take() {
                    Some(inner) => inner,
                    None => Box::new(Self::of_group(evaluator, repeat)?),
                };
                let walks = repeat.walks(evaluator, &mut inner, ends)?;
                cursor.inner = Some(inner);
                cursor.give_walks(Walks::Found(walks));
            }
            Op::Walk {
                from,
                to,
                walks,
                bound,
                ..
            } => {
                let (from, to) = (evaluator.slot(*from), bound.then(|| evaluator.slot(*to)));
                let Some(course) = course(step, evaluator) else {
                    return Ok(());
                };
                let budget = evaluator.budget;
                cursor.give_walks(match walks {
                    ir::Walks::Shortest(count, _) => {
                        let mut spend = || budget.spend(1);
                        Walks::Found(shortest(&course, from, to, *count, &mut spend)?)
                    }
                    ir::Walks::Set | ir::Walks::All(_) => Walks::All(Trails::from(from)),
                });
            }
        }
        Ok(())
    }
}

fn repeat<'a>(step: &Step<'a>) -> Option<Repeat<'a>> {
    let Op::Repeat {
        group,
        range,
        walks,
        reversed,
        ..
    } = step.op
    else {
        return None;
    };
    Some(Repeat {
        group,
        range,
        walks,
        reversed,
    })
}

/// Where the walks of a step go.
fn course<'s>(step: &'s Step<'_>, evaluator: &Evaluator<'s>) -> Option<Course<'s>> {
    let Op::Walk {
        relations,
        way,
        range,
        walks,
        ..
    } = &step.op
    else {
        return None;
    };
    let mode = match walks {
        ir::Walks::All(mode) | ir::Walks::Shortest(_, mode) => *mode,
        ir::Walks::Set => ir::Mode::Trail,
    };
    Some(Course {
        graph: evaluator.state.graph(),
        relations,
        way: *way,
        range: *range,
        mode,
        most: evaluator.budget.limits().hops,
    })
}

/// Whether the rows of a last step can be counted without going through them.
fn is_countable(step: &Step<'_>) -> bool {
    let unread = step.register.is_none() && step.paths.is_empty();
    let free = step.filters.is_empty() && unread && step.binds().is_some();
    let admits_all = match (&step.op, &step.admit) {
        (Op::Walk { .. } | Op::Repeat { .. }, _) => false,
        (_, Admit::All) | (Op::Closure { .. }, Admit::Bitmap(_)) => true,
        (_, Admit::Bitmap(_) | Admit::Blueprints(_) | Admit::Probes(_)) => false,
    };
    free && admits_all
}
