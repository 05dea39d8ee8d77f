//! The hot walk: which entities are reached from some by walks of certain lengths.

use roaring::RoaringBitmap;

use super::adjacency::Side;
use super::dense_set::DenseSet;
use super::{Graph, Way};
use crate::error::Result;
use crate::value::{EntityId, NameId};

/// How many visits lie between two calls of the budget.
const VISITS_A_CALL: u64 = 1_024;
/// How many neighbours may be looked at between two calls: in a dense graph few are new.
const LOOKS_A_CALL: usize = 65_536;
/// A result of fewer ids is sorted; for more, reading whole blocks of bits is cheaper.
const SORTED_RESULT: usize = 1_024;
/// From this length of walk on it pays to watch for level sets that repeat.
const WATCH_FROM: u32 = 4;

/// The entities reached from the seeds by some walk whose length is in `min..=max`; `max: None`
/// is unbounded, and a `min` of 0 includes the seeds.
///
/// Walks may repeat entities and edges, so the answer is the level set of length `min` (who is
/// reached in exactly `min` steps) and what is reached from there in at most `max - min` more.
/// The second part is a breadth-first search, O(reached and their edges), which is all there is
/// for a `min` of 0 or 1. Level sets cost their own edges per level; they repeat in the end, and
/// a repetition is found and skipped (Brent's cycle finding, BIT 20, 1980).
///
/// `budget` is called about every 1,024 visits, and at the end, with the number of visits so far;
/// its error ends the walk.
pub(crate) fn reach(
    graph: &Graph,
    relations: &[NameId],
    way: Way,
    seeds: impl IntoIterator<Item = EntityId>,
    min: u32,
    max: Option<u32>,
    budget: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<RoaringBitmap> {
    if max.is_some_and(|max| max < min) {
        return Ok(RoaringBitmap::new());
    }
    let visits = Visits {
        seen: DenseSet::default(),
        budget,
        count: 0,
        looks: 0,
    };
    let mut walk = Walk {
        sides: graph.sides(relations, way),
        visits,
    };
    let mut level = Vec::new();
    for seed in seeds {
        walk.visits.visit(seed, &mut level)?;
    }
    let level = walk.exactly(level, min)?;
    let reached = walk.closure(level, max.map(|max| max - min))?;
    walk.visits.report()?;
    Ok(reached)
}

/// Whom a walk has visited, and how much work that was.
struct Visits<'b> {
    /// Of the current level set, or of the closure.
    seen: DenseSet,
    budget: &'b mut dyn FnMut(u64) -> Result<()>,
    count: u64,
    /// Neighbours looked at since the last report.
    looks: usize,
}

impl Visits<'_> {
    /// Notes an entity where it is new.
    fn visit(&mut self, id: EntityId, found: &mut Vec<EntityId>) -> Result<()> {
        if self.seen.insert(id) {
            found.push(id);
            self.count += 1;
            if self.count.is_multiple_of(VISITS_A_CALL) {
                self.report()?;
            }
        }
        Ok(())
    }

    fn look(&mut self, neighbours: usize) -> Result<()> {
        self.looks = self.looks.saturating_add(neighbours);
        if self.looks >= LOOKS_A_CALL {
            self.report()?;
        }
        Ok(())
    }

    fn report(&mut self) -> Result<()> {
        self.looks = 0;
        (self.budget)(self.count)
    }
}

struct Walk<'a, 'b> {
    sides: Vec<&'a Side>,
    visits: Visits<'b>,
}

impl Walk<'_, '_> {
    /// Visits all neighbours of an entity.
    fn expand(&mut self, id: EntityId, found: &mut Vec<EntityId>) -> Result<()> {
        for side in &self.sides {
            let neighbours = side.get(id.0);
            self.visits.look(neighbours.len())?;
            for neighbour in neighbours.iter() {
                self.visits.visit(neighbour, found)?;
            }
        }
        Ok(())
    }

    /// Who is reached from the level in exactly `steps`; `seen` holds the level before and the
    /// result after.
    fn exactly(&mut self, mut level: Vec<EntityId>, steps: u32) -> Result<Vec<EntityId>> {
        let mut watched: Option<Watched> = None;
        let mut left = steps;
        while left > 0 && !level.is_empty() {
            for id in &level {
                self.visits.seen.remove(*id);
            }
            let mut next = Vec::new();
            for id in level {
                self.expand(id, &mut next)?;
            }
            level = next;
            left -= 1;
            let done = steps - left;
            if let Some(period) = watched.as_ref().and_then(|it| it.period(&level, done)) {
                left %= period;
            }
            if left > 0 && done >= WATCH_FROM && done.is_power_of_two() {
                watched = Some(Watched::new(&level, done));
            }
        }
        Ok(level)
    }

    /// Who is reached from the start in at most `steps`, the start included.
    fn closure(&mut self, start: Vec<EntityId>, steps: Option<u32>) -> Result<RoaringBitmap> {
        let mut left = steps;
        let (mut reached, mut next) = (start, 0);
        while next < reached.len() && left != Some(0) {
            let level_end = reached.len();
            while next < level_end {
                let Some(id) = reached.get(next).copied() else {
                    break;
                };
                self.expand(id, &mut reached)?;
                next += 1;
            }
            left = left.map(|left| left - 1);
        }
        if reached.len() >= SORTED_RESULT {
            return Ok(self.visits.seen.to_bitmap());
        }
        reached.sort_unstable();
        Ok(reached.into_iter().map(|id| id.0).collect())
    }
}

/// A level set that later ones are compared with.
struct Watched {
    set: DenseSet,
    len: usize,
    at: u32,
}

impl Watched {
    fn new(level: &[EntityId], at: u32) -> Self {
        let mut set = DenseSet::default();
        for id in level {
            set.insert(*id);
        }
        Self {
            set,
            len: level.len(),
            at,
        }
    }

    /// After how many steps the level sets repeat, where the one after `done` steps is this one.
    fn period(&self, level: &[EntityId], done: u32) -> Option<u32> {
        let same = level.len() == self.len && level.iter().all(|id| self.set.contains(*id));
        same.then(|| done - self.at)
    }
}

#[cfg(test)]
mod tests;
