//! The technology compatibility kit of openCypher as an outside test of the query language: what
//! it expects of reading queries, over catalogs made of its graphs.
//!
//! The scenarios are not part of the crate. They are read from `../shared/data/tck/scenarios.json`
//! or from the file that `PORTOLAN_TCK` names; without one the test says so and is over. Every
//! failure is written to a file of its own in `target/tck`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it found and what it skips"
)]

#[path = "tck/answer.rs"]
mod answer;
#[path = "tck/deviations.rs"]
mod deviations;
#[path = "tck/model.rs"]
mod model;
#[path = "tck/report.rs"]
mod report;
#[path = "tck/run.rs"]
mod run;
#[path = "tck/scenario.rs"]
mod scenario;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use deviations::Deviations;
use report::Report;
use run::Failure;
use scenario::{File, Group, Scenario};

/// How many scenarios of each group pass. These numbers only rise.
const FLOORS: [(Group, usize); 5] = [
    (Group::Plain, 1_083),
    (Group::Strict, 163),
    (Group::Open, 213),
    (Group::Time, 172),
    (Group::LocalTime, 0),
];

/// How many scenarios the file has that the floors are about.
const SCENARIOS: usize = 2_143;

#[test]
fn the_scenarios_pass_as_they_did() {
    let Some(path) = file() else {
        return;
    };
    let text = fs::read_to_string(&path).unwrap();
    let File { source, scenarios } = serde_json::from_str(&text).unwrap();
    let deviations = Deviations::listed();
    let report = Report::of(outcomes(&scenarios), &deviations);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tck");
    report.write(&folder).unwrap();
    println!("{source}: {} scenarios\n{report}", scenarios.len());
    println!("what failed: {}", folder.display());
    assert!(
        report.wrongly_listed.is_empty(),
        "listed as deviations, but pass: {}",
        report.wrongly_listed.join(", ")
    );
    if scenarios.len() == SCENARIOS {
        let known: BTreeSet<&str> = scenarios.iter().map(|one| one.id.as_str()).collect();
        let unknown: Vec<&str> = deviations.ids().filter(|id| !known.contains(id)).collect();
        assert!(
            unknown.is_empty(),
            "no such scenarios: {}",
            unknown.join(", ")
        );
        for (group, floor) in FLOORS {
            let passed = report.count(group).passed;
            assert!(
                passed >= floor,
                "{}: {passed} pass, {floor} did",
                group.name()
            );
        }
    }
}

/// The file of the scenarios, where there is one.
fn file() -> Option<PathBuf> {
    let default =
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/tck/scenarios.json");
    let path = env::var_os("PORTOLAN_TCK").map_or_else(default, PathBuf::from);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: `{}` is not there", path.display());
    None
}

/// Runs all scenarios, in as many threads as the machine runs at once.
fn outcomes(scenarios: &[Scenario]) -> Vec<(&Scenario, Result<(), Failure>)> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = scenarios.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let running: Vec<_> = scenarios
            .chunks(share)
            .map(|chunk| scope.spawn(|| chunk.iter().map(|one| (one, run::run(one))).collect()))
            .collect();
        let done = running.into_iter();
        done.flat_map(|thread| -> Vec<_> { thread.join().unwrap() })
            .collect()
    })
}
