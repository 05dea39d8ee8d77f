//! Port's rules read the simple way: over documents, one entity at a time.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// Every entity as `Snapshot::get` shows it, relations as lists of `blueprint/identifier`.
pub(crate) struct World {
    pub(crate) entities: Vec<Json>,
    /// Relations of a blueprint: name and target.
    pub(crate) relations: fn(&str) -> &'static [(&'static str, &'static str)],
}

/// As rows show entities, or as documents do.
pub(crate) fn name(entity: &Json) -> String {
    let text = |key: &str| {
        let of_row = entity[format!("${key}")].as_str();
        of_row.or_else(|| entity[key].as_str()).unwrap().to_owned()
    };
    format!("{}/{}", text("blueprint"), text("identifier"))
}

impl World {
    /// The names of the entities that a body of rules gives.
    pub(crate) fn search(&self, body: &Json) -> BTreeSet<String> {
        let fits = |entity: &&Json| {
            let of = body
                .get("blueprint")
                .is_none_or(|of| *of == entity["blueprint"]);
            of && self.holds(entity, body)
        };
        self.entities.iter().filter(fits).map(name).collect()
    }

    fn holds(&self, entity: &Json, rule: &Json) -> bool {
        if let Some(rules) = rule["rules"].as_array() {
            let mut each = rules.iter().map(|rule| self.holds(entity, rule));
            return match rule["combinator"].as_str() {
                Some("or") => rules.is_empty() || each.any(|holds| holds),
                _ => each.all(|holds| holds),
            };
        }
        let operator = rule["operator"].as_str().unwrap();
        if operator == "relatedTo" {
            return self.related(entity, rule);
        }
        if rule["property"].get("path").is_some() {
            return self.at_path(entity, rule);
        }
        let (operand, several) = self.operand(entity, rule);
        tested(&operand, several, operator, &rule["value"])
    }

    /// What a rule tests, and whether an operator speaks of some of its elements.
    fn operand(&self, entity: &Json, rule: &Json) -> (Json, bool) {
        if let Some(relation) = rule["relation"].as_str() {
            let target = rule["targetProperty"].as_str().unwrap_or("$identifier");
            let key = target.trim_start_matches('$');
            let read = |to: String| self.entity(&to)[key].clone();
            let all: Vec<Json> = self
                .targets(entity, relation)
                .into_iter()
                .map(read)
                .collect();
            return if entity["relations"][relation].is_array() {
                (all.into(), true)
            } else {
                (all.into_iter().next().unwrap_or(Json::Null), false)
            };
        }
        let property = rule["property"].as_str().unwrap();
        match property.strip_prefix('$') {
            Some(meta) => (entity[meta].clone(), meta == "team"),
            None => (entity["properties"][property].clone(), false),
        }
    }

    fn entity(&self, wanted: &str) -> &Json {
        self.entities
            .iter()
            .find(|entity| name(entity) == wanted)
            .unwrap()
    }

    fn targets(&self, entity: &Json, relation: &str) -> Vec<String> {
        let declared = (self.relations)(entity["blueprint"].as_str().unwrap());
        let Some((_, target)) = declared.iter().find(|(known, _)| *known == relation) else {
            return Vec::new();
        };
        strings(&entity["relations"][relation])
            .iter()
            .map(|to| format!("{target}/{to}"))
            .collect()
    }

    fn step(
        &self,
        from: &BTreeSet<String>,
        relation: Option<&str>,
        forwards: bool,
    ) -> BTreeSet<String> {
        let mut next = BTreeSet::new();
        for entity in &self.entities {
            for (known, _) in (self.relations)(entity["blueprint"].as_str().unwrap()) {
                if relation.is_some_and(|relation| relation != *known) {
                    continue;
                }
                for target in self.targets(entity, known) {
                    if forwards && from.contains(&name(entity)) {
                        next.insert(target);
                    } else if !forwards && from.contains(&target) {
                        next.insert(name(entity));
                    }
                }
            }
        }
        next
    }

    fn related(&self, entity: &Json, rule: &Json) -> bool {
        let of = rule["blueprint"].as_str().unwrap();
        let seeds: BTreeSet<String> = strings(&rule["value"])
            .iter()
            .map(|id| format!("{of}/{id}"))
            .collect();
        if seeds.contains(&name(entity)) {
            return false;
        }
        let ways: &[bool] = match rule["direction"].as_str() {
            Some("upstream") => &[true],
            Some(_) => &[false],
            None => &[true, false],
        };
        ways.iter().any(|forwards| {
            let (mut all, mut layer) = (BTreeSet::new(), seeds.clone());
            for _ in 0..15 {
                layer = self.step(&layer, None, *forwards);
                all.extend(layer.iter().cloned());
            }
            all.contains(&name(entity))
        })
    }

