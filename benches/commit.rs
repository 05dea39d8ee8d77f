//! How long does one change take until it is on disk and everything derived is true?
//!
//! On disk against in memory tells what the sync costs; deferred against synced what waiting for
//! it costs; sixteen writers against one what sharing it saves. A small catalog against one ten
//! times as large tells whether the work grows with the change or with the catalog.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up may panic"
)]

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portolan::{Catalog, Durability, Options};
use serde_json::json;
use support::{Numbers, fill, viewer};
use tempfile::TempDir;

fn one_change(catalog: &Catalog, numbers: &mut Numbers, services: usize) {
    let mut tx = catalog.write(&viewer()).unwrap();
    let identifier = format!("s{}", numbers.below(services));
    let coverage = numbers.below(1_000);
    let document = json!({"identifier": identifier, "properties": {"coverage": coverage}});
    tx.merge("service", &document).unwrap();
    tx.commit().unwrap();
}

/// A filled catalog on disk. The folder goes when it is dropped.
fn on_disk(services: usize, durability: Durability) -> (TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.portolan");
    let catalog = Catalog::open_with(path, Options::default().durability(durability)).unwrap();
    fill(&catalog, services);
    (folder, catalog)
}

fn one_writer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("commit/one property");
    group.sample_size(20);
    for services in [2_000, 20_000] {
        let in_memory = Catalog::in_memory().unwrap();
        fill(&in_memory, services);
        let (_deferred_folder, deferred) = on_disk(services, Durability::Deferred);
        let (_synced_folder, synced) = on_disk(services, Durability::Synced);
        for (name, catalog) in [
            ("in memory", in_memory),
            ("on disk, deferred", deferred),
            ("on disk, synced", synced),
        ] {
            let mut numbers = Numbers::new();
            group.bench_function(BenchmarkId::new(name, services), |bencher| {
                bencher.iter(|| one_change(&catalog, &mut numbers, services));
            });
        }
    }
    group.finish();
}

/// Every writer commits this often in one iteration: enough to make up for starting threads.
const COMMITS: u64 = 8;

fn many_writers(criterion: &mut Criterion) {
    const SERVICES: usize = 20_000;
    let mut group = criterion.benchmark_group("commit/commits a second, synced");
    group.sample_size(20);
    for writers in [1, 2, 16] {
        // Each starts from a file of its own: one that has grown already syncs faster.
        let (_folder, catalog) = on_disk(SERVICES, Durability::Synced);
        group.throughput(Throughput::Elements(writers * COMMITS));
        // No writer may write what another one wrote: equal writes change nothing.
        let mut seeds = 0;
        group.bench_function(BenchmarkId::new("writers", writers), |bencher| {
            bencher.iter(|| {
                std::thread::scope(|scope| {
                    for _ in 0..writers {
                        seeds += 1;
                        let (catalog, seed) = (&catalog, seeds);
                        scope.spawn(move || {
                            let mut numbers = Numbers::seeded(seed);
                            for _ in 0..COMMITS {
                                one_change(catalog, &mut numbers, SERVICES);
                            }
                        });
                    }
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_writer, many_writers);
criterion_main!(benches);
