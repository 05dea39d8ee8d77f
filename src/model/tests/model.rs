//! Models as wholes: references, ids, sharing between versions, removal, the order of mirrors.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{assert_texts, blueprint, model_of, scorecard, text};
use crate::error::ErrorKind;
use crate::model::{Blueprint, Declared, Model, ModelChange, Property, PropertyType};
use crate::value::{BlueprintId, ScorecardId};

fn team() -> Json {
    json!({
        "identifier": "team",
        "schema": {"properties": {"lead": {"type": "string"}}},
        "relations": {"parent": {"target": "team"}, "members": {"target": "user", "many": true}},
        "calculationProperties": {"slug": {"calculation": ".identifier", "type": "string"}},
        "aggregationProperties": {"size": {"target": "user", "calculationSpec": {
            "calculationBy": "entities", "func": "count",
        }}},
    })
}

fn user() -> Json {
    json!({"identifier": "user", "schema": {"properties": {"mail": {"type": "string"}}}})
}

/// A service with these mirror paths.
fn service(mirrors: &[(&str, &str)]) -> Json {
    let mirrors: Map<String, Json> = mirrors
        .iter()
        .map(|(name, path)| ((*name).to_owned(), json!({"path": path})))
        .collect();
    json!({
        "identifier": "service",
        "schema": {"properties": {"tier": {"type": "number"}, "team": {"type": "string"}}},
        "relations": {
            "owner": {"target": "team"},
            "team": {"target": "team"},
            "about": {"target": ["team", "user"]},
            "any": {"target": "*", "many": true},
        },
        "mirrorProperties": mirrors,
    })
}

fn production() -> Json {
    json!({"identifier": "production", "blueprint": "service"})
}

#[test]
fn mutual_references_are_declared_together() {
    let mirrors = [
        ("lead", "owner.lead"),
        ("mails", "owner.members.mail"),
        ("grand", "owner.parent.parent.$title"),
        ("mail", "about.mail"),
        ("deep", "any.lead"),
        ("of_mirror", "any.lead"),
        ("of_calculation", "owner.slug"),
        ("of_aggregation", "owner.size"),
    ];
    let model = model_of(&[service(&mirrors), team(), user()], &[production()]).unwrap();
    let identifiers: Vec<&str> = model
        .blueprints()
        .map(|known| &*known.blueprint.identifier)
        .collect();
    assert_eq!(identifiers, ["service", "team", "user"]);
    assert_eq!(model.scorecards().count(), 1);
    for name in [
        "tier", "team", "owner", "lead", "members", "mail", "slug", "size",
    ] {
        assert!(model.names().id(name).is_some(), "`{name}` has no id");
    }
}

#[test]
fn a_property_comes_before_a_relation() {
    let model = model_of(&[service(&[("lead", "owner.lead")]), team(), user()], &[]).unwrap();
    let service = model.blueprint_named("service").unwrap();
    assert!(matches!(
        service.declared("team"),
        Some(Declared::Property(_))
    ));
    assert!(matches!(
        service.declared("owner"),
        Some(Declared::Relation(_))
    ));
    assert!(matches!(
        service.declared("lead"),
        Some(Declared::Mirror(_))
    ));
    assert!(service.declared("$title").is_none());
    let team = model.blueprint_named("team").unwrap();
    assert!(matches!(
        team.declared("slug"),
        Some(Declared::Calculation(_))
    ));
    assert!(matches!(
        team.declared("size"),
        Some(Declared::Aggregation(_))
    ));
}

#[test]
fn references_to_nothing_are_named() {
    let mirror = |path: &str| text(model_of(&[service(&[("m", path)]), team(), user()], &[]));
    let at = "blueprint `service`: `/mirrorProperties/m/path`: ";
    let wanted = |rest: &str| format!("{at}{rest}");
    assert_texts(&[
        (
            text(model_of(&[team(), json!({"identifier": "usr"})], &[])),
            "blueprint `team`: `/relations/members/target`: \
             relation `members` points to blueprint `user`, which does not exist\n\
             help: did you mean `usr`?",
        ),
        (
            text(model_of(&[], &[production()])),
            "scorecard `production`: `/blueprint`: there is no blueprint `service`",
        ),
        (
            text(model_of(&[user(), user()], &[])),
            "blueprint `user` is given twice",
        ),
        (
            mirror("ownr.lead"),
            &wanted("blueprint `service` has no relation `ownr`\nhelp: did you mean `owner`?"),
        ),
        (
            mirror("owner.members.lead.x"),
            &wanted("blueprint `user` has no relation `lead`"),
        ),
        (
            mirror("owner.laed"),
            &wanted("blueprint `team` has no property `laed`\nhelp: did you mean `lead`?"),
        ),
        (
            mirror("about.nothing"),
            &wanted("none of the 2 blueprints that it can reach has a property `nothing`"),
        ),
        (
            mirror("owner.parent"),
            &wanted(
                "`parent` is a relation, not a property\n\
                 help: go on to what its target holds, such as `parent.$title`",
            ),
        ),
        (
            mirror("owner.slgu"),
            &wanted("blueprint `team` has no property `slgu`\nhelp: did you mean `slug`?"),
        ),
    ]);
}

