//! A shortest path between two entities, searched from both ends.

use super::adjacency::Side;
use super::dense_set::DenseSet;
use super::{Graph, Way};
use crate::value::{EntityId, NameId};

/// The entities along a shortest path, both ends included: of all shortest paths the first in
/// the order of ids. `None` where there is no path.
///
/// Levels are grown from the end whose last level is smaller, until they meet; then the first
/// path is read off them. O(edges of the entities in the levels), without recursion.
pub(crate) fn shortest_path(
    graph: &Graph,
    relations: &[NameId],
    way: Way,
    from: EntityId,
    to: EntityId,
) -> Option<Vec<EntityId>> {
    if from == to {
        return Some(vec![from]);
    }
    let mut ahead = Front::new(graph.sides(relations, way), from);
    let mut back = Front::new(graph.sides(relations, way.reversed()), to);
    loop {
        let (smaller, other) = if ahead.last().len() <= back.last().len() {
            (&mut ahead, &back)
        } else {
            (&mut back, &ahead)
        };
        smaller.grow();
        if smaller.last().is_empty() {
            return None;
        }
        // Where they meet first, they meet in the last levels of both.
        if smaller.last().iter().any(|id| other.seen.contains(*id)) {
            break;
        }
    }
    Some(first_path(&mut ahead, &back, from))
}

/// What was reached from one end.
struct Front<'a> {
    sides: Vec<&'a Side>,
    seen: DenseSet,
    /// Who is how far away, each level ascending.
    levels: Vec<Vec<EntityId>>,
}

impl<'a> Front<'a> {
    fn new(sides: Vec<&'a Side>, end: EntityId) -> Self {
        let mut seen = DenseSet::default();
        seen.insert(end);
        Self {
            sides,
            seen,
            levels: vec![vec![end]],
        }
    }

    fn last(&self) -> &[EntityId] {
        self.levels.last().map_or(&[], Vec::as_slice)
    }

    fn grow(&mut self) {
        let mut next = Vec::new();
        for id in self.levels.last().into_iter().flatten() {
            for side in &self.sides {
                let neighbours = side.get(id.0).iter();
                next.extend(neighbours.filter(|neighbour| self.seen.insert(*neighbour)));
            }
        }
        next.sort_unstable();
        self.levels.push(next);
    }

    /// The smallest neighbour of an entity that is among some, which ascend.
    fn first_of(&self, id: EntityId, among: &[EntityId]) -> Option<EntityId> {
        let sides = self.sides.iter();
        let neighbours = sides.flat_map(|side| side.get(id.0).iter());
        neighbours
            .filter(|id| among.binary_search(id).is_ok())
            .min()
    }
}

/// Reads the first path in the order of ids off the levels of two fronts that have met.
fn first_path(ahead: &mut Front<'_>, back: &Front<'_>, from: EntityId) -> Vec<EntityId> {
    // Of the levels from the start only who lies on a path to where they meet is of use.
    let mut useful = back.seen.clone();
    for level in ahead.levels.iter_mut().rev() {
        level.retain(|id| useful.contains(*id));
        useful = DenseSet::default();
        for id in level {
            for side in &back.sides {
                for neighbour in side.get(id.0).iter() {
                    useful.insert(neighbour);
                }
            }
        }
    }
    let levels = ahead.levels.iter().skip(1);
    let levels = levels.chain(back.levels.iter().rev().skip(1));
    let mut path = vec![from];
    let mut at = from;
    for level in levels {
        let Some(next) = ahead.first_of(at, level) else {
            break;
        };
        path.push(next);
        at = next;
    }
    path
}
