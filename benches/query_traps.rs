//! Questions that cost orders of magnitude more where they are answered the obvious way.
//!
//! Each should cost what it finds: not what the written start of the pattern has, not the number of
//! ways through layers, not the number of pairs.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up may panic"
)]

mod support;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portolan::model::Blueprint;
use portolan::{Catalog, Snapshot, params};
use serde_json::json;
use support::{Numbers, fill, viewer};

/// Written from the large side; the team is the small one.
const FROM_THE_WRONG_SIDE: &str = "
    MATCH (v:vulnerability)-[:service]->(s:service)-[:owner]->(t:team {$identifier: $owner})
    WHERE v.open AND v.severity = 'critical'
    RETURN DISTINCT s.$identifier AS service";
const DEPENDENTS: &str = "
    MATCH (p:package {$identifier: $package})<-[:uses]-{1,10}(d:package)
    RETURN DISTINCT d.$identifier AS dependent";
const CLOSURE: &str = "
    MATCH (p:package {$identifier: $package})<-[:uses]-+(d:package)
    RETURN DISTINCT d.$identifier AS dependent";
const PAIRS: &str = "
    MATCH (a:package)-[:uses]->(shared:package)<-[:uses]-(b:package)
    RETURN count(*) AS pairs";

const LAYERS: usize = 10;
const HUB: usize = 20_000;

/// A catalog of packages that use each other.
fn packages(uses: impl Iterator<Item = (String, Vec<String>)>) -> Snapshot {
    let catalog = Catalog::in_memory().unwrap();
    let package = json!({"identifier": "package", "title": "Package",
        "relations": {"uses": {"target": "package", "required": false, "many": true}}});
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([Blueprint::from_json(&package).unwrap()], [])
        .unwrap();
    for (identifier, uses) in uses {
        let document = json!({"identifier": identifier, "relations": {"uses": uses}});
        tx.upsert("package", &document).unwrap();
    }
    tx.commit().unwrap();
    catalog.read(&viewer())
}

/// Each package of a layer uses five of the layer above.
fn layered(width: usize) -> Snapshot {
    let mut numbers = Numbers::new();
    let name = |layer: usize, at: usize| format!("p{layer}-{at}");
    let all = (0..=LAYERS).flat_map(|layer| (0..width).map(move |at| (layer, at)));
    let uses = all.map(|(layer, at)| {
        let above = layer.checked_sub(1);
        let used = above.into_iter().flat_map(|above| {
            let used: Vec<String> = (0..5).map(|_| name(above, numbers.below(width))).collect();
            used
        });
        (name(layer, at), used.collect())
    });
    packages(uses)
}

/// Nearly everything uses one package, and some a few others.
fn hub(count: usize) -> Snapshot {
    let mut numbers = Numbers::new();
    let uses = (0..=count).map(|at| {
        let mut used = vec![];
        if at > 0 {
            used.push("p0".to_owned());
            used.push(format!("p{}", numbers.below(count)));
        }
        (format!("p{at}"), used)
    });
    packages(uses)
}

fn asked(criterion: &mut Criterion, name: &str, text: &str, worlds: &[(usize, Snapshot, &str)]) {
    let mut group = criterion.benchmark_group(name);
    for (size, snapshot, start) in worlds {
        let statement = snapshot.prepare(text).unwrap();
        let key = statement.parameters().next().map(str::to_owned);
        let of = || match key.as_deref() {
            Some(key) => params! { key => *start },
            None => ().into(),
        };
        assert!(statement.bind(snapshot, of()).unwrap().count().unwrap() > 0);
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| statement.bind(snapshot, of()).unwrap().all().unwrap());
        });
    }
    group.finish();
}

fn wrong_side(criterion: &mut Criterion) {
    let worlds = [(2_000, "t2"), (20_000, "t20")].map(|(services, team)| {
        let catalog = Catalog::in_memory().unwrap();
        fill(&catalog, services);
        (services, catalog.read(&viewer()), team)
    });
    asked(
        criterion,
        "traps/wrong start side",
        FROM_THE_WRONG_SIDE,
        &worlds,
    );
}

fn layers(criterion: &mut Criterion) {
    let worlds = [50, 200].map(|width| (width, layered(width), "p0-0"));
    asked(
        criterion,
        "traps/10-hop dependents, width",
        DEPENDENTS,
        &worlds,
    );
}

fn around_a_hub(criterion: &mut Criterion) {
    let worlds = [HUB / 10, HUB].map(|count| (count, hub(count), "p0"));
    asked(criterion, "traps/closure from a hub", CLOSURE, &worlds);
    asked(criterion, "traps/pairs by shared package", PAIRS, &worlds);
}

criterion_group!(benches, wrong_side, layers, around_a_hub);
criterion_main!(benches);
