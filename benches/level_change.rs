//! A vulnerability opens and its service falls a level: how long until every level is true?
//!
//! Beside it, what a host without maintained levels would do: ask every service again. The answer
//! is checked to be the same.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot be set up may panic"
)]

mod support;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portolan::{Catalog, Value};
use serde_json::json;
use support::{fill, viewer};

/// The rules of the scorecard as one query over all services.
const EVERY_SERVICE_AGAIN: &str = "
    MATCH (s:service)
    RETURN count(*) FILTER (WHERE s.owner IS NOT NULL AND s.owner.onCall IS NOT EMPTY
        AND s.readme IS NOT EMPTY AND s.coverage >= 50
        AND NOT EXISTS { (s)<-[:service]-(v:vulnerability)
                         WHERE v.open AND v.severity = 'critical' }
        AND s.coverage >= 80 AND (s.tier <= 2 OR s.lifecycle = 'production')) AS gold";

fn gold(catalog: &Catalog) -> u64 {
    let summary = catalog
        .read(&viewer())
        .scorecard_summary("readiness")
        .unwrap();
    summary.levels.last().unwrap().1
}

fn flip(catalog: &Catalog, open: bool) {
    let mut tx = catalog.write(&viewer()).unwrap();
    let document = json!({"identifier": "flip", "properties": {"severity": "critical", "open": open},
        "relations": {"service": "golden"}});
    tx.upsert("vulnerability", &document).unwrap();
    let commit = tx.commit().unwrap();
    assert_eq!(commit.level_changes().len(), 1);
}

fn level_change(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("level change");
    group.sample_size(20);
    for services in [2_000, 20_000] {
        let catalog = Catalog::in_memory().unwrap();
        fill(&catalog, services);
        let mut tx = catalog.write(&viewer()).unwrap();
        let golden = json!({"identifier": "golden", "properties":
            {"tier": 1, "coverage": 90, "readme": "# Gold", "lifecycle": "production"},
            "relations": {"owner": "t1"}});
        tx.upsert("service", &golden).unwrap();
        tx.commit().unwrap();
        let mut open = false;
        group.bench_function(
            BenchmarkId::new("commit, levels kept", services),
            |bencher| {
                bencher.iter(|| {
                    open = !open;
                    flip(&catalog, open);
                    gold(&catalog)
                });
            },
        );
        let snapshot = catalog.read(&viewer());
        group.bench_function(
            BenchmarkId::new("every service again", services),
            |bencher| {
                bencher.iter(|| {
                    let rows = snapshot.query(EVERY_SERVICE_AGAIN, ()).unwrap();
                    let counted = rows.iter().next().unwrap()[0].clone();
                    assert_eq!(counted, Value::Int(i64::try_from(gold(&catalog)).unwrap()));
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, level_change);
criterion_main!(benches);
