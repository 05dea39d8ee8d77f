//! What would change if a rule were stricter, or a team had nobody on call? How long does the
//! answer take?

use criterion::Criterion;

use super::mini::{Mini, NOW, Size, scorecard, viewer};

const SERVICES: usize = 10_000;
const RULE: (&str, &str, &str) = ("stricter", "Silver", "coverage >= 75");

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut mini = Mini::generate(Size::of(SERVICES));
    let catalog = mini.loaded();
    let mut group = criterion.benchmark_group("what if");
    group.bench_function("a rule", |bencher| {
        bencher.iter(|| {
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.declare([], [scorecard(&[RULE])]).unwrap();
            tx.what_if().unwrap()
        });
    });
    group.bench_function("a team", |bencher| {
        bencher.iter(|| {
            let mut tx = catalog.write(&viewer()).unwrap();
            mini.flip(&mut tx, 0);
            let answer = tx.what_if().unwrap();
            // Only asked: the next time it is the same question.
            mini.teams[0] = !mini.teams[0];
            answer
        });
    });
    mini.assert_levels(&catalog, NOW);
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(NOW));
    });
    group.finish();
}
