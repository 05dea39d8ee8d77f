//! The entities as they were written: what a catalog stores, as plain maps.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::Definitions;

/// A blueprint and an identifier.
pub(crate) type Key = (String, String);

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Entity {
    pub(super) title: Option<String>,
    pub(super) team: Vec<String>,
    /// Without nulls.
    pub(super) properties: BTreeMap<String, Json>,
    /// Without empty lists.
    pub(super) relations: BTreeMap<String, Vec<Key>>,
    /// Seconds since 1970.
    pub(super) created: i64,
}

/// Every entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Base {
    pub(super) entities: BTreeMap<Key, Entity>,
}

/// One write of a transaction.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    /// Replaces everything but when it was created.
    Upsert(&'static str, Json),
    /// Changes what the document names; null clears.
    Merge(&'static str, Json),
    Delete(&'static str, String),
}

impl Base {
    pub(crate) fn contains(&self, blueprint: &str, identifier: &str) -> bool {
        self.entities
            .contains_key(&(blueprint.to_owned(), identifier.to_owned()))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.entities.keys()
    }

    pub(crate) fn apply(&mut self, write: &Write, model: &Definitions, now: i64) {
        match write {
            Write::Upsert(blueprint, document) => {
                let key = key(blueprint, document);
                let created = self.entities.get(&key).map_or(now, |known| known.created);
                let mut entity = Entity {
                    created,
                    ..Entity::default()
                };
                entity.write(&key.0, document, model);
                self.entities.insert(key, entity);
            }
            Write::Merge(blueprint, document) => {
                let key = key(blueprint, document);
                let fresh = Entity {
                    created: now,
                    ..Entity::default()
                };
                let entity = self.entities.entry(key.clone()).or_insert(fresh);
                entity.write(&key.0, document, model);
            }
            Write::Delete(blueprint, identifier) => {
                let gone = ((*blueprint).to_owned(), identifier.clone());
                self.entities.remove(&gone);
                for entity in self.entities.values_mut() {
                    entity.relations.retain(|_, targets| {
                        targets.retain(|target| *target != gone);
                        !targets.is_empty()
                    });
                }
            }
        }
    }

    /// Whether every required relation leads somewhere; a commit that would break this is refused.
    pub(crate) fn is_valid(&self, model: &Definitions) -> bool {
        self.entities.iter().all(|((blueprint, _), entity)| {
            let relations = &model.blueprint(blueprint)["relations"];
            relations.as_object().is_none_or(|relations| {
                relations.iter().all(|(name, declared)| {
                    declared["required"] != true || entity.relations.contains_key(name)
                })
            })
        })
    }

    /// The writes that create every entity as it is but for its relations, by when it was created.
    pub(crate) fn creations(&self) -> BTreeMap<i64, Vec<Write>> {
        let mut all: BTreeMap<i64, Vec<Write>> = BTreeMap::new();
        for (key, entity) in &self.entities {
            let mut document = json!({"identifier": key.1, "title": entity.title,
                "properties": entity.properties});
            if !entity.team.is_empty() {
                document["team"] = json!(entity.team);
            }
            let write = Write::Upsert(Definitions::name(&key.0), document);
            all.entry(entity.created).or_default().push(write);
        }
        all
    }

    /// The writes that relate every entity as it is.
    pub(crate) fn relating(&self, model: &Definitions) -> Vec<Write> {
        let write = |(key, entity): (&Key, &Entity)| {
            let relations = entity.relations_json(&key.0, model);
            let document = json!({"identifier": key.1, "relations": relations});
            Write::Merge(Definitions::name(&key.0), document)
        };
        self.entities.iter().map(write).collect()
    }
}

impl Entity {
    fn write(&mut self, blueprint: &str, document: &Json, model: &Definitions) {
        if let Some(title) = document.get("title") {
            self.title = title.as_str().map(str::to_owned);
        }
        if let Some(team) = document.get("team") {
            self.team = texts(team);
        }
        for (name, value) in fields(document, "properties") {
            if value.is_null() {
                self.properties.remove(&name);
            } else {
                self.properties.insert(name, value);
            }
        }
        for (name, value) in fields(document, "relations") {
            let target = model.relation_target(blueprint, &name);
            let mut targets: Vec<Key> = Vec::new();
            for identifier in texts(&value) {
                let target = (target.clone(), identifier);
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
            if targets.is_empty() {
                self.relations.remove(&name);
            } else {
                self.relations.insert(name, targets);
            }
        }
    }

    /// As they are read: a list for a many relation, else a text or null.
    pub(super) fn relations_json(&self, blueprint: &str, model: &Definitions) -> Json {
        let declared = fields(model.blueprint(blueprint), "relations");
        let read = declared.into_iter().map(|(name, declared)| {
            let targets = self.relations.get(&name);
            let targets: Vec<&String> = targets
                .into_iter()
                .flatten()
                .map(|(_, identifier)| identifier)
                .collect();
            let value = if declared["many"] == true {
                json!(targets)
            } else {
                json!(targets.first())
            };
            (name, value)
        });
        Json::Object(read.collect())
    }
}

fn key(blueprint: &str, document: &Json) -> Key {
    let identifier = document["identifier"].as_str().unwrap_or_default();
    (blueprint.to_owned(), identifier.to_owned())
}

fn fields(document: &Json, key: &str) -> Map<String, Json> {
    document
        .get(key)
        .and_then(Json::as_object)
        .cloned()
        .unwrap_or_default()
}

/// A text or a list of texts.
fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::String(one) => vec![one.clone()],
        Json::Array(all) => all
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}
