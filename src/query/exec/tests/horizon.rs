//! The horizon of a rule: until then its value stays, whatever the rule compares with the clock.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::fixture;
use crate::model::RuleTest;
use crate::query::check;
use crate::query::exec::{Budget, Evaluator};
use crate::query::ir::RuleExpr;
use crate::state::State;
use crate::value::{EntityId, Instant, Value};

const HOUR: i64 = 60 * 60 * 1_000_000;
/// Times of the data, of the rules and of the questions are steps of so many hours from
/// 2024-01-01, and a microsecond before or after, so that they meet.
const STEP: i64 = 6 * HOUR;
const STEPS: i64 = 80;

fn moment((step, off): (i64, i64)) -> Instant {
    let start = Instant::parse("2024-01-01").unwrap();
    Instant(start.0 + step * STEP + off)
}

/// Items with two points in time, one of them a text as far as the model knows, related to each
/// other.
fn world(times: &[[Option<Instant>; 3]], parts: &[usize]) -> State {
    let blueprints = [json!({
        "identifier": "item",
        "schema": {"properties": {
            "a": {"type": "string", "format": "date-time"},
            "b": {"type": "string", "format": "date-time"},
            "text": {"type": "string"},
        }},
        "relations": {"parts": {"target": "item", "many": true}},
    })];
    let items = times.iter().enumerate().map(|(at, times)| {
        let mut properties = serde_json::Map::new();
        for (name, time) in ["a", "b", "text"].iter().zip(times) {
            let text = time.map_or(Json::Null, |time| Json::from(time.to_string()));
            properties.insert((*name).to_owned(), text);
        }
        let parts = parts.iter().filter(|_| at == 0);
        let parts: Vec<String> = parts.map(|part| format!("item/i{part}")).collect();
        json!({
            "blueprint": "item", "identifier": format!("i{at}"),
            "properties": properties, "relations": {"parts": parts},
        })
    });
    fixture::state(&blueprints, &[], &items.collect::<Vec<_>>())
}

fn checked(state: &State, text: &str) -> RuleExpr {
    let item = state.model().blueprint_id("item").unwrap();
    let rule = check::rule(state.model(), item, &RuleTest::Expression(text.into()));
    rule.unwrap_or_else(|error| unreachable!("{text}: {error}"))
}

fn first(state: &State) -> EntityId {
    let item = state.model().blueprint_id("item").unwrap();
    state.lookup(item, "i0").unwrap()
}

fn at(state: &State, rule: &RuleExpr, now: Instant) -> (Value, Option<Instant>) {
    let budget = Budget::of_expression();
    let mut evaluator = Evaluator::new(state, (rule.slots, rule.locals), &[], now, &budget);
    let value = evaluator.eval_for(rule, first(state)).unwrap();
    (value, evaluator.horizon())
}

fn step() -> impl Strategy<Value = (i64, i64)> {
    (0..STEPS, -1_i64..=1)
}

/// An instant, a fixed one or one that moves.
fn instant(read: &'static str) -> BoxedStrategy<String> {
    let plain = prop_oneof![
        3 => Just("now()".to_owned()),
        2 => Just("today()".to_owned()),
        1 => Just("datetime()".to_owned()),
        1 => Just("date()".to_owned()),
        1 => Just(format!("date({read}a)")),
        3 => Just(format!("{read}a")),
        2 => Just(format!("{read}b")),
        1 => step().prop_map(|at| format!("DATETIME '{}'", moment(at))),
    ];
    let length = || step().prop_map(|(step, off)| format!("DURATION 'PT{}S'", seconds(step, off)));
    (plain, prop::option::of((any::<bool>(), length())))
        .prop_map(|(instant, by)| match by {
            None => instant,
            Some((true, by)) => format!("{instant} + {by}"),
            Some((false, by)) => format!("{instant} - {by}"),
        })
        .boxed()
}

fn seconds(step: i64, off: i64) -> String {
    let micros = (step % 20) * STEP + off.abs();
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// A span of time, of which the clock may be both ends.
fn span(read: &'static str) -> BoxedStrategy<String> {
    prop_oneof![
        3 => (instant(read), instant(read)).prop_map(|(a, b)| format!("({a} - ({b}))").replace("- (now())", "- now()")),
        1 => (0_i64..STEPS).prop_map(|step| format!("{}h", step * 6)),
        1 => (instant(read), instant(read)).prop_map(|(a, b)| format!("-({a} - {b})")),
    ]
    .boxed()
}

fn comparison(read: &'static str) -> BoxedStrategy<String> {
    let operator = prop::sample::select(vec!["<", "<=", ">", ">=", "=", "<>"]);
    let sides = prop_oneof![
        4 => (instant(read), instant(read)),
        2 => (span(read), span(read)),
        1 => Just((format!("{read}text"), "now()".to_owned())),
    ];
    (sides, operator)
        .prop_map(|((a, b), operator)| format!("{a} {operator} {b}"))
        .boxed()
}

fn rule() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        4 => comparison("this."),
        1 => comparison("p.").prop_map(|on| format!("EXISTS {{ (this)-[:parts]->(p) WHERE {on} }}")),
        1 => comparison("p.").prop_map(|on| format!("COUNT {{ (this)-[:parts]->(p) WHERE {on} }} = 1")),
        1 => comparison("p.").prop_map(|on| format!("all(p IN parts WHERE {on})")),
        1 => comparison("p.").prop_map(|on| format!("[p IN parts WHERE {on} | p.a] IS NOT EMPTY")),
        1 => Just("any(x IN [a, b, null] WHERE x <= now())".to_owned()),
        1 => (comparison("this."), comparison("this."))
            .prop_map(|(a, b)| format!("CASE WHEN {a} THEN {b} ELSE a < b END")),
        1 => instant("this.").prop_map(|low| format!("now() BETWEEN {low} AND b")),
    ];
    let joined = prop::collection::vec((leaf, any::<bool>(), any::<bool>()), 1..4);
    joined
        .prop_map(|parts| {
            let mut text = String::new();
            for (at, (part, and, not)) in parts.iter().enumerate() {
                let joint = if *and { " AND " } else { " OR " };
                let joint = if at == 0 { "" } else { joint };
                let not = if *not { "NOT " } else { "" };
                write!(text, "{joint}{not}({part})").unwrap();
            }
            text
        })
        .boxed()
}

