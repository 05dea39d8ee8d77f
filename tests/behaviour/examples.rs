//! A day's questions to a catalog: every `tests/examples/*.case` with its meaning on a small one.
//!
//! The entities come into the catalog at the times that they say, so that ages mean something.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use crate::cases::{check, folder};
use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Instant, Options, Parameters, Snapshot, Viewer};
use serde_json::Value as Json;

const NOW: &str = "2026-11-10T12:00:00Z";

fn read(name: &str) -> Json {
    let text = fs::read_to_string(folder("examples/catalog").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// The entities by the time and the name of who wrote them.
fn entities() -> BTreeMap<(Instant, String), Vec<Json>> {
    let text = fs::read_to_string(folder("examples/catalog").join("entities.jsonl")).unwrap();
    let mut entities = BTreeMap::new();
    for line in text.lines() {
        let mut entity: Json = serde_json::from_str(line).unwrap();
        let fields = entity.as_object_mut().unwrap();
        let at = instant(fields.remove("at").unwrap().as_str().unwrap());
        let by = fields.remove("by");
        let by = by.as_ref().and_then(Json::as_str).unwrap_or("test");
        let together: &mut Vec<Json> = entities.entry((at, by.to_owned())).or_default();
        together.push(entity);
    }
    entities
}

fn snapshot() -> Snapshot {
    let time = Arc::new(Mutex::new(instant("2026-01-01T00:00:00Z")));
    let clock = Arc::clone(&time);
    let options = Options::default().clock(move || *clock.lock().unwrap());
    let catalog = Catalog::in_memory_with(options).unwrap();

    let system = Viewer::system("test");
    let blueprints = read("blueprints.json");
    let blueprints = blueprints.as_array().unwrap();
    let scorecards = read("scorecards.json");
    let scorecards = scorecards.as_array().unwrap();
    let mut tx = catalog.write(&system).unwrap();
    tx.declare(
        blueprints
            .iter()
            .map(|json| Blueprint::from_json(json).unwrap()),
        scorecards
            .iter()
            .map(|json| Scorecard::from_json(json).unwrap()),
    )
    .unwrap();
    tx.commit().unwrap();
    for ((at, by), together) in entities() {
        *time.lock().unwrap() = at;
        let mut tx = catalog.write(&Viewer::system(&by)).unwrap();
        for entity in together {
            tx.upsert(entity["blueprint"].as_str().unwrap(), &entity)
                .unwrap();
        }
        tx.commit().unwrap();
    }
    *time.lock().unwrap() = instant(NOW);
    catalog.advance(&system, instant(NOW)).unwrap();
    catalog.read(&system)
}

#[test]
fn every_example_means_what_it_says() {
    let none = |_: &str| Parameters::default();
    check(&folder("examples"), 80, &snapshot(), none);
}
