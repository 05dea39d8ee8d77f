//! What an entity passes by, and what an aggregation is computed of.

use serde_json::{Map, json};

use super::world::{Edit, SERVICE_RULES, World};
use crate::derive::RuleState;
use crate::derive::why_aggregation::{Contributions, contributions};
use crate::error::Span;
use crate::model::{Aggregation, AggregationFunction, Exemption, Rule, RuleTest, Scorecard};
use crate::query::ir::{
    self, Blueprints, Direction, Expr, ExprKind, PathStep, Read, RuleExpr, Slot, Type,
};
use crate::value::{Duration, Instant, Value};

fn read(world: &World, property: &str) -> RuleExpr {
    let of = |kind, ty| Expr {
        kind,
        ty,
        span: Span::default(),
    };
    let base = Box::new(of(ExprKind::Slot(Slot(0)), Type::Entity(Blueprints::All)));
    let read = Read::Property(world.name(property));
    RuleExpr {
        expr: of(ExprKind::Read { base, read }, Type::Any),
        slots: 1,
        locals: 0,
    }
}

/// Services that a team owns, by tier, those with a readme alone if `filtered`.
fn of_team(
    world: &World,
    function: AggregationFunction,
    filtered: bool,
    value: &Value,
) -> Contributions {
    let declared = Aggregation {
        name: "tiers".into(),
        target: "service".into(),
        function,
        property: Some("tier".into()),
        measure_time_by: None,
        query: None,
        paths: Vec::new(),
        index: None,
        other: Map::new(),
        other_specification: Map::new(),
    };
    let way = vec![PathStep {
        relation: world.name("owner"),
        direction: Direction::Incoming,
    }];
    let checked = ir::Aggregation {
        target: world.blueprint("service"),
        // Two ways to the same entities count them once.
        paths: vec![way.clone(), way],
        filter: filtered.then(|| read(world, "readme")),
        value: Some(read(world, "tier")),
        time: Some(read(world, "coverage")),
        function,
    };
    let team = world.all("team")[0];
    contributions(&world.state, team, &declared, &checked, value).unwrap()
}

/// A team that owns three of four services.
fn owned() -> World {
    let mut world = World::new();
    let services = ["service"; 4].map(Edit::Create);
    world.commit(&services);
    world.commit(&[Edit::Create("team"), Edit::Create("team")]);
    let mut edits = Vec::new();
    for (at, tier) in [3, 1, 1].into_iter().enumerate() {
        edits.push(Edit::Relate("service", at, "owner", vec![0]));
        edits.push(Edit::Set("service", at, "tier", json!(tier)));
        edits.push(Edit::Set("service", at, "coverage", json!(10 - at)));
    }
    edits.push(Edit::Set("service", 2, "readme", json!(true)));
    world.commit(&edits);
    world
}

#[test]
fn an_aggregation_names_what_it_is_computed_of() {
    let world = owned();
    let services = world.all("service");
    let name = |at: usize| Some(format!("service/{}", world.state.identifier(services[at])));
    let found = of_team(&world, AggregationFunction::Max, false, &3.into());
    assert_eq!((found.related, found.counted, found.first.len()), (3, 3, 3));
    assert_eq!(found.deciding.as_ref().map(ToString::to_string), name(0));
    assert_eq!(found.function, "max of tier over service");
    assert_eq!(found.first[1].value, 1.into());
    let shown = found.to_string();
    assert!(
        shown.contains("3 related, 3 take part") && shown.contains("with 3"),
        "{shown}"
    );

    let found = of_team(&world, AggregationFunction::Max, true, &1.into());
    assert_eq!((found.related, found.counted), (3, 1));
    assert_eq!(found.deciding.map(|name| name.to_string()), name(2));

    // Of several with the value, the one that comes first or last in time.
    for (function, at) in [
        (AggregationFunction::First, 2),
        (AggregationFunction::Last, 1),
    ] {
        let found = of_team(&world, function, false, &1.into());
        assert_eq!(
            found.deciding.map(|name| name.to_string()),
            name(at),
            "{function:?}"
        );
    }
    let found = of_team(&world, AggregationFunction::Sum, false, &5.into());
    assert_eq!((found.deciding, found.counted), (None, 3));
}

