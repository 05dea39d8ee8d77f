//! Repeated patterns at work: walks whose every step is a match of a whole pattern.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::eval::{Evaluator, UNBOUND};
use super::limits::exceeded;
use super::matcher::Matcher;
use super::shortest::Reached;
use super::trails::Steps;
use crate::error::Result;
use crate::query::ir::{Count, Group, Mode, Range, Target, Walks};
use crate::value::{EntityId, Relationship, Value};

/// A pattern, how often it is matched, and from which of its ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeat<'a> {
    pub(super) group: &'a Group,
    pub(super) range: Range,
    pub(super) walks: Walks,
    pub(super) reversed: bool,
}

/// One match: the entity that it leads to, the relations on the way, what its variables are.
struct Step {
    end: EntityId,
    relations: Vec<Relationship>,
    found: Rc<[Value]>,
}

impl<'a> Repeat<'a> {
    /// The walks from an entity, shorter ones first; to one entity alone where `to` names it. Where
    /// one walk cannot be told from another only the first to each end.
    ///
    /// # Errors
    /// `Limit` where matches could go on beyond the limit of hops, or need more than they may.
    pub(super) fn walks(
        self,
        evaluator: &mut Evaluator<'a>,
        matcher: &mut Matcher<'a>,
        (from, to): (EntityId, Option<EntityId>),
    ) -> Result<VecDeque<Steps>> {
        let mut found = VecDeque::new();
        let mut ends: BTreeMap<EntityId, Reached> = BTreeMap::new();
        let mut steps: BTreeMap<EntityId, Rc<[Step]>> = BTreeMap::new();
        let mut passed = BTreeSet::new();
        let mut round = vec![Steps::at(from)];
        for times in 0_u32.. {
            let mut next = Vec::new();
            for walk in std::mem::take(&mut round) {
                let Some(end) = walk.end() else { continue };
                if times >= self.range.min && to.is_none_or(|to| to == end) {
                    self.give(&walk, end, times, &mut ends, &mut found);
                }
                // What follows an entity is the same however it was come to.
                if self.walks == Walks::Set && times >= self.range.min && !passed.insert(end) {
                    continue;
                }
                if self.range.max.is_some_and(|max| times >= max) {
                    continue;
                }
                let onwards = if let Some(known) = steps.get(&end) {
                    Rc::clone(known)
                } else {
                    let made = self.steps(evaluator, matcher, end)?;
                    Rc::clone(steps.entry(end).or_insert(made))
                };
                for step in onwards.iter() {
                    evaluator.budget.spend(1)?;
                    if let Some(longer) = self.extended(&walk, step) {
                        next.push(longer);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            if self.walks == Walks::Set && times < self.range.min {
                let mut level = BTreeSet::new();
                next.retain(|walk| level.insert(walk.end()));
            }
            let most = evaluator.budget.limits().hops;
            if self.range.max.is_none() && times >= most {
                return Err(exceeded("hops", most));
            }
            round = next;
        }
        Ok(found)
    }

    fn give(
        self,
        walk: &Steps,
        end: EntityId,
        times: u32,
        ends: &mut BTreeMap<EntityId, Reached>,
        found: &mut VecDeque<Steps>,
    ) {
        let count = match self.walks {
            Walks::All(_) => return found.push_back(walk.clone()),
            Walks::Set => Count::Walks(1),
            Walks::Shortest(count, _) => count,
        };
        let (known, length) = (ends.entry(end).or_default(), times as usize);
        if known.wants(count, length) {
            known.add(length);
            found.push_back(walk.clone());
        }
    }

    /// The walk with one match more; `None` where its mode does not allow it.
    fn extended(self, walk: &Steps, step: &Step) -> Option<Steps> {
        if self.walks == Walks::Set {
            return Some(Steps::at(step.end));
        }
        let mode = match self.walks {
            Walks::All(mode) | Walks::Shortest(_, mode) => mode,
            Walks::Set => Mode::Walk,
        };
        let mut longer = walk.clone();
        for relation in &step.relations {
            let here = longer.end()?;
            let to = if relation.source == here {
                relation.target
            } else {
                relation.source
            };
            if !longer.may_take(mode, *relation, to) {
                return None;
            }
            longer.push(*relation, to);
        }
        longer.found.push(Rc::clone(&step.found));
        Some(longer)
    }

    /// The matches that begin at an entity, or that end there where it goes backwards.
    fn steps(
        self,
        evaluator: &mut Evaluator<'a>,
        matcher: &mut Matcher<'a>,
        from: EntityId,
    ) -> Result<Rc<[Step]>> {
        let (near, far) = if self.reversed {
            (self.group.end, self.group.start)
        } else {
            (self.group.start, self.group.end)
        };
        evaluator.bind(near, from);
        matcher.restart();
        let mut steps = Vec::new();
        while matcher.next(evaluator)? {
            let mut relations = match evaluator.local(self.group.path) {
                Value::Path(path) => path.relations.to_vec(),
                _ => Vec::new(),
            };
            if self.reversed {
                relations.reverse();
            }
            let found = self.group.lists.iter().map(|(target, _)| match target {
                Target::Slot(slot) => match evaluator.slot(*slot) {
                    UNBOUND => Value::Null,
                    id => Value::Entity(id),
                },
                Target::Local(local) => evaluator.local(*local),
            });
            steps.push(Step {
                end: evaluator.slot(far),
                relations,
                found: found.collect(),
            });
        }
        Ok(steps.into())
    }

    /// Makes the lists of what the matches of a walk found.
    pub(super) fn set_lists(self, walk: &Steps, evaluator: &mut Evaluator<'_>) {
        for (at, (_, local)) in self.group.lists.iter().enumerate() {
            let of_match = |found: &Rc<[Value]>| found.get(at).cloned().unwrap_or_default();
            let mut values: Vec<Value> = walk.found.iter().map(of_match).collect();
            if self.reversed {
                values.reverse();
            }
            evaluator.set_local(*local, Value::list(values));
        }
    }
}
