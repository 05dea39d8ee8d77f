//! The catalog, loaded: blueprints, the scorecard of eight rules, and the writes.

use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Commit, Instant, Options, Viewer, WriteTx};
use serde_json::{Value as Json, json};

use super::generate::{Deployment, Mini, NOW, Service, Vulnerability};

pub(crate) fn viewer() -> Viewer {
    Viewer::system("benchmark")
}

pub(crate) fn blueprints() -> Vec<Blueprint> {
    let aggregation = |target: &str, when: Option<&str>, spec: Json| {
        let mut json = json!({"target": target, "calculationSpec": spec,
            "pathFilter": [{"fromBlueprint": target, "path": ["service"]}]});
        if let Some(when) = when {
            json["when"] = json!(when);
        }
        json
    };
    let count = json!({"calculationBy": "entities", "func": "count"});
    let latest = json!({"calculationBy": "property", "func": "max", "property": "at"});
    let to = |target: &str| json!({"target": target, "required": false, "many": false});
    let team = json!({
        "identifier": "team", "title": "Team",
        "schema": {"properties": {"onCall": {"type": "boolean"}}, "required": []}
    });
    let service = json!({
        "identifier": "service", "title": "Service",
        "schema": {"properties": {"tier": {"type": "number"}, "readme": {"type": "boolean"},
            "coverage": {"type": "number"}}, "required": []},
        "relations": {"team": to("team")},
        "mirrorProperties": {"onCall": {"path": "team.onCall"}},
        "aggregationProperties": {
            "openCritical": aggregation("vulnerability", Some("open AND critical"), count.clone()),
            "deployments": aggregation("deployment", None, count),
            "lastDeployment": aggregation("deployment", None, latest)
        }
    });
    let vulnerability = json!({
        "identifier": "vulnerability", "title": "Vulnerability",
        "schema": {"properties": {"critical": {"type": "boolean"}, "open": {"type": "boolean"}},
            "required": []},
        "relations": {"service": to("service")}
    });
    let deployment = json!({
        "identifier": "deployment", "title": "Deployment",
        "schema": {"properties": {"at": {"type": "string", "format": "date-time"}}, "required": []},
        "relations": {"service": to("service")}
    });
    [team, service, vulnerability, deployment]
        .iter()
        .map(|json| Blueprint::from_json(json).unwrap())
        .collect()
}

/// The eight rules; with more rules behind them where a question asks for them.
pub(crate) fn scorecard(more: &[(&str, &str, &str)]) -> Scorecard {
    let rules = [
        ("documented", "Bronze", "readme"),
        ("onCall", "Bronze", "onCall"),
        ("deployed", "Bronze", "deployments >= 5"),
        ("guarded", "Silver", "openCritical <= 3"),
        ("covered", "Silver", "coverage >= 50"),
        ("fresh", "Silver", "lastDeployment >= now() - 30d"),
        ("safe", "Gold", "openCritical = 0"),
        (
            "excellent",
            "Gold",
            "coverage >= 80 AND (tier <= 2 OR onCall)",
        ),
    ];
    let rules = rules.iter().chain(more);
    let rules: Vec<Json> = rules
        .map(|(name, level, when)| json!({"identifier": name, "level": level, "when": when}))
        .collect();
    Scorecard::from_json(&json!({"identifier": "readiness", "title": "Readiness",
        "blueprint": "service", "groups": ["team"], "rules": rules}))
    .unwrap()
}

/// Writes and commits.
pub(crate) fn commit(catalog: &Catalog, write: impl FnOnce(&mut WriteTx)) -> Commit {
    let mut tx = catalog.write(&viewer()).unwrap();
    write(&mut tx);
    tx.commit().unwrap()
}

fn at(seconds: i64) -> String {
    Instant(seconds * 1_000_000).to_string()
}

impl Mini {
    /// Options of a catalog whose time stands still.
    pub(crate) fn options() -> Options {
        Options::default().clock(|| Instant(NOW * 1_000_000))
    }

    /// A catalog in memory with all of it.
    pub(crate) fn loaded(&self) -> Catalog {
        let catalog = Catalog::in_memory_with(Self::options()).unwrap();
        self.load(&catalog);
        catalog
    }

    pub(crate) fn load(&self, catalog: &Catalog) {
        commit(catalog, |tx| {
            tx.declare(blueprints(), [scorecard(&[])]).unwrap();
            for (number, on_call) in self.teams.iter().enumerate() {
                put_team(tx, number, *on_call);
            }
            for (number, service) in self.services.iter().enumerate() {
                put_service(tx, number, service);
            }
            for (number, vulnerability) in self.vulnerabilities.iter().enumerate() {
                put_vulnerability(tx, number, vulnerability);
            }
            for (number, deployment) in self.deployments.iter().enumerate() {
                if let Some(deployment) = deployment {
                    put_deployment(tx, number, deployment);
                }
            }
        });
    }

    /// Opens a vulnerability, or closes it.
    pub(crate) fn toggle(&mut self, tx: &mut WriteTx, number: usize) {
        let vulnerability = &mut self.vulnerabilities[number];
        vulnerability.open = !vulnerability.open;
        let document = json!({"identifier": format!("v{number}"),
            "properties": {"open": vulnerability.open}});
        tx.merge("vulnerability", &document).unwrap();
    }

    pub(crate) fn cover(&mut self, tx: &mut WriteTx, number: usize, coverage: i64) {
        self.services[number].coverage = coverage;
        let document = json!({"identifier": format!("s{number}"),
            "properties": {"coverage": coverage}});
        tx.merge("service", &document).unwrap();
    }

    /// Puts somebody on call in a team, or nobody.
    pub(crate) fn flip(&mut self, tx: &mut WriteTx, team: usize) {
        self.teams[team] = !self.teams[team];
        put_team(tx, team, self.teams[team]);
    }

    pub(crate) fn deploy(&mut self, tx: &mut WriteTx, service: usize, seconds: i64) {
        let number = self.deployed(service, seconds);
        put_deployment(tx, number, &self.deployments[number].unwrap());
    }

    pub(crate) fn undeploy(&mut self, tx: &mut WriteTx, number: usize) {
        self.deployments[number] = None;
        tx.delete("deployment", &format!("d{number}")).unwrap();
    }
}

fn put_team(tx: &mut WriteTx, number: usize, on_call: bool) {
    let document = json!({"identifier": format!("t{number}"), "properties": {"onCall": on_call}});
    tx.upsert("team", &document).unwrap();
}

fn put_service(tx: &mut WriteTx, number: usize, service: &Service) {
    let document = json!({"identifier": format!("s{number}"),
        "properties": {"tier": service.tier, "readme": service.readme, "coverage": service.coverage},
        "relations": {"team": format!("t{}", service.team)}});
    tx.upsert("service", &document).unwrap();
}

fn put_vulnerability(tx: &mut WriteTx, number: usize, vulnerability: &Vulnerability) {
    let document = json!({"identifier": format!("v{number}"),
        "properties": {"critical": vulnerability.critical, "open": vulnerability.open},
        "relations": {"service": format!("s{}", vulnerability.service)}});
    tx.upsert("vulnerability", &document).unwrap();
}

fn put_deployment(tx: &mut WriteTx, number: usize, deployment: &Deployment) {
    let document = json!({"identifier": format!("d{number}"),
        "properties": {"at": at(deployment.at)},
        "relations": {"service": format!("s{}", deployment.service)}});
    tx.upsert("deployment", &document).unwrap();
}