fn times() -> impl Strategy<Value = Vec<[Option<Instant>; 3]>> {
    let time = || prop::option::weighted(0.85, step().prop_map(moment));
    prop::collection::vec([time(), time(), time()], 3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_value_stays_until_the_horizon(
        text in rule(),
        times in times(),
        parts in prop::collection::btree_set(0_usize..3, 0..3),
        start in step(),
    ) {
        let state = world(&times, &parts.into_iter().collect::<Vec<_>>());
        let rule = checked(&state, &text);
        let mut checked_at = moment(start);
        let (mut value, mut horizon) = at(&state, &rule, checked_at);
        let moments = (start.0..STEPS * 3).flat_map(|step| [-1, 0, 1].map(|off| moment((step, off))));
        for now in moments.filter(|now| *now > moment(start)) {
            // What advancing the clock would do: look again at each horizon on the way.
            while let Some(due) = horizon.filter(|due| *due <= now) {
                prop_assert!(due > checked_at, "{text}: {due} is not after {checked_at}");
                checked_at = due;
                (value, horizon) = at(&state, &rule, due);
            }
            let (found, _) = at(&state, &rule, now);
            prop_assert_eq!(
                &found, &value,
                "{} at {}, last looked at at {}, horizon {:?}", text, now, checked_at, horizon
            );
        }
    }

    /// A comparison on its own, which moves at one speed, flips exactly at its horizon.
    #[test]
    fn a_single_comparison_flips_at_its_horizon(
        text in comparison("this."),
        times in times(),
        start in step(),
    ) {
        let state = world(&times, &[]);
        let rule = checked(&state, &text);
        let (value, horizon) = at(&state, &rule, moment(start));
        let any = |names: [&str; 2]| names.iter().any(|name| text.contains(name));
        let mixed = any(["now()", "datetime()"]) && any(["today()", "date()"]);
        if let (Some(due), false) = (horizon, mixed) {
            prop_assert_ne!(at(&state, &rule, due).0, value.clone(), "{} at {}", &text, due);
            prop_assert_eq!(at(&state, &rule, Instant(due.0 - 1)).0, value, "{} before {}", text, due);
        }
    }
}

#[test]
fn horizons_of_typical_rules() {
    let day = |text: &str| Instant::parse(text).unwrap();
    let times = [[
        Some(day("2024-01-10")),
        Some(day("2024-01-20T12:00:00Z")),
        None,
    ]];
    let state = world(&times, &[]);
    let table = [
        (
            "a >= now() - 30d",
            "2024-01-11",
            Some("2024-02-09T00:00:00.000001Z"),
        ),
        ("a >= now() - 30d", "2024-03-01", None),
        (
            "now() - a < 30d",
            "2024-01-11",
            Some("2024-02-09T00:00:00Z"),
        ),
        ("now() < a", "2024-01-09", Some("2024-01-10T00:00:00Z")),
        ("now() < a", "2024-01-10", None),
        ("now() = a", "2024-01-09", Some("2024-01-10T00:00:00Z")),
        (
            "now() = a",
            "2024-01-10",
            Some("2024-01-10T00:00:00.000001Z"),
        ),
        (
            "b >= today()",
            "2024-01-15T08:00:00Z",
            Some("2024-01-21T00:00:00Z"),
        ),
        (
            "b < today() + 1d",
            "2024-01-15T08:00:00Z",
            Some("2024-01-20T00:00:00Z"),
        ),
        ("today() = a", "2024-01-05", Some("2024-01-10T00:00:00Z")),
        ("today() = b", "2024-01-05", None),
        ("a < now() OR b < now()", "2024-01-12", None),
        (
            "a > now() AND b > now()",
            "2024-01-01",
            Some("2024-01-10T00:00:00Z"),
        ),
        ("text < now()", "2024-01-01", None),
        (
            "now() - a < b - now()",
            "2024-01-11",
            Some("2024-01-15T06:00:00Z"),
        ),
        ("now() - now() < 1d", "2024-01-11", None),
        ("a < b", "2024-01-11", None),
    ];
    for (text, now, expected) in table {
        let (_, horizon) = at(&state, &checked(&state, text), day(now));
        assert_eq!(horizon, expected.map(day), "{text} at {now}");
    }
}

#[test]
fn the_horizon_is_that_of_the_last_rule_evaluated() {
    let times = [[Instant::parse("2024-01-10"), None, None], [None; 3]];
    let state = world(&times, &[]);
    let rule = checked(&state, "a > now()");
    let now = Instant::parse("2024-01-01").unwrap();
    let budget = Budget::of_expression();
    let mut evaluator = Evaluator::new(&state, (rule.slots, rule.locals), &[], now, &budget);
    evaluator.eval_for(&rule, first(&state)).unwrap();
    assert_eq!(evaluator.horizon(), Instant::parse("2024-01-10"));
    let item = state.model().blueprint_id("item").unwrap();
    let second = state.lookup(item, "i1").unwrap();
    evaluator.eval_for(&rule, second).unwrap();
    assert_eq!(evaluator.horizon(), None);
}
