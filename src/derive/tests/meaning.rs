//! Mirrors, rules and levels mean what they are said to mean: against values worked out by hand.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::world::{Edit, MORE_RULES, SERVICE_RULES, World, scorecard};
use crate::model::Model;
use crate::query::{check, exec};
use crate::state::Entity;
use crate::value::{EntityId, Value};
use std::sync::Arc;

fn set(of: &'static str, at: usize, name: &'static str, value: Json) -> Edit {
    Edit::Set(of, at, name, value)
}

fn relate(of: &'static str, at: usize, name: &'static str, to: &[usize]) -> Edit {
    Edit::Relate(of, at, name, to.to_vec())
}

/// Three teams in a line, three services that depend in a line, two deployments of the first.
fn chain() -> World {
    let mut world = World::new();
    let create = |of, many| vec![Edit::Create(of); many];
    world.commit(
        &[
            create("team", 3),
            create("service", 3),
            create("deployment", 2),
        ]
        .concat(),
    );
    world.commit(&[
        relate("team", 0, "parent", &[1]),
        relate("team", 1, "parent", &[2]),
        relate("service", 0, "owner", &[0]),
        relate("service", 1, "owner", &[1]),
        relate("service", 2, "owner", &[0]),
        relate("service", 0, "depends_on", &[2, 1]),
        relate("deployment", 0, "service", &[0]),
        relate("deployment", 1, "service", &[0]),
        set("team", 0, "on_call", json!("ann")),
        set("team", 1, "on_call", json!("bob")),
        set("team", 2, "on_call", json!("cyd")),
        set("team", 0, "tags", json!(["x", 1, null, "y"])),
        set("team", 1, "tags", json!(["y", "z"])),
        Edit::Title("team", 0, Some("Team zero")),
    ]);
    world
}

#[test]
fn mirrors_of_one_relation_and_of_several() {
    let mut world = chain();
    assert_eq!(world.mirror("service", 0, "team_on_call"), "ann".into());
    assert_eq!(
        world.mirror("service", 0, "owner_title"),
        "Team zero".into()
    );
    assert_eq!(world.mirror("team", 0, "grand_on_call"), "cyd".into());
    assert_eq!(world.mirror("service", 0, "owner_grand"), "cyd".into());
    assert_eq!(world.mirror("deployment", 1, "owner_on_call"), "ann".into());
    // A list property through single relations stays as it is.
    assert_eq!(
        world.mirror("service", 0, "owner_tags"),
        Value::from_json(&json!(["x", 1, null, "y"]))
    );
    let work = world.commit(&[relate("service", 0, "owner", &[])]);
    assert!(world.mirror("service", 0, "team_on_call").is_null());
    assert!(world.mirror("deployment", 0, "owner_on_call").is_null());
    assert_eq!(
        work.values_changed,
        4 + 2 + 2 + 2,
        "own, service_updated and owner_on_call, and two counts of the team"
    );
}

#[test]
fn mirrors_through_many_are_lists_without_nulls_and_duplicates() {
    let mut world = chain();
    assert_eq!(
        world.mirror("service", 0, "dep_on_call"),
        Value::from_json(&json!(["ann", "bob"]))
    );
    assert_eq!(
        world.mirror("service", 0, "dep_tags"),
        Value::from_json(&json!(["x", 1, "y", "z"]))
    );
    assert_eq!(world.mirror("service", 0, "dep_langs"), Value::list([]));
    assert_eq!(world.mirror("service", 1, "dep_langs"), Value::list([]));
    world.commit(&[
        set("service", 1, "lang", json!("go")),
        set("service", 2, "lang", json!("go")),
    ]);
    assert_eq!(
        world.mirror("service", 0, "dep_langs"),
        Value::from_json(&json!(["go"]))
    );
    // The order is that of the relation as written.
    world.commit(&[relate("service", 0, "depends_on", &[1, 2])]);
    assert_eq!(
        world.mirror("service", 0, "dep_on_call"),
        Value::from_json(&json!(["bob", "ann"]))
    );
    world.commit(&[set("service", 1, "launched", json!("2024-01-01T00:00:00Z"))]);
    let launched = world.mirror("service", 0, "dep_launched");
    assert!(
        matches!(&launched, Value::List(items) if matches!(items[..], [Value::Instant(..)])),
        "{launched:?}"
    );
}

