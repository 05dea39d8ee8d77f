//! Rules of scorecards with what lets entities pass for a time.

use serde_json::Map;

use super::{fixture, typed};
use crate::model::{Exemption, Rule, RuleTest};
use crate::query::check;
use crate::value::{Duration, Instant};

fn rule(test: &str) -> Rule {
    Rule {
        identifier: "r".into(),
        title: None,
        level: 1,
        test: RuleTest::Expression(test.into()),
        weight: None,
        grace: None,
        enforced_from: None,
        exemptions: Vec::new(),
        other: Map::new(),
    }
}

fn exempt(entity: &str, until: Option<&str>) -> Exemption {
    Exemption {
        entity: entity.into(),
        until: until.map(|text| Instant::parse(text).unwrap()),
        reason: None,
    }
}

#[test]
fn grace_and_exemptions_stand_beside_the_test() {
    let model = fixture::model();
    let service = model.blueprint_id("service").unwrap();
    let found = |rule: &Rule| typed(&model, check::scorecard_rule(&model, service, rule));
    let mut declared = rule("tier < 3");
    assert_eq!(found(&declared), "Less(#0.tier, 3)");
    declared.enforced_from = Instant::parse("2026-01-01");
    assert_eq!(
        found(&declared),
        "(Less(now(), t'2026-01-01T00:00:00Z') or Less(#0.tier, 3))"
    );
    declared.grace = Duration::parse("14d");
    assert_eq!(
        found(&declared),
        "(Less(now(), t'2026-01-15T00:00:00Z') or \
          Less(now(), Add(#0.$createdAt, d'P14D')) or Less(#0.tier, 3))",
        "the later of the two ends the grace"
    );
    declared.enforced_from = None;
    declared.grace = None;
    declared.exemptions = vec![
        exempt("legacy", None),
        exempt("cart", Some("2026-02-01")),
        exempt("cart", Some("2026-03-01")),
        exempt("both", Some("2026-03-01")),
        exempt("both", None),
    ];
    assert_eq!(
        found(&declared),
        "(In(#0.$identifier, ['both', 'legacy']) or \
          Less(now(), {\"cart\":\"2026-03-01T00:00:00Z\"}[#0.$identifier]) or Less(#0.tier, 3))"
    );
    declared.exemptions = Vec::new();
    declared.enforced_from = Instant::parse("9999-12-30");
    declared.grace = Duration::parse("30d");
    let error = check::scorecard_rule(&model, service, &declared).unwrap_err();
    assert_eq!(error.path(), Some("/grace"));
}
