//! Walks one by one: every walk from an entity that a mode allows, depth first.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::cursor::Found;
use super::expand::neighbours;
use super::limits::exceeded;
use crate::error::Result;
use crate::graph::{Graph, Way};
use crate::query::ir::{Mode, Range};
use crate::value::{EntityId, NameId, Path, Relationship, Value};

/// Which relations are walked, how often, and what may come twice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course<'a> {
    pub(super) graph: &'a Graph,
    pub(super) relations: &'a [NameId],
    pub(super) way: Way,
    pub(super) range: Range,
    pub(super) mode: Mode,
    /// The length beyond which a walk without an upper bound is an error.
    pub(super) most: u32,
}

impl Course<'_> {
    /// The ways on from an entity.
    pub(super) fn onwards(&self, from: EntityId) -> Vec<Found> {
        neighbours(self.graph, self.relations, self.way, from)
    }

    /// Whether a walk of so many relationships may go on; an error where only the limit stops it.
    pub(super) fn goes_on(&self, length: usize) -> Result<bool> {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        match self.range.max {
            Some(max) => Ok(length < max),
            None if length < self.most => Ok(true),
            None => Err(exceeded("hops", self.most)),
        }
    }

    pub(super) fn is_long_enough(&self, length: usize) -> bool {
        u32::try_from(length).unwrap_or(u32::MAX) >= self.range.min
    }

    pub(super) fn allows(&self, walk: &Steps, next: Relationship, to: EntityId) -> bool {
        walk.may_take(self.mode, next, to)
    }
}

/// A relationship found on the way from an entity.
pub(super) const fn relationship(from: EntityId, found: &Found) -> Relationship {
    let (source, target) = if found.reversed {
        (found.id, from)
    } else {
        (from, found.id)
    };
    Relationship {
        source,
        relation: found.relation,
        target,
    }
}

/// A walk: its entities, and the relationships between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    pub(super) entities: Vec<EntityId>,
    pub(super) relations: Vec<Relationship>,
    /// What each match of a repeated pattern found, in the order walked.
    pub(super) found: Vec<Rc<[Value]>>,
}

impl Steps {
    pub(super) fn at(from: EntityId) -> Self {
        Self {
            entities: vec![from],
            relations: Vec::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn end(&self) -> Option<EntityId> {
        self.entities.last().copied()
    }

    /// Whether the walk may take a relationship from its last entity to another one.
    pub(super) fn may_take(&self, mode: Mode, next: Relationship, to: EntityId) -> bool {
        match mode {
            Mode::Walk => true,
            Mode::Trail => !self.relations.contains(&next),
            Mode::Acyclic => !self.entities.contains(&to),
            // The first entity may come again, as the last one.
            Mode::Simple => match self.entities.split_first() {
                Some((first, rest)) => {
                    let closed = rest.last() == Some(first);
                    !closed && !rest.contains(&to) && !self.relations.contains(&next)
                }
                None => true,
            },
        }
    }

    pub(super) fn push(&mut self, next: Relationship, to: EntityId) {
        self.relations.push(next);
        self.entities.push(to);
    }

    /// Whether nothing comes twice that a mode does not let come twice.
    pub(super) fn fits(&self, mode: Mode) -> bool {
        let once = |entities: &[EntityId]| {
            let distinct: BTreeSet<&EntityId> = entities.iter().collect();
            distinct.len() == entities.len()
        };
        match mode {
            // Relationships are kept distinct where they are walked.
            Mode::Walk | Mode::Trail => true,
            Mode::Acyclic => once(&self.entities),
            Mode::Simple => match &*self.entities {
                [first, rest @ ..] if rest.last() == Some(first) => once(rest),
                all => once(all),
            },
        }
    }

    pub(super) fn into_value(self) -> Value {
        Value::Path(Arc::new(Path {
            entities: self.entities.into(),
            relations: self.relations.into(),
        }))
    }

    fn pop(&mut self) {
        self.relations.pop();
        self.entities.pop();
    }
}

/// All walks from one entity. Holds one walk and what is left to try at each of its entities.
#[derive(Debug)]
pub(super) struct Trails {
    walk: Steps,
    left: Vec<std::vec::IntoIter<Found>>,
    started: bool,
}

impl Trails {
    pub(super) fn from(entity: EntityId) -> Self {
        Self {
            walk: Steps::at(entity),
            left: Vec::new(),
            started: false,
        }
    }

    /// The next walk that is long enough.
    ///
    /// # Errors
    /// `Limit` where a walk without an upper bound could go on beyond the limit, and where more
    /// relationships are looked at than `spend` allows.
    pub(super) fn next(
        &mut self,
        course: &Course<'_>,
        spend: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Option<&Steps>> {
        if !self.started {
            self.started = true;
            self.open(course)?;
            if course.is_long_enough(0) {
                return Ok(Some(&self.walk));
            }
        }
        while let (Some(left), Some(from)) = (self.left.last_mut(), self.walk.end()) {
            let Some(found) = left.next() else {
                self.left.pop();
                if !self.left.is_empty() {
                    self.walk.pop();
                }
                continue;
            };
            spend()?;
            let next = relationship(from, &found);
            if !course.allows(&self.walk, next, found.id) {
                continue;
            }
            self.walk.push(next, found.id);
            self.open(course)?;
            if course.is_long_enough(self.walk.relations.len()) {
                return Ok(Some(&self.walk));
            }
        }
        Ok(None)
    }

    /// Lists what may follow the last entity.
    fn open(&mut self, course: &Course<'_>) -> Result<()> {
        let from = self.walk.end();
        let mut onwards = from.map_or_else(Vec::new, |from| course.onwards(from));
        onwards.retain(|found| {
            from.is_some_and(|from| course.allows(&self.walk, relationship(from, found), found.id))
        });
        if !onwards.is_empty() && !course.goes_on(self.walk.relations.len())? {
            onwards.clear();
        }
        self.left.push(onwards.into_iter());
        Ok(())
    }
}
