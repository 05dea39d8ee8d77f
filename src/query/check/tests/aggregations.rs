//! Aggregations, as the derivation engine gets them: ways, values, times and filters.

use serde_json::Map;

use super::render::Render;
use super::{fixture, shown};
use crate::error::Error;
use crate::model::{
    Aggregation, AggregationFunction, AggregationPath, AggregationStep, Model, Period, RuleTest,
};
use crate::query::check;
use crate::query::ir::{self, Direction, RuleExpr};

fn count(target: &str) -> Aggregation {
    Aggregation {
        name: "x".into(),
        target: target.into(),
        function: AggregationFunction::Count,
        property: None,
        measure_time_by: None,
        query: None,
        paths: Vec::new(),
        index: None,
        other: Map::new(),
        other_specification: Map::new(),
    }
}

/// A path in the form `>relation<relation`; with `^` in front it is written from the target.
fn path(text: &str) -> AggregationPath {
    let from_target = text.starts_with('^');
    let mut steps: Vec<AggregationStep> = Vec::new();
    for part in text.trim_start_matches('^').split_inclusive(['>', '<']) {
        if let (Some(step), name) = (steps.last_mut(), part.trim_end_matches(['>', '<'])) {
            step.relation = name.into();
        }
        if part.ends_with(['>', '<']) {
            steps.push(AggregationStep {
                relation: "".into(),
                incoming: part.ends_with('<'),
            });
        }
    }
    AggregationPath { from_target, steps }
}

fn aggregation(model: &Model, of: &str, declared: &Aggregation) -> String {
    let blueprint = model.blueprint_id(of).unwrap();
    match check::aggregation(model, blueprint, declared) {
        Ok(checked) => rendered(model, &checked),
        Err(error) => located(&error),
    }
}

fn located(error: &Error) -> String {
    format!("{} {}", error.path().unwrap_or("-"), shown(error))
}

fn rendered(model: &Model, checked: &ir::Aggregation) -> String {
    let step = |step: &ir::PathStep| {
        let arrow = if step.direction == Direction::Incoming {
            "<"
        } else {
            ">"
        };
        format!("{arrow}{}", model.names().text(step.relation))
    };
    let paths = checked.paths.iter();
    let paths: Vec<String> = paths.map(|path| path.iter().map(step).collect()).collect();
    let part = |name: &str, part: &Option<RuleExpr>| {
        let part = part.as_ref().map(|part| Render(model).expr(&part.expr));
        part.map_or_else(String::new, |part| format!(" {name} {part}"))
    };
    format!(
        "{}{}{}{}",
        paths.join(" "),
        part("if", &checked.filter),
        part("of", &checked.value),
        part("by", &checked.time)
    )
}

#[test]
fn the_ways_of_an_aggregation_start_at_the_entity_that_has_it() {
    let model = fixture::model();
    let table = [
        ("service", "incident", "<services", "<services"),
        ("service", "incident", "^>services", "<services"),
        ("system", "incident", "<system<services", "<system<services"),
        (
            "system",
            "incident",
            "^>services>system",
            "<system<services",
        ),
        ("service", "user", ">owner>members", ">owner>members"),
        ("service", "service", ">depends_on", ">depends_on"),
        (
            "service",
            "incident",
            ">services",
            "/pathFilter/0/path/0 `/pathFilter/0/path/0`: `service` has no relation `services` [it goes the other way: write `{\"relation\": \"services\", \"incoming\": true}`]",
        ),
        (
            "service",
            "team",
            "<owner",
            "/pathFilter/0/path/0 `/pathFilter/0/path/0`: no relation `owner` points to `service` [it goes the other way: leave `incoming` out]",
        ),
        (
            "service",
            "team",
            ">ownr",
            "/pathFilter/0/path/0 `/pathFilter/0/path/0`: `service` has no relation `ownr` [did you mean `owner`?]",
        ),
        (
            "service",
            "user",
            ">owner",
            "/pathFilter/0/path `/pathFilter/0/path`: the path leads to `team`, not to `user`",
        ),
        (
            "service",
            "incident",
            "^>services>owner",
            "/pathFilter/0/path `/pathFilter/0/path`: the path leads to `team`, not to `service`",
        ),
    ];
    for (of, target, written, expected) in table {
        let mut declared = count(target);
        declared.paths = vec![path(written)];
        assert_eq!(
            aggregation(&model, of, &declared),
            expected,
            "{of} {written}"
        );
    }
    let without = aggregation(&model, "incident", &count("service"));
    assert_eq!(
        without, ">services",
        "the shortest ways where none is given"
    );
    let unknown = aggregation(&model, "service", &count("incidents"));
    assert_eq!(
        unknown,
        "/target `/target`: there is no blueprint `incidents` [did you mean `incident`?]"
    );
}

