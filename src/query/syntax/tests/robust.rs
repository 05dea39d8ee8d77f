//! Any text at all: no panic, an error with a place, and a time that is bounded.

use proptest::prelude::*;

use crate::error::Error;
use crate::query::syntax::{expected, highlight, parse_expression, parse_statement};

/// Pieces of the language, joined at random.
const PIECES: [&str; 64] = [
    "MATCH",
    "OPTIONAL",
    "WHERE",
    "RETURN",
    "WITH",
    "UNWIND",
    "LET",
    "FOR",
    "FILTER",
    "ORDER BY",
    "LIMIT",
    "UNION",
    "AS",
    "OF",
    "IN",
    "IS",
    "NOT",
    "NULL",
    "EMPTY",
    "AND",
    "OR",
    "XOR",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "EXISTS",
    "COUNT",
    "SUM",
    "ANY",
    "ALL",
    "SHORTEST",
    "BETWEEN",
    "STARTS WITH",
    "CONTAINS",
    "LIKE",
    "DISTINCT",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "-",
    "->",
    "<-",
    "=",
    "<",
    "..",
    ".",
    ",",
    ":",
    "|",
    "*",
    "s",
    "service",
    "$p",
    "$identifier",
    "'t'",
    "1",
    "30d",
    "DATE '2026-01-01'",
    "`q`",
];

const QUERIES: [&str; 5] = [
    "MATCH (s:service {$identifier: 'a'})-[r:x*1..3]->(t) WHERE s.a >= 30d AND NOT t IS NULL RETURN s {.*, b: 1} ORDER BY s.a DESC LIMIT 3",
    "MATCH p = ANY SHORTEST (a)-[:d]->+(b) RETURN [n IN nodes(p) WHERE n.x | n.$title] AS via, reduce(t = 0, x IN xs | t + x)",
    "RETURN CASE a WHEN 1, 2 THEN 'it''s' ELSE \"caf\\u00E9\" END, SUM { (a)-->(b) WHERE b.c | DISTINCT b.d } UNION ALL RETURN 1 < x <= 0xFF",
    "EXPLAIN AS OF now() - 1h30m MATCH (n:!a&b|%) WITH n, count(*) FILTER (WHERE n.x) AS c WHERE c BETWEEN 1 AND 2 RETURN c // end",
    "OPTIONAL MATCH ((a)-->(b)){1,3} (c), (d $p) UNWIND $xs[..3] AS x LET y = x RETURN DISTINCT *, y /* c */ SKIP 1",
];

fn check_error(text: &str, error: &Error) -> Result<(), TestCaseError> {
    let span = error.span();
    prop_assert!(
        span.is_some_and(|span| span.start <= span.end && span.end <= text.len()),
        "{error:#}"
    );
    let span = span.unwrap_or_default();
    prop_assert!(
        text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
        "{error:#}"
    );
    let shown = format!("{error:#}");
    prop_assert!(shown.contains(error.message()), "{}", shown);
    prop_assert_ne!(
        error.kind(),
        crate::error::ErrorKind::Internal,
        "{:#}",
        error
    );
    Ok(())
}

fn check(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = parse_statement(text) {
        check_error(text, &error)?;
    }
    if let Err(error) = parse_expression(text) {
        check_error(text, &error)?;
    }
    let mut end = 0;
    for (span, _) in highlight(text) {
        prop_assert!(end <= span.start && span.start < span.end && span.end <= text.len());
        end = span.end;
    }
    let start = expected(text, text.len() / 2).start;
    prop_assert!(start <= text.len() / 2);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC{0,200}") {
        check(&text)?;
    }

    #[test]
    fn any_control_and_space_characters_are_parsed_or_refused(text in "[\\x00-\\x20'\"`(){}a1\\u{85}\\u{a0}\\u{feff}\\u{1}]{0,60}") {
        check(&text)?;
    }

    #[test]
    fn any_row_of_pieces_is_parsed_or_refused(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)) {
        check(&pieces.join(" "))?;
        check(&pieces.concat())?;
    }

    #[test]
    fn a_query_with_a_mistake_is_parsed_or_refused(
        query in prop::sample::select(&QUERIES[..]),
        at in any::<prop::sample::Index>(),
        length in 0_usize..6,
        new in prop::sample::select(&PIECES[..]),
    ) {
        let at = at.index(query.len());
        let text = format!("{}{new}{}", &query[..at], query.get(at + length..).unwrap_or(""));
        check(&text)?;
        check(&query[..at])?;
    }
}

#[test]
fn the_queries_that_are_broken_are_whole_at_first() {
    for query in QUERIES {
        let parsed = parse_statement(query);
        assert!(parsed.is_ok(), "{:#}", parsed.unwrap_err());
    }
}
