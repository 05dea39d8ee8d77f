//! Cycles, by petgraph's algorithm over a view.

use petgraph::algo::kosaraju_scc;
use petgraph::visit::IntoNeighbors as _;

use super::View;
use crate::value::EntityId;

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
