//! What a calculation sees of its entity.

use serde_json::{Value as Json, json};

use super::super::{fixture, now};
use crate::error::{ErrorKind, Result};
use crate::query::check::jq::expression;
use crate::query::exec::evaluate;
use crate::state::State;
use crate::value::{EntityId, Value};

pub(super) fn world() -> State {
    let one = json!({"target": "team", "many": false});
    let many = json!({"target": "service", "many": true});
    let blueprints = [
        json!({"identifier": "team", "schema": {"properties": {"size": {"type": "number"}}}}),
        json!({
            "identifier": "service",
            "schema": {"properties": {
                "tier": {"type": "number"},
                "lang": {"type": "string"},
                "x-y": {"type": "string"},
                "due": {"type": "string", "format": "date-time"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "meta": {"type": "object"},
                "gone": {"type": "string"},
            }},
            "relations": {"owner": one, "uses": many},
            "calculationProperties": {"twice": {"type": "number", "expression": "tier * 2"}},
        }),
    ];
    let entities = [
        json!({
            "blueprint": "service", "identifier": "web", "title": "Web", "team": ["core"],
            "properties": {
                "tier": 2, "lang": "rust", "x-y": "dashed", "due": "2024-05-21T12:00:00+00:00",
                "tags": ["a", "b"], "meta": {"k": [1, {"n": 5}]},
            },
            "relations": {"owner": ["team/core"], "uses": ["service/db", "service/web"]},
        }),
        json!({"blueprint": "service", "identifier": "db"}),
        json!({"blueprint": "team", "identifier": "core", "properties": {"size": 4}}),
    ];
    fixture::state(&blueprints, &[], &entities)
}

/// The value of a filter over the service `web`, or `db`.
pub(super) fn of(entity: u32, filter: &str) -> Result<Value> {
    let state = world();
    let blueprint = state.model().blueprint_id("service").unwrap();
    let rule = expression(state.model(), blueprint, filter)?;
    evaluate(&state, &rule, EntityId(entity), now())
}

pub(super) fn json_of(filter: &str) -> Json {
    of(0, filter)
        .unwrap_or_else(|error| unreachable!("{filter}: {error:#}"))
        .to_json()
}

#[test]
fn the_document_is_that_of_the_entity() {
    for (filter, expected) in [
        (".identifier", json!("web")),
        (".title + \"/\" + .blueprint", json!("Web/service")),
        (".icon", json!(null)),
        (".team", json!(["core"])),
        (".createdAt", json!("2024-01-01T00:00:00.000Z")),
        (
            ".updatedAt | sub(\"\\\\.\\\\d+Z$\"; \"Z\") | fromdate | todate",
            json!("2024-02-01T00:00:00Z"),
        ),
        (".createdBy, .updatedBy", json!("ann")),
        (".properties.tier + 1", json!(3)),
        (".properties[\"lang\"], 1", json!("rust")),
        (".properties.'x-y'", json!("dashed")),
        (".properties.\"x-y\" == 'dashed'", json!(true)),
        (".properties.due", json!("2024-05-21T12:00:00Z")),
        (".properties.due[:10]", json!("2024-05-21")),
        (".properties.meta.k[1].n", json!(5)),
        (".properties.tags | join(\"+\")", json!("a+b")),
        (".properties.gone // \"none\"", json!("none")),
        (".properties.never_declared", json!(null)),
        (".properties.owner", json!(null)),
        (".relations.owner", json!("core")),
        (".relations.uses | sort", json!(["db", "web"])),
        (".relations.nothing", json!(null)),
        (".nothing", json!(null)),
        (
            ".properties | keys",
            json!(["due", "lang", "meta", "tags", "tier", "x-y"]),
        ),
        (".properties as $p | \"tier\" as $k | $p[$k]", json!(2)),
        (
            ".properties | to_entries | map(select(.value | type == \"number\").key)",
            json!(["tier"]),
        ),
        (
            ". as $root | [1] | map(. + $root.properties.tier)",
            json!([3]),
        ),
        (".properties | .tier", json!(2)),
        (
            ".relations",
            json!({"owner": "core", "uses": ["db", "web"]}),
        ),
        (
            ". | {identifier, t: .properties.tier}",
            json!({"identifier": "web", "t": 2}),
        ),
        (
            "keys",
            json!([
                "blueprint",
                "createdAt",
                "createdBy",
                "icon",
                "identifier",
                "properties",
                "relations",
                "team",
                "title",
                "updatedAt",
                "updatedBy"
            ]),
        ),
        (".properties.tier |= . + 1 | .properties.tier", json!(3)),
        (
            "del(.properties.meta).properties | has(\"meta\")",
            json!(false),
        ),
        ("[..] | length > 20", json!(true)),
        ("empty", json!(null)),
    ] {
        assert_eq!(json_of(filter), expected, "{filter}");
    }
}

#[test]
fn an_entity_without_properties_has_an_empty_document() {
    for (filter, expected) in [
        (".properties", json!({})),
        (".properties.tier", json!(null)),
        (".relations.owner", json!(null)),
        (".relations.uses", json!([])),
        (".properties.tags[0]", json!(null)),
        (".properties.meta.k[1].n", json!(null)),
    ] {
        assert_eq!(of(1, filter).unwrap().to_json(), expected, "{filter}");
    }
    let error = of(1, ".properties.tags[]").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
}
