//! Random filters over random documents, against jaq.
//!
//! Where jaq is known to differ from jq (objects keep the order in which they were made, several
//! outputs combine in another order, `1 / 0` is no error, ..) the filters keep away, or jaq gets
//! one that asks for the same.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::oracle::{jaq, translated};

/// Objects in the order of their names, on the outside or all the way down.
const PRELUDE: &str = "\
    def sorted: if type == \"object\" then to_entries | sort_by(.key) | from_entries end; \
    def deep: if type == \"object\" then to_entries | sort_by(.key) | map(.value |= deep) \
        | from_entries elif type == \"array\" then map(deep) end; ";

#[derive(Clone, Debug)]
struct Filter {
    ours: String,
    jaq: String,
    /// It has one output, or fails.
    single: bool,
}

/// What a filter is made of: in its text `A`, `B`, `C` are filters with one output, `M` is any.
#[derive(Clone, Copy, Debug)]
struct Form {
    ours: &'static str,
    jaq: &'static str,
    single: bool,
}

/// A form with one output, for jaq in other words.
const fn one_as(ours: &'static str, jaq: &'static str) -> Form {
    Form {
        ours,
        jaq,
        single: true,
    }
}

const fn one(text: &'static str) -> Form {
    one_as(text, text)
}

/// A form with any number of outputs, for jaq in other words.
const fn any_as(ours: &'static str, jaq: &'static str) -> Form {
    Form {
        ours,
        jaq,
        single: false,
    }
}

const fn any(text: &'static str) -> Form {
    any_as(text, text)
}

const LEAVES: [Form; 22] = [
    one("."),
    one(".a"),
    one(".b"),
    one(".a.b"),
    one("null"),
    one("true"),
    one("false"),
    one("0"),
    one("1"),
    one("-2"),
    one("\"a\""),
    one("\"xay\""),
    one("\"\""),
    one("[]"),
    one("{}"),
    one("[1, \"a\", null]"),
    one("$v"),
    any_as(".[]", "sorted[]"),
    any_as(".[]?", "sorted[]?"),
    any("empty"),
    any("error(\"e\")"),
    any("(1, 2)"),
];

const FORMS: [Form; 86] = [
    one("(A | B)"),
    any("(M | A)"),
    any("(A | M)"),
    any("(M, A)"),
    one("[M]"),
    one("{a: A}"),
    one("{a: A, b: B}"),
    one_as("{(A | tostring): B}", "{(A | deep | tostring): B}"),
    one("(A + B)"),
    one("(A - B)"),
    one("(A * B)"),
    one("(A == B)"),
    one("(A != B)"),
    one("(A < B)"),
    one("(A >= B)"),
    one("(A // B)"),
    any("(M // A)"),
    one("(A and B)"),
    one("(A or B)"),
    one("(A | not)"),
    any("(M | not)"),
    one("if A then B else C end"),
    one("if A then B end"),
    any("if A then M else B end"),
    any("if M then A else B end"),
    one("(A | .a)"),
    one("(A | .b.a)"),
    any("(A | .a?)"),
    one("(A | if type == \"array\" or type == \"null\" then .[0] else . end)"),
    one("(A | if type == \"array\" then .[-1] else . end)"),
    one("(A | if type == \"array\" or type == \"string\" then .[1:] else . end)"),
    one("(A | if type == \"array\" or type == \"string\" then .[:-1] else . end)"),
    any_as("(A | .[])", "(A | sorted[])"),
    any_as("(A | .[]?)", "(A | sorted[]?)"),
    one("(A as $v | B)"),
    any("(M as $v | B)"),
    any("((A | arrays) as [$v] | B)"),
    one("(A as {a: $v} | B)"),
    any("(try M catch (\"c\" | A))"),
    one("[(M)?]"),
    any("(M | error)?"),
    one("[(try error({a: A}) catch objects)]"),
    one_as("(A | map(M))", "(A | sorted | map(M))"),
    one_as("(A | map(select(B)))", "(A | sorted | map(select(B)))"),
    any("(A | (objects, arrays) | map_values(A))"),
    any("(A | select(B))"),
    any_as(
        "(A | objects | with_entries(.value |= B))",
        "(A | objects | sorted | with_entries(.value |= B))",
    ),
    one_as("(A | to_entries)", "(A | sorted | to_entries)"),
    any("(A | objects | to_entries | from_entries)"),
    one("(A | keys)"),
    one("(A | length)"),
    one_as("(A | add)", "(A | sorted | add)"),
    one_as("(A | any(B))", "(A | sorted | any(B))"),
    one_as("(A | all(B))", "(A | sorted | all(B))"),
    one("any(M; A)"),
    one("all(M; A)"),
    one("isempty(M)"),
    any("first(M)"),
    any("limit(2; M)"),
    one("(last([M][]) // 0)"),
    one("([M] | nth(1))"),
    one("(A | sort)"),
    one("(A | sort_by([(B)?]))"),
    one("(A | sort_by((M)?))"),
    one("(A | group_by(B))"),
    one("(A | unique)"),
    one("(A | unique_by(M))"),
    one("(A | min_by(B))"),
    one("(A | max_by(B))"),
    any("(A | arrays | flatten)"),
    one("(A | if type == \"array\" then reverse else . end)"),
    one("reduce (M) as $v (A; B)"),
    any("foreach (M) as $v (A; B)"),
    any("foreach (M) as $v (A; B; C)"),
    one_as("(A | tostring)", "(A | deep | tostring)"),
    one("(A | tojson | fromjson)"),
    one_as("\"<\\(A)>\\(B)\"", "\"<\\(A | deep)>\\(B | deep)\""),
    one("(A | type)"),
    one("(A | split(\"a\"))"),
    one("(A | test(\"a.\"))"),
    one("(A | gsub(\"a\"; \"b\"))"),
    one("[A | scan(\"[a-c]\")]"),
    one("(A | ascii_upcase)"),
    one_as("(A | @base64)", "(A | deep | @base64)"),
    one_as("(A | [paths])", "(A | deep | [paths])"),
    one_as("(A | [..])", "(A | deep | [..])"),
];

