//! Limits: what nests up to them parses fast, what goes beyond is refused by name.

use crate::error::ErrorKind;
use crate::query::syntax::{parse_expression, parse_statement};

/// Runs a parse of something small that nests: in less than a second, where a form that is read twice at
/// each level would take for ever.
fn quickly<T>(what: &str, run: impl FnOnce() -> T) -> T {
    timed(what, 1_000, run)
}

/// Runs a parse of the longest text that is let in.
fn bounded<T>(what: &str, run: impl FnOnce() -> T) -> T {
    timed(what, 5_000, run)
}

fn timed<T>(what: &str, most_milliseconds: u128, run: impl FnOnce() -> T) -> T {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test is about how long parsing takes"
    )]
    let start = std::time::Instant::now();
    let result = run();
    let took = start.elapsed();
    assert!(took.as_millis() < most_milliseconds, "{what} took {took:?}");
    result
}

/// Each kind of nesting: what opens a level, what stands inside, what closes it, and how many levels
/// 60 brackets make.
const NESTINGS: [(&str, &str, &str, usize); 27] = [
    ("(", "1", ")", 60),
    ("(a + (", "1", ") * 2)", 30),
    ("[", "1", "]", 60),
    ("[1, ", "1", ", 2]", 60),
    ("{a: ", "1", "}", 60),
    ("f(", "1", ")", 60),
    ("f(1, ", "1", ", 2)", 60),
    ("a[", "1", "]", 60),
    ("a[1..", "1", "]", 60),
    ("a {b: ", "1", "}", 60),
    ("CASE WHEN a THEN ", "1", " END", 60),
    ("CASE ", "1", " WHEN a THEN 1 END", 60),
    ("CASE WHEN ", "a", " THEN 1 ELSE 2 END", 60),
    ("EXISTS { (a WHERE ", "b", ") }", 30),
    ("EXISTS { MATCH (a) WHERE ", "b", " RETURN a }", 59),
    ("COUNT { (a) WHERE 1 < ", "b", " }", 59),
    ("SUM { (a)-->(b) | ", "1", " }", 59),
    ("[x IN ", "xs", " | x]", 60),
    ("[x IN xs WHERE ", "x", "]", 60),
    ("[x IN xs | ", "x", "]", 60),
    ("[(a)-->(b) WHERE ", "x", " | b]", 59),
    ("[(a {b: ", "x", "})-->(c)]", 20),
    ("all(x IN ", "xs", " WHERE x)", 60),
    ("reduce(t = 0, x IN xs | ", "x", ")", 60),
    ("(a WHERE ", "b", ")-->(c)", 60),
    ("((", "a", ")-->(b))", 30),
    ("count(*) FILTER (WHERE ", "a", ")", 59),
];

