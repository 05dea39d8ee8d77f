//! Calculations, aggregations and ownership: what is read, and that it comes back as it was.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::blueprint;
use crate::model::{
    Aggregation, AggregationFunction, AggregationPath, AggregationStep, Blueprint, Calculation,
    Combinator, Condition, Conditions, Format, Formula, Ownership, Period, PropertyType, RuleTest,
};

/// A blueprint `own` with one aggregation property `x` over `part`.
fn with_aggregation(rest: &Json) -> Json {
    let mut definition = json!({
        "target": "part",
        "calculationSpec": {"calculationBy": "entities", "func": "count"},
    });
    for (key, value) in rest.as_object().unwrap() {
        definition[key] = value.clone();
    }
    json!({"identifier": "own", "aggregationProperties": {"x": definition}})
}

fn with_specification(specification: &Json) -> Json {
    with_aggregation(&json!({"calculationSpec": specification}))
}

fn aggregation(json: &Json) -> Aggregation {
    let read = blueprint(json);
    assert_eq!(&read.to_json(), json);
    read.aggregation("x").unwrap().clone()
}

#[test]
fn functions_are_read_and_come_back() {
    use AggregationFunction as Function;
    let of = |by: &str, rest: Json| {
        let mut json = json!({"calculationBy": by});
        if by == "property" {
            json["property"] = json!("size");
        }
        for (key, value) in rest.as_object().unwrap() {
            json[key] = value.clone();
        }
        aggregation(&with_specification(&json)).function
    };
    let average =
        |by: &str, of_what: Json| of(by, json!({"func": "average", "averageOf": of_what}));
    for (got, wanted) in [
        (of("entities", json!({"func": "count"})), Function::Count),
        (of("property", json!({"func": "sum"})), Function::Sum),
        (of("property", json!({"func": "min"})), Function::Min),
        (of("property", json!({"func": "max"})), Function::Max),
        (of("property", json!({"func": "median"})), Function::Median),
        (
            of("property", json!({"func": "distinctCount"})),
            Function::DistinctCount,
        ),
        (of("property", json!({"func": "first"})), Function::First),
        (of("property", json!({"func": "last"})), Function::Last),
        (
            of("property", json!({"func": "percentile", "percentile": 95})),
            Function::Percentile(95.0),
        ),
        (
            of(
                "property",
                json!({"func": "percentile", "percentile": 99.9}),
            ),
            Function::Percentile(99.9),
        ),
        (
            of("property", json!({"func": "average"})),
            Function::Average,
        ),
        (average("property", Json::Null), Function::Average),
        (average("property", json!("total")), Function::Average),
        (
            average("property", json!("week")),
            Function::AveragePer(Period::Week),
        ),
        (
            average("entities", json!("hour")),
            Function::AveragePer(Period::Hour),
        ),
        (
            average("entities", json!("day")),
            Function::AveragePer(Period::Day),
        ),
        (
            average("entities", json!("month")),
            Function::AveragePer(Period::Month),
        ),
    ] {
        assert_eq!(got, wanted);
    }
}

#[test]
fn what_an_aggregation_says_in_other_words_comes_back() {
    let rule = json!({"property": "status", "operator": "=", "value": "open"});
    let search = |list: &str, rules: &[&Json]| json!({"query": {"combinator": "and", list: rules}});
    let nested = json!({"combinator": "or", "rules": [
        &rule, {"combinator": "and", "rules": [&rule, &rule]},
    ]});
    for (rest, tests, paths) in [
        (json!({}), 0, 0),
        (
            json!({"title": "Open", "icon": "Alert", "type": "number", "index": false}),
            0,
            0,
        ),
        (
            json!({"query": null, "when": null, "pathFilter": null}),
            0,
            0,
        ),
        (json!({"pathFilter": []}), 0, 0),
        (search("rules", &[]), 0, 0),
        (search("rules", &[&rule]), 1, 0),
        (search("conditions", &[&rule, &rule]), 2, 0),
        (search("rules", &[&rule, &nested]), 2, 0),
        (json!({"pathFilter": [{"path": ["a", "b"]}]}), 0, 1),
        (
            json!({"pathFilter": [{"fromBlueprint": null, "path": ["a"]}]}),
            0,
            1,
        ),
        (
            json!({"pathFilter": [{"fromBlueprint": "own", "path": ["a"]}]}),
            0,
            1,
        ),
        (
            json!({"pathFilter": [
                {"path": [{"relation": "a"}, {"relation": "b", "incoming": false}]},
                {"fromBlueprint": "part", "path": ["c", {"relation": "d", "incoming": true}]},
            ]}),
            0,
            2,
        ),
    ] {
        let read = aggregation(&with_aggregation(&rest));
        let got = match &read.query {
            Some(RuleTest::Conditions(conditions)) => conditions.conditions.len(),
            _ => 0,
        };
        assert_eq!((got, read.paths.len()), (tests, paths), "{rest}");
    }
    let read = aggregation(&with_aggregation(&json!({"when": "status = 'open'"})));
    assert_eq!(
        read.query,
        Some(RuleTest::Expression("status = 'open'".into()))
    );
}

