//! Why is this service at its level? How long does the answer take?
//!
//! Beside it what a host would have to do first: compute everything anew.

use criterion::Criterion;

use super::mini::{Mini, NOW, Numbers, Size, viewer};

const SERVICES: usize = 10_000;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mini = Mini::generate(Size::of(SERVICES));
    let catalog = mini.loaded();
    let snapshot = catalog.read(&viewer());
    let mut numbers = Numbers::new();
    let mut group = criterion.benchmark_group("why");
    for rule in ["covered", "safe", "excellent"] {
        group.bench_function(rule, |bencher| {
            bencher.iter(|| {
                let service = format!("s{}", numbers.below(SERVICES));
                snapshot.why("readiness", rule, &service).unwrap()
            });
        });
    }
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(NOW));
    });
    group.finish();
}
