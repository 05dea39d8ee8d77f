//! Which definitions read which: an order in which each comes after what it reads, or a circle.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

/// What reads what. Kept as arrows from what is read to its readers, so that the topological order
/// is the one wanted.
#[derive(Debug)]
pub(crate) struct Reading<K> {
    arrows: DiGraph<K, ()>,
    places: BTreeMap<K, NodeIndex>,
}

impl<K: Copy + Ord> Reading<K> {
    pub(crate) fn new() -> Self {
        Self {
            arrows: DiGraph::new(),
            places: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, key: K) {
        self.place(key);
    }

    pub(crate) fn add_read(&mut self, reader: K, read: K) {
        let (reader, read) = (self.place(reader), self.place(read));
        self.arrows.update_edge(read, reader, ());
    }

    fn place(&mut self, key: K) -> NodeIndex {
        let arrows = &mut self.arrows;
        *self
            .places
            .entry(key)
            .or_insert_with(|| arrows.add_node(key))
    }

    /// Everything, after whatever it reads.
    ///
    /// # Errors
    /// A circle, where there is one: each reads the next, and the first comes again at the end.
    pub(crate) fn order(&self) -> Result<Vec<K>, Vec<K>> {
        match toposort(&self.arrows, None) {
            Ok(order) => Ok(self.keys(&order)),
            Err(_) => Err(self.keys(&self.circle())),
        }
    }

    /// What something reads.
    pub(crate) fn reads(&self, reader: K) -> impl Iterator<Item = K> {
        let place = self.places.get(&reader).into_iter();
        let reads = place.flat_map(|at| self.arrows.neighbors_directed(*at, Direction::Incoming));
        reads.filter_map(|read| self.arrows.node_weight(read).copied())
    }

    fn keys(&self, places: &[NodeIndex]) -> Vec<K> {
        let keys = places.iter();
        keys.filter_map(|place| self.arrows.node_weight(*place).copied())
            .collect()
    }

    fn circle(&self) -> Vec<NodeIndex> {
        let on_circle = |component: &Vec<NodeIndex>| match component.as_slice() {
            [one] => self.arrows.contains_edge(*one, *one),
            several => !several.is_empty(),
        };
        let component = kosaraju_scc(&self.arrows)
            .into_iter()
            .find(on_circle)
            .unwrap_or_default();
        let mut path: Vec<NodeIndex> = Vec::new();
        let mut at = component.iter().min().copied();
        // Within a strongly connected component everything reads another part of it, so following
        // them comes back to one that was seen.
        while let Some(here) = at {
            if let Some(first) = path.iter().position(|seen| *seen == here) {
                path.drain(..first);
                path.push(here);
                break;
            }
            path.push(here);
            let read = self.arrows.neighbors_directed(here, Direction::Incoming);
            at = read.filter(|next| component.contains(next)).min();
        }
        path
    }
}
