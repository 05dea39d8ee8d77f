//! `why` says what decided, and `explain` what depends on what.

use serde_json::json;

use super::world::{Edit, SERVICE_RULES, World};
use crate::derive::{NoPast, RuleState, Why};
use crate::error::ErrorKind;
use crate::value::Value;

fn why(world: &World, rule: &str) -> Why {
    let at = SERVICE_RULES
        .iter()
        .position(|(known, ..)| *known == rule)
        .unwrap();
    let (card, service) = (world.scorecard("production"), world.all("service")[0]);
    crate::derive::why(&world.state, &NoPast, card, at.try_into().unwrap(), service).unwrap()
}

fn small() -> World {
    let mut world = World::new();
    world.commit(&[
        Edit::Create("service"),
        Edit::Create("team"),
        Edit::Create("deployment"),
    ]);
    world.commit(&[Edit::Set("service", 0, "tier", json!(0))]);
    world
}

#[test]
fn each_condition_shows_what_it_read() {
    let mut world = small();
    let traced = why(&world, "not_legacy");
    assert_eq!((traced.passed, &traced.state), (false, &RuleState::Failed));
    assert_eq!(traced.leaves.len(), 2);
    let leaf = &traced.leaves[0];
    assert_eq!(
        (leaf.text.as_str(), leaf.passed),
        ("NOT (lang = 'cobol')", false)
    );
    assert_eq!(leaf.missing, ["lang"]);
    assert!(traced.leaves[1].passed);
    let input = &traced.leaves[1].inputs[0];
    assert_eq!((input.text.as_str(), &input.value), ("tier", &0.into()));
    let shown = traced.to_string();
    assert!(
        shown.contains("lang is missing") && shown.contains("tier is 0"),
        "{shown}"
    );
    world.commit(&[Edit::Set("service", 0, "lang", json!("go"))]);
    assert!(why(&world, "not_legacy").passed);
}

#[test]
fn the_first_missing_step_of_a_path_is_named() {
    let mut world = small();
    assert_eq!(why(&world, "parent_on_call").leaves[0].missing, ["owner"]);
    world.commit(&[Edit::Relate("service", 0, "owner", vec![0])]);
    assert_eq!(
        why(&world, "parent_on_call").leaves[0].missing,
        ["owner.parent"]
    );
}

#[test]
fn conditions_are_shown_as_they_were_written() {
    let world = small();
    for (rule, text) in [
        ("owned", "owner IS NOT NULL"),
        ("on_call", "team_on_call IS NOT EMPTY"),
        (
            "deps_owned",
            "all(d IN depends_on WHERE NOT (d.owner IS NULL))",
        ),
        (
            "deployed",
            "COUNT { (this)<-[:service]-(d:deployment) WHERE d.status = 'ok' } >= 2",
        ),
        (
            "no_failure",
            "NOT EXISTS { (this)<-[:service]-(d:deployment) WHERE d.status = 'failed' }",
        ),
        ("used", "EXISTS { (this)<-[:depends_on]-(:service) }"),
        (
            "siblings",
            "COUNT { (this)-[:owner]->(t:team)<-[:owner]-(s:service) WHERE s.tier = tier } >= 1",
        ),
    ] {
        assert_eq!(why(&world, rule).leaves[0].text, text);
    }
}

#[test]
fn the_elements_that_decide_against_a_condition_are_named() {
    let mut world = small();
    world.commit(&[Edit::Create("service"), Edit::Create("service")]);
    world.commit(&[
        Edit::Relate("service", 1, "owner", vec![0]),
        Edit::Relate("service", 0, "depends_on", vec![1, 2]),
    ]);
    let traced = why(&world, "deps_owned");
    let unowned = world.state.identifier(world.all("service")[2]);
    assert_eq!(traced.leaves[0].against, [Value::string(unowned)]);
    assert!(
        traced
            .to_string()
            .contains(&format!("; against it: ['{unowned}']")),
        "{traced}"
    );
}

#[test]
fn counts_and_errors_are_shown() {
    let mut world = small();
    world.commit(&[
        Edit::Set("deployment", 0, "status", json!("ok")),
        Edit::Relate("deployment", 0, "service", vec![0]),
    ]);
    let counted = why(&world, "deployed");
    assert_eq!(counted.leaves[0].inputs[0].value, 1.into(), "{counted}");
    let failed = why(&world, "ratio");
    assert!(
        failed.leaves[0].error.is_some() && !failed.passed,
        "{failed}"
    );
}

#[test]
fn an_entity_that_the_filter_leaves_out_is_said_to_be_untested() {
    let mut world = small();
    world.commit(&[Edit::Set("service", 0, "tier", json!(null))]);
    let traced = why(&world, "owned");
    assert!(
        traced.state == RuleState::NotGraded && traced.to_string().contains("not graded"),
        "{traced}"
    );
}

#[test]
fn what_does_not_exist_is_not_found() {
    let world = small();
    let (card, service) = (world.scorecard("production"), world.all("service")[0]);
    let error = crate::derive::why(&world.state, &NoPast, card, 999, service).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn the_plan_is_explained_by_rank() {
    let text = World::new().plan.explain();
    for part in [
        "rank 1: mirror team.parent_on_call = parent.on_call",
        "rank 2: mirror team.grand_on_call",
        "walks this-owner->",
        "over deployment, moved by contribution along single relations",
        "in place: tier <= 2",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}
