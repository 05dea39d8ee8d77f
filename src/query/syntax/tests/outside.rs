//! Queries that nobody here wrote: those of an outside test suite, where it is there.

#![expect(
    clippy::indexing_slicing,
    reason = "JSON gives null for what is not there"
)]

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::parse_statement;

/// The file of the scenarios, as the test that runs them finds it.
fn scenarios() -> Option<Json> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let default = || root.join("../shared/data/tck/scenarios.json");
    let path = std::env::var_os("PORTOLAN_TCK").map_or_else(default, PathBuf::from);
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn every_query_that_must_run_parses() {
    let Some(file) = scenarios() else {
        return;
    };
    let scenarios = file["scenarios"].as_array().unwrap();
    let runs = |scenario: &&Json| scenario["expect"]["phase"] != "compile time";
    let (mut parsed, mut wrong) = (0, Vec::new());
    for scenario in scenarios.iter().filter(runs) {
        match parse_statement(scenario["query"].as_str().unwrap()) {
            Ok(_) => parsed += 1,
            Err(error) => wrong.push(format!("{}: {error:#}", scenario["id"])),
        }
    }
    assert!(parsed > 0, "the file has no query");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
