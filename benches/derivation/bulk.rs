//! Ten thousand changes in one commit: how long for each?

use criterion::{BatchSize, Criterion, Throughput};

use super::mini::{Mini, NOW, Numbers, Size, commit, viewer};

const SERVICES: usize = 10_000;
const CHANGES: usize = 10_000;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut mini = Mini::generate(Size::of(SERVICES));
    let catalog = mini.loaded();
    let mut numbers = Numbers::new();
    let mut group = criterion.benchmark_group("bulk");
    group.sample_size(10);
    group.throughput(Throughput::Elements(CHANGES as u64));
    group.bench_function("stage and commit", |bencher| {
        bencher.iter(|| {
            commit(&catalog, |tx| {
                for _ in 0..CHANGES {
                    let number = numbers.below(mini.vulnerabilities.len());
                    mini.toggle(tx, number);
                }
            })
        });
    });
    group.bench_function("commit alone", |bencher| {
        bencher.iter_batched(
            || {
                let mut tx = catalog.write(&viewer()).unwrap();
                for _ in 0..CHANGES {
                    let number = numbers.below(mini.vulnerabilities.len());
                    mini.toggle(&mut tx, number);
                }
                tx
            },
            |tx| tx.commit().unwrap(),
            // The next transaction cannot begin before this one has ended.
            BatchSize::PerIteration,
        );
    });
    mini.assert_levels(&catalog, NOW);
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(NOW));
    });
    group.finish();
}
