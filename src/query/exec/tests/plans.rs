//! Plans as `EXPLAIN` and `PROFILE` show them.

use serde_json::{Value as Json, json};

use super::{ask, fixture, text};
use crate::state::State;

fn plan(query: &str) -> Vec<String> {
    let answer = ask(&fixture::catalog(), query, &[]).unwrap();
    assert_eq!(answer.columns.len(), 1);
    text(&answer).split(" | ").map(str::to_owned).collect()
}

#[test]
fn the_smallest_set_comes_first() {
    let lines = plan(
        "EXPLAIN MATCH (s:service)-[:owner]->(t:team {$identifier: 'payments'}) RETURN s.lang",
    );
    assert_eq!(
        lines,
        [
            "Project s.lang",
            "  Expand (t)<-[:owner]-(s:service) (~1 rows)",
            "    Index (t:team) by $identifier (1 values) (~1 rows)",
        ]
    );
}

#[test]
fn what_needs_no_rows_is_said() {
    let lines = plan(
        "EXPLAIN MATCH (t:team)<-[:owner]-(s:service)-[:depends_on]->(d) RETURN t.$identifier, count(*)",
    );
    assert_eq!(lines[2].trim(), "Count along the pattern, without its rows");
    let lines = plan("EXPLAIN MATCH (s:service) RETURN s.$title ORDER BY s.$title LIMIT 1");
    assert!(
        lines
            .iter()
            .any(|line| line.trim() == "Along an index, to the last row that is wanted"),
        "{lines:?}"
    );
    // A limit that is none fails where the query runs, not where its plan is shown.
    plan("EXPLAIN MATCH (s:service) RETURN s.$title ORDER BY s.$title LIMIT 0.5 + 1");
    let rows = plan(
        "EXPLAIN MATCH (t:team)<-[:owner]-(s:service)-[:depends_on]->(d) RETURN t.$identifier, d.$identifier",
    );
    assert!(
        !rows.iter().any(|line| line.contains("without its rows")),
        "{rows:?}"
    );
}

#[test]
fn profiles_count_rows() {
    let lines = plan(
        "PROFILE MATCH (s:service) WHERE s.tier = 1 AND s.lang ENDS WITH 'a' RETURN s.lang ORDER BY s.cost LIMIT 2",
    );
    assert_eq!(
        lines,
        [
            "Project s.lang (1 actual)",
            "  Top by s.cost LIMIT 2",
            "    Index (s:service) by tier (1 values) WHERE s.lang ENDS WITH 'a' (~3 rows, 1 actual)",
        ]
    );
}

#[test]
fn plain_counts_come_from_the_set() {
    // Going through the services would need more than the one row that is allowed.
    let state = fixture::catalog();
    let lines = plan("PROFILE MATCH (s:service) RETURN count(*)");
    assert_eq!(
        lines.last().unwrap().trim(),
        "Scan (s:service) (~9 rows, 9 actual)"
    );
    assert_eq!(
        text(&ask(&state, "MATCH (s:service) RETURN count(s)", &[]).unwrap()),
        "9"
    );
}

/// A team with so many services that neither is gone through in one batch.
fn crowd() -> State {
    let blueprint = |identifier: &str, relations: Json| {
        json!({
            "identifier": identifier,
            "schema": {"properties": {"n": {"type": "number"}}, "required": []},
            "relations": relations,
        })
    };
    let owner = json!({"owner": {"target": "team", "many": false, "required": false}});
    let blueprints = [blueprint("team", json!({})), blueprint("service", owner)];
    let team = |n: usize| json!({"blueprint": "team", "identifier": format!("t{n}")});
    let service = |n: usize| {
        let owner = format!("team/t{}", usize::from(n >= 1_100));
        json!({
            "blueprint": "service", "identifier": format!("s{n}"),
            "properties": {"n": n}, "relations": {"owner": owner},
        })
    };
    let entities: Vec<Json> = (0..2).map(team).chain((0..1_200).map(service)).collect();
    fixture::state(&blueprints, &[], &entities)
}

#[test]
fn hubs_are_walked_in_batches() {
    let state = crowd();
    let table = [
        ("MATCH (s:service) RETURN count(DISTINCT s.n)", "1200"),
        (
            "MATCH (t:team {$identifier: 't0'})<-[:owner]-(s) RETURN count(DISTINCT s.n)",
            "1100",
        ),
        (
            "MATCH (t:team {$identifier: 't0'})-[:owner]-(s) RETURN count(*)",
            "1100",
        ),
        (
            "MATCH (t:team)<-[:owner]-(s:service {n: 7}) RETURN t.$identifier",
            "t0",
        ),
        (
            "MATCH (t:team {$identifier: 't1'})<-[:owner]-(s:service) WHERE s.n >= 1190 RETURN count(*)",
            "10",
        ),
        (
            "MATCH (t:team {$identifier: 't0'})<-[:owner]-(s:service) WHERE s.n IN [1, 2, 1150] RETURN s.n AS n ORDER BY n",
            "1 | 2",
        ),
        (
            "MATCH (a:service)-[:owner]->(t)<-[:owner]-(b:service) WHERE a.n = 3 AND b.n < 6 RETURN b.n AS n ORDER BY n",
            "0 | 1 | 2 | 4 | 5",
        ),
        (
            "MATCH (t:team) WHERE EXISTS { (t)<-[:owner]-(s) WHERE s.n = 1150 } RETURN t.$identifier",
            "t1",
        ),
        (
            "MATCH (t:team) RETURN t.$identifier AS t, COUNT { (t)<-[:owner]-() } AS n ORDER BY t",
            "t0, 1100 | t1, 100",
        ),
        (
            "MATCH (s:service) WHERE s.owner.$identifier = 't1' AND s.n < 1102 RETURN s.n AS n ORDER BY n",
            "1100 | 1101",
        ),
        (
            "MATCH (s:service) RETURN s.n AS n ORDER BY n DESC SKIP 1 LIMIT 2",
            "1198 | 1197",
        ),
    ];
    for (query, expected) in table {
        assert_eq!(text(&ask(&state, query, &[]).unwrap()), expected, "{query}");
    }
}
