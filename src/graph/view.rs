//! A relation graph under petgraph's visit traits.

use petgraph::visit::{
    Data, EdgeRef, GraphBase, GraphProp, GraphRef, IntoEdgeReferences, IntoEdges, IntoNeighbors,
    IntoNeighborsDirected, IntoNodeIdentifiers, NodeCount, NodeIndexable, Visitable,
};
use petgraph::{Directed, Direction};
use roaring::RoaringBitmap;

use super::dense_set::DenseSet;
use super::{Graph, Way};
use crate::index::Iter;
use crate::value::{EntityId, NameId};

/// Some relations of a graph, followed in one way, between some members: a directed graph for
/// petgraph's algorithms.
///
/// Every edge goes along the way: `Incoming` turns all edges round, `Either` has every edge twice.
/// Two members that are related by several relations have as many edges. Each neighbour costs one
/// look at the bitmap of members; the hot walk is [`super::reach`], which has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    graph: &'a Graph,
    relations: &'a [NameId],
    way: Way,
    members: &'a RoaringBitmap,
}

impl<'a> View<'a> {
    pub(crate) const fn new(
        graph: &'a Graph,
        relations: &'a [NameId],
        way: Way,
        members: &'a RoaringBitmap,
    ) -> Self {
        Self {
            graph,
            relations,
            way,
            members,
        }
    }

    /// The same graph with all edges turned round.
    pub(super) const fn reversed(self) -> Self {
        Self {
            way: self.way.reversed(),
            ..self
        }
    }

    pub(super) fn is_member(&self, id: EntityId) -> bool {
        self.members.contains(id.0)
    }

    fn edges_from(self, source: EntityId) -> Edges<'a> {
        let relations = self.relations.iter();
        let (relation, backward, turn) = (NameId(0), false, false);
        Edges {
            view: self,
            source,
            relations,
            relation,
            backward,
            turn,
            targets: None,
        }
    }
}

/// An edge as a view shows it: along the way, so that `backward` ones are stored the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) relation: NameId,
    pub(crate) source: EntityId,
    pub(crate) target: EntityId,
    pub(crate) backward: bool,
}

impl EdgeRef for Edge {
    type NodeId = EntityId;
    type EdgeId = Self;
    type Weight = ();

    fn source(&self) -> EntityId {
        self.source
    }

    fn target(&self) -> EntityId {
        self.target
    }

    fn weight(&self) -> &() {
        &()
    }

    fn id(&self) -> Self {
        *self
    }
}

/// The edges of one entity along the way of a view.
#[derive(Clone)]
pub(crate) struct Edges<'a> {
    view: View<'a>,
    source: EntityId,
    relations: std::slice::Iter<'a, NameId>,
    relation: NameId,
    backward: bool,
    /// Whether the relation is still to be followed backwards.
    turn: bool,
    targets: Option<Iter<'a>>,
}

impl<'a> Edges<'a> {
    /// The neighbours along the next relation and direction.
    fn next_side(&mut self) -> Option<Iter<'a>> {
        if self.turn {
            (self.backward, self.turn) = (true, false);
        } else {
            self.relation = *self.relations.next()?;
            self.backward = self.view.way == Way::Incoming;
            self.turn = self.view.way == Way::Either;
        }
        let graph = self.view.graph;
        let neighbours = if self.backward {
            graph.incoming(self.relation, self.source)
        } else {
            graph.outgoing(self.relation, self.source)
        };
        Some(neighbours.iter())
    }
}

impl Iterator for Edges<'_> {
    type Item = Edge;

    fn next(&mut self) -> Option<Edge> {
        loop {
            let view = self.view;
            let mut targets = self.targets.iter_mut().flatten();
            if let Some(target) = targets.find(|target| view.is_member(*target)) {
                let Self {
                    relation,
                    source,
                    backward,
                    ..
                } = *self;
                return Some(Edge {
                    relation,
                    source,
                    target,
                    backward,
                });
            }
            self.targets = Some(self.next_side()?);
        }
    }
}

/// The ends of the edges of one entity.
#[derive(Clone)]
pub(crate) struct Targets<'a>(Edges<'a>);

impl Iterator for Targets<'_> {
    type Item = EntityId;

    fn next(&mut self) -> Option<EntityId> {
        self.0.next().map(|edge| edge.target)
    }
}

/// The members of a view, ascending.
#[derive(Clone)]
pub(crate) struct Members<'a>(roaring::bitmap::Iter<'a>);

impl Iterator for Members<'_> {
    type Item = EntityId;

    fn next(&mut self) -> Option<EntityId> {
        self.0.next().map(EntityId)
    }
}

/// All edges of a view, ascending by source.
#[derive(Clone)]
pub(crate) struct AllEdges<'a> {
    view: View<'a>,
    sources: Members<'a>,
    edges: Option<Edges<'a>>,
}

impl Iterator for AllEdges<'_> {
    type Item = Edge;

    fn next(&mut self) -> Option<Edge> {
        loop {
            if let Some(edge) = self.edges.iter_mut().flatten().next() {
                return Some(edge);
            }
            self.edges = Some(self.view.edges_from(self.sources.next()?));
        }
    }
}

impl GraphBase for View<'_> {
    type EdgeId = Edge;
    type NodeId = EntityId;
}

impl Data for View<'_> {
    type NodeWeight = ();
    type EdgeWeight = ();
}

impl GraphRef for View<'_> {}

impl GraphProp for View<'_> {
    type EdgeType = Directed;
}

impl<'a> IntoNeighbors for View<'a> {
    type Neighbors = Targets<'a>;

    fn neighbors(self, id: EntityId) -> Targets<'a> {
        Targets(self.edges_from(id))
    }
}

impl<'a> IntoNeighborsDirected for View<'a> {
    type NeighborsDirected = Targets<'a>;

    fn neighbors_directed(self, id: EntityId, direction: Direction) -> Targets<'a> {
        match direction {
            Direction::Outgoing => self.neighbors(id),
            Direction::Incoming => self.reversed().neighbors(id),
        }
    }
}

impl<'a> IntoEdgeReferences for View<'a> {
    type EdgeRef = Edge;
    type EdgeReferences = AllEdges<'a>;

    fn edge_references(self) -> AllEdges<'a> {
        AllEdges {
            view: self,
            sources: self.node_identifiers(),
            edges: None,
        }
    }
}

impl<'a> IntoEdges for View<'a> {
    type Edges = Edges<'a>;

    fn edges(self, id: EntityId) -> Edges<'a> {
        self.edges_from(id)
    }
}

impl<'a> IntoNodeIdentifiers for View<'a> {
    type NodeIdentifiers = Members<'a>;

    fn node_identifiers(self) -> Members<'a> {
        Members(self.members.iter())
    }
}

impl NodeCount for View<'_> {
    fn node_count(&self) -> usize {
        usize::try_from(self.members.len()).unwrap_or(usize::MAX)
    }
}

/// By id: not compact, since the ids of a blueprint come in chunks.
impl NodeIndexable for View<'_> {
    fn node_bound(&self) -> usize {
        self.members
            .max()
            .map_or(0, |last| EntityId(last).index() + 1)
    }

    fn to_index(&self, id: EntityId) -> usize {
        id.index()
    }

    fn from_index(&self, index: usize) -> EntityId {
        EntityId(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

impl Visitable for View<'_> {
    type Map = DenseSet;

    fn visit_map(&self) -> DenseSet {
        DenseSet::default()
    }

    fn reset_map(&self, map: &mut DenseSet) {
        *map = DenseSet::default();
    }
}

#[cfg(test)]
mod tests;
