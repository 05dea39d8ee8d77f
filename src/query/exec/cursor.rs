//! Where a step of a plan stands: what it has found for the row at hand and not given yet.

use std::collections::VecDeque;
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::matcher::Matcher;
use super::trails::{Course, Steps, Trails};
use crate::error::Result;
use crate::index::Iter;
use crate::value::{EntityId, NameId};

/// How many entities of a set are taken out of it at once.
const BATCH: usize = 512;

/// One way for a row to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) id: EntityId,
    /// The relationship walked, and whether against its direction.
    pub(super) relation: NameId,
    pub(super) reversed: bool,
}

impl Found {
    /// An entity found otherwise than by one relationship.
    pub(super) const fn only(id: EntityId) -> Self {
        Self {
            id,
            relation: NameId(u32::MAX),
            reversed: false,
        }
    }
}

#[derive(Default)]
pub(super) struct Cursor<'a> {
    buffer: Vec<Found>,
    at: usize,
    /// A set with the first entity not taken out of it yet.
    set: Option<(Rc<RoaringBitmap>, u32)>,
    /// The many neighbours of hubs, with an entity to leave out.
    hubs: Vec<(Hub<'a>, Option<EntityId>)>,
    /// The plan of the pattern that the step repeats, made once.
    pub(super) inner: Option<Box<Matcher<'a>>>,
    /// Walks to give one by one.
    walks: Option<Walks>,
    /// The walk that belongs to the entity given last.
    pub(super) steps: Steps,
    /// The walk made last, from this entity: rows often go on from the same one.
    pub(super) walk: Option<(EntityId, Rc<RoaringBitmap>)>,
}

/// Walks that are given one by one.
#[derive(Debug)]
pub(super) enum Walks {
    Found(VecDeque<Steps>),
    All(Trails),
}

pub(super) struct Hub<'a> {
    pub(super) neighbours: Iter<'a>,
    pub(super) relation: NameId,
    pub(super) reversed: bool,
}

impl<'a> Cursor<'a> {
    /// Forgets what was not given yet.
    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        self.at = 0;
        self.set = None;
        self.hubs.clear();
        self.walks = None;
    }

    /// Gives the ends of walks, one for each walk.
    pub(super) fn give_walks(&mut self, walks: Walks) {
        self.walks = Some(walks);
    }

    /// The end of the next walk, which [`Cursor::steps`] then is.
    pub(super) fn next_walk(
        &mut self,
        course: &Course<'_>,
        spend: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Option<Found>> {
        match &mut self.walks {
            None => return Ok(None),
            Some(Walks::Found(walks)) => match walks.pop_front() {
                None => return Ok(None),
                Some(steps) => self.steps = steps,
            },
            Some(Walks::All(trails)) => match trails.next(course, spend)? {
                None => return Ok(None),
                Some(steps) => self.steps.clone_from(steps),
            },
        }
        Ok(self.steps.end().map(Found::only))
    }

    pub(super) fn push(&mut self, found: Found) {
        self.buffer.push(found);
    }

    /// Gives every entity of a set, ascending.
    pub(super) fn give(&mut self, set: Rc<RoaringBitmap>) {
        self.set = Some((set, 0));
    }

    /// Gives every neighbour of a hub but one.
    pub(super) fn give_hub(&mut self, hub: Hub<'a>, except: Option<EntityId>) {
        self.hubs.push((hub, except));
    }

    pub(super) fn next(&mut self) -> Option<Found> {
        if let Some(Walks::Found(walks)) = &mut self.walks {
            self.steps = walks.pop_front()?;
            return self.steps.end().map(Found::only);
        }
        loop {
            if let Some(found) = self.buffer.get(self.at) {
                self.at += 1;
                return Some(*found);
            }
            self.buffer.clear();
            self.at = 0;
            if !self.refill() {
                return None;
            }
        }
    }

    /// Takes out the next batch; false where nothing is left.
    fn refill(&mut self) -> bool {
        if let Some((set, next)) = &mut self.set {
            let batch = set.range(*next..).take(BATCH);
            self.buffer
                .extend(batch.map(|id| Found::only(EntityId(id))));
            let last = self.buffer.last().map(|found| found.id.0);
            match last.and_then(|last| last.checked_add(1)) {
                Some(after) => *next = after,
                None => self.set = None,
            }
            return !self.buffer.is_empty();
        }
        while let Some((hub, except)) = self.hubs.first_mut() {
            let (relation, reversed, except) = (hub.relation, hub.reversed, *except);
            let batch = hub
                .neighbours
                .by_ref()
                .filter(|id| Some(*id) != except)
                .take(BATCH);
            self.buffer.extend(batch.map(|id| Found {
                id,
                relation,
                reversed,
            }));
            if !self.buffer.is_empty() {
                return true;
            }
            self.hubs.remove(0);
        }
        false
    }
}
