//! Port's conditions.

use serde_json::Value as Json;

use super::World;
use super::base::Key;

/// Whether a group of conditions is true of an entity.
pub(super) fn holds(world: &World<'_>, of: &Key, group: &Json) -> bool {
    let list = group.get("conditions").unwrap_or(&group["rules"]);
    let mut list = list.as_array().into_iter().flatten();
    if group["combinator"] == "or" {
        list.any(|condition| is_true(world, of, condition))
    } else {
        list.all(|condition| is_true(world, of, condition))
    }
}

fn is_true(world: &World<'_>, of: &Key, condition: &Json) -> bool {
    let value = match condition["relation"].as_str() {
        Some(relation) => Json::from(
            world
                .targets(of, relation)
                .into_iter()
                .map(|(_, identifier)| identifier)
                .collect::<Vec<_>>(),
        ),
        None => world.value(of, condition["property"].as_str().unwrap_or_default()),
    };
    let constant = &condition["value"];
    let order = || Some((value.as_f64()?, constant.as_f64()?));
    match condition["operator"].as_str().unwrap_or_default() {
        "isEmpty" => is_empty(&value),
        "isNotEmpty" => !is_empty(&value),
        "=" => super::number::same(&value, constant),
        "<" => order().is_some_and(|(value, constant)| value < constant),
        ">=" => order().is_some_and(|(value, constant)| value >= constant),
        other => panic!("the fixture has no operator {other}"),
    }
}

pub(super) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}
