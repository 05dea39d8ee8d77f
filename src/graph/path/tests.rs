//! Paths and cycles against naive definitions.

use std::collections::BTreeSet;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::*;
use crate::graph::{Graph, Way, shortest_path};
use crate::value::NameId;

const WAYS: [Way; 3] = [Way::Outgoing, Way::Incoming, Way::Either];
const RELATIONS: [NameId; 2] = [NameId(0), NameId(1)];

type Edges = BTreeSet<(u32, u32, u32)>;
type Pairs = BTreeSet<(u32, u32)>;

fn graph(edges: &Edges) -> Graph {
    let mut graph = Graph::default();
    for (relation, from, to) in edges {
        graph.insert(NameId(*relation), EntityId(*from), EntityId(*to));
    }
    graph
}

/// The steps that a view allows.
fn steps(edges: &Edges, way: Way, members: &BTreeSet<u32>) -> Pairs {
    let inside = edges.iter().filter(|(relation, from, to)| {
        *relation < 2 && members.contains(from) && members.contains(to)
    });
    let pairs = inside.flat_map(|(_, from, to)| match way {
        Way::Outgoing => vec![(*from, *to)],
        Way::Incoming => vec![(*to, *from)],
        Way::Either => vec![(*from, *to), (*to, *from)],
    });
    pairs.collect()
}

/// The first of all shortest paths in the order of ids, by growing all paths.
fn naive_path(steps: &Pairs, from: u32, to: u32, longest: usize) -> Option<Vec<EntityId>> {
    let mut paths = vec![vec![from]];
    for _ in 0..=longest {
        if let Some(path) = paths.iter().filter(|path| path.last() == Some(&to)).min() {
            return Some(path.iter().copied().map(EntityId).collect());
        }
        let mut longer = Vec::new();
        for path in &paths {
            for (_, next) in steps.iter().filter(|(at, _)| path.last() == Some(at)) {
                if !path.contains(next) {
                    longer.push(path.iter().copied().chain([*next]).collect());
                }
            }
        }
        paths = longer;
    }
    None
}

/// The pairs with a walk of at least one step (Warshall's closure).
fn closure(steps: &Pairs, members: &BTreeSet<u32>) -> Pairs {
    let mut closure = steps.clone();
    for via in members {
        for from in members {
            for to in members {
                if closure.contains(&(*from, *via)) && closure.contains(&(*via, *to)) {
                    closure.insert((*from, *to));
                }
            }
        }
    }
    closure
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn paths_and_cycles_are_those_of_the_definitions(
        edges in prop::collection::btree_set((0..3u32, 0..7u32, 0..7u32), 0..16),
        members in prop::collection::btree_set(0..8u32, 0..8),
    ) {
        let (graph, bitmap) = (graph(&edges), members.iter().copied().collect::<RoaringBitmap>());
        for way in WAYS {
            let view = View::new(&graph, &RELATIONS, way, &bitmap);
            let everywhere = steps(&edges, way, &(0..8).collect());
            let steps = steps(&edges, way, &members);
            for from in 0..8 {
                for to in 0..8 {
                    let expected = naive_path(&everywhere, from, to, 8);
                    let path = shortest_path(&graph, &RELATIONS, way, EntityId(from), EntityId(to));
                    prop_assert_eq!(path, expected);
                }
            }
            let closure = closure(&steps, &members);
            let mut expected = BTreeSet::new();
            for id in &members {
                let both = |other: &&u32| {
                    closure.contains(&(*id, **other)) && closure.contains(&(**other, *id))
                };
                let group: Vec<EntityId> =
                    members.iter().filter(both).copied().map(EntityId).collect();
                if !group.is_empty() {
                    expected.insert(group);
                }
            }
            prop_assert!(cycles(&view).into_iter().eq(expected));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Layers of four between two ends have many paths that are equally short.
    #[test]
    fn of_equally_short_paths_the_first_is_taken(
        between in prop::collection::btree_set((0..3u32, 0..4u32, 0..4u32), 8..36),
    ) {
        let ends = (0..4u32).flat_map(|id| [(0, 100, id), (0, 12 + id, 101)]);
        let layers = between.iter().map(|(layer, a, b)| (0, layer * 4 + a, layer * 4 + 4 + b));
        let edges: Edges = ends.chain(layers).collect();
        let (graph, members) = (graph(&edges), (0..102).collect());
        let expected = naive_path(&steps(&edges, Way::Outgoing, &members), 100, 101, 5);
        let path = shortest_path(&graph, &RELATIONS, Way::Outgoing, EntityId(100), EntityId(101));
        prop_assert_eq!(path, expected);
    }
}

#[test]
fn long_chains_do_not_recurse() {
    let len = 200_000;
    let mut graph = Graph::default();
    let edges: Vec<(u32, u32)> = (0..len).map(|id| (id, (id + 1) % len)).collect();
    graph.extend_sorted(NameId(0), &edges);
    let members: RoaringBitmap = (0..len).collect();
    let view = View::new(&graph, &RELATIONS, Way::Outgoing, &members);
    let path = shortest_path(&graph, &RELATIONS, Way::Outgoing, EntityId(1), EntityId(0));
    let path = path.unwrap_or_default();
    assert!(path.into_iter().eq((1..len).chain([0]).map(EntityId)));
    assert!(
        cycles(&view)
            .concat()
            .into_iter()
            .eq((0..len).map(EntityId))
    );
}
