//! What several integration tests share: a small model, and the way to the real catalogs.

use std::path::PathBuf;

use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Instant, Options, Viewer};
use serde_json::{Value as Json, json};

pub(crate) fn viewer() -> Viewer {
    Viewer::system("test")
}

/// A clock that always says the same, so that answers are the same in every run.
pub(crate) fn options() -> Options {
    let noon = Instant::parse("2026-11-01T12:00:00Z").unwrap();
    Options::default().clock(move || noon)
}

pub(crate) fn blueprint(json: Json) -> Blueprint {
    Blueprint::from_json(&json).unwrap()
}

pub(crate) fn scorecard(json: Json) -> Scorecard {
    Scorecard::from_json(&json).unwrap()
}

pub(crate) fn team() -> Blueprint {
    blueprint(json!({
        "identifier": "team",
        "title": "Team",
        "schema": {"properties": {"onCall": {"type": "string"}}, "required": []},
        "relations": {"parent": {"target": "team", "required": false, "many": false}}
    }))
}

pub(crate) fn service() -> Blueprint {
    blueprint(json!({
        "identifier": "service",
        "title": "Service",
        "schema": {
            "properties": {
                "tier": {"type": "number", "minimum": 1, "maximum": 4},
                "language": {"type": "string", "enum": ["Go", "Rust", "Java"]},
                "readme": {"type": "string", "format": "markdown"},
                "created": {"type": "string", "format": "date-time"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "config": {"type": "object"},
                "archived": {"type": "boolean", "default": false}
            },
            "required": ["tier"]
        },
        "relations": {
            "owner": {"target": "team", "required": false, "many": false},
            "dependsOn": {"target": "service", "required": false, "many": true}
        },
        "mirrorProperties": {
            "ownerOnCall": {"path": "owner.onCall"},
            "dependencyTiers": {"path": "dependsOn.tier"}
        }
    }))
}

pub(crate) fn readiness() -> Scorecard {
    scorecard(json!({
        "identifier": "readiness",
        "title": "Production readiness",
        "blueprint": "service",
        "filter": {"when": "archived = false"},
        "rules": [
            {"identifier": "owned", "level": "Bronze", "query":
                {"combinator": "and", "conditions": [{"relation": "owner", "operator": "isNotEmpty"}]}},
            {"identifier": "readme", "level": "Silver", "query":
                {"combinator": "and", "conditions": [{"property": "readme", "operator": "isNotEmpty"}]}},
            {"identifier": "onCall", "level": "Silver", "query":
                {"combinator": "and", "conditions": [{"property": "ownerOnCall", "operator": "isNotEmpty"}]}},
            {"identifier": "small", "level": "Gold", "when": "COUNT { (this)-[:dependsOn]->(:service) } <= 2"},
            {"identifier": "trusted", "level": "Gold", "when": "NOT EXISTS { (this)-[:dependsOn]->(d:service) WHERE d.tier > this.tier }"}
        ]
    }))
}

/// A catalog with the model above and nothing else.
pub(crate) fn empty_catalog() -> Catalog {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    declare(&catalog);
    catalog
}

pub(crate) fn declare(catalog: &Catalog) {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([team(), service()], [readiness()]).unwrap();
    tx.commit().unwrap();
}

/// Where the real catalogs are, if this machine has them.
pub(crate) fn real_data(set: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(set);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("skipped: `{}` is not there", folder.display());
    None
}