#[test]
fn paths_say_where_they_begin_and_which_way_they_go() {
    let read = aggregation(&with_aggregation(&json!({"pathFilter": [
        {"fromBlueprint": "own", "path": ["a", {"relation": "b", "incoming": true}]},
        {"fromBlueprint": "part", "path": ["c"]},
    ]})));
    let step = |relation: &str, incoming| AggregationStep {
        relation: relation.into(),
        incoming,
    };
    let wanted = [
        AggregationPath {
            from_target: false,
            steps: vec![step("a", false), step("b", true)],
        },
        AggregationPath {
            from_target: true,
            steps: vec![step("c", false)],
        },
    ];
    assert_eq!(read.paths, wanted);
    // Of a blueprint that aggregates itself, naming it is naming the target.
    let own = json!({"identifier": "own", "aggregationProperties": {"x": {
        "target": "own",
        "calculationSpec": {"calculationBy": "entities", "func": "count"},
        "pathFilter": [{"fromBlueprint": "own", "path": ["a"]}, {"path": ["a"]}],
    }}});
    let sides: Vec<bool> = aggregation(&own)
        .paths
        .iter()
        .map(|path| path.from_target)
        .collect();
    assert_eq!(sides, [true, false]);
}

#[test]
fn parts_that_were_changed_are_what_is_written() {
    let json = with_aggregation(&json!({
        "type": "number",
        "calculationSpec": {"calculationBy": "property", "property": "size", "func": "average",
            "averageOf": "day", "measureTimeBy": "at"},
        "query": {"combinator": "and", "rules": [{"property": "a", "operator": "isEmpty"}]},
        "pathFilter": [{"path": ["a"]}],
    }));
    let mut changed = blueprint(&json);
    let x = &mut changed.aggregations[0];
    x.function = AggregationFunction::Percentile(50.0);
    x.query = Some(RuleTest::Expression("a > 1".into()));
    x.paths[0].steps[0].incoming = true;
    let definition = &changed.to_json()["aggregationProperties"]["x"];
    assert_eq!(
        *definition,
        json!({
            "type": "number",
            "target": "part",
            "calculationSpec": {"calculationBy": "property", "property": "size",
                "func": "percentile", "percentile": 50.0, "measureTimeBy": "at"},
            "when": "a > 1",
            "pathFilter": [{"path": [{"relation": "a", "incoming": true}]}],
        })
    );
    let mut changed = blueprint(&json);
    let x = &mut changed.aggregations[0];
    x.function = AggregationFunction::Average;
    x.query = None;
    x.paths.clear();
    let definition = &changed.to_json()["aggregationProperties"]["x"];
    assert_eq!(
        *definition,
        json!({
            "type": "number",
            "target": "part",
            "calculationSpec": {"calculationBy": "property", "property": "size",
                "func": "average", "measureTimeBy": "at"},
        })
    );
}

