//! Any JSON as blueprints and scorecards: what is accepted is given back and can be declared again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, ErrorKind, Viewer};
use serde_json::Value as Json;

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = serde_json::from_slice::<Json>(bytes) else {
        return;
    };
    // `{"blueprints": .., "scorecards": ..}`, or one document that is tried as both.
    let part = |name: &str| json.get(name).unwrap_or(&json);
    let blueprints = checked(Blueprint::list_from_json(part("blueprints")));
    let scorecards = checked(Scorecard::list_from_json(part("scorecards")));
    for blueprint in &blueprints {
        let again = Blueprint::from_json(&blueprint.to_json());
        assert_eq!(again.as_ref().ok(), Some(blueprint), "{json}");
    }
    for scorecard in &scorecards {
        let again = Scorecard::from_json(&scorecard.to_json());
        assert_eq!(again.as_ref().ok(), Some(scorecard), "{json}");
    }
    declare(blueprints.clone(), scorecards);
    declare(blueprints, Vec::new());
});

/// Declares a model in an empty catalog, and where that holds, declares it once more.
fn declare(blueprints: Vec<Blueprint>, scorecards: Vec<Scorecard>) {
    let catalog = Catalog::in_memory().expect("memory is always there");
    let viewer = Viewer::system("fuzz");
    let declare = || {
        let mut tx = catalog.write(&viewer)?;
        tx.declare(blueprints.clone(), scorecards.clone())?;
        tx.commit()
    };
    match declare() {
        Ok(_) => drop(declare().expect("a model that was accepted is accepted again")),
        Err(error) => assert_ne!(error.kind(), ErrorKind::Internal, "{error:#}"),
    }
}

fn checked<T>(read: portolan::Result<Vec<T>>) -> Vec<T> {
    read.unwrap_or_else(|error| {
        assert_ne!(error.kind(), ErrorKind::Internal, "{error:#}");
        Vec::new()
    })
}
