//! Typical mistakes: exactly what is said about each of them.

use super::{check, expr, statement};

const MISTAKES: [(&str, &str); 61] = [
    (
        "MATCH (s:service) WERE s.tier = 1 RETURN s",
        "1:19: expected a relation such as `-[:name]->`, `WHERE` or a clause, found `WERE`
  |
1 | MATCH (s:service) WERE s.tier = 1 RETURN s
  |                   ^^^^
help: did you mean `WHERE`?",
    ),
    (
        "RETRUN 1",
        "1:1: expected a query, found `RETRUN`
  |
1 | RETRUN 1
  | ^^^^^^
help: did you mean `RETURN`?",
    ),
    (
        "MATCH (s) RETRUN s",
        "1:11: expected a relation such as `-[:name]->`, `WHERE` or a clause, found `RETRUN`
  |
1 | MATCH (s) RETRUN s
  |           ^^^^^^
help: did you mean `RETURN`?",
    ),
    (
        "SELECT * FROM service",
        "1:1: expected a query, found `SELECT`
  |
1 | SELECT * FROM service
  | ^^^^^^
help: queries are written `MATCH (s:service) WHERE s.tier = 1 RETURN s.name`",
    ),
    (
        "MATCH (s) WHERE s.a == 1 RETURN s",
        "1:21: expected an expression, found `==`
  |
1 | MATCH (s) WHERE s.a == 1 RETURN s
  |                     ^^
help: equality is written `=`",
    ),
    (
        "MATCH (s) WHERE s.a && s.b RETURN s",
        "1:21: expected a clause or an operator, found `&&`
  |
1 | MATCH (s) WHERE s.a && s.b RETURN s
  |                     ^^
help: write AND",
    ),
    (
        "MATCH (s) WHERE !s.a RETURN s",
        "1:17: expected an expression, found `!`
  |
1 | MATCH (s) WHERE !s.a RETURN s
  |                 ^
help: write NOT",
    ),
    (
        "MATCH (s) SET s.x = 1",
        "1:11: expected a relation such as `-[:name]->`, `WHERE` or a clause, found `SET`
  |
1 | MATCH (s) SET s.x = 1
  |           ^^^
help: the language only reads: write entities through a write transaction",
    ),
    (
        "MATCH (s) RETURN s GROUP BY s.x",
        "1:20: expected `AS`, `LIMIT`, `OFFSET`, `ORDER BY`, `SKIP`, an operator or the end, found `GROUP`
  |
1 | MATCH (s) RETURN s GROUP BY s.x
  |                    ^^^^^
help: grouping is implicit: the items of RETURN or WITH without an aggregate are the keys",
    ),
    (
        "MATCH (s) RETURN s -- a comment",
        "1:25: expected `AS`, `LIMIT`, `OFFSET`, `ORDER BY`, `SKIP`, an operator or the end, found `comment`
  |
1 | MATCH (s) RETURN s -- a comment
  |                         ^^^^^^^
help: a comment starts with `//`",
    ),
    (
        "MATCH (s)",
        "1:10: the query has no RETURN
  |
1 | MATCH (s)
  |          ^
help: end it with what it shall answer, as in `RETURN s` or `RETURN count(*)`",
    ),
    (
        "MATCH (s:service",
        "1:7: this `(` is never closed
  |
1 | MATCH (s:service
  |       ^
help: add a `)` where it ends",
    ),
    (
        "RETURN 'abc",
        "1:8: this string is never closed
  |
1 | RETURN 'abc
  |        ^
help: a quote inside a string is written twice, or after a backslash",
    ),
    (
        "RETURN (1]",
        "1:10: expected `)` to close the `(`, found `]`
  |
1 | RETURN (1]
  |          ^
help: the `(` was opened at 1:8",
    ),
    (
        "MATCH s:service RETURN s",
        "1:7: expected a pattern, found `s`
  |
1 | MATCH s:service RETURN s
  |       ^
help: a pattern is written `(variable:blueprint)`",
    ),
    (
        "MATCH (s)-(t) RETURN s",
        "1:11: expected `-` or a relation such as `-[:name]->`, found `(`
  |
1 | MATCH (s)-(t) RETURN s
  |           ^
help: a relation stands in square brackets: `-[:relation]->`",
    ),
    (
        "MATCH (s)-[:owner]>(t) RETURN s",
        "1:19: expected `-`, found `>`
  |
1 | MATCH (s)-[:owner]>(t) RETURN s
  |                   ^
help: an arrow is written `-[:relation]->`, with one dash at each side of the brackets",
    ),
    (
        "MATCH (s)->(t) RETURN s",
        "1:11: expected `-` or a relation such as `-[:name]->`, found `>`
  |
1 | MATCH (s)->(t) RETURN s
  |           ^
help: a relation is read with a dot, `s.owner`, or by a pattern, `(s)-[:owner]->(t)`",
    ),
    (
        "RETURN s->owner",
        "1:10: expected an expression, found `>`
  |
1 | RETURN s->owner
  |          ^
help: a relation is read with a dot, `s.owner`, or by a pattern, `(s)-[:owner]->(t)`",
    ),
    (
        "RETURN s.",
        "1:10: the text ends too early: expected a property name
  |
1 | RETURN s.
  |          ^",
    ),
    (
        "RETURN",
        "1:7: the text ends too early: expected an expression
  |
1 | RETURN
  |       ^",
    ),
    (
        "",
        "1:1: the text is empty
  |
1 | 
  | ^",
    ),
    (
        "RETURN 1 2",
        "1:10: expected `AS`, `LIMIT`, `OFFSET`, `ORDER BY`, `SKIP`, an operator or the end, found `2`
  |
1 | RETURN 1 2
  |          ^",
    ),
    (
        "RETURN [1, ]",
        "1:12: expected an expression, found `]`
  |
1 | RETURN [1, ]
  |            ^
help: there is a comma too many",
    ),
    (
        "MATCH (s) RETURN s ORDER s.x",
        "1:26: expected `BY`, found `s`
  |
1 | MATCH (s) RETURN s ORDER s.x
  |                          ^",
    ),
    (
        "MATCH (s) RETURN s.x, ORDER BY s.x",
        "1:29: expected `AS`, `LIMIT`, `OFFSET`, `ORDER BY`, `SKIP`, an operator or the end, found `BY`
  |
1 | MATCH (s) RETURN s.x, ORDER BY s.x
  |                             ^^
help: there is a comma too many before ORDER BY",
    ),
    (
        "MATCH (s) RETURN s ODER BY s.x",
        "1:20: expected `AS`, `LIMIT`, `OFFSET`, `ORDER BY`, `SKIP`, an operator or the end, found `ODER`
  |
1 | MATCH (s) RETURN s ODER BY s.x
  |                    ^^^^
help: did you mean `ORDER`?",
    ),
    (
        "MATCH (s) RETURN s LIMIT",
        "1:25: the text ends too early: expected an expression
  |
1 | MATCH (s) RETURN s LIMIT
  |                         ^",
    ),
    (
        "LET x 5 RETURN x",
        "1:5: expected `variable = expression`, found `x`
  |
1 | LET x 5 RETURN x
  |     ^",
    ),
    (
        "RETURN {a 1}",
        "1:9: expected `name: value`, found `a`
  |
1 | RETURN {a 1}
  |         ^",
    ),
    (
        "RETURN CASE WEN x THEN 1 END",
        "1:17: expected `WHEN` or an operator, found `x`
  |
1 | RETURN CASE WEN x THEN 1 END
  |                 ^
help: did you mean `WHEN`? (in place of `WEN`)",
    ),
    (
        "RETURN CASE WHEN x 1 END",
        "1:20: expected `THEN` or an operator, found `1`
  |
1 | RETURN CASE WHEN x 1 END
  |                    ^",
    ),
    (
        "RETURN CASE x END",
        "1:15: expected `WHEN` or an operator, found `END`
  |
1 | RETURN CASE x END
  |               ^^^",
    ),
    (
        "MATCH (s:) RETURN s",
        "1:10: expected a label, found `)`
  |
1 | MATCH (s:) RETURN s
  |          ^",
    ),
    (
        "MATCH (s {a: }) RETURN s",
        "1:14: expected an expression, found `}`
  |
1 | MATCH (s {a: }) RETURN s
  |              ^",
    ),
    (
        "RETURN x IS NOT IN [1]",
        "1:17: expected `EMPTY` or `NULL`, found `IN`
  |
1 | RETURN x IS NOT IN [1]
  |                 ^^
help: write `x IN list` or `x NOT IN list`",
    ),
    (
        "RETURN x IS TRUE",
        "1:13: expected `EMPTY`, `NOT` or `NULL`, found `TRUE`
  |
1 | RETURN x IS TRUE
  |             ^^^^
help: a boolean is a condition by itself: write `x` or `NOT x`",
    ),
    (
        "RETURN 90days",
        "1:8: `90days` is not a number
  |
1 | RETURN 90days
  |        ^^^^^^
help: the units of durations are ms, s, m, h, d, w, mo and y, as in `90d` or `1h30m`",
    ),
    (
        r"RETURN 'a\qb'",
        r"1:10: unknown escape `\q` in a string
  |
1 | RETURN 'a\qb'
  |          ^^
help: a backslash itself is written `\\`",
    ),
    (
        "MATCH (s)-[:a]->{x}(t) RETURN s",
        "1:18: expected a number of hops, found `x`
  |
1 | MATCH (s)-[:a]->{x}(t) RETURN s
  |                  ^",
    ),
    (
        "MATCH (a)(b) RETURN a",
        "1:10: expected a relation or a comma between two nodes of a pattern
  |
1 | MATCH (a)(b) RETURN a
  |          ^^^
help: write `(a)-[:relation]->(b)`, or `(a), (b)`",
    ),
    (
        "RETURN count(*) FILTER WHERE x",
        "1:17: expected `FILTER (WHERE condition)`, `AS`, `LIMIT`, `OFFSET`, `ORDER BY`, an operator or the end, found `FILTER`
  |
1 | RETURN count(*) FILTER WHERE x
  |                 ^^^^^^",
    ),
    (
        "RETURN any(x IN xs)",
        "1:8: `any` needs a condition
  |
1 | RETURN any(x IN xs)
  |        ^^^^^^^^^^^^
help: write `any(x IN list WHERE condition)`",
    ),
    (
        "RETURN reduce(a, b)",
        "1:8: `reduce` is not written like this
  |
1 | RETURN reduce(a, b)
  |        ^^^^^^^^^^^^
help: write `reduce(total = 0, x IN list | total + x)`",
    ),
    (
        "RETURN [x WHERE y]",
        "1:11: a comprehension starts with `variable IN list` or a pattern
  |
1 | RETURN [x WHERE y]
  |           ^^^^^^^
help: write `[x IN list WHERE condition | value]`",
    ),
    (
        "RETURN 1; RETURN 2",
        "1:11: expected the end, found `RETURN`
  |
1 | RETURN 1; RETURN 2
  |           ^^^^^^
help: one statement at a time",
    ),
    (
        "s.tier = 1",
        "1:1: expected a query, found `s`
  |
1 | s.tier = 1
  | ^
help: a query starts with MATCH or RETURN",
    ),
    (
        "UNWIND [1] RETURN 1",
        "1:12: expected `AS` or an operator, found `RETURN`
  |
1 | UNWIND [1] RETURN 1
  |            ^^^^^^",
    ),
    (
        "MATCH (s) WHERE s.name = 'it's' RETURN s",
        "1:31: this string is never closed
  |
1 | MATCH (s) WHERE s.name = 'it's' RETURN s
  |                               ^
help: a quote inside a string is written twice, or after a backslash",
    ),
    (
        "MATCH (a)-[r]->{3,1}(b) RETURN a",
        "1:16: the most hops are fewer than the fewest
  |
1 | MATCH (a)-[r]->{3,1}(b) RETURN a
  |                ^^^^^
help: write the smaller number first",
    ),
    (
        "MATCH (a)-[r*1..3]->{2}(b) RETURN a",
        "1:21: `{2}` sets the number of hops a second time
  |
1 | MATCH (a)-[r*1..3]->{2}(b) RETURN a
  |                     ^^^
help: write it once, inside the brackets or after the arrow",
    ),
    (
        "RETURN a ANDD b",
        "1:10: expected `AS`, `LIMIT`, `OFFSET`, `ORDER BY`, `SKIP`, an operator or the end, found `ANDD`
  |
1 | RETURN a ANDD b
  |          ^^^^
help: did you mean `AND`?",
    ),
    (
        "RETURN EXISTS (a)-->(b)",
        "1:20: expected an expression, found `>`
  |
1 | RETURN EXISTS (a)-->(b)
  |                    ^
help: a pattern as a condition starts with a node: `(a)-->(b)`, or `EXISTS { (a)-->(b) }`",
    ),
    (
        "RETURN 1 AS",
        "1:12: the text ends too early: expected a variable
  |
1 | RETURN 1 AS
  |            ^",
    ),
    (
        "MATCH (s) WITH s WHERE s.x > 1",
        "1:31: the query has no RETURN
  |
1 | MATCH (s) WITH s WHERE s.x > 1
  |                               ^
help: end it with what it shall answer, as in `RETURN s` or `RETURN count(*)`",
    ),
    (
        "RETURN x NOT 5",
        "1:14: expected `BETWEEN`, `CONTAINS`, `ENDS WITH`, `ILIKE` or `IN`, found `5`
  |
1 | RETURN x NOT 5
  |              ^",
    ),
    (
        "RETURN x STARTS 'a'",
        "1:17: expected `WITH`, found `'a'`
  |
1 | RETURN x STARTS 'a'
  |                 ^^^",
    ),
    (
        "RETURN x BETWEEN 1 OR 2",
        "1:20: expected `AND` or an operator, found `OR`
  |
1 | RETURN x BETWEEN 1 OR 2
  |                    ^^",
    ),
    (
        "RETURN SUM { (a)-->(b) b.x }",
        "1:24: expected `| value`, a pattern, a relation such as `-[:name]->`, `UNION` or `WHERE`, found `b`
  |
1 | RETURN SUM { (a)-->(b) b.x }
  |                        ^",
    ),
    (
        "/* x",
        "1:1: this comment is never closed
  |
1 | /* x
  | ^
help: end it with `*/`",
    ),
    (
        "RETURN @x",
        "1:8: expected an expression, found `@`
  |
1 | RETURN @x
  |        ^",
    ),
];

#[test]
fn mistakes_in_queries_are_explained() {
    check(&MISTAKES, statement);
}

#[test]
fn mistakes_in_expressions_are_explained() {
    let table = [
        (
            "tier = 1 RETURN tier",
            "1:10: expected an operator or the end, found `RETURN`
  |
1 | tier = 1 RETURN tier
  |          ^^^^^^",
        ),
        (
            "MATCH (s) RETURN s",
            "1:1: expected an expression, found `MATCH`
  |
1 | MATCH (s) RETURN s
  | ^^^^^",
        ),
        (
            "a\n  AND b =\n",
            "2:10: the text ends too early: expected an expression
  |
2 |   AND b =
  |          ^",
        ),
        (
            "tier IN [1, 2",
            "1:9: this `[` is never closed
  |
1 | tier IN [1, 2
  |         ^
help: add a `]` where it ends",
        ),
        (
            "a LIKE b ANDD c",
            "1:10: expected an operator or the end, found `ANDD`
  |
1 | a LIKE b ANDD c
  |          ^^^^
help: did you mean `AND`?",
        ),
    ];
    check(&table, expr);
}
