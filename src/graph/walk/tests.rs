//! The walk against level sets taken one step at a time.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::error::{Error, ErrorKind};

type Edges = BTreeSet<(u32, u32, u32)>;

fn graph(edges: &Edges) -> Graph {
    let mut graph = Graph::default();
    for (relation, from, to) in edges {
        graph.insert(NameId(*relation), EntityId(*from), EntityId(*to));
    }
    graph
}

/// Every level set from 0 to `steps`.
fn levels(
    edges: &Edges,
    relations: &[NameId],
    way: Way,
    seeds: &BTreeSet<u32>,
    steps: u32,
) -> Vec<BTreeSet<u32>> {
    let mut levels = vec![seeds.clone()];
    for _ in 0..steps {
        let mut next = BTreeSet::new();
        for (relation, from, to) in edges {
            let last = levels.last();
            let holds = |id| last.is_some_and(|level| level.contains(id));
            if !relations.contains(&NameId(*relation)) {
                continue;
            }
            if way != Way::Incoming && holds(from) {
                next.insert(*to);
            }
            if way != Way::Outgoing && holds(to) {
                next.insert(*from);
            }
        }
        levels.push(next);
    }
    levels
}

fn union(levels: &[BTreeSet<u32>], min: u32, max: Option<u32>) -> RoaringBitmap {
    let wanted = (0..)
        .zip(levels)
        .filter(|(at, _): &(u32, _)| *at >= min && max.is_none_or(|max| *at <= max));
    wanted
        .flat_map(|(_, level)| level.iter().copied())
        .collect()
}

const WAYS: [Way; 3] = [Way::Outgoing, Way::Incoming, Way::Either];

/// A budget that never ends a walk.
const UNLIMITED: fn(u64) -> Result<()> = |_| Ok(());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn reaches_what_level_sets_reach(
        edges in prop::collection::btree_set((0..3u32, 0..10u32, 0..10u32), 0..22),
        seeds in prop::collection::btree_set(0..11u32, 0..3),
    ) {
        let graph = graph(&edges);
        for relations in [&[NameId(0)][..], &[NameId(0), NameId(2), NameId(9)], &[]] {
            for way in WAYS {
                // With 10 entities nobody new is reached after 10 more steps than the minimum.
                let levels = levels(&edges, relations, way, &seeds, 4 + 10);
                for min in 0..=4 {
                    for max in (0..=4).map(Some).chain([None]) {
                        let ids = seeds.iter().map(|id| EntityId(*id));
                        let budget = &mut { UNLIMITED };
                        let found = reach(&graph, relations, way, ids, min, max, budget);
                        let found = found.map_err(|error| TestCaseError::fail(error.to_string()))?;
                        prop_assert_eq!(found, union(&levels, min, max), "{:?} {}..{:?}", way, min, max);
                    }
                }
            }
        }
    }

    /// Walks much longer than the graph is large: repeating level sets are skipped rightly.
    #[test]
    fn long_walks_reach_what_level_sets_reach(
        edges in prop::collection::btree_set((Just(0u32), 0..9u32, 0..9u32), 0..14),
        seed in 0..9u32,
        min in 0..200u32,
        more in 0..3u32,
    ) {
        let relations = [NameId(0)];
        let levels = levels(&edges, &relations, Way::Outgoing, &BTreeSet::from([seed]), min + more);
        let (seeds, budget) = ([EntityId(seed)], &mut { UNLIMITED });
        let found = reach(&graph(&edges), &relations, Way::Outgoing, seeds, min, Some(min + more), budget);
        prop_assert_eq!(found.ok(), Some(union(&levels, min, Some(min + more))));
    }
}

/// Entities `0..len`, each related to the next and the last to the first.
fn ring(len: u32) -> Graph {
    let mut graph = Graph::default();
    let edges: Vec<(u32, u32)> = (0..len).map(|id| (id, (id + 1) % len)).collect();
    graph.extend_sorted(NameId(0), &edges);
    graph
}

#[test]
fn a_huge_minimum_ends_on_a_cycle() {
    for min in [u32::MAX, u32::MAX - 1, u32::MAX - 2] {
        let (seeds, budget) = ([EntityId(0)], &mut { UNLIMITED });
        let found = reach(
            &ring(3),
            &[NameId(0)],
            Way::Outgoing,
            seeds,
            min,
            Some(min),
            budget,
        );
        assert_eq!(found.ok(), Some(RoaringBitmap::from([min % 3])));
    }
}

#[test]
fn large_results_span_chunks() {
    let (seeds, budget) = ([EntityId(70_000)], &mut { UNLIMITED });
    let found = reach(
        &ring(150_000),
        &[NameId(0)],
        Way::Outgoing,
        seeds,
        1,
        Some(100_000),
        budget,
    );
    let expected: RoaringBitmap = (70_001..150_000).chain(0..=20_000).collect();
    assert_eq!(found.ok(), Some(expected));
}

#[test]
fn the_budget_hears_of_all_visits_and_ends_the_walk() {
    let ring = ring(5_000);
    let walk = |limit: u64, heard: &mut Vec<u64>| {
        let mut budget = |visits| {
            heard.push(visits);
            if visits > limit {
                Err(Error::new(ErrorKind::Limit, "too far"))
            } else {
                Ok(())
            }
        };
        reach(
            &ring,
            &[NameId(0)],
            Way::Outgoing,
            [EntityId(0)],
            0,
            None,
            &mut budget,
        )
    };
    let mut heard = Vec::new();
    assert_eq!(
        walk(5_000, &mut heard).map(|found| found.len()).ok(),
        Some(5_000)
    );
    assert_eq!(heard, [1_024, 2_048, 3_072, 4_096, 5_000]);
    heard.clear();
    assert_eq!(
        walk(1_500, &mut heard).map_err(|error| error.kind()),
        Err(ErrorKind::Limit)
    );
    assert_eq!(heard, [1_024, 2_048]);
}

#[test]
fn the_budget_hears_of_looks_that_find_nobody_new() {
    // All of 300 entities are related to all others: 90,000 looks for 300 visits.
    let mut graph = Graph::default();
    let edges: Vec<(u32, u32)> = (0..300)
        .flat_map(|a| (0..300).map(move |b| (a, b)))
        .collect();
    graph.extend_sorted(NameId(0), &edges);
    let mut calls = 0;
    let mut budget = |_| {
        calls += 1;
        Ok(())
    };
    let found = reach(
        &graph,
        &[NameId(0)],
        Way::Outgoing,
        [EntityId(0)],
        0,
        None,
        &mut budget,
    );
    assert_eq!((found.map(|found| found.len()).ok(), calls), (Some(300), 2));
}
