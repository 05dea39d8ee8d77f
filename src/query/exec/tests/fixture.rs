//! Small catalogs for tests, from JSON.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::model::{Blueprint, Model, Scorecard};
use crate::state::{Change, Entity, State, Targets};
use crate::value::{EntityId, Instant, NameId, Value};

/// A version with these blueprints, scorecards and entities. Entities are
/// `{"blueprint", "identifier", "title"?, "team"?, "properties"?, "relations"?}`; relations name
/// `blueprint/identifier` targets, which may come later.
pub(in crate::query) fn state(
    blueprints: &[Json],
    scorecards: &[Json],
    entities: &[Json],
) -> State {
    let blueprints = blueprints
        .iter()
        .map(|json| Blueprint::from_json(json).unwrap())
        .collect();
    let scorecards = scorecards
        .iter()
        .map(|json| Scorecard::from_json(json).unwrap())
        .collect();
    let model = Arc::new(Model::default().with(blueprints, scorecards).unwrap());
    let mut state = State::default();
    state.set_model(&model);
    let ids: Vec<EntityId> = entities
        .iter()
        .map(|json| {
            let blueprint = model
                .blueprint_id(json["blueprint"].as_str().unwrap())
                .unwrap();
            state.allocate(blueprint).unwrap()
        })
        .collect();
    let find = |name: &str| {
        let at = entities.iter().position(|json| {
            let (blueprint, identifier) = (&json["blueprint"], &json["identifier"]);
            format!(
                "{}/{}",
                blueprint.as_str().unwrap(),
                identifier.as_str().unwrap()
            ) == name
        });
        ids[at.unwrap_or_else(|| unreachable!("no entity {name}"))]
    };
    for (json, id) in entities.iter().zip(&ids) {
        let after = Some(Arc::new(entity(&model, json, *id, &find)));
        state
            .apply(&Change {
                id: *id,
                before: None,
                after,
            })
            .unwrap();
    }
    state
}

fn entity(model: &Model, json: &Json, id: EntityId, find: &dyn Fn(&str) -> EntityId) -> Entity {
    let text = |key: &str| json[key].as_str().map(Arc::<str>::from);
    let strings = |json: &Json| -> Vec<String> {
        match json {
            Json::String(text) => vec![text.clone()],
            Json::Array(texts) => texts
                .iter()
                .map(|t| t.as_str().unwrap().to_owned())
                .collect(),
            _ => Vec::new(),
        }
    };
    let fields = |key: &str| json[key].as_object().cloned().unwrap_or_default();
    let name = |name: &str| model.names().id(name).unwrap();
    let mut properties: Vec<(NameId, Value)> = fields("properties")
        .iter()
        .map(|(key, value)| (name(key), Value::from_json(value)))
        .filter(|(_, value)| !value.is_null())
        .collect();
    properties.sort_by_key(|(name, _)| *name);
    let mut relations: Vec<(NameId, Targets)> = fields("relations")
        .iter()
        .map(|(key, targets)| {
            (
                name(key),
                strings(targets).iter().map(|target| find(target)).collect(),
            )
        })
        .filter(|(_, targets): &(NameId, Targets)| !targets.is_empty())
        .collect();
    relations.sort_by_key(|(name, _)| *name);
    Entity {
        id,
        blueprint: model.blueprint_id(&text("blueprint").unwrap()).unwrap(),
        identifier: text("identifier").unwrap(),
        title: text("title"),
        icon: None,
        team: strings(&json["team"]).into_iter().map(Arc::from).collect(),
        properties,
        relations,
        created_at: Instant::parse("2024-01-01").unwrap(),
        updated_at: Instant::parse("2024-02-01").unwrap(),
        created_by: "ann".into(),
        updated_by: "bob".into(),
        created_in: crate::value::Seq(1),
    }
}

/// Teams, systems, services and APIs with cycles, a self loop, missing values, many and single
/// relations.
pub(in crate::query) fn catalog() -> State {
    state(&blueprints(), &[], &entities())
}

