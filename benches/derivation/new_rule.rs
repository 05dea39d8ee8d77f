//! A rule is added to 100,000 services: how long until every level says so?

use criterion::Criterion;

use super::mini::{Mini, NOW, Size, commit, scorecard};

const SERVICES: usize = 100_000;
const RULE: (&str, &str, &str) = ("critical", "Silver", "tier <= 3 OR coverage >= 90");

pub(crate) fn bench(criterion: &mut Criterion) {
    let mini = Mini::generate(Size::flat(SERVICES));
    let catalog = mini.loaded();
    let mut group = criterion.benchmark_group("new rule");
    let mut added = false;
    group.bench_function("commit of the scorecard", |bencher| {
        bencher.iter(|| {
            added = !added;
            let rules: &[_] = if added { &[RULE] } else { &[] };
            commit(&catalog, |tx| tx.declare([], [scorecard(rules)]).unwrap())
        });
    });
    if added {
        commit(&catalog, |tx| tx.declare([], [scorecard(&[])]).unwrap());
    }
    mini.assert_levels(&catalog, NOW);
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(NOW));
    });
    group.finish();
}
