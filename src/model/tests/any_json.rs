//! Whatever JSON is given: no panic, and what is taken comes back.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Blueprint, Model, Scorecard};
use crate::model::{EntitySchema, PropertyType};

/// Keys and texts that mean something, so that many documents get beyond the first check.
const WORDS: [&str; 62] = [
    "identifier",
    "title",
    "schema",
    "properties",
    "required",
    "type",
    "format",
    "items",
    "enum",
    "default",
    "index",
    "pattern",
    "relations",
    "target",
    "many",
    "mirrorProperties",
    "path",
    "calculationProperties",
    "calculation",
    "aggregationProperties",
    "ownership",
    "levels",
    "rules",
    "level",
    "query",
    "when",
    "filter",
    "combinator",
    "conditions",
    "property",
    "operator",
    "value",
    "string",
    "number",
    "array",
    "object",
    "url",
    "a.b",
    "and",
    "Gold",
    "calculationSpec",
    "calculationBy",
    "entities",
    "func",
    "count",
    "average",
    "averageOf",
    "total",
    "percentile",
    "measureTimeBy",
    "pathFilter",
    "fromBlueprint",
    "incoming",
    "expression",
    "weight",
    "grace",
    "14d",
    "enforcedFrom",
    "2026-01-31",
    "exemptions",
    "entity",
    "groups",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(&WORDS[..]).prop_map(str::to_owned),
        1 => ".{0,6}",
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        4 => word().prop_map(Json::from),
        1 => any::<bool>().prop_map(Json::from),
        1 => any::<i64>().prop_map(Json::from),
        1 => Just(Json::Null),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..5).prop_map(Json::from),
            3 => btree_map(word(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// A document that is right but for one part.
fn nearly_blueprint() -> impl Strategy<Value = Json> {
    (word(), word(), any_json(), any_json()).prop_map(|(section, name, part, definition)| {
        let mut json = json!({
            "identifier": "a",
            "schema": {"properties": {name: definition, "tier": {"type": "number"}}},
        });
        json[section] = part;
        json
    })
}

/// An aggregation, a calculation and an ownership that are right but for one part each.
fn nearly_derived() -> impl Strategy<Value = Json> {
    let part = || (word(), any_json());
    (part(), part(), part(), part()).prop_map(|(specification, rest, calculation, ownership)| {
        let mut spec = json!({"calculationBy": "entities", "func": "count"});
        spec[specification.0] = specification.1;
        let mut counted = json!({"target": "a", "calculationSpec": spec});
        counted[rest.0] = rest.1;
        let mut slug = json!({"calculation": ".", "type": "string"});
        slug[calculation.0] = calculation.1;
        let mut owned = json!({"type": "Inherited", "path": "up"});
        owned[ownership.0] = ownership.1;
        json!({
            "identifier": "a",
            "relations": {"up": {"target": "a"}},
            "aggregationProperties": {"n": counted},
            "calculationProperties": {"slug": slug},
            "ownership": owned,
        })
    })
}

/// A scorecard whose only rule is right but for one part.
fn nearly_rule() -> impl Strategy<Value = Json> {
    (word(), any_json(), any_json()).prop_map(|(key, part, groups)| {
        let mut rule = json!({"identifier": "r", "level": "Gold", "when": "true"});
        rule[key] = part;
        json!({"identifier": "s", "blueprint": "a", "groups": groups, "rules": [rule]})
    })
}

fn nearly_scorecard() -> impl Strategy<Value = Json> {
    (word(), any_json(), any_json()).prop_map(|(key, part, query)| {
        let rule = json!({"identifier": "r", "level": "Gold", "query": query});
        let mut json = json!({"identifier": "s", "blueprint": "a", "rules": [rule]});
        json[key] = part;
        json
    })
}

/// A definition of one of the types, with one more key.
fn nearly_definition() -> impl Strategy<Value = Json> {
    let kind = proptest::sample::select(vec!["string", "number", "boolean", "array", "object"]);
    (kind, word(), any_json()).prop_map(|(kind, key, part)| {
        let mut json = json!({"type": kind});
        json[key] = part;
        json
    })
}

proptest! {
    #[test]
    fn blueprints_are_refused_or_come_back(json in prop_oneof![any_json(), nearly_blueprint(), nearly_derived()]) {
        if let Ok(blueprint) = Blueprint::from_json(&json) {
            prop_assert_eq!(blueprint.to_json(), json);
            if let Ok(model) = Model::default().with(vec![blueprint], Vec::new()) {
                prop_assert_eq!(model.blueprints().count(), 1);
            }
        }
    }

    #[test]
    fn scorecards_are_refused_or_come_back(json in prop_oneof![any_json(), nearly_scorecard(), nearly_rule()]) {
        if let Ok(scorecard) = Scorecard::from_json(&json) {
            prop_assert_eq!(scorecard.to_json(), json);
        }
    }

    #[test]
    fn values_are_valid_or_explained(definition in nearly_definition(), value in any_json()) {
        let json = json!({"identifier": "a", "schema": {"properties": {"x": definition}}});
        let kind = definition["type"].clone();
        let Ok(blueprint) = Blueprint::from_json(&json) else { return Ok(()) };
        let Ok(schema) = EntitySchema::compile(&blueprint) else { return Ok(()) };
        let kinds = PropertyType::ALL;
        let fits = kinds.iter().any(|(name, held)| kind == *name && held.holds(&value));
        match schema.validate(json!({"x": value}).as_object().unwrap()) {
            Ok(()) => prop_assert!(fits || value.is_null()),
            Err(error) => {
                prop_assert!(error.path().is_some_and(|path| path.starts_with("/properties/x")));
            }
        }
    }
}
