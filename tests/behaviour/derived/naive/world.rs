//! The value of every property of every entity: stored, mirrored, calculated or aggregated.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::base::{Base, Key};
use super::number::{number, same};
use super::{Definitions, expression, time};

/// A model, the entities and a point in time.
pub(crate) struct World<'a> {
    pub(super) model: &'a Definitions,
    pub(super) base: &'a Base,
    /// Seconds since 1970.
    pub(super) now: i64,
    known: RefCell<BTreeMap<(Key, String), Json>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(model: &'a Definitions, base: &'a Base, now: i64) -> Self {
        Self {
            model,
            base,
            now,
            known: RefCell::default(),
        }
    }

    /// A property or meta-property as the language sees it; null where there is none.
    pub(super) fn value(&self, of: &Key, name: &str) -> Json {
        let known = (of.clone(), name.to_owned());
        if let Some(value) = self.known.borrow().get(&known) {
            return value.clone();
        }
        let value = self.compute(of, name);
        self.known.borrow_mut().insert(known, value.clone());
        value
    }

    fn compute(&self, of: &Key, name: &str) -> Json {
        let blueprint = self.model.blueprint(&of.0);
        let Some(entity) = self.base.entities.get(of) else {
            return Json::Null;
        };
        match name {
            "$identifier" => return json!(of.1),
            "$blueprint" => return json!(of.0),
            "$title" => return json!(entity.title),
            "$createdAt" => return json!(time::format(entity.created)),
            "$team" => {
                let team = self.team(of);
                return if team.is_empty() {
                    Json::Null
                } else {
                    json!(team)
                };
            }
            _ => {}
        }
        if blueprint["schema"]["properties"].get(name).is_some() {
            return entity.properties.get(name).cloned().unwrap_or_default();
        }
        let declared = |kind: &str| blueprint[kind].get(name);
        if let Some(mirror) = declared("mirrorProperties") {
            return self.mirror(of, mirror["path"].as_str().unwrap_or_default());
        }
        if let Some(calculation) = declared("calculationProperties") {
            let text = calculation.get("expression");
            let text = text.unwrap_or(&calculation["calculation"]);
            let value = expression::value(text.as_str().unwrap_or_default())(self, of);
            return fitting(value, calculation["type"].as_str().unwrap_or_default());
        }
        match declared("aggregationProperties") {
            Some(aggregation) => self.aggregation(of, aggregation),
            None => Json::Null,
        }
    }

    /// The entities that one points to, in the order in which they were written.
    pub(super) fn targets(&self, of: &Key, relation: &str) -> Vec<Key> {
        let entity = self.base.entities.get(of);
        let targets = entity.and_then(|entity| entity.relations.get(relation));
        targets.cloned().unwrap_or_default()
    }

    /// The entity that one points to by a single relation.
    pub(super) fn target(&self, of: &Key, relation: &str) -> Option<Key> {
        self.targets(of, relation).into_iter().next()
    }

    /// The entities of any blueprint that point to one.
    pub(super) fn sources(&self, of: &Key, relation: &str) -> Vec<Key> {
        let points = |entity: &super::base::Entity| {
            let targets = entity.relations.get(relation);
            targets.is_some_and(|targets| targets.contains(of))
        };
        let all = self.base.entities.iter();
        all.filter(|(_, entity)| points(entity))
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Written on the entity, or on the one at the end of the path.
    pub(super) fn team(&self, of: &Key) -> Vec<String> {
        let ownership = &self.model.blueprint(&of.0)["ownership"];
        let mut owner = of.clone();
        if ownership["type"] == "Inherited" {
            for relation in ownership["path"].as_str().unwrap_or_default().split('.') {
                let Some(next) = self.target(&owner, relation) else {
                    return Vec::new();
                };
                owner = next;
            }
        }
        let entity = self.base.entities.get(&owner);
        entity.map(|entity| entity.team.clone()).unwrap_or_default()
    }

    fn mirror(&self, of: &Key, path: &str) -> Json {
        let mut steps: Vec<&str> = path.split('.').collect();
        let property = steps.pop().unwrap_or_default();
        let (mut here, mut many) = (vec![of.clone()], false);
        // By declaration: a path is to many even where nothing is related.
        let mut blueprint = of.0.clone();
        for step in steps {
            let declared = &self.model.blueprint(&blueprint)["relations"][step];
            many |= declared["many"] == true;
            blueprint = declared["target"].as_str().unwrap_or_default().to_owned();
            here = self.step(&here, step);
        }
        let values: Vec<Json> = here.iter().map(|end| self.value(end, property)).collect();
        if !many {
            return values.into_iter().next().unwrap_or_default();
        }
        let mut distinct: Vec<Json> = Vec::new();
        for value in values {
            let items = match value {
                Json::Array(items) => items,
                one => vec![one],
            };
            for item in items {
                if !item.is_null() && !distinct.iter().any(|known| same(known, &item)) {
                    distinct.push(item);
                }
            }
        }
        Json::Array(distinct)
    }

    fn step(&self, from: &[Key], relation: &str) -> Vec<Key> {
        let mut reached: Vec<Key> = Vec::new();
        for target in from.iter().flat_map(|key| self.targets(key, relation)) {
            if !reached.contains(&target) {
                reached.push(target);
            }
        }
        reached
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.base.entities.keys()
    }

    pub(crate) fn scorecards(&self) -> impl Iterator<Item = &Json> {
        self.model.scorecards.iter()
    }

    /// An entity as it is read, but for who wrote it when.
    pub(crate) fn document(&self, of: &Key) -> Json {
        let blueprint = self.model.blueprint(&of.0);
        let Some(entity) = self.base.entities.get(of) else {
            return Json::Null;
        };
        let mut properties = Map::new();
        let kinds = [
            &blueprint["schema"]["properties"],
            &blueprint["mirrorProperties"],
            &blueprint["calculationProperties"],
            &blueprint["aggregationProperties"],
        ];
        for name in kinds
            .iter()
            .filter_map(|kind| kind.as_object())
            .flat_map(Map::keys)
        {
            let value = self.value(of, name);
            if !value.is_null() {
                properties.insert(name.clone(), value);
            }
        }
        let mut scorecards = Map::new();
        for scorecard in &self.model.scorecards {
            if scorecard["blueprint"] == of.0 {
                let name = scorecard["identifier"].as_str().unwrap_or_default();
                scorecards.insert(name.to_owned(), self.card(scorecard, of));
            }
        }
        json!({
            "identifier": of.1, "blueprint": of.0, "title": entity.title, "team": self.team(of),
            "properties": properties, "relations": entity.relations_json(&of.0, self.model),
            "scorecards": scorecards, "createdAt": time::format(entity.created),
        })
    }

    /// A number of a property.
    pub(super) fn num(&self, of: &Key, name: &str) -> Option<f64> {
        self.value(of, name).as_f64()
    }

    pub(super) fn numbers(&self, of: &Key, names: [&str; 2]) -> Option<(f64, f64)> {
        Some((self.num(of, names[0])?, self.num(of, names[1])?))
    }

    pub(super) fn instant(&self, of: &Key, name: &str) -> Option<i64> {
        time::parse(&self.value(of, name))
    }

    pub(super) fn is(&self, of: &Key, name: &str, value: impl Into<Json>) -> bool {
        self.value(of, name) == value.into()
    }
}

/// A result of another type than the declared one is null.
fn fitting(value: Json, kind: &str) -> Json {
    let fits = match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    match (fits, value.as_f64()) {
        (true, Some(value)) => number(value),
        (true, None) => value,
        (false, _) => Json::Null,
    }
}