#[test]
fn calculations_are_read_and_come_back() {
    let json = json!({"identifier": "own", "calculationProperties": {
        "slug": {"calculation": ".identifier | ascii_downcase", "type": "string", "title": "Slug",
            "colorized": true, "colors": {"a": "red"}, "format": null},
        "due": {"expression": "deployed + 1d", "type": "string", "format": "date-time", "index": true},
        "tags": {"calculation": ".properties.tags", "type": "array",
            "items": {"type": "string", "format": "url"}},
        "any": {"calculation": "[]", "type": "array", "items": null},
    }});
    let read = blueprint(&json);
    assert_eq!(read.to_json(), json);
    let slug = read.calculation("slug").unwrap();
    assert_eq!(
        slug.formula,
        Formula::Jq(".identifier | ascii_downcase".into())
    );
    assert_eq!((slug.kind, slug.format), (PropertyType::String, None));
    assert!(!slug.is_instant());
    let due = read.calculation("due").unwrap();
    assert_eq!(due.formula, Formula::Expression("deployed + 1d".into()));
    assert_eq!(
        (due.format, due.index),
        (Some(Format::DateTime), Some(true))
    );
    assert!(due.is_instant());
    let items = |name: &str| read.calculation(name).unwrap().items();
    assert_eq!(
        items("tags"),
        Some((PropertyType::String, Some(Format::Url)))
    );
    assert_eq!((items("slug"), items("any")), (None, None));
}

#[test]
fn ownership_is_read_and_comes_back() {
    let with = |ownership: Json| json!({"identifier": "own", "ownership": ownership});
    for (json, path) in [
        (json!({"type": "Direct"}), None),
        (json!({"type": "Direct", "title": "Owners"}), None),
        (
            json!({"type": "Inherited", "path": "system"}),
            Some("system"),
        ),
        (
            json!({"type": "Inherited", "path": "system.domain", "title": null}),
            Some("system.domain"),
        ),
        (
            json!({"type": "Inherited", "path": "service.$team"}),
            Some("service"),
        ),
    ] {
        let read = blueprint(&with(json.clone()));
        assert_eq!(read.to_json(), with(json));
        let got = match read.ownership.unwrap() {
            Ownership::Direct(_) => None,
            Ownership::Inherited { path, .. } => Some(path.join(".")),
        };
        assert_eq!(got.as_deref(), path);
    }
    let mut changed = blueprint(&with(
        json!({"type": "Inherited", "path": "a.$team", "title": "Owners"}),
    ));
    let Some(Ownership::Inherited { path, .. }) = &mut changed.ownership else {
        panic!("not inherited")
    };
    path.push("b".into());
    let written = json!({"type": "Inherited", "path": "a.b", "title": "Owners"});
    assert_eq!(changed.to_json(), with(written));
    let by_hand = |ownership| {
        let blueprint = Blueprint {
            identifier: "own".into(),
            ownership: Some(ownership),
            ..Blueprint::default()
        };
        blueprint.to_json()["ownership"].clone()
    };
    let direct = Ownership::Direct(Json::Null);
    assert_eq!(by_hand(direct), json!({"type": "Direct"}));
    let inherited = Ownership::Inherited {
        path: vec!["a".into(), "b".into()],
        definition: Json::Null,
    };
    assert_eq!(
        by_hand(inherited),
        json!({"type": "Inherited", "path": "a.b"})
    );
}

#[test]
fn a_relation_to_the_teams_overrules_inheritance() {
    let with = |target: Json| {
        json!({
            "identifier": "own",
            "relations": {"system": {"target": "system"}, "teams": {"target": target}},
            "ownership": {"type": "Inherited", "path": "system"},
        })
    };
    for (target, overruled) in [
        (json!("_team"), true),
        (json!(["_team"]), true),
        (json!("team"), false),
        (json!(["_team", "user"]), false),
        (json!("*"), false),
    ] {
        let json = with(target);
        let read = blueprint(&json);
        assert_eq!(read.to_json(), json);
        let direct = matches!(read.ownership, Some(Ownership::Direct(_)));
        assert_eq!(direct, overruled, "{json}");
    }
}

fn name() -> impl Strategy<Value = Arc<str>> {
    "[a-z]{1,3}".prop_map(Arc::from)
}

