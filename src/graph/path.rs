//! Shortest paths and cycles, by petgraph's algorithms over a view.

use std::ops::Add;

use petgraph::algo::{astar, kosaraju_scc};
use petgraph::visit::IntoNeighbors as _;

use super::View;
use crate::value::EntityId;

/// How far an entity is; of equally far ones the smaller id is nearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
struct Distance {
    steps: u64,
    id: u32,
}

impl Add for Distance {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            id: self.id.saturating_add(other.id),
        }
    }
}

/// The entities along a shortest path, both ends included: of all shortest paths the first in
/// the order of ids. `None` where there is no path or an end is not a member.
///
/// O(n log n) in the edges that are nearer to the end than the start is.
pub(crate) fn shortest_path(
    view: &View<'_>,
    from: EntityId,
    to: EntityId,
) -> Option<Vec<EntityId>> {
    if !view.is_member(from) || !view.is_member(to) {
        return None;
    }
    // From the end to the start: what is found first goes to the nearest smallest id, so read
    // from the start every step takes the smallest id that lies on a shortest path. The id is
    // given as the estimate, which only decides between equally far entities.
    let step = Distance { steps: 1, id: 0 };
    let estimate = |id: EntityId| Distance {
        steps: 0,
        id: if id == from { 0 } else { id.0 },
    };
    let (_, mut path) = astar(view.reversed(), to, |id| id == from, |_| step, estimate)?;
    path.reverse();
    Some(path)
}

/// The groups of members that reach each other along the view (strongly connected components),
/// and single members that are related to themselves; each ascending, and by their first ids.
///
/// O(members + edges), by Kosaraju's algorithm, which petgraph runs without recursion.
pub(crate) fn cycles(view: &View<'_>) -> Vec<Vec<EntityId>> {
    let mut cycles = kosaraju_scc(*view);
    cycles.retain(|group| match group.as_slice() {
        [single] => view
            .neighbors(*single)
            .any(|neighbour| neighbour == *single),
        _ => true,
    });
    for group in &mut cycles {
        group.sort_unstable();
    }
    cycles.sort_unstable();
    cycles
}

#[cfg(test)]
mod tests;
