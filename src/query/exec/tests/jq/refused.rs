//! What is refused of jq, and what is stopped.

use serde_json::json;

use super::entity::{json_of, of};
use crate::error::{Error, ErrorKind};

fn refused(filter: &str) -> Error {
    match of(0, filter) {
        Ok(value) => unreachable!("{filter} yields {value}"),
        Err(error) => error,
    }
}

/// What has no translation: a filter, where, and what.
const UNSUPPORTED: [(&str, &str); 13] = [
    (".a | now", "1:6: `now`"),
    ("now | todate", "1:1: `now`"),
    ("now - 1 | floor", "1:1: `now`"),
    (".properties.lang | env.HOME", "1:20: `env`"),
    ("$ENV.HOME", "1:1: `$ENV`"),
    ("1 + input", "1:5: `input`"),
    ("[recurse(.a)]", "1:2: `recurse`"),
    ("def f: 1; f", "1:5: `def`"),
    ("label $x | 1", "1:7: `label`"),
    ("last(repeat(1))", "1:6: `repeat`"),
    (".a[1:] = 1", "1:2: a change of a slice"),
    (
        "(.a + 1) = 1",
        "1:3: what is not a path, where a path is needed,",
    ),
    ("\"a\" | test(\"a(?=b)\")", "1:7: the pattern `a(?=b)`"),
];

/// What is no jq: a filter, where, and why.
const WRONG: [(&str, &str); 9] = [
    ("lenght", "1:1: jq has no `lenght`"),
    ("map(1; 2)", "1:1: `map` does not take 2 arguments"),
    ("$x", "1:1: the variable `$x` is not defined"),
    (".a |", "1:5: expected a value, found the end"),
    ("if 1 then 2", "1:12: expected else or end, found the end"),
    ("'a\"b' | lenght", "1:9: jq has no `lenght`"),
    ("(1", "1:3: expected `)`"),
    ("", "1:1: the text is empty"),
    (
        "test-rel.$identifier",
        "1:10: expected a key, found `$identifier`",
    ),
];

#[test]
fn what_has_no_translation_is_refused_where_it_stands() {
    for (filter, message) in UNSUPPORTED {
        let (error, found) = (refused(filter), refused(filter).to_string());
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{filter}: {error}");
        let found = found
            .trim_end_matches(" is not supported yet")
            .trim_end_matches(" of jq");
        assert_eq!(found, message, "{filter}");
    }
}

#[test]
fn what_is_no_jq_is_refused_where_it_stands() {
    for (filter, message) in WRONG {
        let error = refused(filter);
        assert_eq!(error.kind(), ErrorKind::Syntax, "{filter}: {error}");
        assert_eq!(error.to_string(), message, "{filter}");
    }
    assert_eq!(refused("lenght").help(), Some("did you mean `length`?"));
}

#[test]
fn what_would_grow_without_bound_is_stopped() {
    for filter in [
        "[range(1e9)]",
        "reduce range(100) as $i (\"ab\"; . + .) | length",
        "reduce range(60) as $i (0; [., .])",
        "reduce range(100000) as $i (0; [.])",
        "reduce range(60) as $i ({}; {a: ., b: .})",
        "[range(2000) as $a | range(2000) as $b | range(2000) as $c | 1] | length",
        "reduce range(40) as $i ([0]; . + .) | length",
        "[range(100000)] | [.[] as $x | .[] as $y | 1] | length",
        "\"a\" * 1e12",
        "null | .[1000000000] = 1",
        "reduce range(400) as $i (null; setpath([\"a\"]; {b: .}))",
    ] {
        let error = refused(filter);
        assert_eq!(error.kind(), ErrorKind::Limit, "{filter}: {error}");
    }
    assert_eq!(json_of("first(range(1000000))"), json!(0));
}

/// Filters that nest: what opens a level, what is innermost, and what closes a level.
const NESTED: [(&str, &str, &str); 38] = [
    ("[", "1", "]"),
    ("{a: ", "1", "}"),
    ("{(", "\"a\"", "): 1}"),
    ("-", "1", ""),
    ("", "1", " | ."),
    ("", "1", " + 1"),
    ("", "1", " // 1"),
    ("1 as $x | ", "1", ""),
    ("(. as [$x] | ", ".", ")"),
    ("(.a as $x | ", ".", ")"),
    ("if true then ", "1", " else 2 end"),
    ("if null then 1 elif ", "null", " then 2 end"),
    ("[.[]? | ", "1", "]"),
    (".[", "0", "]"),
    ("try (", "1", ")"),
    ("try error(", "1", ") catch ."),
    ("\"\\(", "1", ")\""),
    ("map(", "1", ")"),
    ("map(.[]? | ", ".", ")"),
    ("map_values(", ".", ")"),
    ("select(", ".", ")"),
    ("sort_by(", ".", ")"),
    ("any(.[]?; ", ".", ")"),
    ("IN(", ".", ")"),
    ("INDEX(.[]?; ", ".", ")"),
    ("limit(1; ", ".", ")"),
    ("nth(1; ", ".", ")"),
    ("reduce 1 as $x (0; ", "1", ")"),
    ("foreach .[]? as $x (1; 2; ", "3", ")"),
    ("(.a = ", ".", ")"),
    ("(.a |= ", ".", ")"),
    ("del(.[]? | select(", ".", "))"),
    ("paths(", ".", ")"),
    ("has(", "1", ")"),
    ("[gsub(\"a\"; ", "\"b\"", ")]"),
    ("sub(\"a\"; \"b\"; ", "\"g\"", ")"),
    ("error(", "1", ")"),
    ("[limit(1; .[]?) | select(. // ", "1", ")]"),
];

#[test]
fn the_deepest_filter_that_is_let_through_fits_the_stack() {
    for (open, innermost, close) in NESTED {
        let deep = |count| format!("{}{innermost}{}", open.repeat(count), close.repeat(count));
        let is_refused = |count| match of(1, &deep(count)) {
            Err(error) => error.kind() == ErrorKind::Limit,
            Ok(_) => false,
        };
        // The steps are narrower than what stands between the limit and the end of the stack.
        let passed = (1..40)
            .map(|step| step * 5)
            .take_while(|count| !is_refused(*count))
            .last();
        assert!(
            passed.is_some_and(|passed| passed >= 10),
            "{open}: {passed:?}"
        );
        assert!(is_refused(5_000), "{open}");
    }
    let arms = |count| {
        format!(
            "if null then 1 {}end",
            "elif null then empty ".repeat(count)
        )
    };
    assert!(of(1, &arms(400)).is_ok());
    assert_eq!(refused(&arms(401)).kind(), ErrorKind::Limit);
}
