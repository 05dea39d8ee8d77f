//! What petgraph sees through a view.

use std::collections::BTreeSet;

use petgraph::algo::{dijkstra, toposort};
use petgraph::visit::{Bfs, Walker as _};

use super::*;

const OWNS: NameId = NameId(0);
const USES: NameId = NameId(1);

/// 1 owns 2 and 3, 2 uses 3, 3 uses 4, 4 owns 4; 5 is related to nobody.
fn graph() -> Graph {
    let mut graph = Graph::default();
    for (relation, from, to) in [
        (OWNS, 1, 2),
        (OWNS, 1, 3),
        (USES, 2, 3),
        (USES, 3, 4),
        (OWNS, 4, 4),
    ] {
        graph.insert(relation, EntityId(from), EntityId(to));
    }
    graph
}

fn edges(view: View<'_>) -> Vec<(u32, u32, u32, bool)> {
    let edges = view.edge_references();
    edges
        .map(|it| (it.relation.0, it.source().0, it.target().0, it.backward))
        .collect()
}

#[test]
fn edges_go_along_the_way_between_members() {
    let (graph, members) = (graph(), RoaringBitmap::from([1, 2, 3, 5]));
    let view = |way| View::new(&graph, &[OWNS, USES], way, &members);
    let outgoing = [(0, 1, 2, false), (0, 1, 3, false), (1, 2, 3, false)];
    assert_eq!(edges(view(Way::Outgoing)), outgoing);
    let incoming = [(0, 2, 1, true), (0, 3, 1, true), (1, 3, 2, true)];
    assert_eq!(edges(view(Way::Incoming)), incoming);
    let either: BTreeSet<_> = edges(view(Way::Either)).into_iter().collect();
    assert_eq!(either, outgoing.into_iter().chain(incoming).collect());
    assert!(view(Way::Either).is_directed());
}

#[test]
fn neighbours_come_from_both_directions() {
    let (graph, members) = (graph(), RoaringBitmap::from([1, 2, 3, 4]));
    let of = |way, id, direction| {
        let view = View::new(&graph, &[OWNS, USES], way, &members);
        let mut ids: Vec<u32> = view
            .neighbors_directed(EntityId(id), direction)
            .map(|id| id.0)
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(of(Way::Outgoing, 3, Direction::Outgoing), [4]);
    assert_eq!(of(Way::Outgoing, 3, Direction::Incoming), [1, 2]);
    assert_eq!(of(Way::Incoming, 3, Direction::Outgoing), [1, 2]);
    assert_eq!(of(Way::Incoming, 3, Direction::Incoming), [4]);
    assert_eq!(of(Way::Either, 3, Direction::Incoming), [1, 2, 4]);
    assert_eq!(of(Way::Either, 4, Direction::Outgoing), [3, 4, 4]);
}

#[test]
fn petgraph_runs_on_it() {
    let (graph, members) = (graph(), RoaringBitmap::from([1, 2, 3, 4, 5]));
    let view = View::new(&graph, &[OWNS, USES], Way::Outgoing, &members);
    let reached: Vec<u32> = Bfs::new(view, EntityId(2))
        .iter(view)
        .map(|id| id.0)
        .collect();
    assert_eq!(reached, [2, 3, 4]);
    let distances = dijkstra(view, EntityId(1), None, |_| 1);
    assert_eq!(distances.get(&EntityId(4)), Some(&2));
    assert_eq!(view.node_count(), 5);
    assert_eq!(
        (view.node_bound(), view.to_index(view.from_index(3))),
        (6, 3)
    );

    // Without 4, which owns itself, there is an order.
    let members = RoaringBitmap::from([1, 2, 3, 5]);
    let acyclic = View::new(&graph, &[OWNS, USES], Way::Outgoing, &members);
    let order = toposort(acyclic, None).unwrap_or_default();
    let place = |id| order.iter().position(|other| *other == EntityId(id));
    assert_eq!(order.len(), 4);
    assert!(place(1) < place(2) && place(2) < place(3));
    assert!(toposort(view, None).is_err());
}
