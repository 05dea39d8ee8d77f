//! Walks that lead where shorter ones cannot go on.

use serde_json::json;

use super::{ask, fixture, text};
use crate::state::State;

/// Entities `a`, `b` and so on with these relations.
fn graph(count: usize, edges: &[(&str, &[&str])]) -> State {
    let many = json!({"target": "n", "many": true});
    let blueprint =
        json!({"identifier": "n", "schema": {"properties": {}}, "relations": {"r": many}});
    let entity = |name: &str| {
        let targets = edges.iter().find(|(source, _)| *source == name);
        let targets = targets.map(|(_, targets)| *targets).unwrap_or_default();
        let targets: Vec<String> = targets.iter().map(|target| format!("n/{target}")).collect();
        json!({"blueprint": "n", "identifier": name, "relations": {"r": targets}})
    };
    let entities: Vec<_> = ["a", "b", "c", "d", "e"][..count]
        .iter()
        .map(|name| entity(name))
        .collect();
    fixture::state(&[blueprint], &[], &entities)
}

fn found(state: &State, query: &str) -> String {
    text(&ask(state, query, &[]).unwrap())
}

#[test]
fn the_second_shortest_trail_may_pass_where_shorter_ones_get_stuck() {
    let state = graph(3, &[("a", &["b", "c"]), ("b", &["a"]), ("c", &["a"])]);
    // From `a` to `b`, and over `c` back to `a` and then to `b`: the way over `b` itself comes
    // back to `a` as soon, and cannot go on from there.
    let query = "MATCH p = SHORTEST 2 (x {$identifier: 'a'})-[:r]->+(y {$identifier: 'b'}) \
        RETURN length(p) AS n ORDER BY n";
    assert_eq!(found(&state, query), "1 | 3");
    let query = "MATCH p = SHORTEST 2 (x {$identifier: 'a'})-[:r]->+(y) \
        RETURN y.$identifier AS y, length(p) AS n ORDER BY y, n";
    assert_eq!(
        found(&state, query),
        "a, 2 | a, 2 | b, 1 | b, 3 | c, 1 | c, 3"
    );
}

#[test]
fn the_shortest_way_round_does_not_go_back_as_it_came() {
    let state = graph(3, &[("a", &["b"]), ("b", &["c"]), ("c", &["a"])]);
    for prefix in ["ANY SHORTEST", "ANY SHORTEST SIMPLE", "SHORTEST 1 GROUP"] {
        let query = format!(
            "MATCH p = {prefix} (x {{$identifier: 'a'}})-[:r]-+(x) RETURN DISTINCT length(p) AS n"
        );
        assert_eq!(found(&state, &query), "3", "{prefix}");
        let query = format!(
            "MATCH p = {prefix} (x {{$identifier: 'a'}})-[:r]-+(y) \
            RETURN DISTINCT y.$identifier AS y, length(p) AS n ORDER BY y"
        );
        assert_eq!(found(&state, &query), "a, 3 | b, 1 | c, 1", "{prefix}");
    }
}
