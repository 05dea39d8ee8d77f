//! A catalog in which everything that can be derived is derived, from one another and by the clock.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::world::{model, scorecard};
use crate::model::{Blueprint, Model, Scorecard};

/// Aggregations of a blueprint: name, target, specification, query, path.
type Aggregations<'a> = &'a [(&'a str, &'a str, Json, Json, Json)];

/// The usual catalog with calculations, aggregations, inherited ownership, scorecards that read
/// each other, and groups.
pub(super) fn rich_model() -> Arc<Model> {
    let base = model();
    let named = |name: &str| base.blueprint_named(name).unwrap().blueprint.to_json();
    let team = with(
        with(
            named("team"),
            "aggregationProperties",
            aggregations(&team_aggregations()),
        ),
        "calculationProperties",
        calculations(&[
            ("load", "service_count * 10 + coalesce(size, 0)", "number"),
            ("idle", "service_count = 0", "boolean"),
            (
                "golden",
                "COUNT { (this)<-[:owner]-(s:service) WHERE s.$scorecards.shared.level >= 'Bronze' }",
                "number",
            ),
        ]),
    );
    let team = with(team, "ownership", json!({"type": "Direct"}));
    let service = with(
        with(
            named("service"),
            "aggregationProperties",
            aggregations(&service_aggregations()),
        ),
        "calculationProperties",
        calculations(&[
            ("per_tier", "coverage / tier", "number"),
            ("owner_load", "owner.load + per_tier", "number"),
            (
                "stale",
                "$updatedAt < now() - duration('PT0.000004S')",
                "boolean",
            ),
        ]),
    );
    let service = with(
        service,
        "ownership",
        json!({"type": "Inherited", "path": "owner"}),
    );
    let deployment = with(
        named("deployment"),
        "mirrorProperties",
        json!({
            "owner_on_call": {"path": "service.team_on_call"},
            "service_updated": {"path": "service.$updatedAt"},
            "service_team": {"path": "service.$team"},
            "team_load": {"path": "service.owner_load"},
        }),
    );
    let deployment = with(
        deployment,
        "ownership",
        json!({"type": "Inherited", "path": "service"}),
    );
    let blueprints = [team, service, deployment];
    let blueprints = blueprints
        .iter()
        .map(|json| Blueprint::from_json(json).unwrap());
    let model = base.with(blueprints.collect(), scorecards());
    Arc::new(model.unwrap())
}

fn with(mut blueprint: Json, key: &str, value: Json) -> Json {
    blueprint[key] = value;
    blueprint
}

fn aggregations(of: Aggregations<'_>) -> Json {
    let mut all = Map::new();
    for (name, target, specification, when, path) in of {
        let mut one = json!({"title": name, "target": target, "calculationSpec": specification});
        if !when.is_null() {
            one["when"] = when.clone();
        }
        one["pathFilter"] = path.clone();
        all.insert((*name).to_owned(), one);
    }
    Json::Object(all)
}

fn calculations(of: &[(&str, &str, &str)]) -> Json {
    let all = of.iter().map(|(name, expression, kind)| {
        (
            (*name).to_owned(),
            json!({"expression": expression, "type": kind}),
        )
    });
    Json::Object(all.collect())
}

fn of_property(function: &str, property: &str) -> Json {
    json!({"calculationBy": "property", "func": function, "property": property})
}

fn count() -> Json {
    json!({"calculationBy": "entities", "func": "count"})
}

fn up(blueprint: &str, path: &[&str]) -> Json {
    json!([{"fromBlueprint": blueprint, "path": path}])
}

