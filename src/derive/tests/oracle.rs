//! After any commits, what was kept up to date is what a rebuild makes, bit for bit.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::rich::rich_model;
use super::world::{Edit, World};
use crate::derive::work::{LevelChange, Work};
use crate::value::EntityId;

const BLUEPRINTS: [&str; 3] = ["team", "service", "deployment"];

/// Values that properties of the blueprints take, null among them.
fn property() -> impl Strategy<Value = (&'static str, &'static str, Json)> {
    let of = |blueprint, name, values: Vec<Json>| {
        prop::sample::select(values).prop_map(move |value| (blueprint, name, value))
    };
    let numbers = || {
        vec![
            json!(null),
            json!(0),
            json!(1),
            json!(2),
            json!(3),
            json!(1.0),
            json!(60.5),
            json!(90),
        ]
    };
    prop_oneof![
        of("team", "size", numbers()),
        of(
            "team",
            "on_call",
            vec![
                json!(null),
                json!(""),
                json!("ann"),
                json!("bob"),
                json!("nobody")
            ]
        ),
        of(
            "team",
            "tags",
            vec![
                json!(null),
                json!([]),
                json!(["a", 1]),
                json!(["a", 1.0, null]),
                json!(["b", "a"])
            ]
        ),
        of("service", "tier", numbers()),
        of("service", "coverage", numbers()),
        of(
            "service",
            "readme",
            vec![json!(null), json!(true), json!(false)]
        ),
        of(
            "service",
            "lang",
            vec![
                json!(null),
                json!("rust"),
                json!("go"),
                json!("cobol"),
                json!("java")
            ]
        ),
        of(
            "service",
            "launched",
            vec![
                json!(null),
                json!("2023-05-01T00:00:00Z"),
                json!("2024-01-01T01:00:00+01:00"),
                json!("2025-01-01T00:00:00Z")
            ],
        ),
        of(
            "deployment",
            "status",
            vec![json!(null), json!("ok"), json!("failed"), json!("skipped")]
        ),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let blueprint = || prop::sample::select(BLUEPRINTS.to_vec());
    let relation = prop::sample::select(vec![
        ("team", "parent"),
        ("service", "owner"),
        ("service", "depends_on"),
        ("deployment", "service"),
    ]);
    let title = prop::sample::select(vec![None, Some("S1"), Some("Other")]);
    prop_oneof![
        2 => blueprint().prop_map(Edit::Create),
        1 => (blueprint(), any::<u8>()).prop_map(|(of, at)| Edit::Delete(of, at.into())),
        6 => (property(), any::<u8>())
            .prop_map(|((of, name, value), at)| Edit::Set(of, at.into(), name, value)),
        1 => (any::<u8>(), prop::sample::select(vec![&[][..], &["a"], &["b", "a"]]))
            .prop_map(|(at, teams)| Edit::Team("team", at.into(), teams)),
        1 => (blueprint(), any::<u8>(), title).prop_map(|(of, at, title)| Edit::Title(of, at.into(), title)),
        6 => (relation, any::<u8>(), prop::collection::vec(any::<u8>(), 0..4)).prop_map(
            |((of, name), at, to)| Edit::Relate(of, at.into(), name, to.into_iter().map(usize::from).collect())
        ),
    ]
}

pub(super) fn commits() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    prop::collection::vec(prop::collection::vec(edit(), 1..6), 1..25)
}

/// A catalog with something in it.
pub(super) fn populated() -> World {
    filled(World::new())
}

fn filled(mut world: World) -> World {
    for blueprint in BLUEPRINTS {
        world.commit(&vec![Edit::Create(blueprint); 6]);
    }
    let mut edits = Vec::new();
    for at in 0..6 {
        edits.push(Edit::Relate("service", at, "owner", vec![at / 2]));
        edits.push(Edit::Relate(
            "service",
            at,
            "depends_on",
            vec![at + 1, at + 2],
        ));
        edits.push(Edit::Relate("deployment", at, "service", vec![at / 3]));
        edits.push(Edit::Relate("team", at, "parent", vec![at + 1]));
        edits.push(Edit::Set("service", at, "tier", json!(at % 4)));
    }
    world.commit(&edits);
    world
}

