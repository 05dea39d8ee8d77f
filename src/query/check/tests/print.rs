//! Printed expressions parse to the tree they were printed from.

use std::sync::Arc;

use proptest::prelude::*;

use super::read;
use crate::error::Span;
use crate::query::check::print;
use crate::query::syntax::ast::{Arithmetic, Comparison, Expr, ExprKind, Name, Test};
use crate::query::syntax::parse_expression;
use crate::value::{Duration, Value};

/// Texts that print as they are written.
const SAME: [&str; 34] = [
    "a OR b AND NOT c XOR d",
    "(a OR b) AND c",
    "NOT (a AND b)",
    "a = b AND b <> 'it\\'s'",
    "a.b.c[0][1 .. 2].`x y`",
    "a - (b - c) - d",
    "(a + b) * c ^ d % 2",
    "-a + -1.5",
    "-(a + b)",
    "a IN [1, 2, 'x'] OR a NOT IN $list",
    "a STARTS WITH 'x' AND a NOT ENDS WITH 'y' AND NOT a CONTAINS ANY ['z']",
    "a IS NULL OR a IS NOT NULL OR a IS EMPTY OR a IS NOT EMPTY",
    "a BETWEEN 1 AND 2 AND a NOT BETWEEN 3 AND 4 + 5",
    "a LIKE 'x%' OR a NOT ILIKE 'y' OR a =~ 'z.*'",
    "a || 'x' || b",
    "{a: 1, `b c`: [true, false, null], $title: {}}",
    "CASE a WHEN 1, 2 THEN 'x' WHEN 3 THEN 'y' ELSE 'z' END",
    "CASE WHEN a THEN 1 END",
    "count(*) FILTER (WHERE a > 1) + count(DISTINCT b) + coalesce(a, b)",
    "all(x IN a WHERE x > 1) AND none(x IN a.b WHERE x = 'y')",
    "[x IN a WHERE x > 1 | x * 2]",
    "[x IN a] = [x IN a | x]",
    "reduce(a = 0, x IN b | a + x)",
    "EXISTS { (a)-[:r|`s t`]->(b:x&!y {c: 1} WHERE d = 1)<-[:u]-{1,3}(), (z) WHERE a.b = 1 }",
    "EXISTS { MATCH (a)-[:r]->{2}(b) WHERE b.c MATCH REPEATABLE ELEMENTS (b)-[]-{0,}(c) }",
    "COUNT { (a)-[:r]->(b WHERE c = 1) | DISTINCT b } > 2",
    "SUM { (a)-[:r]->(b) WHERE b.c | b.d }",
    "(a)-[:r]->(:b)",
    "[(a)-[:r]->(b) WHERE b.c | b.d]",
    "a {.*, .$title, b, c: d.e}",
    "a:b&!c",
    "`where`.x = $p AND this.$title = 'a\\\\b\\n'",
    "DATETIME '2026-01-01T00:00:00Z' + DURATION 'P1DT2H'",
    "1e21 > 0.1 AND 9223372036854775807 > 1",
];

#[test]
fn texts_in_their_plainest_form_print_unchanged() {
    for text in SAME {
        let tree = parse_expression(text).unwrap();
        assert_eq!(print::expression(&tree), text);
    }
}

#[test]
fn printing_loses_nothing_of_real_rules() {
    for (text, _) in read(include_str!("cases/rules.txt")) {
        let printed = print::expression(&parse_expression(text).unwrap());
        let again = print::expression(&parse_expression(&printed).unwrap());
        assert_eq!(again, printed);
    }
}

const fn expr(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: Span::new(0, 0),
    }
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        any::<i32>().prop_map(|n| Value::Int(i64::from(n))),
        any::<f32>()
            .prop_filter("a number", |n| n.is_finite())
            .prop_map(|n| Value::Float(n.into())),
        ".{0,6}".prop_map(Value::from),
        any::<bool>().prop_map(Value::Bool),
        any::<u32>().prop_map(|micros| Value::Duration(Duration::new(0, micros.into()))),
    ]
    .prop_map(|value| expr(ExprKind::Literal(value)))
}

fn name() -> impl Strategy<Value = Arc<str>> {
    prop_oneof!["[a-z]{1,3}", "[a-zA-Zäé `-]{1,4}", Just("and".to_owned())].prop_map(Arc::from)
}

fn tree() -> impl Strategy<Value = Expr> {
    let variable = name().prop_map(|name| expr(ExprKind::Variable(name)));
    prop_oneof![leaf(), variable].prop_recursive(5, 40, 3, |inner| {
        let two = (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        let one = inner.clone().prop_map(Box::new);
        let compare = prop_oneof![Just(Comparison::Equal), Just(Comparison::Less)];
        let sum = prop_oneof![
            Just(Arithmetic::Add),
            Just(Arithmetic::Subtract),
            Just(Arithmetic::Divide),
            Just(Arithmetic::Power),
            Just(Arithmetic::Concatenate),
        ];
        let test = prop_oneof![
            Just(Test::In),
            Just(Test::Contains),
            Just(Test::ContainsAny),
            Just(Test::Regex),
        ];
        prop_oneof![
            (compare, two.clone()).prop_map(|(op, (a, b))| ExprKind::Compare(op, a, b)),
            (sum, two.clone()).prop_map(|(op, (a, b))| ExprKind::Arithmetic(op, a, b)),
            (test, two.clone()).prop_map(|(op, (a, b))| ExprKind::Test(op, a, b)),
            two.clone().prop_map(|(a, b)| ExprKind::And(vec![*a, *b])),
            two.clone().prop_map(|(a, b)| ExprKind::Or(vec![*a, *b])),
            two.clone().prop_map(|(a, b)| ExprKind::Index(a, b)),
            (two, inner).prop_map(|((value, low), high)| ExprKind::Between {
                value,
                low,
                high: Box::new(high)
            }),
            one.clone().prop_map(ExprKind::Not),
            one.clone().prop_map(ExprKind::Negate),
            one.clone().prop_map(ExprKind::IsNull),
            (one, name()).prop_map(|(base, text)| {
                ExprKind::Property(
                    base,
                    Name {
                        text,
                        span: Span::new(0, 0),
                    },
                )
            }),
        ]
        .prop_map(expr)
    })
}

proptest! {
    /// Flat connectives and folded signs print alike, so texts are compared and not trees.
    #[test]
    fn any_tree_prints_as_text_that_parses_to_it(tree in tree()) {
        let printed = print::expression(&tree);
        let parsed = parse_expression(&printed);
        prop_assert!(parsed.is_ok(), "{printed}: {:?}", parsed.err());
        let again = print::expression(&parsed.unwrap());
        prop_assert_eq!(without_parentheses(&again), without_parentheses(&printed));
        prop_assert_eq!(print::expression(&parse_expression(&again).unwrap()), again);
    }
}

/// The parser joins nested connectives and drops double negations, and with them parentheses.
fn without_parentheses(text: &str) -> String {
    text.replace(['(', ')'], "")
}
