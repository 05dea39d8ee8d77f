//! Shortest walks: from one entity to each that it reaches, breadth first.
//!
//! Walks grow by one relationship a round. Where one walk for each end is wanted an entity reached
//! once is never looked at again, which is the usual breadth-first search.

use std::collections::{BTreeMap, VecDeque};

use super::trails::{Course, Steps, relationship};
use crate::error::Result;
use crate::query::ir::Count;
use crate::value::EntityId;

/// What was found of walks to one end.
#[derive(Debug, Default)]
pub(super) struct Reached {
    walks: u32,
    lengths: u32,
    /// The length of the last walk found, and how many walks of at most that length pass here.
    last: Option<usize>,
}

impl Reached {
    /// Whether another walk of this length is wanted.
    pub(super) fn wants(&self, count: Count, length: usize) -> bool {
        match count {
            Count::Walks(most) => self.walks < most,
            Count::Lengths(most) => self.last == Some(length) || self.lengths < most,
        }
    }

    pub(super) fn add(&mut self, length: usize) {
        self.walks = self.walks.saturating_add(1);
        if self.last != Some(length) {
            self.lengths = self.lengths.saturating_add(1);
            self.last = Some(length);
        }
    }
}

/// The shortest walks from an entity, shorter ones first; to one entity alone where `to` names it.
///
/// # Errors
/// `Limit` as for walks one by one.
pub(super) fn shortest(
    course: &Course<'_>,
    from: EntityId,
    to: Option<EntityId>,
    count: Count,
    spend: &mut dyn FnMut() -> Result<()>,
) -> Result<VecDeque<Steps>> {
    let mut found = VecDeque::new();
    let mut reached: BTreeMap<EntityId, Reached> = BTreeMap::new();
    let mut passed: BTreeMap<EntityId, Reached> = BTreeMap::new();
    let mut round = vec![Steps::at(from)];
    // A walk that passes an entity for more than as many shorter walks as are wanted is among
    // the shortest to none of the ends behind it; with a least length it might be.
    let prunes = course.range.min <= 1;
    while !round.is_empty() {
        let mut next = Vec::new();
        for walk in round {
            let (Some(end), length) = (walk.end(), walk.relations.len()) else {
                continue;
            };
            if course.is_long_enough(length) && to.is_none_or(|to| to == end) {
                let known = reached.entry(end).or_default();
                if known.wants(count, length) {
                    known.add(length);
                    found.push_back(walk.clone());
                }
            }
            if to.is_some_and(|to| {
                reached
                    .get(&to)
                    .is_some_and(|to| !to.wants(count, length + 1))
            }) {
                continue;
            }
            if prunes {
                let here = passed.entry(end).or_default();
                if !here.wants(count, length) {
                    continue;
                }
                here.add(length);
            }
            extend(course, &walk, end, &mut next, spend)?;
        }
        round = next;
    }
    Ok(found)
}

/// The walks that are one relationship longer.
fn extend(
    course: &Course<'_>,
    walk: &Steps,
    end: EntityId,
    to: &mut Vec<Steps>,
    spend: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    let mut may_go_on = None;
    for onward in course.onwards(end) {
        spend()?;
        let next = relationship(end, &onward);
        if !course.allows(walk, next, onward.id) {
            continue;
        }
        let may = match may_go_on {
            Some(may) => may,
            None => *may_go_on.insert(course.goes_on(walk.relations.len())?),
        };
        if may {
            let mut longer = walk.clone();
            longer.push(next, onward.id);
            to.push(longer);
        }
    }
    Ok(())
}