    fn at_path(&self, entity: &Json, rule: &Json) -> bool {
        let values = strings(&rule["value"]);
        let from = rule["property"]["fromBlueprint"].as_str();
        let mut here: BTreeSet<String> = match from {
            None => [name(entity)].into(),
            Some(from) => values.iter().map(|id| format!("{from}/{id}")).collect(),
        };
        let mut before: Option<&str> = None;
        for step in rule["property"]["path"].as_array().unwrap() {
            let relation = step.as_str().or_else(|| step["relation"].as_str()).unwrap();
            match step["maxHops"].as_u64() {
                None => here = self.step(&here, Some(relation), true),
                Some(hops) => {
                    let mut all = if before == Some(relation) {
                        here.clone()
                    } else {
                        BTreeSet::new()
                    };
                    for _ in 0..hops {
                        here = self.step(&here, Some(relation), true);
                        all.extend(here.iter().cloned());
                    }
                    here = all;
                }
            }
            before = Some(relation);
        }
        match from {
            Some(_) => here.contains(&name(entity)),
            None => here
                .iter()
                .any(|end| values.iter().any(|id| end.split_once('/').unwrap().1 == id)),
        }
    }
}

fn strings(json: &Json) -> Vec<String> {
    match json {
        Json::String(one) => vec![one.clone()],
        Json::Array(all) => all.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

fn positive(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "!=" => "=",
        "doesNotContains" => "contains",
        "doesNotBeginsWith" => "beginsWith",
        "doesNotEndsWith" => "endsWith",
        "notIn" => "in",
        "notBetween" => "between",
        "isNotEmpty" => "isEmpty",
        "isNotExpired" => "isExpired",
        _ => return None,
    })
}

fn tested(operand: &Json, several: bool, operator: &str, value: &Json) -> bool {
    if let Some(positive) = positive(operator) {
        return !tested(operand, several, positive, value);
    }
    let some = |test: &dyn Fn(&Json) -> bool| match operand.as_array() {
        Some(all) if several => all.iter().any(test),
        _ => test(operand),
    };
    let text = |json: &Json| json.as_str().map(str::to_owned);
    let with = |test: fn(&str, &str) -> bool| {
        let value = text(value);
        some(&|one| {
            text(one)
                .zip(value.clone())
                .is_some_and(|(a, b)| test(&a, &b))
        })
    };
    match operator {
        "=" if value.is_null() => operand.is_null(),
        "=" => some(&|one| equal(one, value)),
        "in" | "matchAny" => {
            let values = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            some(&|one| values.iter().any(|value| equal(one, value)))
        }
        "contains" => contains(operand, value),
        "containsAny" => value
            .as_array()
            .unwrap()
            .iter()
            .any(|part| contains(operand, part)),
        "beginsWith" => with(|text, part| text.starts_with(part)),
        "endsWith" => with(|text, part| text.ends_with(part)),
        ">" | ">=" | "<" | "<=" => ordered(operand, operator, value),
        "between" => ordered(operand, ">=", &value["from"]) && ordered(operand, "<=", &value["to"]),
        "isExpired" => ordered(operand, "<=", &Json::from("2026-11-01T12:00:00Z")),
        "isEmpty" => match operand {
            Json::Null => true,
            Json::String(text) => text.is_empty(),
            Json::Array(all) => all.is_empty(),
            Json::Object(all) => all.is_empty(),
            _ => false,
        },
        other => panic!("{other}"),
    }
}

fn contains(operand: &Json, part: &Json) -> bool {
    match (operand, part.as_str()) {
        (Json::Array(all), _) => all.iter().any(|one| equal(one, part)),
        (Json::String(text), Some(part)) => text.contains(part),
        _ => false,
    }
}

fn equal(a: &Json, b: &Json) -> bool {
    let numbers = a.as_f64().zip(b.as_f64());
    !a.is_null() && (a == b || numbers.is_some_and(|(a, b)| a.total_cmp(&b).is_eq()))
}

fn ordered(a: &Json, operator: &str, b: &Json) -> bool {
    let ordering = match (a.as_f64().zip(b.as_f64()), a.as_str().zip(b.as_str())) {
        (Some((a, b)), _) => a.partial_cmp(&b),
        (None, Some((a, b))) => Some(a.cmp(b)),
        _ => None,
    };
    ordering.is_some_and(|ordering| match operator {
        ">" => ordering.is_gt(),
        ">=" => ordering.is_ge(),
        "<" => ordering.is_lt(),
        _ => ordering.is_le(),
    })
}
