//! Texts made to break things: each is answered or refused soon, on a small stack.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{fixture, now};
use crate::error::{ErrorKind, Result};
use crate::query::check::statement;
use crate::query::exec::{Cancel, Limits, bind, run};

/// The stack of a thread where nobody says otherwise.
const STACK: usize = 2 << 20;

/// Asks with little of everything.
fn ask(text: &str) -> Result<usize> {
    let state = fixture::catalog();
    let checked = statement(state.model(), text)?;
    let values = bind(&checked, BTreeMap::new())?;
    let limits = Limits {
        intermediate_rows: 200_000,
        ..Limits::default()
    };
    run(&state, &checked, &values, now(), &limits, &Cancel::new()).map(|answer| answer.rows.len())
}

/// Asks on a thread with a small stack; an overflow would end the whole test run.
fn ask_on_small_stack(name: &str, text: String) -> Result<usize> {
    let (send, receive) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(STACK);
    let asked = thread
        .spawn(move || send.send(ask(&text)).unwrap())
        .unwrap();
    let answer = receive.recv_timeout(Duration::from_secs(30));
    let answer = answer.unwrap_or_else(|_| unreachable!("{name} hangs, or failed"));
    asked.join().unwrap();
    if let Err(error) = &answer {
        assert_ne!(error.kind(), ErrorKind::Internal, "{name}: {error:#}");
        assert!(error.to_string().len() < 2_000, "{name}: {error}");
    }
    answer
}

fn nested(open: &str, inner: &str, close: &str, levels: usize) -> String {
    format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
}

/// What opens a level, what stands inside, what closes it.
const NESTINGS: [(&str, &str, &str); 16] = [
    ("(1 + ", "1", ")"),
    ("[", "1", "]"),
    ("{a: ", "1", "}"),
    ("coalesce(", "1", ")"),
    ("CASE WHEN true THEN ", "1", " END"),
    ("[x IN [1] | ", "x", "]"),
    ("reduce(t = 0, x IN [1] | ", "t", ")"),
    ("any(x IN [1] WHERE ", "true", ")"),
    ("NOT (", "true", ")"),
    ("EXISTS { (s) WHERE ", "true", " }"),
    ("EXISTS { MATCH (a) WHERE ", "true", " RETURN a }"),
    ("COUNT { (a:team) WHERE 0 <= ", "1", " }"),
    (
        "COUNT { MATCH (a:team) WITH a LIMIT 1 RETURN ",
        "1",
        " AS x }",
    ),
    ("COLLECT { RETURN ", "1", " AS x }"),
    ("SUM { (a:team) | ", "1", " }"),
    ("[(s)-->(b) | ", "1", "]"),
];

#[test]
fn what_nests_as_deep_as_is_let_in_fits_a_small_stack() {
    for (open, inner, close) in NESTINGS {
        for levels in [8, 20, 31, 60, 63] {
            let value = nested(open, inner, close, levels);
            let text = format!("MATCH (s:service {{$identifier: 'web'}}) RETURN {value} AS v");
            let answer = ask_on_small_stack(open, text);
            if let Err(error) = answer {
                let known = matches!(error.kind(), ErrorKind::Limit | ErrorKind::Syntax);
                assert!(known, "{open} {levels}: {error:#}");
            }
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn long_queries_are_answered_or_refused_soon() {
    let many = |text: &str, count: usize| text.repeat(count);
    let numbered =
        |count: usize, one: &dyn Fn(usize) -> String| -> String { (0..count).map(one).collect() };
    let table = [
        ("clauses", many("MATCH (a) ", 5_000) + "RETURN 1"),
        (
            "clauses that bind",
            numbered(250, &|at| format!("LET x{at} = 1 ")) + "RETURN 1",
        ),
        (
            "patterns in clauses",
            numbered(250, &|at| {
                format!("OPTIONAL MATCH (x{at}:api {{kind: 'no'}}) ")
            }) + "RETURN 1",
        ),
        ("projections", many("WITH 1 AS x ", 250) + "RETURN x"),
        (
            "lists unwound",
            numbered(200, &|at| format!("UNWIND [1] AS x{at} ")) + "RETURN 1",
        ),
        (
            "unions",
            many("RETURN 1 AS x UNION ALL ", 2_000) + "RETURN 1 AS x",
        ),
        (
            "distinct unions",
            many("RETURN 1 AS x UNION ", 2_000) + "RETURN 1 AS x",
        ),
        ("a list", format!("RETURN [{}1] AS x", many("1, ", 20_000))),
        (
            "a map",
            format!(
                "RETURN {{{}z: 1}} AS x",
                numbered(4_000, &|at| format!("k{at}: 1, "))
            ),
        ),
        (
            "columns",
            format!(
                "RETURN {}1 AS z",
                numbered(3_000, &|at| format!("1 AS c{at}, "))
            ),
        ),
        (
            "operands",
            format!("RETURN {}true AS x", many("true AND ", 6_000)),
        ),
        ("sums", format!("RETURN {}1 AS x", many("1 + ", 180))),
        (
            "sums beyond",
            format!("RETURN {}1 AS x", many("1 + ", 10_000)),
        ),
        (
            "labels",
            format!("MATCH (a:{}team) RETURN count(a)", many("team|", 5_000)),
        ),
        (
            "negated labels",
            format!("MATCH (a:{}team) RETURN count(a)", many("!", 5_000)),
        ),
        (
            "labels in brackets",
            format!(
                "MATCH (a:{}) RETURN count(a)",
                nested("(team|", "api", ")", 60)
            ),
        ),
        (
            "patterns",
            format!("MATCH {}(z) RETURN count(*)", many("(), ", 2_000)),
        ),
        (
            "a path",
            format!("MATCH (a){} RETURN count(*)", many("-->()", 2_000)),
        ),
        (
            "short paths",
            format!("MATCH {}(z) RETURN count(*)", many("()-->(), ", 60)),
        ),
        (
            "arms",
            format!(
                "RETURN CASE {}ELSE 1 END AS x",
                many("WHEN false THEN 1 ", 3_000)
            ),
        ),
        (
            "sort keys",
            format!(
                "MATCH (s:service) RETURN s.tier AS t ORDER BY {}t",
                many("t, ", 3_000)
            ),
        ),
        (
            "subqueries",
            format!(
                "MATCH (s:service) RETURN {}1 AS z",
                numbered(400, &|at| format!("COUNT {{ (s)-->() }} AS c{at}, "))
            ),
        ),
        (
            "dots",
            format!("MATCH (s:team) RETURN s{} AS x", many(".parent", 180)),
        ),
        (
            "walks",
            "MATCH (a)-[*]-(b), (c)-[*]-(d), (e)-[*]-(f) RETURN count(*)".to_owned(),
        ),
        (
            "trails",
            "MATCH p = (a)-[*]-(b) MATCH q = (c)-[*]-(d) RETURN count(*)".to_owned(),
        ),
        (
            "products",
            "MATCH (a), (b), (c), (d), (e), (f) RETURN sum(1)".to_owned(),
        ),
        (
            "ranges",
            "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN max(a + b)"
                .to_owned(),
        ),
    ];
    for (name, text) in table {
        if let Err(error) = ask_on_small_stack(name, text) {
            let known = matches!(error.kind(), ErrorKind::Limit | ErrorKind::Syntax);
            assert!(known, "{name}: {error:#}");
            assert!(
                error.kind() != ErrorKind::Limit || error.help().is_some(),
                "{name}: {error}"
            );
        }
    }
}
