//! The catalogs that generated queries are asked of: one model, and a few random entities.

use serde_json::{Value as Json, json};

use super::choices::Choices;
use crate::model::{Blueprint, Scorecard};
use crate::{Catalog, Instant, Options, Viewer};

/// How many entities of each blueprint there may be.
const MOST: [(&str, usize); 3] = [("team", 3), ("service", 5), ("library", 3)];

fn blueprints() -> [Json; 3] {
    let one = |target: Json| json!({"target": target, "many": false});
    let many = |target: Json| json!({"target": target, "many": true});
    let count = json!({
        "title": "Users", "target": "service", "type": "number",
        "calculationSpec": {"calculationBy": "entities", "func": "count"},
    });
    [
        json!({
            "identifier": "team", "title": "Team",
            "schema": {"properties": {"size": {"type": "number"}, "region": {"type": "string"}}},
            "relations": {"parent": one(json!("team"))},
            "aggregationProperties": {"users": count},
        }),
        json!({
            "identifier": "service", "title": "Service",
            "schema": {"properties": {
                "tier": {"type": "number"},
                "cost": {"type": "number"},
                "lang": {"type": "string"},
                "live": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "due": {"type": "string", "format": "date-time"},
                "note": {"type": "string", "format": "markdown"},
            }},
            "relations": {
                "owner": one(json!("team")),
                "backup": one(json!("service")),
                "on": many(json!(["service", "library"])),
                "uses": many(json!("*")),
            },
            "mirrorProperties": {
                "region": {"path": "owner.region"}, "tiers": {"path": "on.tier"},
            },
            "calculationProperties": {"double": {"expression": "tier * 2", "type": "number"}},
        }),
        json!({
            "identifier": "library", "title": "Library",
            "schema": {"properties": {"tier": {"type": "number"}, "lang": {"type": "string"}}},
            "relations": {"owner": one(json!("team")), "on": many(json!("library"))},
        }),
    ]
}

fn scorecard() -> Json {
    let rule = |identifier: &str, level: &str, when: &str| json!({"identifier": identifier, "title": identifier, "level": level, "when": when});
    json!({
        "identifier": "grade", "title": "Grade", "blueprint": "service",
        "filter": {"when": "live IS NOT NULL"},
        "levels": [{"title": "Basic", "color": "paleBlue"}, {"title": "Silver", "color": "silver"},
            {"title": "Gold", "color": "gold"}],
        "rules": [
            rule("owned", "Silver", "owner IS NOT NULL"),
            rule("first", "Gold", "tier <= 1"),
        ],
    })
}

fn identifiers(blueprint: &str, count: usize) -> Vec<String> {
    let letter = &blueprint[..1];
    (0..count).map(|at| format!("{letter}{at}")).collect()
}

fn document(blueprint: &str, all: &[(&str, Vec<String>)], choices: &mut Choices<'_>) -> Json {
    let of = |blueprint: &str| &all.iter().find(|(name, _)| *name == blueprint).unwrap().1;
    let mut any = |values: &[Json]| match choices.below(values.len() + 1) {
        0 => Json::Null,
        at => values[at - 1].clone(),
    };
    let tiers = [json!(1), json!(2), json!(3)];
    let langs = [json!("go"), json!("rust"), json!("Rust")];
    let team = |any: &mut dyn FnMut(&[Json]) -> Json| {
        any(&of("team").iter().map(|id| json!(id)).collect::<Vec<_>>())
    };
    match blueprint {
        "team" => {
            let properties =
                json!({"size": any(&tiers), "region": any(&[json!("eu"), json!("us")])});
            json!({"properties": properties, "relations": {"parent": team(&mut any)}})
        }
        "service" => {
            let properties = json!({
                "tier": any(&tiers),
                "cost": any(&[json!(0.5), json!(2), json!(7.25)]),
                "lang": any(&langs),
                "live": any(&[json!(true), json!(false)]),
                "tags": any(&[json!([]), json!(["a"]), json!(["a", "b"]), json!(["b", "c"])]),
                "due": any(&[json!("2026-10-01T00:00:00Z"), json!("2026-11-02T00:00:00Z")]),
                "note": any(&[json!("go"), json!("x")]),
            });
            let owner = team(&mut any);
            let services: Vec<Json> = of("service").iter().map(|id| json!(id)).collect();
            let backup = any(&services);
            let targets: Vec<Json> = all
                .iter()
                .flat_map(|(_, ids)| ids)
                .map(|id| json!(id))
                .collect();
            let on = some(&targets[of("team").len()..], choices);
            let uses = some(&targets, choices);
            json!({"properties": properties,
                "relations": {"owner": owner, "backup": backup, "on": on, "uses": uses}})
        }
        _ => {
            let properties = json!({"tier": any(&tiers), "lang": any(&langs)});
            let owner = team(&mut any);
            let libraries: Vec<Json> = of("library").iter().map(|id| json!(id)).collect();
            let on = some(&libraries, choices);
            json!({"properties": properties, "relations": {"owner": owner, "on": on}})
        }
    }
}

fn some(of: &[Json], choices: &mut Choices<'_>) -> Vec<Json> {
    of.iter().filter(|_| choices.often(30)).cloned().collect()
}

/// A catalog with what the choices put into it.
pub(super) fn catalog(choices: &mut Choices<'_>) -> Catalog {
    let noon = Instant::parse("2026-11-01T12:00:00Z").unwrap();
    let catalog = Catalog::in_memory_with(Options::default().clock(move || noon)).unwrap();
    let mut tx = catalog.write(&Viewer::system("test")).unwrap();
    let scorecard = Scorecard::from_json(&scorecard()).unwrap();
    let declared = blueprints().map(|json| Blueprint::from_json(&json).unwrap());
    tx.declare(declared, [scorecard]).unwrap();
    let all = MOST.map(|(name, most)| (name, identifiers(name, choices.below(most + 1))));
    for (blueprint, ids) in &all {
        for id in ids {
            let mut document = document(blueprint, &all, choices);
            document["identifier"] = json!(id);
            if choices.often(50) {
                document["title"] = json!(id.to_uppercase());
            }
            tx.upsert(blueprint, &document).unwrap();
        }
    }
    tx.commit().unwrap();
    catalog
}