/// Filters that change a part of a value.
const CHANGES: [Form; 6] = [
    any("(A | objects | .a |= B)"),
    any("(A | objects | .b = B)"),
    any("(A | objects | .a += B)"),
    any("(A | objects | del(.a))"),
    any("(A | arrays | .[] |= B)"),
    any_as(
        "(A | objects | with_entries(select(B)))",
        "(A | objects | sorted | with_entries(select(B)))",
    ),
];

fn filled(form: Form, parts: &[Filter]) -> Filter {
    let Form { ours, jaq, single } = form;
    Filter {
        ours: fill(ours, parts, |filter| &filter.ours),
        jaq: fill(jaq, parts, |filter| &filter.jaq),
        single,
    }
}

/// Puts filters where their letters stand alone; in an array where one output is needed and there
/// may be others.
fn fill(text: &str, parts: &[Filter], part: impl Fn(&Filter) -> &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let alone = |at: Option<usize>| {
        let beside = at.and_then(|at| letters.get(at));
        beside.is_none_or(|beside| !beside.is_ascii_alphanumeric())
    };
    let mut filled = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let place = "ABCM".find(*letter);
        let free = alone(at.checked_sub(1)) && alone(at.checked_add(1));
        match place.filter(|_| free).map(|place| &parts[place]) {
            None => filled.push(*letter),
            Some(filter) if *letter == 'M' || filter.single => filled.push_str(part(filter)),
            Some(filter) => filled.extend(["[", part(filter), "]"]),
        }
    }
    filled
}

fn filters() -> impl Strategy<Value = Filter> {
    let leaf = prop::sample::select(&LEAVES[..]).prop_map(|form| filled(form, &[]));
    leaf.prop_recursive(4, 24, 4, |inner| {
        let forms: Vec<Form> = FORMS.into_iter().chain(CHANGES).collect();
        let parts = prop::collection::vec(inner, 4);
        (prop::sample::select(forms), parts)
            .prop_map(|(form, parts): (Form, Vec<Filter>)| filled(form, &parts))
    })
}

fn documents() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        proptest::bool::ANY.prop_map(Json::from),
        (-3_i64..10).prop_map(Json::from),
        prop::sample::select(&["", "a", "ab", "xaya", "é", "3"][..]).prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let fields = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Json::from),
            fields.clone().prop_map(|(a, b, _)| json!({"a": a, "b": b})),
            fields.prop_map(|(a, b, c)| json!({"a": a, "b": b, "c": c})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_filters_yield_what_jaq_yields(filter in filters(), document in documents()) {
        let ours = translated(&format!("7 as $v | {}", filter.ours), &document);
        let ours = ours.unwrap_or_else(|error| unreachable!("{}: {error:#}", filter.ours));
        let jaq = jaq(&format!("{PRELUDE} 7 as $v | {}", filter.jaq), &document).unwrap();
        prop_assert_eq!(ours, jaq, "{} over {}", filter.ours, document);
    }
}
