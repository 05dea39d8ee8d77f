//! A critical vulnerability opens or closes: how long until every level and count is true?

use criterion::{BenchmarkId, Criterion};

use super::mini::{Mini, NOW, Numbers, Size, commit};

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("leaf change");
    for services in [1_000, 10_000] {
        let mut mini = Mini::generate(Size::of(services));
        let catalog = mini.loaded();
        let critical: Vec<usize> = (0..mini.vulnerabilities.len())
            .filter(|number| mini.vulnerabilities[*number].critical)
            .collect();
        let mut numbers = Numbers::new();
        group.bench_function(BenchmarkId::new("commit", services), |bencher| {
            bencher.iter(|| {
                let number = critical[numbers.below(critical.len())];
                commit(&catalog, |tx| mini.toggle(tx, number))
            });
        });
        mini.assert_levels(&catalog, NOW);
        group.bench_function(BenchmarkId::new("everything anew", services), |bencher| {
            bencher.iter(|| mini.levels(NOW));
        });
    }
    group.finish();
}