#[test]
fn a_number_that_only_changes_its_kind_reaches_mirrors() {
    let mut world = chain();
    world.commit(&[set("team", 0, "tags", json!([1]))]);
    // Alone it would be no change at all: an equal write is none.
    world.commit(&[
        set("team", 0, "tags", json!([1.0])),
        set("team", 0, "size", json!(4)),
    ]);
    let shown = format!("{:?}", world.mirror("service", 0, "owner_tags"));
    assert!(shown.contains("Float"), "{shown}");
}

#[test]
fn levels_stop_at_the_first_that_is_not_passed() {
    let rules = [
        ("low", "tier = 1", "Low"),
        ("high", "coverage > 10", "High"),
        ("high_too", "readme", "High"),
    ];
    let card = scorecard(
        "card",
        "service",
        Some("lang IS NULL OR lang <> 'none'"),
        &rules,
    );
    let model = super::world::model().with(vec![], vec![card]).unwrap();
    let mut world = World::of(&Arc::new(model));
    world.commit(&vec![Edit::Create("service"); 5]);
    let both = |at| {
        [
            set("service", at, "coverage", json!(11)),
            set("service", at, "readme", json!(true)),
        ]
    };
    let tier = |at| [set("service", at, "tier", json!(1))];
    world.commit(&tier(0));
    world.commit(&both(1));
    world.commit(&[tier(2).as_slice(), &both(2)].concat());
    world.commit(&[set("service", 3, "lang", json!("none")), tier(3)[0].clone()]);
    let levels: Vec<_> = world
        .all("service")
        .iter()
        .map(|id| world.level("card", *id))
        .collect();
    let levels: Vec<_> = levels
        .iter()
        .map(|level| level.as_deref().unwrap_or("-"))
        .collect();
    assert_eq!(levels, ["Low", "Basic", "High", "-", "Basic"]);
    let card = world.scorecard("card");
    let statistics = world.state.derived().statistics(card).unwrap();
    assert_eq!(statistics.tested, 4);
    assert_eq!(
        statistics.levels,
        [(0, 2), (1, 1), (3, 1)],
        "rank 2 has no rules"
    );
    assert_eq!(
        statistics.rules,
        [2, 2, 2],
        "who is left out counts nowhere"
    );
    assert!(!world.state.rule_passes(card, 0, world.all("service")[3]));
    assert!(
        world
            .state
            .at_level(card, 3)
            .iter()
            .eq([world.all("service")[2].0])
    );
}

/// The rules of `production` that are quickly said again, over the entities themselves.
fn by_hand(world: &World, service: &Entity) -> Vec<(&'static str, bool)> {
    let name = |name: &str| world.name(name);
    let entity = |id: &EntityId| world.state.entity(*id).unwrap().unpack();
    let number = |entity: &Entity, at: &str| entity.property(name(at)).to_json().as_f64();
    let text = |entity: &Entity, at: &str| entity.property(name(at)).as_str().map(str::to_owned);
    let (tier, coverage) = (number(service, "tier"), number(service, "coverage"));
    let owner = service.targets(name("owner")).first().map(entity);
    let on_call = owner.as_ref().and_then(|owner| text(owner, "on_call"));
    let deployments: Vec<_> = world
        .all("deployment")
        .iter()
        .map(entity)
        .filter(|d| d.targets(name("service")).contains(&service.id))
        .filter(|d| text(d, "status").as_deref() == Some("ok"))
        .collect();
    let depends: Vec<_> = service
        .targets(name("depends_on"))
        .iter()
        .map(entity)
        .collect();
    let tiny = |entity: &Entity| {
        let owner = entity.targets(name("owner")).first().map(entity_of(world));
        number(entity, "tier") == Some(1.0)
            && owner
                .and_then(|o| number(&o, "size"))
                .is_some_and(|size| size < 2.0)
    };
    let legacy = match (text(service, "lang").as_deref(), tier) {
        (Some("cobol"), _) => Some(true),
        (_, Some(tier)) if tier > 3.0 => Some(true),
        (Some(_), Some(_)) => Some(false),
        _ => None,
    };
    vec![
        (
            "has_readme",
            matches!(service.property(name("readme")), Value::Bool(true)),
        ),
        ("tiered", tier.is_some_and(|tier| tier <= 2.0)),
        ("not_legacy", legacy == Some(false)),
        ("owned", owner.is_some()),
        ("on_call", on_call.is_some_and(|text| !text.is_empty())),
        (
            "covered",
            coverage.is_some_and(|c| c >= 80.0 || (c >= 50.0 && tier == Some(3.0))),
        ),
        (
            "big_team",
            owner
                .and_then(|owner| number(&owner, "size"))
                .is_some_and(|size| size > 2.0),
        ),
        ("deployed", deployments.len() >= 2),
        ("safe_deps", !depends.iter().any(tiny)),
        ("low", tier.is_some_and(|tier| tier < 2.0)),
        ("kept", !deployments.is_empty()),
        (
            "used",
            world
                .all("service")
                .iter()
                .any(|s| entity(s).targets(name("depends_on")).contains(&service.id)),
        ),
        (
            "ratio",
            tier.is_some_and(|tier| tier > 0.0 && 100.0 / tier > 30.0),
        ),
    ]
}

