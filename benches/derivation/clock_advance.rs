//! Time passes: how long until every level that depends on it is true?

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant as Monotonic};

use criterion::Criterion;
use portolan::{Catalog, Instant, Options};

use super::mini::{DAY, Mini, NOW, Numbers, Size, commit, viewer};

const SERVICES: usize = 10_000;
/// So many services are deployed a day, and are due as many days later as a rule allows.
const DEPLOYED: usize = 50;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut mini = Mini::generate(Size::of(SERVICES));
    let clock = Arc::new(AtomicI64::new(NOW));
    let shown = Arc::clone(&clock);
    let time = move || Instant(shown.load(Ordering::Relaxed) * 1_000_000);
    let catalog = Catalog::in_memory_with(Options::default().clock(time.clone())).unwrap();
    mini.load(&catalog);
    let mut numbers = Numbers::new();
    let mut group = criterion.benchmark_group("clock advance");
    for (name, seconds) in [("a minute", 60), ("a day", DAY)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let mut taken = Duration::ZERO;
                for _ in 0..times {
                    let now = clock.load(Ordering::Relaxed);
                    if seconds == DAY {
                        commit(&catalog, |tx| {
                            for _ in 0..DEPLOYED {
                                mini.deploy(tx, numbers.below(SERVICES), now);
                            }
                        });
                    }
                    clock.store(now + seconds, Ordering::Relaxed);
                    let start = Monotonic::now();
                    catalog.advance(&viewer(), time()).unwrap();
                    taken += start.elapsed();
                }
                taken
            });
        });
    }
    let now = clock.load(Ordering::Relaxed);
    mini.assert_levels(&catalog, now);
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(now));
    });
    group.finish();
}
