//! A made-up catalog for the benchmarks: services, teams and vulnerabilities with skewed fan-in.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot be set up may panic"
)]

use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Viewer};
use serde_json::{Value as Json, json};

/// Every service has this many vulnerabilities on average, the first ones far more.
const VULNERABILITIES_PER_SERVICE: usize = 4;
const SERVICES_PER_TEAM: usize = 20;

pub(crate) fn viewer() -> Viewer {
    Viewer::system("benchmark")
}

fn blueprints() -> Vec<Blueprint> {
    let read = |json: Json| Blueprint::from_json(&json).unwrap();
    vec![
        read(json!({
            "identifier": "team", "title": "Team",
            "schema": {"properties": {"onCall": {"type": "string"}}, "required": []}
        })),
        read(json!({
            "identifier": "service", "title": "Service",
            "schema": {
                "properties": {
                    "tier": {"type": "number"},
                    "lifecycle": {"type": "string", "enum": ["production", "experimental"]},
                    "coverage": {"type": "number"},
                    "readme": {"type": "string", "format": "markdown"}
                },
                "required": ["tier"]
            },
            "mirrorProperties": {"ownerOnCall": {"path": "owner.onCall"}},
            "relations": {
                "owner": {"target": "team", "required": false, "many": false},
                "dependsOn": {"target": "service", "required": false, "many": true}
            }
        })),
        read(json!({
            "identifier": "vulnerability", "title": "Vulnerability",
            "schema": {
                "properties": {
                    "severity": {"type": "string", "enum": ["low", "high", "critical"]},
                    "open": {"type": "boolean"}
                },
                "required": []
            },
            "relations": {"service": {"target": "service", "required": false, "many": false}}
        })),
    ]
}

fn scorecard() -> Scorecard {
    let rule = |identifier: &str, level: &str, when: &str| json!({"identifier": identifier, "level": level, "when": when});
    Scorecard::from_json(&json!({
        "identifier": "readiness", "title": "Readiness", "blueprint": "service",
        "rules": [
            rule("owned", "Bronze", "owner IS NOT NULL"),
            rule("onCall", "Bronze", "ownerOnCall IS NOT EMPTY"),
            rule("readme", "Silver", "readme IS NOT EMPTY"),
            rule("covered", "Silver", "coverage >= 50"),
            rule("safe", "Gold", "NOT EXISTS { (this)<-[:service]-(v:vulnerability) WHERE v.open AND v.severity = 'critical' }"),
            rule("wellCovered", "Gold", "coverage >= 80 AND (tier <= 2 OR lifecycle = 'production')")
        ]
    }))
    .unwrap()
}

/// A small generator of numbers that are the same in every run (xorshift).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new() -> Self {
        Self::seeded(0)
    }

    /// Other numbers for another seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(0x9E37_79B9_7F4A_7C15 ^ seed.wrapping_mul(0xBF58_476D_1CE4_E5B9))
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    /// Small numbers far more often: the fan-in of real catalogs is skewed.
    pub(crate) fn skewed(&mut self, limit: usize) -> usize {
        let (a, b) = (self.below(limit), self.below(limit));
        a * b / limit
    }
}

/// Fills a catalog with this many services and what belongs to them.
pub(crate) fn fill(catalog: &Catalog, services: usize) {
    let mut numbers = Numbers::new();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare(blueprints(), [scorecard()]).unwrap();
    let teams = services.div_ceil(SERVICES_PER_TEAM);
    for team in 0..teams {
        let on_call = if team % 7 == 0 {
            json!(null)
        } else {
            json!("someone")
        };
        let document = json!({"identifier": format!("t{team}"), "title": format!("Team {team}"),
            "properties": {"onCall": on_call}});
        tx.upsert("team", &document).unwrap();
    }
    for service in 0..services {
        let dependencies: Vec<String> = (0..numbers.below(5))
            .map(|_| format!("s{}", numbers.skewed(services)))
            .collect();
        let document = json!({
            "identifier": format!("s{service}"), "title": format!("Service {service}"),
            "properties": {
                "tier": 1 + numbers.below(4),
                "lifecycle": if service % 5 == 0 { "experimental" } else { "production" },
                "coverage": numbers.below(100),
                "readme": if service % 3 == 0 { json!(null) } else { json!("# Readme") }
            },
            "relations": {"owner": format!("t{}", numbers.skewed(teams)), "dependsOn": dependencies}
        });
        tx.upsert("service", &document).unwrap();
    }
    for vulnerability in 0..services * VULNERABILITIES_PER_SERVICE {
        let severity = ["low", "high", "critical"][numbers.below(3)];
        let document = json!({
            "identifier": format!("v{vulnerability}"),
            "properties": {"severity": severity, "open": numbers.below(4) == 0},
            "relations": {"service": format!("s{}", numbers.skewed(services))}
        });
        tx.upsert("vulnerability", &document).unwrap();
    }
    tx.commit().unwrap();
}
