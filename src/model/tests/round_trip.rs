//! What was read comes back, and says the same when it is read again.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{blueprint, scorecard};
use crate::model::{
    Blueprint, Combinator, Condition, Format, Ownership, PropertyType, RuleTest, Scorecard, Target,
};

fn service() -> Json {
    json!({
        "identifier": "service",
        "title": "Service",
        "description": "What runs",
        "icon": "Service",
        "teamInheritance": {"path": "system"},
        "schema": {
            "properties": {
                "tier": {"type": "number", "enum": [1, 2, 3], "enumColors": {"1": "red"}, "default": 3},
                "language": {"type": "string", "title": "Language", "index": false, "maxLength": 40},
                "runbook": {"type": "string", "format": "url", "spec": "embedded-url"},
                "docs": {"type": "object", "format": "labeled-url"},
                "tags": {"type": "array", "items": {"type": "string", "format": "user", "minLength": 2}},
                "mixed": {"type": "array", "items": {}},
            },
            "required": ["tier", "language"],
            "$comment": "kept",
        },
        "relations": {
            "owner": {"target": "team", "title": "Owner", "required": true, "many": false},
            "uses": {"target": ["service", "resource"], "many": true},
            "one": {"target": ["resource"]},
            "about": {"target": "*", "description": "anything"},
        },
        "mirrorProperties": {"lead": {"path": "owner.lead", "title": "Lead"}},
        "calculationProperties": {"slug": {"type": "string", "calculation": ".identifier"}},
        "aggregationProperties": {"n": {"target": "service", "type": "number", "calculationSpec": {
            "calculationBy": "entities", "func": "count",
        }}},
        "ownership": {"type": "Inherited", "path": "owner", "title": "Teams"},
    })
}

fn production() -> Json {
    json!({
        "identifier": "production",
        "blueprint": "service",
        "title": "Production",
        "filter": {"combinator": "and", "conditions": [
            {"property": "tier", "operator": "=", "value": 1, "not": false},
        ]},
        "levels": [{"title": "None"}, {"title": "Good", "color": "green"}],
        "rules": [
            {"identifier": "on_call", "title": "On call", "description": "d", "weight": 2, "level": "Good",
             "query": {"combinator": "or", "conditions": [
                {"relation": "owner", "operator": "isNotEmpty"},
                {"combinator": "and", "conditions": [
                    {"property": "$team", "operator": "between", "value": {"from": 1, "to": null}},
                ]},
            ]}},
            {"identifier": "when", "level": "Good", "when": "tier < 3"},
        ],
        "custom": [1, null],
    })
}

#[test]
fn a_blueprint_comes_back_as_it_was_read() {
    let json = service();
    let read = blueprint(&json);
    assert_eq!(read.to_json(), json);
    assert_eq!(blueprint(&read.to_json()), read);
}

#[test]
fn every_part_of_a_blueprint_is_read() {
    let read = blueprint(&service());
    let tier = read.property("tier").unwrap();
    assert_eq!(tier.kind, PropertyType::Number);
    assert_eq!(
        tier.enumeration.as_deref(),
        Some(&[json!(1), json!(2), json!(3)][..])
    );
    assert_eq!(tier.default, Some(json!(3)));
    assert_eq!(read.property("language").unwrap().index, Some(false));
    assert_eq!(read.property("runbook").unwrap().format, Some(Format::Url));
    assert_eq!(
        read.property("docs").unwrap().format,
        Some(Format::LabeledUrl)
    );
    let items = Some((PropertyType::String, Some(Format::User)));
    assert_eq!(read.property("tags").unwrap().items, items);
    assert_eq!(read.property("mixed").unwrap().items, None);
    assert_eq!(read.required, [Arc::from("tier"), Arc::from("language")]);
    let owner = read.relation("owner").unwrap();
    assert!(owner.required && !owner.many);
    let uses = Target::Blueprints(vec!["service".into(), "resource".into()]);
    assert_eq!(read.relation("uses").unwrap().target, uses);
    assert_eq!(
        read.relation("one").unwrap().target,
        Target::Blueprints(vec!["resource".into()])
    );
    assert_eq!(read.relation("about").unwrap().target, Target::Any);
    let lead = read.mirror("lead").unwrap();
    assert_eq!(
        (&*lead.relations, &*lead.property),
        (&["owner".into()][..], "lead")
    );
    assert!(matches!(read.ownership, Some(Ownership::Inherited { .. })));
    assert_eq!((read.calculations.len(), read.aggregations.len()), (1, 1));
}

