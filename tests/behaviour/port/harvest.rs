//! Every body of rules in real Port definitions: how many can be asked, and why the rest cannot.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::common::{real_data, viewer};
use portolan::model::Blueprint;
use portolan::{Catalog, ErrorKind, QueryOptions, params};
use serde_json::{Map, Value as Json, json};

fn collect(folder: &Path, bodies: &mut BTreeMap<String, Json>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, bodies);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
            && let Ok(json) = serde_json::from_str(&fs::read_to_string(&path).unwrap())
        {
            find(&json, bodies);
        }
    }
}

fn find(json: &Json, bodies: &mut BTreeMap<String, Json>) {
    match json {
        Json::Object(map) => {
            let is_body = ["rules", "conditions"]
                .iter()
                .any(|key| map.contains_key(*key));
            if is_body && map.contains_key("combinator") {
                bodies.insert(json.to_string(), json.clone());
            }
            map.values().for_each(|value| find(value, bodies));
        }
        Json::Array(all) => all.iter().for_each(|value| find(value, bodies)),
        _ => {}
    }
}

/// What a body speaks of, so that it can be declared: blueprints, and properties with their types.
#[derive(Default)]
struct Spoken {
    blueprints: BTreeSet<String>,
    properties: Map<String, Json>,
}

impl Spoken {
    fn hear(&mut self, json: &Json) {
        if let Some(of) = json["blueprint"].as_str() {
            self.blueprints.insert(of.to_owned());
        }
        for rule in ["rules", "conditions"]
            .iter()
            .filter_map(|key| json[*key].as_array())
            .flatten()
        {
            self.hear(rule);
        }
        let value = &json["value"];
        match json["property"].as_str() {
            Some("$blueprint") => self.blueprints.extend(value.as_str().map(str::to_owned)),
            Some(name) if !name.starts_with('$') => {
                let kind = match (value, json["operator"].as_str()) {
                    (Json::Number(_), _) => json!({"type": "number"}),
                    (Json::Bool(_), _) => json!({"type": "boolean"}),
                    (_, Some("containsAny")) => {
                        json!({"type": "array", "items": {"type": "string"}})
                    }
                    _ => json!({"type": "string"}),
                };
                self.properties.insert(name.to_owned(), kind);
            }
            _ => {}
        }
    }

    fn catalog(&self) -> Option<Catalog> {
        let mut blueprints = self.blueprints.clone();
        if blueprints.is_empty() {
            blueprints.insert("thing".to_owned());
        }
        let declared = blueprints.iter().map(|identifier| {
            Blueprint::from_json(&json!({"identifier": identifier, "title": identifier,
                "schema": {"properties": self.properties}}))
        });
        // A template is no identifier: the body is refused for it.
        let declared: Vec<Blueprint> = declared.filter_map(Result::ok).collect();
        let catalog = Catalog::in_memory().unwrap();
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.declare(declared, []).ok()?;
        tx.commit().ok()?;
        Some(catalog)
    }
}

#[test]
fn real_bodies_can_be_asked() {
    let Some(folder) = real_data("port") else {
        return;
    };
    let mut bodies = BTreeMap::new();
    collect(&folder, &mut bodies);
    let (mut asked, mut refused) = (0, BTreeMap::<String, usize>::new());
    for body in bodies.values() {
        let mut spoken = Spoken::default();
        spoken.hear(body);
        let Some(catalog) = spoken.catalog() else {
            panic!("{body}");
        };
        let user = params! { "user" => None::<&str> };
        let answer = catalog
            .read(&viewer())
            .port_query(body, user, &QueryOptions::default());
        match answer {
            Ok(_) => asked += 1,
            Err(error) => {
                assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::Unsupported
                            | ErrorKind::Invalid
                            | ErrorKind::NotFound
                            | ErrorKind::Syntax
                    ),
                    "{error:?}"
                );
                let why = error
                    .message()
                    .split('`')
                    .step_by(2)
                    .collect::<Vec<_>>()
                    .join("`..`");
                *refused.entry(why).or_default() += 1;
            }
        }
    }
    println!("{asked} of {} bodies can be asked", bodies.len());
    for (why, count) in &refused {
        println!("  {count}: {why}");
    }
    assert!(asked >= 37 && asked + refused.values().sum::<usize>() == bodies.len());
}