fn function() -> impl Strategy<Value = (AggregationFunction, bool)> {
    use AggregationFunction as Function;
    let period =
        proptest::sample::select(vec![Period::Hour, Period::Day, Period::Week, Period::Month]);
    let plain = proptest::sample::select(vec![
        Function::Sum,
        Function::Average,
        Function::Min,
        Function::Max,
        Function::Median,
        Function::DistinctCount,
        Function::First,
        Function::Last,
    ]);
    prop_oneof![
        Just((Function::Count, false)),
        (period, any::<bool>()).prop_map(|(period, of)| (Function::AveragePer(period), of)),
        (0.0..=100.0).prop_map(|percentile| (Function::Percentile(percentile), true)),
        plain.prop_map(|function| (function, true)),
    ]
}

fn test() -> impl Strategy<Value = RuleTest> {
    let leaf = name().prop_map(|property| {
        let definition = json!({"property": &*property, "operator": "isEmpty"});
        Condition::Test {
            property,
            relation: false,
            operator: "isEmpty".to_owned(),
            value: Json::Null,
            definition: definition.as_object().unwrap().clone(),
        }
    });
    let combinator = || proptest::sample::select(vec![Combinator::And, Combinator::Or]);
    let group = move |all: BoxedStrategy<Condition>| {
        (combinator(), vec(all, 1..3)).prop_map(|(combinator, conditions)| Conditions {
            combinator,
            conditions,
        })
    };
    let nested = leaf.prop_recursive(3, 8, 2, move |inner| {
        group(inner.boxed()).prop_map(Condition::Group)
    });
    prop_oneof![
        "[a-z ]{0,3}[a-z]".prop_map(|text| RuleTest::Expression(text.into())),
        (combinator(), vec(nested, 1..3)).prop_map(|(combinator, conditions)| {
            RuleTest::Conditions(Conditions {
                combinator,
                conditions,
            })
        }),
    ]
}

fn path() -> impl Strategy<Value = AggregationPath> {
    let step = (name(), any::<bool>());
    let step = step.prop_map(|(relation, incoming)| AggregationStep { relation, incoming });
    (any::<bool>(), vec(step, 1..4))
        .prop_map(|(from_target, steps)| AggregationPath { from_target, steps })
}

proptest! {
    #[test]
    fn an_aggregation_put_together_by_hand_comes_back(
        (function, of_property) in function(),
        (property, target) in (name(), name()),
        measure_time_by in option::of(name()),
        query in option::of(test()),
        paths in vec(path(), 0..3),
        index in option::of(any::<bool>()),
    ) {
        let made = Aggregation {
            name: "x".into(),
            target,
            function,
            property: of_property.then_some(property),
            measure_time_by,
            query,
            paths,
            index,
            other: Map::new(),
            other_specification: Map::new(),
        };
        let own = Blueprint {
            identifier: "own".into(),
            aggregations: vec![made.clone()],
            ..Blueprint::default()
        };
        let json = own.to_json();
        let read = Blueprint::from_json(&json).unwrap();
        prop_assert_eq!(read.to_json(), json);
        let read = Aggregation {
            other: Map::new(),
            other_specification: Map::new(),
            ..read.aggregations[0].clone()
        };
        prop_assert_eq!(read, made);
    }

    #[test]
    fn a_calculation_put_together_by_hand_comes_back(
        jq in any::<bool>(),
        text in ".{0,8}[a-z]",
        kind in proptest::sample::select(PropertyType::ALL.to_vec()),
        format in option::of(proptest::sample::select(Format::ALL.to_vec())),
        index in option::of(any::<bool>()),
    ) {
        let made = Calculation {
            name: "x".into(),
            formula: if jq { Formula::Jq(text.into()) } else { Formula::Expression(text.into()) },
            kind: kind.1,
            format: format.map(|(_, format)| format).filter(|format| format.kind() == kind.1),
            index,
            other: Map::new(),
        };
        let own = Blueprint {
            identifier: "own".into(),
            calculations: vec![made.clone()],
            ..Blueprint::default()
        };
        let read = Blueprint::from_json(&own.to_json()).unwrap();
        prop_assert_eq!(&read.calculations, &[made]);
    }
}
