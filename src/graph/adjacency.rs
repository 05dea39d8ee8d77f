//! The relations of all entities, in both directions.

use std::sync::Arc;

use super::Neighbours;
use crate::cow::{CowArray, Pages};
use crate::value::{EntityId, NameId};

static NO_NEIGHBOURS: Neighbours = Neighbours::EMPTY;

/// Along which direction of a relation a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From source to target.
    Outgoing,
    /// From target to source.
    Incoming,
    /// Both.
    Either,
}

impl Way {
    /// The same walk backwards.
    pub(super) const fn reversed(self) -> Self {
        match self {
            Self::Outgoing => Self::Incoming,
            Self::Incoming => Self::Outgoing,
            Self::Either => Self::Either,
        }
    }
}

/// Who is related to whom: a set of (relation, source, target).
///
/// A copy costs one `Arc`. A change copies the list of relations and, in each direction, one path
/// of pages and the neighbours of one entity (O(512) at a hub), as far as they are shared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    /// Ascending by name.
    relations: Arc<Vec<(NameId, Relation)>>,
}

/// One relation in both directions: each of its edges is in both.
#[derive(Clone, Debug, Default)]
struct Relation {
    forward: CowArray<Neighbours>,
    backward: CowArray<Neighbours>,
    edges: u64,
}

/// The neighbours of all entities along one relation in one direction.
pub(super) type Side = CowArray<Neighbours>;

impl Graph {
    fn relation(&self, name: NameId) -> Option<&Relation> {
        let at = self
            .relations
            .binary_search_by_key(&name, |(name, _)| *name)
            .ok()?;
        self.relations.get(at).map(|(_, relation)| relation)
    }

    fn relation_mut(&mut self, name: NameId) -> &mut Relation {
        let relations = Arc::make_mut(&mut self.relations);
        let at = match relations.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(at) => at,
            Err(at) => {
                relations.insert(at, (name, Relation::default()));
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "found or inserted at `at`")]
        &mut relations[at].1
    }

    /// Adds an edge; true where it was not there.
    pub(crate) fn insert(&mut self, relation: NameId, from: EntityId, to: EntityId) -> bool {
        // Looking first keeps a change that changes nothing from copying what is shared.
        if self.outgoing(relation, from).contains(to) {
            return false;
        }
        let relation = self.relation_mut(relation);
        relation.forward.get_mut(from.0).insert(to);
        relation.backward.get_mut(to.0).insert(from);
        relation.edges += 1;
        true
    }

    /// Removes an edge; true where it was there.
    pub(crate) fn remove(&mut self, relation: NameId, from: EntityId, to: EntityId) -> bool {
        if !self.outgoing(relation, from).contains(to) {
            return false;
        }
        let relation = self.relation_mut(relation);
        relation.forward.get_mut(from.0).remove(to);
        relation.backward.get_mut(to.0).remove(from);
        relation.edges -= 1;
        true
    }

    /// The targets of an entity's edges.
    pub(crate) fn outgoing(&self, relation: NameId, id: EntityId) -> &Neighbours {
        self.relation(relation)
            .map_or(&NO_NEIGHBOURS, |relation| relation.forward.get(id.0))
    }

    /// The sources of the edges that end at an entity.
    pub(crate) fn incoming(&self, relation: NameId, id: EntityId) -> &Neighbours {
        self.relation(relation)
            .map_or(&NO_NEIGHBOURS, |relation| relation.backward.get(id.0))
    }

    /// The relations that have or had edges, ascending.
    pub(crate) fn relations(&self) -> impl Iterator<Item = NameId> + '_ {
        self.relations.iter().map(|(name, _)| *name)
    }

    /// How many edges a relation has.
    pub(crate) fn edge_count(&self, relation: NameId) -> u64 {
        self.relation(relation).map_or(0, |relation| relation.edges)
    }

    /// The heap that the graph holds, shared or not.
    pub(crate) fn heap_bytes(&self) -> usize {
        let sides = self.relations.iter();
        let sides = sides.flat_map(|(_, relation)| [&relation.forward, &relation.backward]);
        let sides = sides.map(|side| side.heap_bytes(Neighbours::heap_bytes));
        self.relations.capacity() * size_of::<(NameId, Relation)>() + sides.sum::<usize>()
    }

    /// Counts what the graph holds and the other does not share, the list of relations by itself.
    pub(crate) fn unshared(&self, other: &Self, roots: &mut Pages, count: &mut Pages) {
        for ((name, own), _) in roots.vector(&self.relations, &other.relations) {
            let there = other.relation(*name);
            let sides = [
                (&own.forward, there.map(|there| &there.forward)),
                (&own.backward, there.map(|there| &there.backward)),
            ];
            for (own, there) in sides {
                own.unshared(there, count, Neighbours::unshared);
            }
        }
    }

    /// The edges of a relation, ascending by source, then target.
    pub(crate) fn pairs(
        &self,
        relation: NameId,
    ) -> impl Iterator<Item = (EntityId, EntityId)> + '_ {
        let pages = self
            .relation(relation)
            .into_iter()
            .flat_map(|relation| relation.forward.pages());
        pages.flat_map(|(first, page)| {
            (first..=u32::MAX).zip(page).flat_map(|(source, targets)| {
                targets.iter().map(move |target| (EntityId(source), target))
            })
        })
    }

    /// Adds many edges at once, given as (source, target): fastest where they ascend and the
    /// relation is empty, which is how an image holds them. O(edges · log edges).
    pub(crate) fn extend_sorted(&mut self, relation: NameId, edges: &[(u32, u32)]) {
        let relation = self.relation_mut(relation);
        let mut edges: Vec<_> = edges
            .iter()
            .map(|(from, to)| (EntityId(*from), EntityId(*to)))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        relation.edges += fill(&mut relation.forward, &edges);
        for (from, to) in &mut edges {
            std::mem::swap(from, to);
        }
        edges.sort_unstable();
        fill(&mut relation.backward, &edges);
    }

    /// What a walk follows: one side per relation and direction, looked up once.
    pub(super) fn sides(&self, relations: &[NameId], way: Way) -> Vec<&Side> {
        let relations = relations.iter().filter_map(|name| self.relation(*name));
        let sides = relations.flat_map(|relation| match way {
            Way::Outgoing => [Some(&relation.forward), None],
            Way::Incoming => [Some(&relation.backward), None],
            Way::Either => [Some(&relation.forward), Some(&relation.backward)],
        });
        sides.flatten().collect()
    }
}

