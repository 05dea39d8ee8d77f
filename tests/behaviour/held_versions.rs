//! Snapshots that are held for long: they keep answering what they answered when they were taken,
//! and keep no more memory than what was changed since.

use std::fmt::Write as _;

use portolan::{Catalog, Durability, ImportOptions, Snapshot, params};
use proptest::prelude::*;
use serde_json::json;

use crate::common::{declare, options, readiness, scorecard, service, team, viewer};

const SERVICES: u32 = 50;

fn write(catalog: &Catalog, at: u32) {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.durability(Durability::Deferred);
    let document = json!({"identifier": format!("s{}", at % SERVICES),
                          "title": format!("Title {}", at % 977),
                          "properties": {"tier": at % 4 + 1}});
    tx.upsert("service", &document).unwrap();
    tx.commit().unwrap();
}

fn held(catalog: &Catalog) -> u64 {
    catalog.stats().unwrap().versions.held_bytes
}

#[test]
fn a_held_snapshot_costs_what_was_changed_and_not_the_number_of_commits() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    declare(&catalog);
    (0..SERVICES).for_each(|at| write(&catalog, at));
    let all = catalog.stats().unwrap().memory.total();
    assert_eq!(held(&catalog), 0);

    let snapshot = catalog.read(&viewer());
    (0..3).for_each(|at| write(&catalog, at + 51));
    let few = held(&catalog);
    assert!(few > 0);
    (0..200).for_each(|at| write(&catalog, at + 101));
    let many = held(&catalog);
    (0..4_000).for_each(|at| write(&catalog, at + 301));
    let most = held(&catalog);
    assert!(few <= many && many <= most, "{few} {many} {most}");
    // All entities were changed by then: more commits add next to nothing.
    assert!(most < many + many / 4, "{many} {most}");
    // Beside what is counted by structure there are the roots.
    assert!(most < all + 4_096, "{most} of {all}");

    // A later one shares with the first what did not change between them.
    let later = catalog.read(&viewer());
    assert_eq!(held(&catalog), most);
    write(&catalog, 4_302);
    let both = held(&catalog);
    assert!(both > most && both < most * 2, "{most} {both}");
    drop(snapshot);
    assert_eq!(held(&catalog), both - most, "what the later one keeps");
    drop(later);
    assert_eq!(held(&catalog), 0);
}

#[test]
fn the_report_of_a_commit_holds_the_version_before_it() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    declare(&catalog);
    write(&catalog, 0);
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.merge("service", &json!({"identifier": "s0", "title": "Another"}))
        .unwrap();
    let commit = tx.commit().unwrap();
    let stats = catalog.stats().unwrap();
    assert_eq!(stats.versions.alive, 2);
    // The pages were as large before, but for the new title.
    assert!(
        stats
            .versions
            .held_bytes
            .abs_diff(commit.pages_copied().total().bytes)
            < 64
    );
    assert!(
        stats.to_string().contains(" held by older ones alone"),
        "{stats}"
    );
    drop(commit);
    assert_eq!(held(&catalog), 0);
}

/// Everything that a snapshot tells: export, counts, queries over indexes, relations and levels.
fn answers(snapshot: &Snapshot) -> String {
    let mut lines = Vec::new();
    snapshot.export(&mut lines).unwrap();
    let mut told = String::from_utf8(lines).unwrap();
    told.push_str(&snapshot.stats().to_string());
    for query in [
        "MATCH (s:service) WHERE s.tier >= 2 RETURN s.$identifier, s.ownerOnCall, s.dependencyTiers ORDER BY s.$identifier",
        "MATCH (t:team)<-[:owner]-(s:service) RETURN t.$identifier, count(s) AS n ORDER BY t.$identifier",
        "MATCH (s:service)-[:dependsOn]->(d:service) RETURN s.$identifier, d.$identifier ORDER BY s.$identifier, d.$identifier",
    ] {
        let rows = snapshot
            .query(query, params! {})
            .map(|rows| format!("{rows:?}"));
        told.push_str(&rows.unwrap());
    }
    if let Ok(summary) = snapshot.scorecard_summary("readiness") {
        _ = write!(told, "{summary:?}");
    }
    told
}

