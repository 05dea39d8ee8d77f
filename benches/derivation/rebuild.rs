//! A catalog is opened: how long until everything derived is there?
//!
//! Derived values are not stored; the same catalog without anything derived tells what the rest of
//! opening takes.

use criterion::Criterion;
use portolan::Catalog;
use portolan::model::Blueprint;

use super::mini::{Mini, NOW, Size, blueprints, commit};

const SERVICES: usize = 10_000;

/// A blueprint without what is derived.
fn plain(blueprint: &Blueprint) -> Blueprint {
    let mut json = blueprint.to_json();
    let fields = json.as_object_mut().unwrap();
    fields.remove("mirrorProperties");
    fields.remove("aggregationProperties");
    Blueprint::from_json(&json).unwrap()
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mini = Mini::generate(Size::of(SERVICES));
    let folder = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("rebuild");
    group.sample_size(10);
    for derived in [true, false] {
        let name = if derived {
            "open"
        } else {
            "open, nothing derived"
        };
        let path = folder.path().join(name);
        let catalog = Catalog::open_with(&path, Mini::options()).unwrap();
        mini.load(&catalog);
        if !derived {
            commit(&catalog, |tx| {
                tx.remove_scorecard("readiness").unwrap();
                let plain: Vec<Blueprint> = blueprints().iter().map(plain).collect();
                tx.declare(plain, []).unwrap();
            });
        }
        catalog.close().unwrap();
        group.bench_function(name, |bencher| {
            bencher.iter(|| Catalog::open_with(&path, Mini::options()).unwrap());
        });
    }
    group.bench_function("everything anew", |bencher| {
        bencher.iter(|| mini.levels(NOW));
    });
    group.finish();
}
