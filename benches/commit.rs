//! How long does one change take until it is on disk and everything derived is true?
//!
//! On disk against in memory tells what the sync costs; a small catalog against one ten times as
//! large tells whether the work grows with the change or with the catalog.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up may panic"
)]

mod support;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portolan::Catalog;
use serde_json::json;
use support::{Numbers, fill, viewer};

fn one_change(catalog: &Catalog, numbers: &mut Numbers, services: usize) {
    let mut tx = catalog.write(&viewer()).unwrap();
    let identifier = format!("s{}", numbers.below(services));
    let coverage = numbers.below(1_000);
    let document = json!({"identifier": identifier, "properties": {"coverage": coverage}});
    tx.merge("service", &document).unwrap();
    tx.commit().unwrap();
}

fn commit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("commit/one property");
    group.sample_size(20);
    for services in [2_000, 20_000] {
        let catalog = Catalog::in_memory().unwrap();
        fill(&catalog, services);
        let mut numbers = Numbers::new();
        group.bench_function(BenchmarkId::new("in memory", services), |bencher| {
            bencher.iter(|| one_change(&catalog, &mut numbers, services));
        });
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path().join("bench.portolan")).unwrap();
        fill(&catalog, services);
        group.bench_function(BenchmarkId::new("on disk, synced", services), |bencher| {
            bencher.iter(|| one_change(&catalog, &mut numbers, services));
        });
    }
    group.finish();
}

criterion_group!(benches, commit);
criterion_main!(benches);
