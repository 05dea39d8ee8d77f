//! The catalog model that the tests check against.

use serde_json::{Value as Json, json};

use crate::model::{Blueprint, Model, Scorecard};

/// A small portal: services owned by teams, grouped by systems and domains, with incidents.
pub(super) fn model() -> Model {
    let blueprints = [
        service(),
        json!({"identifier": "library", "title": "Library", "schema": {"properties": {
            "tier": {"type": "number"},
            "language": {"type": "string"},
            "stable": {"type": "string"},
        }}, "relations": {"owner": {"target": "team"}}}),
        json!({"identifier": "resource", "title": "Resource", "schema": {"properties": {
            "kind": {"type": "string"},
            "stable": {"type": "boolean"},
        }}}),
        json!({"identifier": "team", "title": "Team", "schema": {"properties": {
            "slack": {"type": "string"},
        }}, "relations": {
            "parent": {"target": "team"},
            "members": {"target": "user", "many": true},
        }, "ownership": {"type": "Direct"}}),
        json!({"identifier": "user", "title": "User", "schema": {"properties": {
            "role": {"type": "string"},
        }}, "relations": {"manager": {"target": "user"}}}),
        json!({"identifier": "system", "title": "System", "schema": {"properties": {}},
            "relations": {"domain": {"target": "domain"}}}),
        json!({"identifier": "domain", "title": "Domain", "schema": {"properties": {}}}),
        json!({"identifier": "incident", "title": "Incident", "schema": {"properties": {
            "status": {"type": "string", "enum": ["open", "closed"]},
            "severity": {"type": "string"},
            "opened": {"type": "string", "format": "date-time"},
        }}, "relations": {"services": {"target": "service", "many": true}}}),
        json!({"identifier": "action_run", "title": "Run", "schema": {"properties": {}},
            "relations": {"entity": {"target": "*"}}}),
        json!({"identifier": "note", "title": "Note", "schema": {"properties": {
            "owner": {"type": "string"},
        }}, "relations": {"members": {"target": "user"}}}),
        json!({"identifier": "k8s-workload", "title": "Workload", "schema": {"properties": {
            "slack-notifications": {"type": "string"},
        }}, "relations": {"runs-on": {"target": "resource"}, "team": {"target": "team"}},
            "ownership": {"type": "Inherited", "path": "team"}}),
    ];
    let blueprints = blueprints
        .iter()
        .map(|json| Blueprint::from_json(json).unwrap())
        .collect();
    let scorecards = scorecards()
        .iter()
        .map(|json| Scorecard::from_json(json).unwrap())
        .collect();
    Model::default().with(blueprints, scorecards).unwrap()
}

fn service() -> Json {
    json!({"identifier": "service", "title": "Service", "schema": {"properties": {
        "tier": {"type": "number"},
        "lifecycle": {"type": "string", "enum": ["experimental", "production", "deprecated"]},
        "language": {"type": "string"},
        "deployed_at": {"type": "string", "format": "date-time"},
        "committed_at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "config": {"type": "object"},
        "active": {"type": "boolean"},
    }}, "relations": {
        "owner": {"target": "team"},
        "system": {"target": "system"},
        "depends_on": {"target": ["service", "library", "resource"], "many": true},
        "on_call": {"target": "user"},
    }, "mirrorProperties": {
        "domain": {"path": "system.domain.$title"},
        "dependency_tiers": {"path": "depends_on.tier"},
    }, "calculationProperties": {
        "health": {"calculation": ".properties.tier", "type": "number"},
    }, "aggregationProperties": {
        "open_incidents": {"title": "Open", "target": "incident", "type": "number",
            "calculationSpec": {"calculationBy": "entities", "func": "count"}},
    }})
}

fn scorecards() -> [Json; 2] {
    let rule = |identifier: &str, level: &str| {
        json!({"identifier": identifier, "title": identifier, "level": level, "query": {
            "combinator": "and",
            "conditions": [{"property": "$title", "operator": "isNotEmpty"}],
        }})
    };
    [
        json!({"identifier": "production", "title": "Production", "blueprint": "service",
            "levels": [{"title": "Basic", "color": "paleBlue"}, {"title": "Bronze", "color": "bronze"},
                {"title": "Silver", "color": "silver"}, {"title": "Gold", "color": "gold"}],
            "rules": [rule("has_owner", "Bronze"), rule("fresh", "Silver")]}),
        json!({"identifier": "hygiene", "title": "Hygiene", "blueprint": "library",
            "levels": [{"title": "Poor", "color": "red"}, {"title": "Good", "color": "green"}],
            "rules": [rule("named", "Good")]}),
    ]
}