/// A blueprint whose only mirror `m` reads `m` of the next one.
fn link(identifier: &str, next: &str, read: &str) -> Json {
    json!({
        "identifier": identifier,
        "relations": {"next": {"target": next}},
        "mirrorProperties": {"m": {"path": format!("next.{read}")}},
    })
}

#[test]
fn mirrors_that_read_each_other_are_refused() {
    let circle = [
        link("a", "b", "m"),
        link("b", "c", "m"),
        link("c", "a", "m"),
        link("d", "a", "m"),
    ];
    let help = "\nhelp: let one of them mirror a stored property";
    let wanted = format!(
        "mirror properties read each other in a circle: `a.m` -> `b.m` -> `c.m` -> `a.m`{help}"
    );
    assert_eq!(text(model_of(&circle, &[])), wanted);
    // A relation to any blueprint may point to its own.
    let any = [user(), link("a", "*", "m")];
    let wanted = format!("mirror properties read each other in a circle: `a.m` -> `a.m`{help}");
    assert_eq!(text(model_of(&any, &[])), wanted);
    assert_eq!(text(model_of(&[link("a", "a", "m")], &[])), wanted);
}

#[test]
fn mirrors_come_after_what_they_read() {
    let chain: Vec<Json> = (0..50)
        .map(|at| match at {
            49 => link("b49", "b0", "$title"),
            _ => link(&format!("b{at}"), &format!("b{}", at + 1), "m"),
        })
        .collect();
    let model = model_of(&chain, &[]).unwrap();
    let order = model.mirror_order();
    assert_eq!(order.len(), 50);
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (id, _) in order {
        let blueprint = &model.blueprint(id).unwrap().blueprint;
        let next = blueprint.relations[0].target.clone();
        let reads_mirror = &*blueprint.mirrors[0].property == "m";
        let ready = done.iter().any(|known| next.allows(known));
        assert!(
            !reads_mirror || ready,
            "`{}` comes too early",
            blueprint.identifier
        );
        done.insert(&blueprint.identifier);
    }
}

#[test]
fn what_did_not_change_stays_shared() {
    let first = model_of(&[service(&[]), team(), user()], &[production()]).unwrap();
    let again = first
        .with(
            vec![blueprint(&team()), blueprint(&user())],
            vec![scorecard(&production())],
        )
        .unwrap();
    assert!(again.changes_since(&first).is_empty());
    let mut changed = blueprint(&user());
    changed.title = Some("User".to_owned());
    let next = first
        .with(vec![changed, blueprint(&team())], Vec::new())
        .unwrap();
    let user = first.blueprint_id("user").unwrap();
    let wanted = ModelChange {
        blueprints: vec![user],
        scorecards: Vec::new(),
    };
    assert_eq!(next.changes_since(&first), wanted);
    let shared = |model: &Model| Arc::clone(model.blueprint_named("team").unwrap());
    assert!(Arc::ptr_eq(&shared(&first), &shared(&next)));
    assert_eq!(
        next.blueprint_named("user")
            .unwrap()
            .blueprint
            .title
            .as_deref(),
        Some("User")
    );
    assert_eq!(first.blueprint_named("user").unwrap().blueprint.title, None);
}

#[test]
fn ids_and_names_stay_as_they_were() {
    let first = model_of(&[service(&[]), team(), user()], &[production()]).unwrap();
    let tier = first.names().id("tier").unwrap();
    let team_id = first.blueprint_id("team").unwrap();
    let without = first
        .without_scorecard("production")
        .unwrap()
        .without_blueprint("service")
        .unwrap();
    assert_eq!(without.blueprint_id("service"), None);
    assert_eq!(
        without
            .blueprint(first.blueprint_id("service").unwrap())
            .map(|known| known.id),
        None
    );
    assert_eq!(without.names().id("tier"), Some(tier));
    let later = without
        .with(vec![blueprint(&json!({"identifier": "new"}))], Vec::new())
        .unwrap();
    assert_eq!(later.blueprint_id("team"), Some(team_id));
    assert_eq!(later.blueprint_id("new"), Some(BlueprintId(3)));
    let changed = ModelChange {
        blueprints: vec![first.blueprint_id("service").unwrap(), BlueprintId(3)],
        scorecards: vec![ScorecardId(0)],
    };
    assert_eq!(later.changes_since(&first), changed);
}