fn entity_of(world: &World) -> impl Fn(&EntityId) -> Entity + '_ {
    |id| world.state.entity(*id).unwrap().unpack()
}

/// Every rule against a whole evaluation of its expression, and some against plain Rust.
fn check_rules(world: &World) {
    check_scorecard(world, "production", SERVICE_RULES);
    check_scorecard(world, "more", MORE_RULES);
}

fn check_scorecard(world: &World, identifier: &str, rules: &[(&str, &str, &str)]) {
    let id = world.scorecard(identifier);
    let scorecard = Arc::clone(world.state.model().scorecard(id).unwrap());
    let (model, blueprint) = (world.state.model(), world.blueprint("service"));
    let tests = scorecard
        .rules
        .iter()
        .map(|rule| check::rule(model, blueprint, &rule.test).unwrap());
    let tests: Vec<_> = tests.collect();
    for service in world.all("service") {
        let entity = world.state.entity(service).unwrap().unpack();
        let tested = world.state.derived().level(id, service).is_some();
        let by_hand = by_hand(world, &entity);
        for ((at, test), (name, _, _)) in (0..).zip(&tests).zip(rules) {
            let passes = world.state.rule_passes(id, at, service);
            let whole = exec::evaluate(&world.state, test, service, world.state.time());
            let expected = tested && matches!(whole, Ok(Value::Bool(true)));
            assert_eq!(passes, expected, "{name} of {service:?}: {whole:?}");
            if let Some((_, expected)) = by_hand.iter().find(|(known, _)| known == name) {
                assert_eq!(passes, tested && *expected, "{name} of {service:?} by hand");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn rules_are_what_their_expressions_say(commits in super::oracle::commits()) {
        let mut world = super::oracle::populated();
        for commit in commits {
            world.commit(&commit);
        }
        check_rules(&world);
    }
}

#[test]
fn a_rule_that_is_unknown_fails_also_under_not() {
    let mut world = chain();
    let id = world.scorecard("production");
    let at = |name| {
        let at = SERVICE_RULES.iter().position(|(known, ..)| *known == name);
        u16::try_from(at.unwrap()).unwrap()
    };
    let first = world.all("service")[0];
    world.commit(&[set("service", 0, "tier", json!(1))]);
    assert!(
        !world.state.rule_passes(id, at("not_legacy"), first),
        "no language is known"
    );
    world.commit(&[set("service", 0, "lang", json!("go"))]);
    assert!(world.state.rule_passes(id, at("not_legacy"), first));
    world.commit(&[set("service", 0, "tier", json!(0))]);
    assert!(
        !world.state.rule_passes(id, at("ratio"), first),
        "division by zero is unknown"
    );
}

#[test]
fn a_new_scorecard_is_all_level_changes_and_the_rest_stays() {
    let mut world = chain();
    let before = world.rebuilt();
    let card = scorecard("extra", "team", None, &[("big", "size > 1", "Big")]);
    let model: Arc<Model> = Arc::new(world.state.model().with(vec![], vec![card]).unwrap());
    world.state.set_model(&model);
    let old = Arc::clone(&world.plan);
    world.plan = Arc::new(crate::derive::Plan::compile(&model).unwrap());
    let work = world.plan.rebuild(&mut world.state, Some(&old)).unwrap();
    assert_eq!((work.values_evaluated, work.atoms_evaluated), (0, 3));
    assert_eq!(world.dump(), world.rebuilt().dump());
    let extra = world.scorecard("extra");
    assert!(
        work.level_changes
            .iter()
            .all(|change| change.scorecard == extra)
    );
    assert_eq!(work.levels_changed, 3);
    let production = world.scorecard("production");
    let counts = |world: &World| world.state.derived().statistics(production).cloned();
    assert_eq!(counts(&world), counts(&before));
}
