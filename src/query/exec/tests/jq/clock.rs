//! How calculations meet the clock: their values at a time, and when those change.

use serde_json::json;

use super::entity::world;
use crate::error::Result;
use crate::query::check::jq::expression;
use crate::query::exec::{Budget, Evaluator};
use crate::value::{EntityId, Instant, Value};

/// The value at a time, and when it changes next.
fn at(filter: &str, time: &str) -> Result<(Value, Option<String>)> {
    let state = world();
    let blueprint = state.model().blueprint_id("service").unwrap();
    let rule = expression(state.model(), blueprint, filter)?;
    let budget = Budget::of_expression();
    let time = Instant::parse(time).unwrap();
    let mut evaluator = Evaluator::new(&state, (rule.slots, rule.locals), &[], time, &budget);
    let value = evaluator.eval_for(&rule, EntityId(0))?;
    Ok((value, evaluator.horizon().map(|next| next.to_string())))
}

#[test]
fn comparisons_with_the_clock_tell_when_they_flip() {
    let due = ".properties.due | fromdate";
    for (filter, time, expected, next) in [
        (
            format!("({due}) < now"),
            "2024-05-20",
            false,
            Some("2024-05-21T12:00:00.000001Z"),
        ),
        (
            format!("({due}) <= now"),
            "2024-05-21T12:00:00Z",
            true,
            None,
        ),
        (
            format!("now - ({due}) > 86400 * 30"),
            "2024-06-01",
            false,
            Some("2024-06-20T12:00:00.000001Z"),
        ),
        (
            format!("(now - ({due})) / 86400 >= 30"),
            "2024-06-21",
            true,
            None,
        ),
        (
            format!("((now - ({due})) / 86400 | floor) > 30"),
            "2024-06-01",
            false,
            Some("2024-06-21T12:00:00Z"),
        ),
        (
            format!("((now - ({due})) / 86400 | floor) <= 30"),
            "2024-06-01",
            true,
            Some("2024-06-21T12:00:00Z"),
        ),
        (
            format!("(({due}) - now) / 3600 < 12"),
            "2024-05-20",
            false,
            Some("2024-05-21T00:00:00.000001Z"),
        ),
        (
            format!("now as $now | ({due}) < $now"),
            "2024-05-20",
            false,
            Some("2024-05-21T12:00:00.000001Z"),
        ),
        (
            format!("if ({due}) + 3600 > now then true else false end"),
            "2024-05-20",
            true,
            Some("2024-05-21T13:00:00Z"),
        ),
        (
            "now < 1716292800".to_owned(),
            "2024-05-20",
            true,
            Some("2024-05-21T12:00:00Z"),
        ),
        // A string is more than any number, null less.
        (
            ".properties.lang < now".to_owned(),
            "2024-05-20",
            false,
            None,
        ),
        (
            ".properties.gone < now".to_owned(),
            "2024-05-20",
            true,
            None,
        ),
    ] {
        let found = at(&filter, time).unwrap_or_else(|error| unreachable!("{filter}: {error:#}"));
        assert_eq!(
            found,
            (Value::Bool(expected), next.map(str::to_owned)),
            "{filter}"
        );
    }
}

#[test]
fn whole_units_between_now_and_a_time_are_counted() {
    let due = ".properties.due | fromdate";
    for (filter, time, expected, next) in [
        (
            format!("(now - ({due})) / 86400 | floor"),
            "2024-05-24",
            json!(2),
            Some("2024-05-24T12:00:00Z"),
        ),
        (
            format!("(now / 86400) - (({due}) / 86400) | floor"),
            "2024-05-24",
            json!(2),
            Some("2024-05-24T12:00:00Z"),
        ),
        (
            "(now / 86400) - (.properties.due | capture(\"(?<d>\\\\d{4}-\\\\d{2}-\\\\d{2})\") | .d \
             | strptime(\"%Y-%m-%d\") | mktime / 86400) | floor"
                .to_owned(),
            "2024-05-24T01:00:00Z",
            json!(3),
            Some("2024-05-25T00:00:00Z"),
        ),
        (
            format!("(({due}) - now) / 86400 | floor"),
            "2024-05-20",
            json!(1),
            Some("2024-05-20T12:00:00.000001Z"),
        ),
        (
            format!("(now - ({due})) / 3600 | floor | tostring + \"h\""),
            "2024-05-21T13:59:59Z",
            json!("1h"),
            Some("2024-05-21T14:00:00Z"),
        ),
    ] {
        let (value, horizon) =
            at(&filter, time).unwrap_or_else(|error| unreachable!("{filter}: {error:#}"));
        assert_eq!(
            (value.to_json(), horizon.as_deref()),
            (expected, next),
            "{filter}"
        );
    }
}
