//! Every function over a table of calls and answers.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::error::ErrorKind;
use crate::state::State;

fn call(name: &str, arguments: &[Value]) -> Result<Value> {
    let state = State::default();
    let now = Instant::parse("2024-05-31T12:30:00Z").unwrap();
    let draws = Cell::default();
    let context = Context {
        state: &state,
        now,
        draws: &draws,
    };
    (find(name).unwrap().call)(&context, arguments)
}

fn json(text: &str) -> Vec<Value> {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    json.as_array()
        .unwrap()
        .iter()
        .map(Value::from_json)
        .collect()
}

#[test]
fn random_numbers_differ_and_come_again() {
    let (state, draws) = (State::default(), Cell::default());
    let context = Context {
        state: &state,
        now: Instant(7),
        draws: &draws,
    };
    let draw = || (find("rand").unwrap().call)(&context, &[]).unwrap();
    let first: Vec<Value> = (0..100).map(|_| draw()).collect();
    let distinct: BTreeSet<&Value> = first.iter().collect();
    assert_eq!(distinct.len(), 100);
    let (low, high) = (Value::from(0.0), Value::from(1.0));
    assert!(first.iter().all(|value| low <= *value && *value < high));
    assert!(first.iter().any(|value| *value < Value::from(0.2)));
    assert!(first.iter().any(|value| *value > Value::from(0.8)));
    draws.set(0);
    assert_eq!(first, (0..100).map(|_| draw()).collect::<Vec<_>>());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn answers() {
    let table = [
        ("coalesce", "[null, null, 3, 4]", "3"),
        ("coalesce", "[null]", "null"),
        ("tostring", "[12]", r#""12""#),
        ("tostring", "[2.0]", r#""2.0""#),
        ("tostring", "[true]", r#""true""#),
        ("tostring", "[null]", "null"),
        ("tointeger", r#"["12"]"#, "12"),
        ("tointeger", r#"["1.9"]"#, "1"),
        ("tointeger", r#"["x"]"#, "null"),
        ("tointeger", "[-2.7]", "-2"),
        ("tointeger", "[1e300]", "null"),
        ("tofloat", r#"["1.5"]"#, "1.5"),
        ("tofloat", "[2]", "2.0"),
        ("toboolean", r#"["TRUE"]"#, "true"),
        ("toboolean", r#"["no"]"#, "null"),
        ("abs", "[-3]", "3"),
        ("abs", "[-3.5]", "3.5"),
        ("ceil", "[1.2]", "2.0"),
        ("ceil", "[7]", "7"),
        ("floor", "[-1.2]", "-2.0"),
        ("round", "[2.5]", "3.0"),
        ("round", "[-2.5]", "-3.0"),
        ("round", "[3.14159, 2]", "3.14"),
        ("round", "[null, 2]", "null"),
        ("sign", "[-0.5]", "-1"),
        ("sign", "[0]", "0"),
        ("sqrt", "[16]", "4.0"),
        ("lower", r#"["ÄB"]"#, r#""äb""#),
        ("toUpper", r#"["äb"]"#, r#""ÄB""#),
        ("trim", r#"["  a b "]"#, r#""a b""#),
        ("ltrim", r#"["  a "]"#, r#""a ""#),
        ("rtrim", r#"["  a "]"#, r#""  a""#),
        ("left", r#"["héllo", 2]"#, r#""hé""#),
        ("right", r#"["héllo", 4]"#, r#""éllo""#),
        ("right", r#"["a", 4]"#, r#""a""#),
        ("substring", r#"["hello", 1]"#, r#""ello""#),
        ("substring", r#"["hello", 1, 3]"#, r#""ell""#),
        ("substring", r#"["hello", 9, 3]"#, r#""""#),
        ("split", r#"["a,b,,c", ","]"#, r#"["a", "b", "", "c"]"#),
        ("split", r#"["ab", ""]"#, r#"["a", "b"]"#),
        ("replace", r#"["aXbX", "X", "--"]"#, r#""a--b--""#),
        ("replace", r#"["ab", "", "-"]"#, r#""ab""#),
        ("join", r#"[["a", null, 1], "-"]"#, r#""a-1""#),
        ("reverse", r#"["abc"]"#, r#""cba""#),
        ("reverse", "[[1, 2]]", "[2, 1]"),
        ("size", r#"["äö"]"#, "2"),
        ("size", "[[1, null]]", "2"),
        ("length", "[null]", "null"),
        ("head", "[[1, 2]]", "1"),
        ("head", "[[]]", "null"),
        ("last", "[[1, 2]]", "2"),
        ("tail", "[[1, 2, 3]]", "[2, 3]"),
        ("tail", "[[]]", "[]"),
        ("range", "[1, 4]", "[1, 2, 3, 4]"),
        ("range", "[0, 10, 5]", "[0, 5, 10]"),
        ("range", "[3, 1, -1]", "[3, 2, 1]"),
        ("range", "[3, 1]", "[]"),
        ("range", "[2, 2, -1]", "[2]"),
        ("range", "[0, 1, -5]", "[]"),
        (
            "range",
            "[9223372036854775806, 9223372036854775807]",
            "[9223372036854775806, 9223372036854775807]",
        ),
        ("keys", r#"[{"b": 1, "a": 2}]"#, r#"["a", "b"]"#),
        ("properties", r#"[{"b": 1}]"#, r#"{"b": 1}"#),
        ("exp", "[0]", "1.0"),
        ("log", "[1]", "0.0"),
        ("log10", "[1000]", "3.0"),
        ("log2", "[8]", "3.0"),
        ("sin", "[0]", "0.0"),
        ("cos", "[0]", "1.0"),
        ("tan", "[0]", "0.0"),
        ("cot", "[0.7853981633974483]", "1.0000000000000002"),
        ("asin", "[0]", "0.0"),
        ("acos", "[1]", "0.0"),
        ("atan", "[0]", "0.0"),
        ("atan2", "[0, 1]", "0.0"),
        ("degrees", "[3.141592653589793]", "180.0"),
        ("radians", "[180]", "3.141592653589793"),
        ("pi", "[]", "3.141592653589793"),
        ("e", "[]", "2.718281828459045"),
        ("isnan", "[1.5]", "false"),
        ("tostringornull", "[[1]]", "null"),
        ("tostringornull", "[1]", r#""1""#),
        ("tointegerornull", "[[1]]", "null"),
        ("tofloatornull", "[true]", "null"),
        ("tobooleanornull", "[1.5]", "null"),
        ("valuetype", "[1.5]", r#""number""#),
        ("valuetype", "[{}]", r#""map""#),
        ("isempty", "[{}]", "true"),
        ("isempty", r#"["a"]"#, "false"),
        ("btrim", r#"["  a b "]"#, r#""a b""#),
        ("semver", r#"["v1.2"]"#, "[1, 2, 0, 1]"),
        (
            "semver",
            r#"["1.0.0-rc.1"]"#,
            r#"[1, 0, 0, 0, [1, "rc"], [0, 1]]"#,
        ),
        ("semver", r#"["latest"]"#, "null"),
        ("date", "[]", r#""2024-05-31""#),
        ("datetime", "[]", r#""2024-05-31T12:30:00Z""#),
        ("date.realtime", "[]", r#""2024-05-31""#),
        ("datetime.fromepoch", "[0]", r#""1970-01-01T00:00:00Z""#),
        ("now", "[]", r#""2024-05-31T12:30:00Z""#),
        ("today", "[]", r#""2024-05-31T00:00:00Z""#),
        (
            "datetime",
            r#"["2024-01-01T02:00:00+02:00"]"#,
            r#""2024-01-01T02:00:00+02:00""#,
        ),
        ("date", r#"["2024-01-01T02:00:00Z"]"#, r#""2024-01-01""#),
        ("duration", r#"["1h30m"]"#, r#""PT1H30M""#),
        ("duration", r#"["P1Y2M"]"#, r#""P1Y2M""#),
    ];
    for (name, arguments, expected) in table {
        let answer = call(name, &json(arguments)).unwrap().to_json().to_string();
        let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
        assert_eq!(answer, expected.to_string(), "{name}({arguments})");
    }
}

#[test]
fn wrong_arguments_are_typed_errors() {
    let table = [
        ("abs", r#"["x"]"#, ErrorKind::Invalid),
        ("abs", "[-9223372036854775808]", ErrorKind::Invalid),
        ("lower", "[1]", ErrorKind::Invalid),
        ("left", r#"["a", -1]"#, ErrorKind::Invalid),
        ("substring", r#"["a", 1.5]"#, ErrorKind::Invalid),
        ("round", "[1.5, 99]", ErrorKind::Invalid),
        ("range", "[1, 2, 0]", ErrorKind::Invalid),
        ("range", "[1, 1000001]", ErrorKind::Limit),
        (
            "range",
            "[-9223372036854775808, 9223372036854775807]",
            ErrorKind::Limit,
        ),
        ("head", "[1]", ErrorKind::Invalid),
        ("size", "[1]", ErrorKind::Invalid),
        ("rank", "[1]", ErrorKind::Invalid),
        ("tostring", "[[1]]", ErrorKind::Invalid),
        ("tointeger", "[[1]]", ErrorKind::Invalid),
        ("isempty", "[1]", ErrorKind::Invalid),
        ("isnan", r#"["x"]"#, ErrorKind::Invalid),
        ("exp", r#"["x"]"#, ErrorKind::Invalid),
        ("date.statement", r#"["UTC"]"#, ErrorKind::Invalid),
        (
            "datetime.fromepoch",
            "[9223372036854775807]",
            ErrorKind::Invalid,
        ),
        (
            "datetime.fromepochmillis",
            "[9223372036854775807]",
            ErrorKind::Invalid,
        ),
        ("datetime", "[1]", ErrorKind::Invalid),
        (
            "datetime",
            r#"[{"year": 2024, "hour": 25}]"#,
            ErrorKind::Invalid,
        ),
        (
            "datetime",
            r#"[{"year": 2024, "epochSeconds": 1}]"#,
            ErrorKind::Invalid,
        ),
        ("duration", r#"[{"years": 1e300}]"#, ErrorKind::Invalid),
        ("duration.between", r#"["a", "b"]"#, ErrorKind::Invalid),
        ("datetime", r#"["tomorrow"]"#, ErrorKind::Invalid),
        ("duration", r#"["long"]"#, ErrorKind::Invalid),
        ("labels", "[1]", ErrorKind::Invalid),
    ];
    for (name, arguments, kind) in table {
        let error = call(name, &json(arguments)).unwrap_err();
        assert_eq!(error.kind(), kind, "{name}({arguments}): {error}");
    }
    let long = Value::string("a".repeat(1 << 20));
    let error = call("replace", &[long, "a".into(), "b".repeat(64).into()]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn null_in_null_out() {
    for function in all().filter(|function| function.min_arguments > 0) {
        let arguments = vec![Value::Null; function.min_arguments];
        let answer = call(function.name, &arguments).unwrap();
        assert!(answer.is_null(), "{} of null is {answer:?}", function.name);
    }
}

#[test]
fn names_are_lower_case_and_unique() {
    let names: Vec<&str> = all()
        .map(|f| f.name)
        .chain(all_aggregates().map(|a| a.name))
        .collect();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(unique.len(), names.len());
    assert!(names.iter().all(|name| *name == name.to_lowercase()));
    assert_eq!(find("COALESCE").unwrap().name, "coalesce");
    assert_eq!(find_aggregate("Count").unwrap().fold, Fold::Count);
    assert!(find("nothing").is_none());
}

/// The first column and the rest of each row of the table under a heading of the users' page.
fn rows_of_page(heading: &str) -> BTreeMap<String, String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    let page = std::fs::read_to_string(path).unwrap();
    let section = page.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (signature, summary) = row.trim_end_matches(" |").split_once("` | ").unwrap();
        (signature.replace("\\|", "|"), summary.to_owned())
    })
    .collect()
}

#[test]
fn the_page_for_users_lists_what_the_tables_have() {
    let functions = all().map(|f| (f.signature.to_owned(), f.summary.to_owned()));
    assert_eq!(rows_of_page("Functions"), functions.collect());
    let aggregates = all_aggregates().map(|a| (a.signature.to_owned(), a.summary.to_owned()));
    assert_eq!(rows_of_page("Aggregates"), aggregates.collect());
}