#[test]
fn an_aggregation_reads_what_its_function_needs() {
    use AggregationFunction as F;
    let model = fixture::model();
    let of_tier = "<system of #0.tier";
    let wrong = "/calculationSpec/property `/calculationSpec/property`: ";
    let table: [(F, Option<&str>, Option<&str>, &str); 14] = [
        (F::Sum, Some("tier"), None, of_tier),
        (
            F::Max,
            Some("deployed_at"),
            None,
            "<system of #0.deployed_at",
        ),
        (F::Min, Some("health"), None, "<system of #0.health"),
        (
            F::Median,
            Some("open_incidents"),
            None,
            "<system of #0.open_incidents",
        ),
        (
            F::DistinctCount,
            Some("owner"),
            None,
            "<system of #0.->owner.$identifier",
        ),
        (F::Percentile(90.0), Some("tier"), None, of_tier),
        (
            F::Last,
            Some("language"),
            None,
            "<system of #0.language by #0.$createdAt",
        ),
        (
            F::First,
            Some("$title"),
            Some("deployed_at"),
            "<system of #0.$title by #0.deployed_at",
        ),
        (
            F::AveragePer(Period::Week),
            None,
            Some("deployed_at"),
            "<system by #0.deployed_at",
        ),
        (F::Count, None, None, "<system"),
        (
            F::Sum,
            Some("language"),
            None,
            "`language` is a string, and this function needs numbers",
        ),
        (
            F::Max,
            Some("tags"),
            None,
            "`tags` is a list, and this function needs values that have an order",
        ),
        (
            F::Sum,
            None,
            None,
            "this function is computed of a property",
        ),
        (
            F::Sum,
            Some("teir"),
            None,
            "1:1: `/calculationSpec/property`: `service` has no property or relation `teir` [did you mean `tier`?]",
        ),
    ];
    for (function, property, time, expected) in table {
        let mut declared = count("service");
        declared.function = function;
        declared.property = property.map(Into::into);
        declared.measure_time_by = time.map(Into::into);
        let found = aggregation(&model, "system", &declared);
        let expected = match expected.starts_with('<') {
            true => expected.to_owned(),
            false if expected.starts_with("1:1") => format!("/calculationSpec/property {expected}"),
            false => format!("{wrong}{expected}"),
        };
        assert_eq!(found, expected, "{function:?} {property:?}");
    }
    let mut declared = count("service");
    declared.function = F::AveragePer(Period::Day);
    declared.measure_time_by = Some("tier".into());
    assert_eq!(
        aggregation(&model, "system", &declared),
        "/calculationSpec/measureTimeBy `/calculationSpec/measureTimeBy`: `tier` is a number, not a date-time"
    );
}

#[test]
fn the_filter_of_an_aggregation_is_about_the_aggregated() {
    let model = fixture::model();
    let mut declared = count("incident");
    let text = "status = 'open' AND opened >= now() - 7d";
    declared.query = Some(RuleTest::Expression(text.into()));
    let found = aggregation(&model, "service", &declared);
    assert_eq!(
        found,
        "<services if (Equal(#0.status, 'open') and GreaterOrEqual(#0.opened, Subtract(now(), d'P7D')))"
    );
    declared.query = Some(RuleTest::Expression("tier = 1".into()));
    let found = aggregation(&model, "service", &declared);
    assert_eq!(
        found,
        "- 1:1: `query`: `incident` has no property or relation `tier`"
    );
}
