//! A team of 10,000 services loses who is on call: how long until all of them are at their level?

use criterion::{Criterion, Throughput};

use super::mini::{Mini, NOW, Size, commit};

const SERVICES: usize = 100_000;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut mini = Mini::generate(Size::flat(SERVICES));
    let catalog = mini.loaded();
    let members = mini.services.iter().filter(|service| service.team == 0);
    let mut group = criterion.benchmark_group("hub flip");
    group.throughput(Throughput::Elements(members.count() as u64));
    group.bench_function("commit", |bencher| {
        bencher.iter(|| commit(&catalog, |tx| mini.flip(tx, 0)));
    });
    mini.assert_levels(&catalog, NOW);
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(NOW));
    });
    group.finish();
}