/// Adds edges, ascending and distinct, to one side; how many were not there.
fn fill(side: &mut Side, edges: &[(EntityId, EntityId)]) -> u64 {
    let mut new = 0;
    for group in edges.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((from, _)) = group.first() else {
            continue;
        };
        let neighbours = side.get_mut(from.0);
        if neighbours.is_empty() {
            let targets: Vec<EntityId> = group.iter().map(|(_, to)| *to).collect();
            new += targets.len() as u64;
            *neighbours = Neighbours::from_sorted(&targets);
        } else {
            for (_, to) in group {
                new += u64::from(neighbours.insert(*to));
            }
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Graph, Way};
    use crate::value::{EntityId, NameId};

    type Edge = (u32, u32, u32);

    /// Few relations and sources, some of them in far pages, so that edges meet again.
    fn edge() -> impl Strategy<Value = Edge> {
        let id = || prop_oneof![4 => 0..12u32, 1 => 65_530..65_540u32];
        (0..3u32, id(), id())
    }

    fn same(graph: &Graph, model: &BTreeSet<Edge>) -> Result<(), TestCaseError> {
        for relation in 0..4 {
            let edges = |from: Option<u32>, to: Option<u32>| -> Vec<(EntityId, EntityId)> {
                let wanted = model.iter().filter(|edge| {
                    edge.0 == relation
                        && from.is_none_or(|from| from == edge.1)
                        && to.is_none_or(|to| to == edge.2)
                });
                wanted
                    .map(|(_, from, to)| (EntityId(*from), EntityId(*to)))
                    .collect()
            };
            let name = NameId(relation);
            prop_assert!(graph.pairs(name).eq(edges(None, None)));
            prop_assert_eq!(graph.edge_count(name), edges(None, None).len() as u64);
            for id in (0..12).chain(65_530..65_540) {
                let outgoing = edges(Some(id), None).into_iter().map(|(_, to)| to);
                prop_assert!(graph.outgoing(name, EntityId(id)).iter().eq(outgoing));
                let incoming = edges(None, Some(id)).into_iter().map(|(from, _)| from);
                prop_assert!(graph.incoming(name, EntityId(id)).iter().eq(incoming));
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn behaves_like_a_set_of_edges(
            steps in prop::collection::vec((0..3u8, edge()), 0..250),
            bulk in prop::collection::vec(edge(), 0..40),
        ) {
            let (mut graph, mut model) = (Graph::default(), BTreeSet::new());
            let mut versions = Vec::new();
            for (at, (kind, edge)) in steps.into_iter().enumerate() {
                let (relation, from, to) = (NameId(edge.0), EntityId(edge.1), EntityId(edge.2));
                if kind > 0 {
                    prop_assert_eq!(graph.insert(relation, from, to), model.insert(edge));
                } else {
                    prop_assert_eq!(graph.remove(relation, from, to), model.remove(&edge));
                }
                if at % 50 == 0 {
                    versions.push((graph.clone(), model.clone()));
                }
            }
            versions.push((graph.clone(), model.clone()));
            for relation in 0..3 {
                let edges = bulk.iter().filter(|edge| edge.0 == relation);
                let edges: Vec<(u32, u32)> = edges.map(|(_, from, to)| (*from, *to)).collect();
                graph.extend_sorted(NameId(relation), &edges);
            }
            model.extend(bulk);
            versions.push((graph.clone(), model.clone()));
            let mut loaded = Graph::default();
            for relation in graph.relations() {
                let edges: Vec<_> = graph.pairs(relation).map(|(from, to)| (from.0, to.0)).collect();
                loaded.extend_sorted(relation, &edges);
            }
            versions.push((loaded, model));
            for (graph, model) in &versions {
                same(graph, model)?;
            }
        }
    }

    #[test]
    fn the_last_id_is_like_any_other() {
        let (mut graph, last) = (Graph::default(), EntityId(u32::MAX));
        assert!(graph.insert(NameId(0), last, last));
        assert!(graph.pairs(NameId(0)).eq([(last, last)]));
        assert!(graph.remove(NameId(0), last, last));
        assert_eq!(graph.pairs(NameId(0)).count(), 0);
    }

    #[test]
    fn names_relations_that_have_or_had_edges() {
        let mut graph = Graph::default();
        for name in [5, 2, 9] {
            graph.insert(NameId(name), EntityId(1), EntityId(2));
        }
        graph.remove(NameId(5), EntityId(1), EntityId(2));
        assert!(graph.relations().eq([2, 5, 9].map(NameId)));
        assert_eq!(graph.edge_count(NameId(5)), 0);
    }

    #[test]
    fn follows_each_known_relation_once_a_direction() {
        let mut graph = Graph::default();
        graph.insert(NameId(1), EntityId(1), EntityId(2));
        let relations = [NameId(1), NameId(7)];
        let sides = [Way::Outgoing, Way::Incoming, Way::Either]
            .map(|way| graph.sides(&relations, way).len());
        assert_eq!(sides, [1, 1, 2]);
    }
}
