//! Any writes of entities: refused or committed, and what is derived is as if loaded at once.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Error, ErrorKind, Instant, Options, Snapshot, Value, Viewer, WriteTx};
use serde_json::{Map, Value as Json, json};

const MODEL: &str = include_str!("entity_json/model.json");
/// How many inputs one pair of catalogs serves: declaring a model takes longer than all else, and
/// a log that grows for ever fills the memory.
const INPUTS: usize = 200;

thread_local! {
    static CATALOGS: RefCell<Catalogs> = RefCell::new(Catalogs::new());
}

/// Two catalogs with the model: one is written to as the input says, the other one loaded with
/// the result. Both are emptied before an input.
struct Catalogs {
    written: Catalog,
    loaded: Catalog,
    inputs: usize,
}

// A line is one step: `+` upserts the document behind it, `~` merges it, `-` deletes what it
// names, `;` commits and begins the next transaction. Lines that are none of these are skipped,
// so that a broken line breaks nothing else.
fuzz_target!(|text: &str| {
    CATALOGS.with_borrow_mut(|catalogs| {
        catalogs.empty();
        let viewer = viewer();
        for transaction in text.split("\n;") {
            let mut tx = begin(&catalogs.written);
            for line in transaction.lines() {
                step(&mut tx, line);
            }
            if let Err(error) = tx.commit() {
                assert_told(&error);
            }
        }
        assert_as_loaded(&catalogs.written.read(&viewer), &catalogs.loaded);
    });
});

impl Catalogs {
    fn new() -> Self {
        Self {
            written: declared(),
            loaded: declared(),
            inputs: 0,
        }
    }

    fn empty(&mut self) {
        self.inputs += 1;
        if self.inputs > INPUTS {
            *self = Self::new();
        }
        for catalog in [&self.written, &self.loaded] {
            let mut tx = begin(catalog);
            for (blueprint, identifier) in names(&catalog.read(&viewer())) {
                tx.delete(&blueprint, &identifier)
                    .expect("what is there can be deleted");
            }
            tx.commit().expect("all of it can be deleted");
        }
    }
}

fn viewer() -> Viewer {
    Viewer::system("fuzz")
}

fn begin(catalog: &Catalog) -> WriteTx {
    catalog.write(&viewer()).expect("nobody else writes")
}

fn step(tx: &mut WriteTx, line: &str) {
    let Some((operation, document)) = line.split_at_checked(1) else {
        return;
    };
    let Ok(document) = serde_json::from_str::<Json>(document) else {
        return;
    };
    let text = |key| document.get(key).and_then(Json::as_str).unwrap_or_default();
    let blueprint = text("blueprint");
    let done = match operation {
        "+" => tx.upsert(blueprint, &document),
        "~" => tx.merge(blueprint, &document),
        "-" => tx.delete(blueprint, text("identifier")),
        _ => return,
    };
    if let Err(error) = done {
        assert_told(&error);
    }
}

fn assert_told(error: &Error) {
    assert_ne!(error.kind(), ErrorKind::Internal, "{error:#}");
}

/// Reads everything, loads it into an empty catalog, and compares all that is derived.
fn assert_as_loaded(snapshot: &Snapshot, empty: &Catalog) {
    let mut tx = begin(empty);
    let names = names(snapshot);
    for (blueprint, identifier) in &names {
        let document = written(snapshot, blueprint, &read(snapshot, blueprint, identifier));
        tx.upsert(blueprint, &document)
            .unwrap_or_else(|error| panic!("{error:#}: {document}"));
    }
    tx.commit()
        .unwrap_or_else(|error| panic!("what was committed once is refused: {error:#}"));
    let loaded = empty.read(&viewer());
    assert_eq!(names.len(), self::names(&loaded).len());
    for (blueprint, identifier) in &names {
        assert_eq!(
            read(snapshot, blueprint, identifier),
            read(&loaded, blueprint, identifier),
        );
    }
    for (_, scorecard) in snapshot.model().scorecards() {
        let name = &scorecard.identifier;
        let summary = |snapshot: &Snapshot| snapshot.scorecard_summary(name);
        assert_eq!(summary(snapshot).ok(), summary(&loaded).ok(), "{name}");
        for (_, identifier) in names.iter().filter(|(of, _)| **of == *scorecard.blueprint) {
            assert_explained(snapshot, name, identifier);
        }
    }
}

/// The trace of each rule says of it what the card says.
fn assert_explained(snapshot: &Snapshot, scorecard: &str, identifier: &str) {
    let card = snapshot
        .scorecard(scorecard, identifier)
        .expect("the entity is there");
    for rule in card.rules {
        let why = snapshot
            .why(scorecard, &rule.identifier, identifier)
            .expect("a rule that is there can be traced");
        assert_eq!(why.state.passes(), rule.passed, "{why}");
        assert_eq!(
            why.state != portolan::RuleState::NotGraded,
            card.level.is_some(),
            "{why}"
        );
    }
}

fn names(snapshot: &Snapshot) -> Vec<(String, String)> {
    let rows = snapshot
        .query("MATCH (e) RETURN e.$blueprint AS b, e.$identifier AS i", ())
        .expect("the query fits every model");
    let text = |value: &Value| value.to_json().as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| (text(&row[0]), text(&row[1])))
        .collect()
}

fn read(snapshot: &Snapshot, blueprint: &str, identifier: &str) -> Json {
    snapshot
        .get(blueprint, identifier)
        .expect("what a query finds is there")
}

/// What has to be written so that this is read: without what is derived, and with every property
/// named, so that no default comes in.
fn written(snapshot: &Snapshot, blueprint: &str, read: &Json) -> Json {
    let model = snapshot.model();
    let declared = model
        .blueprints()
        .find(|known| *known.blueprint.identifier == *blueprint);
    let declared = &declared.expect("the model has not changed").blueprint;
    let mut properties = read["properties"].as_object().cloned().unwrap_or_default();
    for mirror in &declared.mirrors {
        properties.remove(&*mirror.name);
    }
    for property in &declared.properties {
        properties.entry(&*property.name).or_insert(Json::Null);
    }
    let mut document = Map::from_iter([("properties".to_owned(), json!(properties))]);
    for key in ["identifier", "title", "icon", "team", "relations"] {
        document.insert(key.to_owned(), read[key].clone());
    }
    Json::Object(document)
}

/// An empty catalog with the model, at a time that stands still.
fn declared() -> Catalog {
    let now = Instant::parse("2026-11-01T12:00:00Z").expect("this is an instant");
    let catalog = Catalog::in_memory_with(Options::default().clock(move || now))
        .expect("memory is always there");
    let model: Json = serde_json::from_str(MODEL).expect("the model is JSON");
    let mut tx = begin(&catalog);
    tx.declare(
        Blueprint::list_from_json(&model["blueprints"]).expect("the model has blueprints"),
        Scorecard::list_from_json(&model["scorecards"]).expect("the model has scorecards"),
    )
    .expect("the model holds together");
    tx.commit().expect("the model holds together");
    catalog
}
