//! The work that one change takes, pinned, so that "incremental" cannot rot into "recompute".

use serde_json::json;

use super::world::{Edit, World, small_model};

/// A hub team that owns 300 of 400 services, each deployed once.
fn hub() -> World {
    let mut world = World::of(&small_model());
    let create = |of, many| vec![Edit::Create(of); many];
    world.commit(
        &[
            create("team", 4),
            create("service", 400),
            create("deployment", 400),
        ]
        .concat(),
    );
    let mut edits = Vec::new();
    for at in 0..400 {
        edits.push(Edit::Relate(
            "service",
            at,
            "owner",
            vec![usize::from(at >= 300)],
        ));
        edits.push(Edit::Set("service", at, "tier", json!(1)));
        edits.push(Edit::Relate("deployment", at, "service", vec![at]));
    }
    world.commit(&edits);
    assert_eq!(world.dump(), world.rebuilt().dump());
    world
}

#[test]
fn nothing_changed_is_no_work() {
    let mut world = hub();
    let work = world.commit(&[Edit::Set("service", 7, "tier", json!(1))]);
    assert_eq!(work, crate::derive::Work::default());
}

#[test]
fn a_property_that_flips_nothing_stops_at_its_atoms() {
    let mut world = hub();
    world.commit(&[Edit::Set("service", 7, "coverage", json!(60))]);
    let work = world.commit(&[Edit::Set("service", 7, "coverage", json!(61))]);
    // Three conditions read the coverage; `$updatedAt` is read by the mirror and the rule of the
    // service's one deployment.
    assert_eq!(
        (work.atoms_evaluated, work.atoms_changed),
        (3 + 1, 0),
        "{work:?}"
    );
    assert_eq!(
        (work.values_evaluated, work.values_changed),
        (1, 1),
        "{work:?}"
    );
    assert_eq!(
        (work.blocks_evaluated, work.levels_changed),
        (0, 0),
        "{work:?}"
    );
}

#[test]
fn a_property_that_flips_a_level_settles_one_block() {
    let mut world = hub();
    world.commit(&[
        Edit::Set("service", 7, "lang", json!("rust")),
        Edit::Set("service", 7, "readme", json!(true)),
    ]);
    assert_eq!(
        world
            .level("production", world.all("service")[7])
            .as_deref(),
        Some("Bronze")
    );
    let work = world.commit(&[Edit::Set("service", 7, "readme", json!(null))]);
    // `readme` is a rule, a part of the filter and of an exclusive or.
    assert_eq!(work.atoms_evaluated, 2 + 1, "{work:?}");
    assert_eq!(work.levels_changed, 2, "production and shared: {work:?}");
    assert!(work.blocks_evaluated <= 2, "{work:?}");
}

#[test]
fn a_hub_costs_what_reads_it_and_each_block_once() {
    let mut world = hub();
    let work = world.commit(&[Edit::Set("team", 0, "on_call", json!("ann"))]);
    // 300 services mirror it, and 300 deployments mirror that; nobody depends on a service.
    assert_eq!(
        (work.values_evaluated, work.values_changed),
        (600, 600),
        "{work:?}"
    );
    // One condition of each service, one of each deployment, and the team's own.
    assert_eq!(work.atoms_evaluated, 300 + 300 + 1, "{work:?}");
    assert_eq!(work.atoms_changed, 300 + 300 + 1, "{work:?}");
    let blocks = 300_u64.div_ceil(64) + 1;
    assert!(work.blocks_evaluated <= 2 * blocks + 1, "{work:?}");
    let again = world.commit(&[Edit::Set("team", 0, "on_call", json!("bob"))]);
    assert_eq!(again.values_changed, 600, "{again:?}");
    assert_eq!(
        (again.atoms_evaluated, again.atoms_changed),
        (601, 1),
        "cutoff: {again:?}"
    );
    assert_eq!(again.blocks_evaluated, 1, "{again:?}");
}

#[test]
fn moving_a_relation_looks_at_both_ends_only() {
    let mut world = hub();
    let work = world.commit(&[Edit::Relate("service", 7, "owner", vec![2])]);
    // Four mirrors of the service, and its `$updatedAt` as its deployment mirrors it; both teams
    // count their services and the deployments of those.
    assert_eq!(
        (
            work.values_evaluated,
            work.values_changed,
            work.contributions
        ),
        (5, 1 + 4, 4),
        "{work:?}"
    );
    // The 299 that stay count their siblings, one condition each; the service itself has four that
    // go through its owner, its deployment two, and each of the two teams two.
    assert_eq!(work.atoms_evaluated, 299 + 4 + 2 + 2 * 2, "{work:?}");
    assert!(work.blocks_evaluated <= 3, "{work:?}");
    assert_eq!(world.dump(), world.rebuilt().dump());
}
