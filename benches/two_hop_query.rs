//! "Which services of this team have an open critical vulnerability?": a question over two hops.
//!
//! It starts at the team, so it should cost what the team has, not what the catalog has.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up may panic"
)]

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portolan::{Catalog, params};
use support::{fill, viewer};

const QUESTION: &str = "
    MATCH (t:team {$identifier: $owner})<-[:owner]-(s:service)<-[:service]-(v:vulnerability)
    WHERE v.open AND v.severity = 'critical'
    RETURN DISTINCT s.$identifier AS service";

fn two_hop_query(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("query/two hops");
    for services in [2_000, 20_000] {
        let catalog = Catalog::in_memory().unwrap();
        fill(&catalog, services);
        let snapshot = catalog.read(&viewer());
        let team = format!("t{}", services / 1_000);
        let answer = snapshot
            .query(QUESTION, params! { "owner" => team.as_str() })
            .unwrap();
        assert!(!answer.is_empty());
        group.throughput(Throughput::Elements(answer.len() as u64));
        group.bench_function(BenchmarkId::new("text to rows", services), |bencher| {
            bencher.iter(|| {
                snapshot
                    .query(QUESTION, params! { "owner" => team.as_str() })
                    .unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, two_hop_query);
criterion_main!(benches);