#[expect(
    clippy::too_many_lines,
    reason = "one entry for each function, as data"
)]
fn team_aggregations() -> Vec<(&'static str, &'static str, Json, Json, Json)> {
    let none = Json::Null;
    let services = || up("service", &["owner"]);
    vec![
        (
            "service_count",
            "service",
            count(),
            none.clone(),
            services(),
        ),
        (
            "tiers",
            "service",
            of_property("sum", "tier"),
            none.clone(),
            services(),
        ),
        (
            "low",
            "service",
            of_property("min", "coverage"),
            none.clone(),
            services(),
        ),
        (
            "high",
            "service",
            of_property("max", "coverage"),
            json!("tier > 1"),
            services(),
        ),
        (
            "middle",
            "service",
            of_property("median", "coverage"),
            none.clone(),
            services(),
        ),
        (
            "most",
            "service",
            json!({"calculationBy": "property", "func": "percentile", "percentile": 60, "property": "tier"}),
            none.clone(),
            services(),
        ),
        (
            "langs",
            "service",
            of_property("distinctCount", "lang"),
            none.clone(),
            services(),
        ),
        (
            "newest",
            "service",
            json!({"calculationBy": "property", "func": "last", "property": "lang", "measureTimeBy": "launched"}),
            none.clone(),
            services(),
        ),
        (
            "oldest",
            "service",
            json!({"calculationBy": "property", "func": "first", "property": "tier", "measureTimeBy": "$createdAt"}),
            none.clone(),
            services(),
        ),
        (
            "mean",
            "service",
            json!({"calculationBy": "property", "func": "average", "averageOf": "total", "property": "per_tier"}),
            none.clone(),
            services(),
        ),
        (
            "monthly",
            "service",
            json!({"calculationBy": "entities", "func": "average", "averageOf": "month", "measureTimeBy": "launched"}),
            none.clone(),
            services(),
        ),
        (
            "deployments",
            "deployment",
            count(),
            json!("status = 'ok'"),
            up("deployment", &["service", "owner"]),
        ),
        (
            "recent",
            "deployment",
            count(),
            json!("$updatedAt >= now() - duration('PT0.000003S')"),
            up("deployment", &["service", "owner"]),
        ),
        (
            "bronze",
            "service",
            count(),
            json!("$scorecards.production.level >= 'Bronze'"),
            services(),
        ),
        (
            "grandchildren",
            "team",
            of_property("sum", "size"),
            none.clone(),
            up("team", &["parent", "parent"]),
        ),
    ]
}

fn service_aggregations() -> Vec<(&'static str, &'static str, Json, Json, Json)> {
    let none = Json::Null;
    let incoming = |relation: &str| json!({"relation": relation, "incoming": true});
    vec![
        (
            "dep_tiers",
            "service",
            of_property("sum", "tier"),
            none.clone(),
            json!([{"path": ["depends_on"]}]),
        ),
        (
            "dependents",
            "service",
            count(),
            json!("readme"),
            json!([{"path": [incoming("depends_on")]}]),
        ),
        (
            "neighbours",
            "service",
            of_property("max", "coverage"),
            none.clone(),
            json!([{"path": ["depends_on"]}, {"path": [incoming("depends_on")]}]),
        ),
        (
            "siblings",
            "service",
            of_property("median", "tier"),
            none.clone(),
            json!([{"path": ["owner", incoming("owner")]}]),
        ),
        (
            "far",
            "service",
            of_property("distinctCount", "lang"),
            json!("NOT stale"),
            json!([{"path": ["depends_on", "depends_on"]}]),
        ),
        (
            "fresh",
            "deployment",
            of_property("last", "status"),
            none,
            up("deployment", &["service"]),
        ),
    ]
}

fn scorecards() -> Vec<Scorecard> {
    let mut layered = scorecard(
        "layered",
        "service",
        Some("$scorecards.production.level IS NOT NULL"),
        &[
            (
                "above",
                "$scorecards.production.level >= 'Bronze'",
                "Bronze",
            ),
            ("tiered", "tier <= 2", "Bronze"),
            (
                "passes",
                "$scorecards.production.rules.has_readme.passed",
                "Gold",
            ),
            ("loaded", "owner_load > 20", "Gold"),
            ("led", "owner.$scorecards.health.level = 'Good'", "Gold"),
            ("new", "NOT stale", "Gold"),
            (
                "touched",
                "$updatedAt >= now() - duration('PT0.000002S')",
                "Platinum",
            ),
            (
                "fresh_enough",
                "fresh = 'ok' AND dependents >= 1",
                "Platinum",
            ),
        ],
    );
    layered.groups = vec![
        "owner".into(),
        "lang".into(),
        "$team".into(),
        "owner.on_call".into(),
    ];
    let mut leads = scorecard(
        "leads",
        "team",
        None,
        &[
            ("some", "service_count > 0", "Good"),
            ("good", "bronze >= 1", "Good"),
            ("scored", "deployments > 1 OR recent > 0", "Great"),
            ("top", "$scorecards.health.score >= 50", "Great"),
        ],
    );
    leads.groups = vec!["load".into(), "parent".into()];
    vec![layered, leads]
}
