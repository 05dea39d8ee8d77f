//! Killing the process in the middle of commits: what was acknowledged is there, nothing is half.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::common::{declare, viewer};
use portolan::Catalog;
use serde_json::json;

pub(crate) const CHILD_FILE: &str = "PORTOLAN_TEST_KILL_FILE";
const CHILD: &str = "kill::child_that_commits_until_killed";
const ROUNDS: u32 = 50;

/// Not a test by itself: the process that gets killed. Commits in a loop and acknowledges each
/// commit on its standard output.
#[test]
fn child_that_commits_until_killed() {
    let Ok(path) = std::env::var(CHILD_FILE) else {
        return;
    };
    let catalog = Catalog::open(&path).unwrap();
    if catalog.read(&viewer()).seq().0 == 0 {
        declare(&catalog);
    }
    let mut number = catalog.read(&viewer()).count("team").unwrap();
    loop {
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.upsert("team", &json!({"identifier": format!("t{number}")}))
            .unwrap();
        for part in 0..3 {
            let service = json!({
                "identifier": format!("s{number}-{part}"),
                "properties": {"tier": 1 + number % 4},
                "relations": {"owner": format!("t{number}")}
            });
            tx.upsert("service", &service).unwrap();
        }
        tx.commit().unwrap();
        println!("acknowledged {number}");
        number += 1;
    }
}

#[test]
fn fifty_kills_lose_nothing_and_halve_nothing() {
    if std::env::var(CHILD_FILE).is_ok() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("killed.portolan");
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        acknowledged = acknowledged.max(run_and_kill(&path, CHILD, round));
        // Between the kills the child itself replays; here every few rounds from outside, too.
        if round % 5 == 4 {
            check(&path, acknowledged);
        }
    }
    assert!(
        acknowledged > u64::from(ROUNDS),
        "the child made progress: {acknowledged} commits"
    );
    check(&path, acknowledged);
}

/// One more than the highest number that the child acknowledged before it was killed, 0 for none.
pub(crate) fn run_and_kill(path: &Path, child: &str, round: u32) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture"])
        .env(CHILD_FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let numbers = lines.map_while(Result::ok).filter_map(|line| {
            line.split_once("acknowledged ")
                .and_then(|(_, number)| number.parse::<u64>().ok())
        });
        numbers.max().map_or(0, |last| last + 1)
    });
    // A different moment each time: while opening, in the first commits, in the middle of many.
    std::thread::sleep(Duration::from_millis(u64::from(20 + (round * 37) % 180)));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn check(path: &Path, acknowledged: u64) {
    let catalog = Catalog::open(path).unwrap();
    let snapshot = catalog.read(&viewer());
    let teams = snapshot.count("team").unwrap();
    assert!(
        teams >= acknowledged,
        "{teams} of at least {acknowledged} commits are there"
    );
    assert_eq!(
        snapshot.count("service").unwrap(),
        teams * 3,
        "no commit is half there"
    );
    let rows = snapshot
        .query(
            "MATCH (s:service)-[:owner]->(t:team) RETURN t.$identifier, count(s) AS parts",
            (),
        )
        .unwrap();
    assert_eq!(rows.len() as u64, teams);
    assert!(
        rows.iter().all(|row| row[1] == 3.into()),
        "every team has its three services"
    );
    let summary = snapshot.scorecard_summary("readiness").unwrap();
    assert_eq!(summary.graded, teams * 3);
    drop(catalog);
}
