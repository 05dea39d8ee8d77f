//! A hundred scorecards of ten rules over 100,000 services, a hundred million results: how much
//! memory do they take, and how long does a change take that every scorecard reads?

use criterion::Criterion;
use portolan::model::Scorecard;
use serde_json::{Value as Json, json};

use super::mini::{Mini, Numbers, Size, commit, viewer};

const SERVICES: usize = 100_000;
const SCORECARDS: usize = 100;
const RULES: usize = 10;

/// Ten rules, half of which compare the coverage with ten numbers of their own.
fn scorecard(number: usize) -> Scorecard {
    let rule = |at: usize| {
        let level = ["Bronze", "Silver", "Gold"][at * 3 / RULES];
        let threshold = (number * 7 + at * 11) % 100;
        let when = match at % 5 {
            0 | 2 => format!("coverage >= {threshold}"),
            1 => "readme".to_owned(),
            3 => format!("tier <= {}", 1 + threshold % 4),
            _ => format!("onCall OR coverage >= {threshold}"),
        };
        json!({"identifier": format!("r{at}"), "level": level, "when": when})
    };
    let rules: Vec<Json> = (0..RULES).map(rule).collect();
    let json = json!({"identifier": format!("card{number}"), "title": format!("Card {number}"),
        "blueprint": "service", "rules": rules});
    Scorecard::from_json(&json).unwrap()
}

/// The memory of this process in bytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut mini = Mini::generate(Size {
        services: SERVICES,
        hub: 10_000,
        vulnerabilities: 0,
        deployments: 0,
    });
    let catalog = mini.loaded();
    let before = memory();
    let cards: Vec<Scorecard> = (0..SCORECARDS).map(scorecard).collect();
    commit(&catalog, |tx| tx.declare([], cards).unwrap());
    let grown = memory().saturating_sub(before);
    let results = (SCORECARDS * RULES * SERVICES) as u64;
    eprintln!(
        "hundred scorecards: {results} rule results in {} MB, {:.3} byte each",
        grown >> 20,
        megabytes(grown) / megabytes(results)
    );
    let mut numbers = Numbers::new();
    let mut group = criterion.benchmark_group("hundred scorecards");
    group.bench_function("commit of a property that all read", |bencher| {
        bencher.iter(|| {
            let (service, coverage) = (numbers.below(SERVICES), numbers.whole(101));
            commit(&catalog, |tx| mini.cover(tx, service, coverage))
        });
    });
    let snapshot = catalog.read(&viewer());
    group.sample_size(10);
    group.bench_function("one scorecard anew, by a query", |bencher| {
        bencher.iter(|| {
            let text = "MATCH (s:service) RETURN count(*) FILTER (WHERE s.coverage >= 11
                AND s.readme AND s.tier <= 2 AND (s.onCall OR s.coverage >= 44)) AS passed";
            snapshot.query(text, ()).unwrap()
        });
    });
    group.finish();
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