#[test]
fn a_blueprint_in_use_is_not_removed() {
    let model = model_of(
        &[service(&[("m", "any.mail")]), team(), user()],
        &[production()],
    )
    .unwrap();
    let help = "help: remove or change what uses it first";
    assert_texts(&[
        (
            text(model.without_blueprint("user")),
            &format!(
                "blueprint `user` is in use by relation `about` of blueprint `service` and 2 more\n{help}"
            ),
        ),
        (
            text(model.without_blueprint("service")),
            &format!("blueprint `service` is in use by scorecard `production`\n{help}"),
        ),
        (
            text(model.without_blueprint("sevice")),
            "there is no blueprint `sevice`\nhelp: did you mean `service`?",
        ),
        (
            text(model.without_scorecard("prod")),
            "there is no scorecard `prod`",
        ),
    ]);
    assert_eq!(
        model.without_scorecard("prod").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    // Referring to itself does not keep a blueprint.
    let alone = model_of(&[link("a", "a", "$title")], &[]).unwrap();
    assert_eq!(
        alone.without_blueprint("a").unwrap().blueprints().count(),
        0
    );
    // A mirror through a relation to any blueprint does.
    let any = json!({
        "identifier": "note",
        "relations": {"about": {"target": "*"}},
        "mirrorProperties": {"of": {"path": "about.mail"}},
    });
    let model = model_of(&[any, user()], &[]).unwrap();
    let error = text(model.without_blueprint("user"));
    let wanted = "without blueprint `user`: blueprint `note`: `/mirrorProperties/of/path`: \
                  blueprint `note` has no property `mail`";
    assert!(error.starts_with(wanted), "{error}");
}

#[test]
fn a_blueprint_put_together_by_hand_obeys_the_same_rules() {
    let property = Property {
        name: "tier".into(),
        kind: PropertyType::Number,
        format: None,
        items: None,
        enumeration: Some(vec![json!(1), json!(2)]),
        default: None,
        index: None,
        definition: Map::new(),
    };
    let good = Blueprint {
        identifier: "a".into(),
        properties: vec![property],
        ..Blueprint::default()
    };
    let model = Model::default()
        .with(vec![good.clone()], Vec::new())
        .unwrap();
    let compiled = model.blueprint_named("a").unwrap();
    let validate = |value: Json| {
        compiled
            .schema
            .validate(json!({"tier": value}).as_object().unwrap())
    };
    assert!(validate(json!(2)).is_ok());
    assert!(validate(json!(3)).is_err());
    let bad = Blueprint {
        required: vec!["teir".into()],
        ..good
    };
    let error = text(Model::default().with(vec![bad], Vec::new()));
    assert!(
        error.starts_with("blueprint `a`: `/schema/required/0`: `teir` is required"),
        "{error}"
    );
}

#[test]
fn a_reopened_model_has_the_ids_it_had() {
    let first = model_of(
        &[service(&[("lead", "owner.lead")]), team(), user()],
        &[production()],
    )
    .unwrap()
    .without_scorecard("production")
    .unwrap()
    .with(
        Vec::new(),
        vec![scorecard(
            &json!({"identifier": "other", "blueprint": "user"}),
        )],
    )
    .unwrap();
    let blueprints: Vec<_> = first
        .blueprints()
        .map(|known| (known.id, known.blueprint.clone()))
        .collect();
    let scorecards: Vec<_> = first
        .scorecards()
        .map(|(id, known)| (id, (**known).clone()))
        .collect();
    let names = first.names().clone();
    let again = Model::from_parts(names, blueprints.clone(), scorecards.clone()).unwrap();
    assert_eq!(again.scorecard_id("other"), Some(ScorecardId(1)));
    assert_eq!(again.scorecard(ScorecardId(0)), None);
    assert_eq!(again.mirror_order(), first.mirror_order());
    assert!(again.names().iter().eq(first.names().iter()));
    for known in first.blueprints() {
        assert_eq!(
            again.blueprint(known.id).unwrap().blueprint,
            known.blueprint
        );
    }
    let twice = [blueprints.clone(), blueprints[..1].to_vec()].concat();
    let error = Model::from_parts(again.names().clone(), twice, Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    let far = vec![(ScorecardId(u32::MAX), scorecards[0].1.clone())];
    let error = Model::from_parts(again.names().clone(), blueprints, far).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}
