//! Weights, grace, enforcement and exemptions of rules, and groups: read, and back as they were.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::scorecard;
use crate::model::{Exemption, Rule, RuleTest, Scorecard, ScorecardLevel};
use crate::value::{Duration, Instant};

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

fn with_rule(rest: &Json) -> Json {
    let mut rule = json!({"identifier": "r", "level": "Gold", "when": "tier = 1"});
    for (key, value) in rest.as_object().unwrap() {
        rule[key] = value.clone();
    }
    json!({"identifier": "s", "blueprint": "b", "rules": [rule]})
}

fn rule(rest: &Json) -> Rule {
    let json = with_rule(rest);
    let read = scorecard(&json);
    assert_eq!(read.to_json(), json);
    read.rules[0].clone()
}

#[test]
fn weights_are_read_and_come_back() {
    for (weight, wanted) in [
        (json!(null), None),
        (json!(0), Some(0)),
        (json!(1), Some(1)),
        (json!(1_000_000), Some(1_000_000)),
    ] {
        assert_eq!(rule(&json!({"weight": weight})).weight, wanted);
    }
    assert_eq!(rule(&json!({})).weight, None);
}

#[test]
fn grace_is_read_and_comes_back_as_it_was_written() {
    for (text, micros) in [
        ("14d", 14 * DAY),
        ("P14D", 14 * DAY),
        ("P2W", 14 * DAY),
        ("2w", 14 * DAY),
        ("36h", DAY + DAY / 2),
        ("PT36H", DAY + DAY / 2),
        ("P1DT12H", DAY + DAY / 2),
        ("0d", 0),
        ("36525d", 36_525 * DAY),
    ] {
        let wanted = Duration::new(0, micros);
        assert_eq!(rule(&json!({"grace": text})).grace, Some(wanted), "{text}");
    }
    assert_eq!(rule(&json!({"grace": null})).grace, None);
}

#[test]
fn points_in_time_come_back_as_they_were_written() {
    let instant = |text: &str| Instant::parse(text).unwrap();
    for text in [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.000+02:00",
        "2026-01-31",
    ] {
        let read = rule(&json!({
            "enforcedFrom": text,
            "exemptions": [{"entity": "a", "until": text, "reason": null}],
        }));
        assert_eq!(read.enforced_from, Some(instant(text)));
        assert_eq!(read.exemptions[0].until, Some(instant(text)));
    }
}

#[test]
fn exemptions_are_read_and_come_back() {
    let read = rule(&json!({"exemptions": [
        {"entity": "a/b", "reason": "moving"},
        {"entity": "c", "until": null},
    ]}));
    let exemption = |entity: &str, reason: Option<&str>| Exemption {
        entity: entity.into(),
        until: None,
        reason: reason.map(str::to_owned),
    };
    assert_eq!(
        read.exemptions,
        [exemption("a/b", Some("moving")), exemption("c", None)]
    );
    assert_eq!(rule(&json!({"exemptions": []})).exemptions, []);
    assert_eq!(rule(&json!({"exemptions": null})).exemptions, []);
}

#[test]
fn what_was_changed_is_what_is_written() {
    let json = with_rule(&json!({
        "weight": 2, "grace": "14d", "enforcedFrom": "2026-01-31",
        "exemptions": [{"entity": "a", "until": "2026-01-31"}, {"entity": "b"}],
    }));
    let mut changed = scorecard(&json);
    let read = &mut changed.rules[0];
    read.weight = Some(3);
    read.grace = Some(Duration::new(0, 2 * DAY));
    read.enforced_from = None;
    read.exemptions.pop();
    let written = &changed.to_json()["rules"][0];
    assert_eq!(
        *written,
        json!({
            "identifier": "r", "level": "Gold", "when": "tier = 1", "weight": 3, "grace": "P2D",
            "exemptions": [{"entity": "a", "until": "2026-01-31T00:00:00Z"}],
        })
    );
    let read = &mut changed.rules[0];
    (read.weight, read.grace) = (None, None);
    read.exemptions.clear();
    let wanted = with_rule(&json!({}));
    assert_eq!(changed.to_json(), wanted);
}

#[test]
fn groups_are_read_and_come_back() {
    let groups = json!([
        "owning_team",
        "system.domain",
        "$team",
        "tier",
        "system.$title"
    ]);
    let json = json!({"identifier": "s", "blueprint": "b", "groups": groups});
    let mut read = scorecard(&json);
    assert_eq!(read.to_json(), json);
    assert_eq!(read.groups.len(), 5);
    assert_eq!(&*read.groups[1], "system.domain");
    read.groups.clear();
    assert_eq!(read.to_json(), json!({"identifier": "s", "blueprint": "b"}));
}

fn instant() -> impl Strategy<Value = Instant> {
    (0_i64..4_000_000_000_000_000).prop_map(Instant)
}

fn exemption() -> impl Strategy<Value = (Option<Instant>, Option<String>)> {
    (option::of(instant()), option::of(".{0,5}"))
}

proptest! {
    #[test]
    fn a_rule_put_together_by_hand_comes_back(
        weight in option::of(0_u32..=1_000_000),
        grace in option::of(0..36_525 * DAY),
        enforced_from in option::of(instant()),
        exempt in vec(exemption(), 0..4),
    ) {
        let exemptions = exempt.into_iter().enumerate().map(|(at, (until, reason))| Exemption {
            entity: format!("e{at}").into(),
            until,
            reason,
        });
        let made = Rule {
            identifier: "r".into(),
            title: None,
            level: 1,
            test: RuleTest::Expression("true".into()),
            weight,
            grace: grace.map(|micros| Duration::new(0, micros)),
            enforced_from,
            exemptions: exemptions.collect(),
            other: Map::new(),
        };
        let card = Scorecard {
            identifier: "s".into(),
            title: None,
            blueprint: "b".into(),
            filter: None,
            levels: ScorecardLevel::defaults(),
            rules: vec![made.clone()],
            groups: Vec::new(),
            other: Map::new(),
        };
        let json = card.to_json();
        let read = Scorecard::from_json(&json).unwrap();
        prop_assert_eq!(read.to_json(), json);
        let read = Rule { other: Map::new(), ..read.rules[0].clone() };
        prop_assert_eq!(read, made);
    }
}
