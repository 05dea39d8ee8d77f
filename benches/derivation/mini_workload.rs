//! The six changes of a catalog of services, vulnerabilities, deployments and teams: how long does
//! each take, with all that follows from it?
//!
//! N services, 20 N vulnerabilities, 10 N deployments, N/50 teams, one team with a tenth or more
//! of all services; a mirror, three aggregations, eight rules, three levels, and the counts of
//! services per team and level. N is 10,000, or what `MINI_SERVICES` says.

use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use portolan::{Catalog, Summary};

use super::mini::{DAY, Levels, Mini, NOW, Numbers, Size, commit, viewer};

pub(crate) fn services() -> usize {
    let given = std::env::var("MINI_SERVICES").ok();
    given.and_then(|given| given.parse().ok()).unwrap_or(10_000)
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let services = services();
    let mut mini = Mini::generate(Size::of(services));
    let catalog = mini.loaded();
    let mut group = criterion.benchmark_group(format!("mini workload/{services}"));
    six_changes(&mut group, &catalog, &mut mini);
    assert_eq!(counted(&catalog, mini.teams.len()), mini.levels(NOW));
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(NOW));
    });
    group.finish();
}

fn six_changes(group: &mut BenchmarkGroup<'_, WallTime>, catalog: &Catalog, mini: &mut Mini) {
    let (services, teams) = (mini.services.len(), mini.teams.len());
    let mut numbers = Numbers::new();
    let critical: Vec<usize> = (0..mini.vulnerabilities.len())
        .filter(|number| mini.vulnerabilities[*number].critical)
        .collect();
    group.bench_function("vulnerability", |bencher| {
        bencher.iter(|| {
            let number = critical[numbers.below(critical.len())];
            commit(catalog, |tx| mini.toggle(tx, number))
        });
    });
    group.bench_function("property", |bencher| {
        bencher.iter(|| {
            let (service, coverage) = (numbers.below(services), numbers.whole(101));
            commit(catalog, |tx| mini.cover(tx, service, coverage))
        });
    });
    group.bench_function("team of 50", |bencher| {
        bencher.iter(|| {
            let team = 1 + numbers.below(teams - 1);
            commit(catalog, |tx| mini.flip(tx, team))
        });
    });
    group.bench_function("hub", |bencher| {
        bencher.iter(|| commit(catalog, |tx| mini.flip(tx, 0)));
    });
    group.bench_function("deployment added", |bencher| {
        bencher.iter(|| {
            let (service, days) = (numbers.below(services), numbers.whole(60));
            commit(catalog, |tx| mini.deploy(tx, service, NOW - days * DAY))
        });
    });
    let mut next = 0;
    group.bench_function("deployment deleted", |bencher| {
        bencher.iter_custom(|times| {
            let mut taken = Duration::ZERO;
            for _ in 0..times {
                if next == mini.deployments.len() {
                    commit(catalog, |tx| mini.deploy(tx, next % services, NOW));
                }
                let start = Instant::now();
                commit(catalog, |tx| mini.undeploy(tx, next));
                taken += start.elapsed();
                next += 1;
            }
            taken
        });
    });
}

/// The counts that the catalog keeps.
fn counted(catalog: &Catalog, teams: usize) -> Levels {
    let snapshot = catalog.read(&viewer());
    let counts = |summary: &Summary| [0, 1, 2, 3].map(|level: usize| summary.levels[level].1);
    let mut levels = Levels {
        all: counts(&snapshot.scorecard_summary("readiness").unwrap()),
        teams: vec![[0; 4]; teams],
    };
    for group in snapshot.scorecard_groups("readiness", "team").unwrap() {
        let team: usize = group.group.as_str().unwrap()[1..].parse().unwrap();
        levels.teams[team] = counts(&group.summary);
    }
    levels
}