#[test]
fn what_says_nothing_comes_back_too() {
    for json in [
        json!({"identifier": "a"}),
        json!({"identifier": "a", "schema": {}}),
        json!({"identifier": "a", "schema": {"properties": {}, "required": []}}),
        json!({"identifier": "a", "schema": null, "title": null, "relations": null}),
        json!({"identifier": "a", "relations": {}, "mirrorProperties": {}}),
        json!({"identifier": "a", "calculationProperties": {}, "aggregationProperties": {}}),
        json!({"identifier": "a", "schema": {"properties": {"x": {"type": "string", "enum": null}}}}),
        json!({"identifier": "a", "relations": {"r": {"target": "a", "required": null}}}),
        json!({"identifier": "a", "ownership": null}),
    ] {
        assert_eq!(blueprint(&json).to_json(), json);
    }
    let levels = json!([
        {"title": "Basic", "color": "paleBlue"}, {"title": "Bronze", "color": "bronze"},
        {"title": "Silver", "color": "silver"}, {"title": "Gold", "color": "gold"},
    ]);
    for json in [
        json!({"identifier": "a", "blueprint": "b"}),
        json!({"identifier": "a", "blueprint": "b", "rules": [], "levels": null, "filter": null}),
        json!({"identifier": "a", "blueprint": "b", "levels": levels}),
        json!({"identifier": "a", "blueprint": "b", "levels": [{"title": "Low", "color": null}]}),
        json!({"identifier": "a", "blueprint": "b", "groups": []}),
        json!({"identifier": "a", "blueprint": "b", "groups": null}),
    ] {
        assert_eq!(scorecard(&json).to_json(), json);
    }
}

#[test]
fn fields_that_were_changed_are_what_is_written() {
    let mut changed = blueprint(&service());
    changed.title = Some("Software".to_owned());
    changed
        .properties
        .retain(|property| *property.name == *"tier");
    changed.properties[0].kind = PropertyType::String;
    changed.properties[0].enumeration = Some(vec![json!("one")]);
    changed.properties[0].default = Some(json!("one"));
    changed.required.clear();
    changed
        .relations
        .retain(|relation| *relation.name == *"one");
    changed.relations[0].target = Target::Any;
    changed.relations[0].many = true;
    let json = changed.to_json();
    assert_eq!(json["title"], "Software");
    let tier =
        json!({"type": "string", "enum": ["one"], "enumColors": {"1": "red"}, "default": "one"});
    assert_eq!(
        json["schema"],
        json!({"properties": {"tier": tier}, "$comment": "kept"})
    );
    assert_eq!(
        json["relations"],
        json!({"one": {"target": "*", "many": true}})
    );
}

#[test]
fn a_scorecard_comes_back_as_it_was_read() {
    let json = production();
    let read = scorecard(&json);
    assert_eq!(read.to_json(), json);
    assert_eq!(scorecard(&read.to_json()), read);
    let by_expression =
        json!({"identifier": "a", "blueprint": "b", "filter": {"when": "tier = 1"}});
    assert_eq!(scorecard(&by_expression).to_json(), by_expression);
}

#[test]
fn every_part_of_a_scorecard_is_read() {
    let read = scorecard(&production());
    assert_eq!(&*read.blueprint, "service");
    assert_eq!(read.rank("Good"), Some(1));
    let (place, rule) = read.rule("on_call").unwrap();
    assert_eq!((place, rule.level), (0, 1));
    let RuleTest::Conditions(conditions) = &rule.test else {
        panic!("not conditions")
    };
    assert_eq!(conditions.combinator, Combinator::Or);
    let [
        Condition::Test {
            property,
            relation,
            value,
            ..
        },
        Condition::Group(group),
    ] = &*conditions.conditions
    else {
        panic!("not a test and a group")
    };
    assert_eq!(
        (&**property, *relation, value),
        ("owner", true, &Json::Null)
    );
    assert_eq!(group.combinator, Combinator::And);
    assert_eq!(
        read.rule("when").unwrap().1.test,
        RuleTest::Expression("tier < 3".into())
    );
}

#[test]
fn a_scorecard_without_levels_has_those_of_port() {
    let read = scorecard(&json!({"identifier": "a", "blueprint": "b"}));
    let levels: Vec<(&str, &str)> = read
        .levels
        .iter()
        .map(|level| (&*level.title, level.color.as_deref().unwrap()))
        .collect();
    let wanted = [
        ("Basic", "paleBlue"),
        ("Bronze", "bronze"),
        ("Silver", "silver"),
        ("Gold", "gold"),
    ];
    assert_eq!(levels, wanted);
}

#[test]
fn a_document_holds_one_or_a_list() {
    let one = json!({"identifier": "a"});
    assert_eq!(Blueprint::list_from_json(&one).unwrap().len(), 1);
    assert_eq!(
        Blueprint::list_from_json(&json!([one, {"identifier": "b"}]))
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        Scorecard::list_from_json(&json!([production()]))
            .unwrap()
            .len(),
        1
    );
    assert_eq!(Scorecard::list_from_json(&production()).unwrap().len(), 1);
}