#[test]
fn no_more_than_twenty_are_named() {
    let mut world = World::new();
    world.commit(&[Edit::Create("team")]);
    world.commit(&["service"; 30].map(Edit::Create));
    let edits: Vec<_> = (0..30)
        .map(|at| Edit::Relate("service", at, "owner", vec![0]))
        .collect();
    world.commit(&edits);
    let found = of_team(&world, AggregationFunction::Count, false, &30.into());
    assert_eq!((found.counted, found.first.len()), (30, 20));
    assert!(found.to_string().ends_with("and 10 more"));
}

/// How a service that passes a rule stands, were the rule another.
fn standing(world: &World, change: impl Fn(&mut Rule)) -> RuleState {
    let place = SERVICE_RULES
        .iter()
        .position(|(rule, ..)| *rule == "tiered");
    let place = place.unwrap();
    let card = world.scorecard("production");
    let mut declared = Scorecard::clone(world.state.model().scorecard(card).unwrap());
    let rule = &mut declared.rules[place];
    rule.test = RuleTest::Expression("false".into());
    change(rule);
    let service = world.state.entity(world.all("service")[0]).unwrap();
    let place = place.try_into().unwrap();
    RuleState::of(&world.state, (card, &declared), place, service).unwrap()
}

#[test]
fn what_an_entity_passes_by_is_told() {
    let mut world = World::new();
    world.commit(&[Edit::Create("service")]);
    world.commit(&[Edit::Set("service", 0, "tier", json!(1))]);
    let (created, now) = (Instant(1), world.state.time());
    assert_eq!(now, Instant(2));
    let service = world.all("service")[0];
    assert_eq!(
        world.state.entity(service).unwrap().head().created_at,
        created
    );
    let micros = |micros| Some(Duration::new(0, micros));
    let until = |micros| RuleState::InGrace {
        until: Instant(micros),
    };
    assert_eq!(
        standing(&world, |_| ()),
        RuleState::Passed,
        "nothing excuses it"
    );
    assert_eq!(standing(&world, |rule| rule.grace = micros(5)), until(6));
    assert_eq!(
        standing(&world, |rule| rule.grace = micros(1)),
        RuleState::Passed
    );
    let from = |rule: &mut Rule, at| rule.enforced_from = Some(Instant(at));
    assert_eq!(standing(&world, |rule| from(rule, 9)), until(9));
    assert_eq!(standing(&world, |rule| from(rule, 2)), RuleState::Passed);
    let both = |rule: &mut Rule| {
        from(rule, 9);
        rule.grace = micros(5);
    };
    assert_eq!(standing(&world, both), until(14));

    let identifier = world.state.identifier(service).to_owned();
    let exempt = |entity: &str, until: Option<i64>| Exemption {
        entity: entity.into(),
        until: until.map(Instant),
        reason: Some("legacy".into()),
    };
    let state = standing(&world, |rule| {
        rule.exemptions = vec![exempt("another", None), exempt(&identifier, Some(4))];
        rule.grace = micros(5);
    });
    assert_eq!(
        state.to_string(),
        "exempt until 1970-01-01T00:00:00.000004Z: legacy"
    );
    assert!(state.passes());
    let over = |rule: &mut Rule| rule.exemptions = vec![exempt(&identifier, Some(2))];
    assert_eq!(standing(&world, over), RuleState::Passed);
    // Who meets the rule needs no excuse.
    let met = |rule: &mut Rule| {
        rule.test = RuleTest::Expression("true".into());
        rule.exemptions = vec![exempt(&identifier, None)];
    };
    assert_eq!(standing(&world, met), RuleState::Passed);
}
