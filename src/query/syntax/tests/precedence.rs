//! What binds tighter than what.

use super::{check, expr};

#[test]
fn operators_bind_by_level() {
    let table = [
        ("a OR b AND c", "(or a (and b c))"),
        ("a AND b OR c", "(or (and a b) c)"),
        (
            "a XOR b OR c XOR d AND e",
            "(or (xor a b) (xor c (and d e)))",
        ),
        ("a OR b OR c OR d", "(or a b c d)"),
        ("a AND b AND c", "(and a b c)"),
        ("a XOR b XOR c", "(xor a b c)"),
        ("(a AND b) AND c", "(and (and a b) c)"),
        ("NOT a AND b", "(and (not a) b)"),
        ("NOT a = 1", "(not (= a 1))"),
        ("NOT a IS NULL", "(not (null? a))"),
        ("NOT NOT a", "(not (not a))"),
        ("a = NOT b = c", "(= a (not (= b c)))"),
        ("a = b IN c", "(= a (in b c))"),
        ("a IN b = c", "(= (in a b) c)"),
        ("a IN b IN c", "(in (in a b) c)"),
        ("a + b IS NULL", "(null? (+ a b))"),
        ("a IS NULL = b", "(= (null? a) b)"),
        ("a + 1 IN b || c", "(in (+ a 1) (|| b c))"),
        ("a STARTS WITH b || c AND d", "(and (starts a (|| b c)) d)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a + b * c - d / e % f", "(- (+ a (* b c)) (% (/ d e) f))"),
        ("a * b ^ c", "(* a (^ b c))"),
        ("a ^ b ^ c", "(^ (^ a b) c)"),
        ("-2 ^ 2", "(^ -2 2)"),
        ("-a ^ b", "(^ (neg a) b)"),
        ("-a.b", "(neg a.b)"),
        ("-a[0]", "(neg a[0])"),
        ("- 1", "-1"),
        ("a - -1", "(- a -1)"),
        ("-1 IS NULL", "(null? -1)"),
        ("-1.x", "(neg 1.x)"),
        ("--1", "(neg -1)"),
        ("+a", "a"),
        ("a -1", "(- a 1)"),
        ("(a + b) * c", "(* (+ a b) c)"),
        ("a || b + c", "(+ (|| a b) c)"),
        ("a < b", "(< a b)"),
        ("1 <= x < 10", "(and (<= 1 x) (< x 10))"),
        ("a < b = c <> d", "(and (< a b) (= b c) (<> c d))"),
        ("a < b AND c > d", "(and (< a b) (> c d))"),
        (
            "a < b + 1 < c OR d",
            "(or (and (< a (+ b 1)) (< (+ b 1) c)) d)",
        ),
        (
            "y NOT BETWEEN 1 + 1 AND 2 * 3",
            "(not (between y (+ 1 1) (* 2 3)))",
        ),
        ("a BETWEEN 1 AND 2 AND b", "(and (between a 1 2) b)"),
        ("a + 1 BETWEEN -b AND c.d", "(between (+ a 1) (neg b) c.d)"),
        ("a:b AND NOT c:d", "(and (a : b) (not (c : d)))"),
        ("a IS b & !c", "(a : (b&!c))"),
        ("a.b:c", "(a.b : c)"),
        ("a AND NOT b IN c OR d", "(or (and a (not (in b c))) d)"),
        (
            "NOT a = 1 OR b AND c XOR d AND 1 <= x < 10 AND -2 ^ 2 = 4 AND y NOT BETWEEN 1 + 1 AND 2 * 3",
            "(or (not (= a 1)) (xor (and b c) (and d (and (<= 1 x) (< x 10)) (= (^ -2 2) 4) \
             (not (between y (+ 1 1) (* 2 3))))))",
        ),
    ];
    check(&table, expr);
}

#[test]
fn every_comparison_and_test_has_its_node() {
    let table = [
        ("a = b", "(= a b)"),
        ("a <> b", "(<> a b)"),
        ("a != b", "(<> a b)"),
        ("a < b", "(< a b)"),
        ("a <= b", "(<= a b)"),
        ("a > b", "(> a b)"),
        ("a >= b", "(>= a b)"),
        ("a =~ b", "(=~ a b)"),
        ("a IN b", "(in a b)"),
        ("a NOT IN b", "(not (in a b))"),
        ("a STARTS WITH b", "(starts a b)"),
        ("a NOT STARTS WITH b", "(not (starts a b))"),
        ("a ENDS WITH b", "(ends a b)"),
        ("a NOT ENDS WITH b", "(not (ends a b))"),
        ("a CONTAINS b", "(contains a b)"),
        ("a NOT CONTAINS b", "(not (contains a b))"),
        ("a CONTAINS ANY b", "(contains-any a b)"),
        ("a CONTAINS ALL b", "(contains-all a b)"),
        (
            "a CONTAINS any(x IN b WHERE x)",
            "(contains a any(x in b where x))",
        ),
        ("a LIKE b", "(like a b)"),
        ("a NOT LIKE b", "(not (like a b))"),
        ("a ILIKE b", "(ilike a b)"),
        ("a not ilike b", "(not (ilike a b))"),
        ("a IS NULL", "(null? a)"),
        ("a IS NOT NULL", "(not (null? a))"),
        ("a IS EMPTY", "(empty? a)"),
        ("a IS NOT EMPTY", "(not (empty? a))"),
        ("a IS b", "(a : b)"),
        ("a IS :b", "(a : b)"),
        ("a IS NOT b", "(not (a : b))"),
        ("a BETWEEN b AND c", "(between a b c)"),
        ("a[NOT b] = [NOT c][0]", "(= a[(not b)] [(not c)][0])"),
    ];
    check(&table, expr);
}

#[test]
fn spans_cover_what_was_written_without_what_follows() {
    let text = "  (a + b) /* c */ AND NOT  d.e  // f\n";
    let expr = crate::query::syntax::parse_expression(text).unwrap();
    assert_eq!(
        text.get(expr.span.start..expr.span.end),
        Some("(a + b) /* c */ AND NOT  d.e")
    );
    let crate::query::syntax::ast::ExprKind::And(parts) = expr.kind else {
        unreachable!()
    };
    let shown: Vec<_> = parts
        .iter()
        .map(|part| &text[part.span.start..part.span.end])
        .collect();
    assert_eq!(shown, ["(a + b)", "NOT  d.e"]);
}
