//! Whether an answer is the table that a scenario expects.

use std::cmp::Ordering;

use portolan::{Rows, Value};
use serde_json::{Map, Value as Json};

use super::model::UNLABELLED;
use super::scenario::float_of;

/// How tables and lists are compared.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// Not where `*` stands for them: in which order it does the suite does not say.
    pub(crate) columns: bool,
    pub(crate) rows: bool,
    pub(crate) lists: bool,
}

/// The first difference between what was expected and what came, if there is one.
pub(crate) fn difference(
    columns: &[String],
    expected: &[Vec<Json>],
    got: &Rows,
    order: Order,
) -> Option<String> {
    let Some(places) = places(columns, got, order.columns) else {
        let found = got.columns();
        return Some(format!("columns: expected {columns:?}, got {found:?}"));
    };
    if expected.len() != got.len() {
        return Some(format!(
            "rows: expected {}, got {}",
            expected.len(),
            got.len()
        ));
    }
    let agree = |expected: &Vec<Json>, got: &&[Value]| {
        let mut pairs = expected.iter().zip(&places);
        pairs.all(|(expected, place)| agrees(expected, &got[*place], order.lists))
    };
    let rows: Vec<&[Value]> = got.iter().collect();
    if order.rows {
        let mut pairs = expected.iter().zip(&rows).enumerate();
        let wrong = pairs.find(|(_, (expected, got))| !agree(expected, got));
        return wrong.map(|(at, _)| format!("row {at} differs"));
    }
    (!as_bags(expected, &rows, agree)).then(|| "rows differ".to_owned())
}

/// Where the expected columns are; `None` where they are not those of the answer.
fn places(columns: &[String], got: &Rows, ordered: bool) -> Option<Vec<usize>> {
    let found = |column: &String| got.columns().iter().position(|name| **name == **column);
    let places: Vec<usize> = columns.iter().map(found).collect::<Option<_>>()?;
    let same = places.len() == got.columns().len() && (!ordered || places.is_sorted());
    same.then_some(places)
}

/// Whether every expected one has a partner of its own.
fn as_bags<A, B>(expected: &[A], got: &[B], agree: impl Fn(&A, &B) -> bool) -> bool {
    let mut left: Vec<&B> = got.iter().collect();
    expected.len() == got.len()
        && expected.iter().all(|expected| {
            let found = left.iter().position(|got| agree(expected, got));
            found.map(|at| left.swap_remove(at)).is_some()
        })
}

fn agrees(expected: &Json, got: &Value, ordered: bool) -> bool {
    match (expected, got) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(expected), Value::Bool(got)) => expected == got,
        (Json::Number(expected), Value::Int(got)) => expected.as_i64() == Some(*got),
        (Json::Number(expected), Value::Float(got)) => {
            expected.is_f64()
                && expected
                    .as_f64()
                    .is_some_and(|expected| same_float(expected, *got))
        }
        (Json::String(expected), Value::String(got)) => **expected == **got,
        (Json::Array(expected), Value::List(got)) if ordered => {
            let mut pairs = expected.iter().zip(got.iter());
            expected.len() == got.len()
                && pairs.all(|(expected, got)| agrees(expected, got, ordered))
        }
        (Json::Array(expected), Value::List(got)) => as_bags(expected, got, |expected, got| {
            agrees(expected, got, ordered)
        }),
        (Json::Object(fields), got) => agrees_map(fields, got, ordered),
        // Values of time stand in the file as their texts.
        (Json::String(expected), Value::Instant(..)) => {
            let got = got.to_json();
            got.as_str() == Some(expected)
                || got.as_str().and_then(shortened) == Some(expected.clone())
        }
        (Json::String(expected), got) => got.to_json().as_str() == Some(expected),
        _ => false,
    }
}

/// A point in time without its seconds where they are zero, as the file has it: RFC 3339, which the
/// language writes, does not leave them out.
fn shortened(text: &str) -> Option<String> {
    let (date, time) = text.split_once('T')?;
    let rest = time.get(5..)?.strip_prefix(":00")?;
    (!rest.starts_with('.')).then(|| format!("{date}T{}{rest}", &time[..5]))
}

