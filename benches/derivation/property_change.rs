//! A number of a service changes that rules compare: how long until its level is true?

use criterion::{BenchmarkId, Criterion};

use super::mini::{Mini, NOW, Numbers, Size, commit};

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("property change");
    for services in [1_000, 100_000] {
        let mut mini = Mini::generate(Size::flat(services));
        let catalog = mini.loaded();
        let mut numbers = Numbers::new();
        group.bench_function(BenchmarkId::new("commit", services), |bencher| {
            bencher.iter(|| {
                let (service, coverage) = (numbers.below(services), numbers.whole(101));
                commit(&catalog, |tx| mini.cover(tx, service, coverage))
            });
        });
        mini.assert_levels(&catalog, NOW);
        group.bench_function(BenchmarkId::new("everything anew", services), |bencher| {
            bencher.iter(|| mini.levels(NOW));
        });
    }
    group.finish();
}
