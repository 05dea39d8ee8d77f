//! Shortest walks: from one entity to each that it reaches, breadth first.
//!
//! Walks grow by one relationship a round. Where only the shortest walks to each end are wanted an
//! entity reached is never looked at again, which is the usual breadth-first search.

use std::collections::{BTreeMap, VecDeque};

use super::trails::{Course, Steps, relationship};
use crate::error::Result;
use crate::graph::Way;
use crate::query::ir::{Count, Mode};
use crate::value::{EntityId, Relationship};

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

/// The shortest walks from an entity to each that they reach, shorter ones first; to one entity
/// alone where `to` names it.
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
    let search = Search::of(course, count);
    // The shortest way out and back in either direction is back the way it came, which not every
    // mode allows.
    let turns = course.way == Way::Either && matches!(course.mode, Mode::Trail | Mode::Simple);
    let turns = turns && course.range.min == 1 && search.prunes;
    let back = Search {
        by_first: true,
        ..search
    };
    match to {
        Some(to) if turns && to == from => back.run(from, Ends::One(to), spend),
        Some(to) => search.run(from, Ends::One(to), spend),
        None if turns => {
            let mut found = search.run(from, Ends::AllBut(from), spend)?;
            found.append(&mut back.run(from, Ends::One(from), spend)?);
            Ok(found)
        }
        None => search.run(from, Ends::All, spend),
    }
}

/// Where walks shall end.
#[derive(Clone, Copy, Debug)]
enum Ends {
    All,
    AllBut(EntityId),
    One(EntityId),
}

#[derive(Clone, Copy)]
struct Search<'c, 'a> {
    course: &'c Course<'a>,
    count: Count,
    /// Whether a walk goes no further from an entity that as many shorter ones as are wanted have
    /// passed: it is among the shortest to none of the ends behind it. It may be where there is a
    /// least length, and where the shorter ones cannot go on because something would come twice;
    /// to the very shortest that only happens at their first entity.
    prunes: bool,
    /// Whether only walks with the same first relationship are compared. Without that one
    /// relationship the rest of a walk back to its first entity is one of the very shortest.
    by_first: bool,
}

impl<'c, 'a> Search<'c, 'a> {
    fn of(course: &'c Course<'a>, count: Count) -> Self {
        let first = matches!(count, Count::Walks(1) | Count::Lengths(1));
        Self {
            course,
            count,
            prunes: course.range.min <= 1 && (first || course.mode == Mode::Walk),
            by_first: false,
        }
    }

    /// The shortest walks to each of the ends.
    fn run(
        &self,
        from: EntityId,
        ends: Ends,
        spend: &mut dyn FnMut() -> Result<()>,
    ) -> Result<VecDeque<Steps>> {
        let (course, count) = (self.course, self.count);
        let mut found = VecDeque::new();
        let mut reached: BTreeMap<EntityId, Reached> = BTreeMap::new();
        let mut passed: BTreeMap<(Option<Relationship>, EntityId), Reached> = BTreeMap::new();
        let mut round = vec![Steps::at(from)];
        while !round.is_empty() {
            let mut next = Vec::new();
            for walk in round {
                let (Some(end), length) = (walk.end(), walk.relations.len()) else {
                    continue;
                };
                let wanted = match ends {
                    Ends::All => true,
                    Ends::AllBut(other) => end != other,
                    Ends::One(one) => end == one,
                };
                if wanted && course.is_long_enough(length) {
                    let known = reached.entry(end).or_default();
                    if known.wants(count, length) {
                        known.add(length);
                        found.push_back(walk.clone());
                    }
                }
                if let Ends::One(one) = ends
                    && let Some(known) = reached.get(&one)
                    && !known.wants(count, length + 1)
                {
                    continue;
                }
                if self.prunes {
                    let first = walk.relations.first().filter(|_| self.by_first).copied();
                    let here = passed.entry((first, end)).or_default();
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