/// Zero has no sign here, and not a number is the same as itself.
fn same_float(expected: f64, got: f64) -> bool {
    expected.partial_cmp(&got).is_some_and(Ordering::is_eq) || expected.is_nan() && got.is_nan()
}

fn agrees_map(expected: &Map<String, Json>, got: &Value, ordered: bool) -> bool {
    if let Value::Float(got) = got {
        let expected = float_of(&Json::Object(expected.clone()));
        return expected.is_some_and(|expected| same_float(expected, *got));
    }
    let Value::Map(fields) = got else {
        return false;
    };
    match expected.keys().next().map(String::as_str) {
        Some("$node") => is_node(&expected["$node"], got, ordered),
        Some("$rel") => is_relation(&expected["$rel"], got),
        Some("$path") => is_path(&expected["$path"], got, ordered),
        _ => {
            expected.len() == fields.len()
                && expected.iter().all(|(name, expected)| {
                    let got = fields.get(name.as_str());
                    got.is_some_and(|got| agrees(expected, got, ordered))
                })
        }
    }
}

fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Map(fields) = value else {
        return None;
    };
    fields.get(name)
}

/// An entity is a map of its properties beside what starts with `$`.
fn is_node(expected: &Json, got: &Value, ordered: bool) -> bool {
    let (Value::Map(fields), Some(blueprint)) = (got, field(got, "$blueprint")) else {
        return false;
    };
    let labels = expected["labels"].as_array().map_or(&[][..], Vec::as_slice);
    let same_label = match labels {
        [] => blueprint.as_str() == Some(UNLABELLED),
        [label] => blueprint.as_str() == label.as_str(),
        _ => false,
    };
    let empty = Map::new();
    let expected = expected["props"].as_object().unwrap_or(&empty);
    let properties = fields.iter().filter(|(name, _)| !name.starts_with('$'));
    let properties: Vec<(&str, &Value)> =
        properties.map(|(name, value)| (&**name, value)).collect();
    same_label
        && expected.len() == properties.len()
        && properties.iter().all(|(name, got)| {
            let expected = expected.get(*name);
            expected.is_some_and(|expected| agrees(expected, got, ordered))
        })
}

fn is_relation(expected: &Json, got: &Value) -> bool {
    let name = field(got, "$relation").and_then(Value::as_str);
    let plain = expected["props"].as_object().is_none_or(Map::is_empty);
    plain && name.is_some() && name == expected["type"].as_str()
}

/// A path is its entities and, between them, its relations, each of which may be walked against
/// its direction.
fn is_path(expected: &Json, got: &Value, ordered: bool) -> bool {
    let (Some(Value::List(entities)), Some(Value::List(relations))) =
        (field(got, "$entities"), field(got, "$relations"))
    else {
        return false;
    };
    let list = |name: &str| expected[name].as_array().map_or(&[][..], Vec::as_slice);
    let (nodes, rels) = (list("nodes"), list("rels"));
    let same_end = |relation: &Value, end: &str, entity: &Value| {
        let end = field(relation, end);
        ["$blueprint", "$identifier"].iter().all(|name| {
            let end = end.and_then(|end| field(end, name));
            end.is_some() && end == field(entity, name)
        })
    };
    nodes.len() == entities.len()
        && rels.len() == relations.len()
        && entities.len() == relations.len() + 1
        && nodes
            .iter()
            .zip(entities.iter())
            .all(|(node, got)| is_node(node, got, ordered))
        && rels
            .iter()
            .zip(relations.iter().zip(entities.windows(2)))
            .all(|(rel, (got, ends))| {
                let (from, to) = match rel["dir"].as_str() {
                    Some("<-") => ("$target", "$source"),
                    _ => ("$source", "$target"),
                };
                is_relation(rel, got)
                    && same_end(got, from, &ends[0])
                    && same_end(got, to, &ends[1])
            })
}
