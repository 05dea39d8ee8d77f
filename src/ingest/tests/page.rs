//! The documented form is the real one: the example comes back, the tables name every key.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{export, import};
use crate::ingest::export::EXPORT_VERSION;
use crate::value::Instant;

pub(super) const PAGE: &str = include_str!("../../../docs/export.md");

/// The lines of the example.
pub(super) fn example() -> String {
    let section = PAGE.split_once("## Example").unwrap().1;
    let block = section.split_once("```jsonl\n").unwrap().1;
    block.split_once("```").unwrap().0.to_owned()
}

/// The keys that the table under a heading names, and those of them that it says are required.
fn keys(heading: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let section = PAGE.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let (mut all, mut required) = (BTreeSet::new(), BTreeSet::new());
    for row in rows {
        let (key, rest) = row.split_once('`').unwrap();
        all.insert(key.to_owned());
        if rest.contains("required") {
            required.insert(key.to_owned());
        }
    }
    (all, required)
}

fn keys_of(json: &Json) -> BTreeSet<String> {
    json.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_example_comes_back_byte_by_byte() {
    let lines = example();
    let header: Json = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let time = Instant::parse(header["time"].as_str().unwrap()).unwrap();
    let version = import(&lines, time).unwrap();
    assert_eq!(export(&version), lines);
    let state = &version.state;
    let card = state.model().scorecard_id("ready").unwrap();
    assert_eq!(state.at_level(card, 1).len(), 1, "derived on the way in");
}

#[test]
fn the_tables_name_exactly_the_keys_that_are_written() {
    let lines = example();
    let lines: Vec<Json> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(keys("Header").0, keys_of(&lines[0]));
    assert_eq!(lines[0]["version"], EXPORT_VERSION);
    let kinds: BTreeSet<String> = lines[1..].iter().flat_map(keys_of).collect();
    assert_eq!(keys("Lines").0, kinds);
    let entities = || lines.iter().filter_map(|line| line.get("entity"));
    let written: BTreeSet<String> = entities().flat_map(keys_of).collect();
    let (all, required) = keys("Entity");
    assert_eq!(all, written);
    assert_eq!(
        entities().map(keys_of).find(|keys| *keys == required),
        Some(required)
    );
}

/// Every key that the page calls required is, and no other key.
#[test]
fn what_is_required_is_required() {
    let (all, required) = keys("Entity");
    let lines = example();
    for key in all {
        let without = lines.lines().map(|line| {
            let mut line: Json = serde_json::from_str(line).unwrap();
            if let Some(entity) = line.get_mut("entity").and_then(Json::as_object_mut) {
                // What is needed by the model of the example is not what the form needs.
                if let Some(Json::Object(part)) = entity.get_mut(&key) {
                    part.retain(|name, _| ["owner", "tier"].contains(&name.as_str()));
                } else {
                    entity.remove(&key);
                }
            }
            format!("{line}\n")
        });
        let outcome = import(&without.collect::<String>(), Instant(0));
        assert_eq!(
            outcome.is_err(),
            required.contains(&key),
            "{key}: {:?}",
            outcome.err()
        );
    }
}

#[test]
fn reading_is_as_lenient_as_the_page_says() {
    let lines = example();
    let mut shuffled: Vec<&str> = lines.lines().collect();
    shuffled[1..4].reverse();
    shuffled[4..].reverse();
    let shuffled = format!("\u{feff}{}\n", shuffled.join("\n\n"));
    let version = import(&shuffled, Instant(0)).unwrap();
    let body = |lines: &str| lines.split_once('\n').unwrap().1.to_owned();
    assert_eq!(body(&export(&version)), body(&lines));
}