#[derive(Clone, Debug)]
enum Step {
    Tier(u32, u32),
    Owner(u32, u32),
    DependsOn(u32, Vec<u32>),
    Delete(u32),
    Model(bool),
    Load(u32),
    Checkpoint,
    Compact,
    Take,
    Drop(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..SERVICES;
    prop_oneof![
        6 => (at.clone(), 1..5u32).prop_map(|(at, tier)| Step::Tier(at, tier)),
        4 => (at.clone(), 0..4u32).prop_map(|(at, team)| Step::Owner(at, team)),
        4 => (at.clone(), prop::collection::vec(at.clone(), 0..4))
            .prop_map(|(at, on)| Step::DependsOn(at, on)),
        2 => at.clone().prop_map(Step::Delete),
        1 => any::<bool>().prop_map(Step::Model),
        1 => at.prop_map(Step::Load),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Compact),
        5 => Just(Step::Take),
        3 => any::<prop::sample::Index>().prop_map(Step::Drop),
    ]
}

fn put(catalog: &Catalog, document: serde_json::Value) {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.durability(Durability::Deferred);
    tx.merge("service", &document).unwrap();
    tx.commit().unwrap();
}

fn carry_out(catalog: &Catalog, step: &Step) {
    let name = |at: &u32| format!("s{at}");
    match step {
        Step::Tier(at, tier) => put(
            catalog,
            json!({"identifier": name(at), "properties": {"tier": tier}}),
        ),
        Step::Owner(at, team) => put(
            catalog,
            json!({"identifier": name(at), "properties": {"tier": 1},
                   "relations": {"owner": format!("t{team}")}}),
        ),
        Step::DependsOn(at, on) => {
            let mut tx = catalog.write(&viewer()).unwrap();
            for target in on {
                let document = json!({"identifier": name(target), "properties": {"tier": 2}});
                tx.merge("service", &document).unwrap();
            }
            let on: Vec<_> = on.iter().map(name).collect();
            let document = json!({"identifier": name(at), "properties": {"tier": 3},
                                  "relations": {"dependsOn": on}});
            tx.merge("service", &document).unwrap();
            tx.commit().unwrap();
        }
        Step::Delete(at) => {
            let mut tx = catalog.write(&viewer()).unwrap();
            if tx.delete("service", &name(at)).is_ok() {
                tx.commit().unwrap();
            }
        }
        Step::Model(strict) => {
            let rule = if *strict { "tier <= 1" } else { "tier <= 3" };
            let card = scorecard(json!({
                "identifier": "readiness", "blueprint": "service",
                "rules": [{"identifier": "low", "level": "Gold", "when": rule}]
            }));
            let mut tx = catalog.write(&viewer()).unwrap();
            tx.declare([], [if *strict { card } else { readiness() }])
                .unwrap();
            tx.commit().unwrap();
        }
        Step::Load(from) => {
            let lines = (*from..from + 30).map(|at| {
                let document = json!({"blueprint": "service", "identifier": format!("s{at}"),
                                      "properties": {"tier": at % 4 + 1}});
                format!("{document}\n")
            });
            let lines: String = lines.collect();
            let options = ImportOptions::default();
            catalog.load(&viewer(), lines.as_bytes(), options).unwrap();
        }
        Step::Checkpoint => catalog.checkpoint().unwrap(),
        Step::Compact => catalog.compact().unwrap(),
        Step::Take | Step::Drop(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn snapshots_of_any_age_keep_their_answers(steps in prop::collection::vec(step(), 1..60)) {
        let catalog = Catalog::in_memory_with(options()).unwrap();
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.declare([team(), service()], [readiness()]).unwrap();
        for at in 0..4 {
            tx.upsert("team", &json!({"identifier": format!("t{at}"),
                                      "properties": {"onCall": "someone"}})).unwrap();
        }
        tx.commit().unwrap();
        let mut taken: Vec<(Snapshot, String)> = Vec::new();
        for step in &steps {
            match step {
                Step::Take => {
                    let snapshot = catalog.read(&viewer());
                    let told = answers(&snapshot);
                    taken.push((snapshot, told));
                }
                Step::Drop(at) if !taken.is_empty() => {
                    let (snapshot, told) = taken.remove(at.index(taken.len()));
                    prop_assert_eq!(answers(&snapshot), told);
                }
                step => carry_out(&catalog, step),
            }
        }
        for (snapshot, told) in &taken {
            prop_assert_eq!(&answers(snapshot), told);
        }
        let stats = catalog.stats().unwrap();
        let mut seqs: Vec<_> = taken.iter().map(|(snapshot, _)| snapshot.seq()).collect();
        seqs.push(stats.seq);
        seqs.sort_unstable();
        seqs.dedup();
        prop_assert_eq!(stats.versions.alive, seqs.len() as u64);
        prop_assert_eq!(stats.versions.oldest, seqs[0]);
        taken.clear();
        prop_assert_eq!(catalog.stats().unwrap().versions.held_bytes, 0);
        prop_assert!(catalog.check().unwrap().is_ok());
    }
}