fn blueprints() -> Vec<Json> {
    let blueprint = |identifier: &str, properties: Json, relations: Json| {
        json!({
            "identifier": identifier,
            "schema": { "properties": properties, "required": [] },
            "relations": relations,
        })
    };
    let one = |target: &str| json!({"target": target, "many": false, "required": false});
    let many = |target: &str| json!({"target": target, "many": true, "required": false});
    vec![
        blueprint(
            "team",
            json!({"size": {"type": "number"}, "region": {"type": "string"}}),
            json!({"parent": one("team")}),
        ),
        blueprint(
            "system",
            json!({"critical": {"type": "boolean"}}),
            json!({"lead": one("team")}),
        ),
        blueprint(
            "service",
            json!({
                "tier": {"type": "number"},
                "cost": {"type": "number"},
                "lang": {"type": "string"},
                "on_call": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "deployed": {"type": "string", "format": "date-time"},
                "meta": {"type": "object"},
            }),
            json!({
                "owner": one("team"),
                "system": one("system"),
                "depends_on": many("service"),
                "provides": many("api"),
            }),
        ),
        blueprint(
            "api",
            json!({"kind": {"type": "string"}}),
            json!({"consumers": many("service")}),
        ),
    ]
}

fn entities() -> Vec<Json> {
    let entity = |blueprint: &str, identifier: &str, properties: Json, relations: Json| {
        json!({
            "blueprint": blueprint, "identifier": identifier, "title": identifier.to_uppercase(),
            "properties": properties, "relations": relations,
        })
    };
    let mut all = vec![
        entity(
            "team",
            "platform",
            json!({"size": 8, "region": "eu"}),
            json!({}),
        ),
        entity(
            "team",
            "payments",
            json!({"size": 5, "region": "us"}),
            json!({"parent": "team/platform"}),
        ),
        entity(
            "team",
            "ledger",
            json!({"size": 3}),
            json!({"parent": "team/payments"}),
        ),
        entity("team", "idle", json!({"region": "eu"}), json!({})),
        entity(
            "system",
            "shop",
            json!({"critical": true}),
            json!({"lead": "team/payments"}),
        ),
        entity(
            "system",
            "books",
            json!({"critical": false}),
            json!({"lead": "team/ledger"}),
        ),
        entity("system", "lost", json!({}), json!({})),
        entity(
            "api",
            "pay-v1",
            json!({"kind": "rest"}),
            json!({"consumers": ["service/web", "service/jobs"]}),
        ),
        entity(
            "api",
            "pay-v2",
            json!({"kind": "grpc"}),
            json!({"consumers": ["service/web"]}),
        ),
        entity(
            "api",
            "auth",
            json!({"kind": "rest"}),
            json!({"consumers": ["service/auth", "service/pay"]}),
        ),
        entity("api", "dead", json!({}), json!({})),
    ];
    let service = |identifier: &str, properties: Json, relations: Json| {
        entity("service", identifier, properties, relations)
    };
    all.extend([
        service(
            "web",
            json!({"tier": 1, "cost": 10.5, "lang": "rust", "on_call": true, "tags": ["edge", "pci"], "deployed": "2024-05-01T10:00:00Z", "meta": {"repo": "web", "stars": 7}}),
            json!({"owner": "team/platform", "system": "system/shop", "depends_on": ["service/pay", "service/auth"]}),
        ),
        service(
            "pay",
            json!({"tier": 1, "cost": 20, "lang": "java", "on_call": true, "tags": ["pci"], "deployed": "2024-04-01T10:00:00Z"}),
            json!({"owner": "team/payments", "system": "system/shop", "depends_on": ["service/ledger"], "provides": ["api/pay-v1", "api/pay-v2"]}),
        ),
        service(
            "ledger",
            json!({"tier": 2, "lang": "java", "on_call": false, "tags": [], "deployed": "2023-12-31T23:00:00Z"}),
            json!({"owner": "team/ledger", "system": "system/books", "depends_on": ["service/pay"]}),
        ),
        service(
            "auth",
            json!({"tier": 1, "cost": 7.25, "lang": "go", "tags": ["edge"]}),
            json!({"owner": "team/platform", "depends_on": ["service/auth"], "provides": ["api/auth"]}),
        ),
        service("jobs", json!({"tier": 3, "cost": 0, "lang": "rust", "on_call": false}), json!({"owner": "team/payments", "depends_on": ["service/web"]})),
        service("cron", json!({"tier": 3, "lang": "Rust"}), json!({})),
        service("old", json!({}), json!({"depends_on": ["service/old-db"]})),
        service("old-db", json!({"lang": "cobol", "tags": ["legacy", "pci"]}), json!({})),
    ]);
    all.push(
        json!({"blueprint": "service", "identifier": "plain", "team": ["platform", "payments"]}),
    );
    all
}