/// The lines that only one of two texts has, with a sign for which.
fn differences(kept: &str, rebuilt: &str) -> Vec<String> {
    let lines = |text: &str| -> std::collections::BTreeSet<String> {
        text.lines().map(str::to_owned).collect()
    };
    let (kept, rebuilt) = (lines(kept), lines(rebuilt));
    let only = |sign: &str, a: &std::collections::BTreeSet<String>, b| -> Vec<String> {
        a.difference(b)
            .map(|line| format!("{sign} {line}"))
            .collect()
    };
    [
        only("kept", &kept, &rebuilt),
        only("rebuilt", &rebuilt, &kept),
    ]
    .concat()
}

/// The levels of everybody, as `Work::level_changes` speaks of them.
fn levels(world: &World) -> BTreeMap<(u32, EntityId), u16> {
    let derived = world.state.derived();
    let mut levels = BTreeMap::new();
    for (scorecard, _) in world.state.model().scorecards() {
        for id in world.state.all_members().iter().map(EntityId) {
            if let Some(level) = derived.level(scorecard, id) {
                levels.insert((scorecard.0, id), level);
            }
        }
    }
    levels
}

fn changes(before: &World, after: &World) -> Vec<LevelChange> {
    let (before, after) = (levels(before), levels(after));
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let changes = keys.into_iter().map(|key| LevelChange {
        scorecard: crate::value::ScorecardId(key.0),
        entity: key.1,
        from: before.get(&key).copied(),
        to: after.get(&key).copied(),
    });
    changes.filter(|change| change.from != change.to).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn updates_equal_rebuilds(commits in commits()) {
        let mut world = populated();
        prop_assert_eq!(world.dump(), world.rebuilt().dump());
        for commit in commits {
            let before = world.clone();
            let untouched = before.dump();
            let work: Work = world.commit(&commit);
            prop_assert_eq!(world.dump(), world.rebuilt().dump(), "after {:?}", commit);
            prop_assert_eq!(&work.level_changes, &changes(&before, &world));
            prop_assert_eq!(work.levels_changed, work.level_changes.len() as u64);
            prop_assert_eq!(before.dump(), untouched, "an older version changed");
        }
    }

    #[test]
    fn everything_derived_from_everything_equals_a_rebuild(commits in commits()) {
        let mut world = filled(World::of(&rich_model()));
        prop_assert_eq!(world.dump(), world.rebuilt().dump());
        for commit in commits {
            let before = world.clone();
            let work: Work = world.commit(&commit);
            let wrong = differences(&world.dump(), &world.rebuilt().dump());
            prop_assert!(wrong.is_empty(), "after {:?}: {:#?}", commit, wrong);
            prop_assert_eq!(&work.level_changes, &changes(&before, &world));
        }
    }

    #[test]
    fn one_commit_or_many_give_the_same(commits in commits()) {
        let mut split = filled(World::of(&rich_model()));
        let mut merged = split.clone();
        let mut first: BTreeMap<EntityId, crate::state::Change> = BTreeMap::new();
        for commit in commits {
            let delta = split.stage(&commit);
            split.apply(&delta);
            for change in delta.changes {
                match first.entry(change.id) {
                    std::collections::btree_map::Entry::Vacant(entry) => _ = entry.insert(change),
                    std::collections::btree_map::Entry::Occupied(mut entry) => {
                        entry.get_mut().after = change.after;
                    }
                }
            }
        }
        let changes = first.into_values().filter(|c| c.before.is_some() || c.after.is_some());
        let delta = crate::state::Delta { changes: changes.collect() };
        merged.restage(&split);
        merged.apply(&delta);
        let wrong = differences(&merged.dump(), &split.dump());
        prop_assert!(wrong.is_empty(), "{:#?}", wrong);
    }
}

#[test]
fn blocks_and_chunks_beyond_the_first_are_kept_too() {
    let mut world = populated();
    world.commit(&vec![Edit::Create("service"); 200]);
    world.commit(&[
        Edit::Set("service", 130, "tier", json!(1)),
        Edit::Relate("service", 199, "owner", vec![1]),
    ]);
    world.commit(&[
        Edit::Set("team", 1, "on_call", json!("ann")),
        Edit::Delete("service", 131),
    ]);
    assert_eq!(world.dump(), world.rebuilt().dump());
    let gold = world.scorecard("production");
    let at: Vec<u64> = (0..5)
        .map(|rank| world.state.at_level(gold, rank).len())
        .collect();
    let statistics = world.state.derived().statistics(gold).unwrap();
    assert_eq!(at.iter().sum::<u64>(), statistics.tested);
    for (rank, count) in &statistics.levels {
        assert_eq!(at[usize::from(*rank)], *count);
    }
}