#[test]
fn nesting_up_to_the_limit_parses_fast() {
    for (open, inner, close, levels) in NESTINGS {
        let text = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
        let parsed = quickly(open, || parse_expression(&text));
        if open != "((" {
            assert!(parsed.is_ok(), "{open}: {:#}", parsed.unwrap_err());
        }
        quickly(open, || drop(parsed));
        // The same, but for something wrong in the middle.
        let broken = format!("{}{inner} 1 {}", open.repeat(levels), close.repeat(levels));
        let error = quickly(open, || parse_expression(&broken)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Syntax, "{open}: {error:#}");
    }
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    for (open, inner, close, _) in NESTINGS {
        for levels in [65, 1_000, 2_000] {
            let text = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
            let error = quickly(open, || parse_expression(&text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit, "{open}: {error}");
        }
    }
    for open in ["(", "[", "{", "f(", "MATCH (", "CASE "] {
        let error = quickly(open, || parse_statement(&open.repeat(10_000))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{open}: {error}");
        assert!(error.span().is_some() && error.help().is_some(), "{open}");
    }
}

#[test]
fn a_text_of_a_megabyte_is_refused_at_once() {
    for unit in ["a", "(", "é", "'", "1 + ", "\n"] {
        let text = unit.repeat(1_000_000 / unit.len());
        let error = quickly(unit, || parse_statement(&text)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.message().contains("the limit is 65536"), "{error}");
        assert!(quickly(unit, || format!("{error:#}")).len() < 1_000);
    }
    let long = format!("'{}'", "x".repeat(65_534));
    assert!(parse_expression(&long).is_ok());
}

/// Runs that make a tree deep without brackets: a short one parses, a long one is refused.
#[test]
fn runs_that_make_deep_trees_are_bounded() {
    let runs = [
        ("NOT ", "a", "", 32),
        ("- ", "a", "", 32),
        ("+ ", "a", "", 32),
        ("- NOT ", "a", "", 16),
        ("", "1", " + 1", 190),
        ("", "1", " ^ 1", 190),
        ("", "a", " || a", 190),
        ("", "a", ".b", 190),
        ("", "a", "[0]", 190),
        ("", "a", "[0..1]", 190),
        ("", "a", " {b}", 190),
        ("", "a", " IN a", 90),
        ("", "a", " IS NULL", 90),
        ("", "a", " IS NOT NULL", 90),
        ("", "a", " NOT LIKE a", 90),
        ("", "a", " BETWEEN 1 AND 2", 90),
        ("a = NOT ", "b", "", 60),
        ("a + - ", "b", "", 60),
    ];
    for (before, inner, after, short) in runs {
        let text = |times: usize| format!("{}{inner}{}", before.repeat(times), after.repeat(times));
        let parsed = bounded(&text(1), || parse_expression(&text(short)));
        assert!(parsed.is_ok(), "{}: {:#}", text(1), parsed.unwrap_err());
        let long = text(60_000 / (before.len() + after.len()));
        let error = bounded(&text(1), || parse_expression(&long)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{}: {error}", text(1));
        assert!(error.help().is_some());
    }
    let bangs = format!("n:{}a", "!".repeat(60_000));
    assert_eq!(
        parse_expression(&bangs).unwrap_err().kind(),
        ErrorKind::Limit
    );
}

/// Depth adds up: a chain at every level of nesting must not multiply into a tree too deep.
#[test]
fn chains_at_every_level_of_nesting_are_refused() {
    let level = format!("({}", "1 + ".repeat(100));
    let text = format!("{}1{}", level.repeat(60), ")".repeat(60));
    assert_eq!(
        bounded("chains", || parse_expression(&text))
            .unwrap_err()
            .kind(),
        ErrorKind::Limit
    );
    let text = format!("{}a{}", "(".repeat(60), ")[0][0][0][0]".repeat(60));
    assert_eq!(
        bounded("chains", || parse_expression(&text))
            .unwrap_err()
            .kind(),
        ErrorKind::Limit
    );
}

/// What makes no deep tree may be long.
#[test]
fn flat_runs_are_as_long_as_the_text() {
    let runs = [
        ("a", " AND a.b = 1"),
        ("a", " OR NOT a"),
        ("a", " XOR a"),
        ("a", ":b"),
        ("a < b", " AND a < b OR c"),
        ("1", " < 1"),
        ("f(1", ", 1"),
        ("[1", ", 1"),
        ("[a", ", (a)"),
    ];
    for (first, more) in runs {
        let close = if first.starts_with("f(") {
            ")"
        } else if first.starts_with('[') {
            "]"
        } else {
            ""
        };
        let text = format!("{first}{}{close}", more.repeat(60_000 / more.len()));
        // Every comparison of one chain is an operation of the tree's width, but is counted in its depth.
        let parsed = bounded(more, || parse_expression(&text));
        assert!(
            parsed.is_ok() || more == " < 1",
            "{more}: {:#}",
            parsed.unwrap_err()
        );
    }
    let clauses = format!("{}RETURN 1", "MATCH (a)-->(b) ".repeat(3_000));
    assert!(bounded("clauses", || parse_statement(&clauses)).is_ok());
    let steps = format!("MATCH (a){} RETURN 1", "-->(a)".repeat(10_000));
    assert!(bounded("steps", || parse_statement(&steps)).is_ok());
}

/// A chain repeats its middle operands; a chain within one would double the tree at every level.
#[test]
fn chains_of_comparisons_within_chains_do_not_double() {
    let text = format!("{}x{}", "1 < (".repeat(60), ") < 2".repeat(60));
    let error = bounded("chains", || parse_expression(&text)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(parse_expression("1 < (2 < x < 3)").is_ok());
    assert!(parse_expression("(1 < x < 2) = (2 < x < 3)").is_ok());
    assert!(parse_expression("1 < [2 < x < 3][0] < 4").is_err());
}

/// Parentheses are looked over for being a pattern at each level: slow texts of that kind.
#[test]
fn texts_that_are_looked_over_again_and_again_stay_fast() {
    let filler = "a.b + 'text' || [1, 2][0] AND ".repeat(1_800);
    for open in ["(", "f((", "[(", "{a: ("] {
        let levels = 60 / open.len().min(2);
        let close: String = open
            .chars()
            .rev()
            .filter_map(|c| match c {
                '(' => Some(')'),
                '[' => Some(']'),
                '{' => Some('}'),
                _ => None,
            })
            .collect();
        let text = format!("{}{filler}a{}", open.repeat(levels), close.repeat(levels));
        let parsed = bounded(open, || parse_expression(&text));
        assert!(parsed.is_ok(), "{open}: {:#}", parsed.unwrap_err());
    }
    let text = format!("{}a", "(a) - ".repeat(180));
    assert!(bounded("parens", || parse_expression(&text)).is_ok());
}
