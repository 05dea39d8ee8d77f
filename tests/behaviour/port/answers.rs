//! Random searches on a small catalog against the naive reading, and aggregations by hand.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::naive::{World, name};
use crate::common::{blueprint, options, viewer};
use portolan::{Catalog, QueryOptions, Value, params};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const SERVICES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const TEAMS: [&str; 4] = ["t1", "t2", "t3", "t4"];

fn relations(blueprint: &str) -> &'static [(&'static str, &'static str)] {
    match blueprint {
        "service" => &[("owner", "team"), ("uses", "service")],
        _ => &[("parent", "team")],
    }
}

/// Services with values missing here and there, walks with a cycle, teams in a line.
fn catalog() -> Catalog {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    let service = blueprint(json!({
        "identifier": "service", "title": "Service",
        "schema": {"properties": {
            "tier": {"type": "number"}, "cost": {"type": "number"}, "lang": {"type": "string"},
            "on": {"type": "boolean"}, "tags": {"type": "array", "items": {"type": "string"}},
            "due": {"type": "string", "format": "date-time"}
        }},
        "relations": {"owner": {"target": "team"}, "uses": {"target": "service", "many": true}},
        "ownership": {"type": "Direct"}
    }));
    let team = blueprint(json!({
        "identifier": "team", "title": "Team",
        "schema": {"properties": {"lang": {"type": "string"}}},
        "relations": {"parent": {"target": "team"}}
    }));
    tx.declare([service, team], []).unwrap();
    for (at, team) in TEAMS.iter().enumerate() {
        let parent = TEAMS.get(at + 1);
        tx.upsert("team", &json!({"identifier": team, "title": format!("Team {at}"),
            "properties": {"lang": if at == 0 { Json::Null } else { "go".into() }}, "relations": {"parent": parent}}))
            .unwrap();
    }
    for (identifier, title, team, properties, owner, uses) in services() {
        tx.upsert(
            "service",
            &json!({"identifier": identifier, "title": title, "team": team,
            "properties": properties, "relations": {"owner": owner, "uses": uses}}),
        )
        .unwrap();
    }
    tx.commit().unwrap();
    catalog
}

type Row = (&'static str, &'static str, Json, Json, Json, Json);

fn services() -> [Row; 7] {
    let none = || Json::Null;
    [
        (
            "a",
            "Alpha",
            json!(["x"]),
            json!({"tier": 1, "lang": "go", "on": true, "tags": ["x", "y"],
            "due": "2026-10-01T00:00:00Z"}),
            "t1".into(),
            json!(["b", "c"]),
        ),
        (
            "b",
            "Beta",
            none(),
            json!({"tier": 2, "lang": "rust", "tags": []}),
            "t2".into(),
            json!(["d"]),
        ),
        (
            "c",
            "Gamma",
            json!(["x", "y"]),
            json!({"tier": 2.5, "lang": "", "on": false,
            "due": "2027-01-01T00:00:00Z"}),
            none(),
            json!(["d"]),
        ),
        (
            "d",
            "Delta",
            json!(["y"]),
            json!({"lang": "go lang"}),
            "t1".into(),
            json!(["a"]),
        ),
        (
            "e",
            "Epsilon",
            none(),
            json!({"tier": 4, "cost": 1, "tags": ["y"],
            "due": "2026-11-01T12:00:00Z"}),
            "t4".into(),
            json!(["f"]),
        ),
        (
            "f",
            "Zeta",
            none(),
            json!({"cost": 2, "lang": "java"}),
            "t3".into(),
            json!(["f"]),
        ),
        ("g", "Eta", none(), json!({}), none(), json!([])),
    ]
}

fn world(catalog: &Catalog) -> World {
    let snapshot = catalog.read(&viewer());
    let all = SERVICES
        .iter()
        .map(|id| ("service", id))
        .chain(TEAMS.iter().map(|id| ("team", id)));
    World {
        entities: all.map(|(of, id)| snapshot.get(of, id).unwrap()).collect(),
        relations,
    }
}

fn text() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        "go", "rust", "", "o", "x", "y", "a", "t1", "Alpha", "lang",
    ])
    .prop_map(Json::from)
}

fn number() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![json!(1), json!(2), json!(2.5), json!(3), json!(4)])
}

fn instant() -> impl Strategy<Value = Json> {
    let days = [
        "2026-10-01T00:00:00Z",
        "2026-11-01T12:00:00Z",
        "2026-12-01T00:00:00Z",
    ];
    prop::sample::select(days.to_vec()).prop_map(Json::from)
}

fn rule_of(property: Json, operator: &str, value: Json) -> Json {
    let mut rule = property;
    rule["operator"] = operator.into();
    rule["value"] = value;
    rule
}

fn one_of(operators: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    prop::sample::select(operators.to_vec())
}

fn list(of: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    prop::collection::vec(of, 0..3).prop_map(Json::from)
}

fn property() -> impl Strategy<Value = Json> {
    let texts = prop::sample::select(vec![
        json!({"property": "lang"}),
        json!({"property": "$title"}),
        json!({"property": "$identifier"}),
        json!({"relation": "owner"}),
        json!({"relation": "owner", "targetProperty": "$title"}),
        json!({"relation": "uses"}),
        json!({"relation": "uses", "targetProperty": "$title"}),
    ]);
    let on_text = one_of(&[
        "=",
        "!=",
        "contains",
        "doesNotContains",
        "beginsWith",
        "doesNotBeginsWith",
        "endsWith",
        "doesNotEndsWith",
        "isEmpty",
        "isNotEmpty",
    ]);
    let in_texts = (
        texts.clone(),
        one_of(&["in", "notIn", "containsAny"]),
        list(text()),
    );
    let on_number = one_of(&["=", "!=", ">", ">=", "<", "<="]);
    let numbers =
        prop::sample::select(vec!["tier", "cost"]).prop_map(|name| json!({"property": name}));
    let range = (instant(), instant()).prop_map(|(from, to)| json!({"from": from, "to": to}));
    let plain = |name: &'static str| {
        move |(operator, value): (&'static str, Json)| {
            rule_of(json!({"property": name}), operator, value)
        }
    };
    prop_oneof![
        (texts, on_text, text()).prop_map(|(p, o, v)| rule_of(p, o, v)),
        in_texts.prop_map(|(p, o, v)| rule_of(p, o, v)),
        (numbers.clone(), on_number, number()).prop_map(|(p, o, v)| rule_of(p, o, v)),
        (numbers, one_of(&["in", "notIn"]), list(number())).prop_map(|(p, o, v)| rule_of(p, o, v)),
        (
            one_of(&["=", "!="]),
            prop::sample::select(vec![json!(null), json!(true), json!(false)])
        )
            .prop_map(plain("on")),
        (
            one_of(&["contains", "doesNotContains", "isEmpty", "isNotEmpty"]),
            text()
        )
            .prop_map(plain("tags")),
        (Just("containsAny"), list(text())).prop_map(plain("tags")),
        (one_of(&["in", "notIn", "containsAny"]), list(text())).prop_map(plain("$team")),
        (one_of(&["=", "!=", "isEmpty", "contains"]), text()).prop_map(plain("$team")),
        (one_of(&["between", "notBetween", "="]), range).prop_map(|(o, v)| {
            let o = if o == "=" { "between" } else { o };
            rule_of(json!({"property": "due"}), o, v)
        }),
        (one_of(&["isExpired", "isNotExpired"]), Just(Json::Null)).prop_map(plain("due")),
    ]
}

fn walk() -> impl Strategy<Value = Json> {
    let direction = prop::option::of(one_of(&["upstream", "downstream"]));
    let seed = prop_oneof![
        prop::sample::select(SERVICES.to_vec()).prop_map(|id| ("service", Json::from(id))),
        prop::sample::select(TEAMS.to_vec()).prop_map(|id| ("team", Json::from(id))),
        prop::sample::subsequence(SERVICES.to_vec(), 1..4)
            .prop_map(|ids| ("service", Json::from(ids))),
    ];
    let related = (direction, seed).prop_map(|(direction, (of, value))| {
        let mut rule = json!({"operator": "relatedTo", "blueprint": of, "value": value});
        if let Some(direction) = direction {
            rule["direction"] = direction.into();
        }
        rule
    });
    let uses = prop_oneof![
        Just(json!(["uses"])),
        Just(json!(["uses", "uses"])),
        Just(json!([{"relation": "uses", "maxHops": 2}])),
        Just(json!(["uses", {"relation": "uses", "maxHops": 2}])),
        Just(json!(["uses", "owner"])),
        Just(json!(["owner", {"relation": "parent", "maxHops": 2}])),
    ];
    let path = (
        uses,
        any::<bool>(),
        prop::sample::select([&SERVICES[..], &TEAMS[..]].concat()),
    )
        .prop_map(|(path, from, value)| {
            let mut property = json!({"path": path});
            // From a service every path of relations is walked; whether it ends at what is asked for
            // differs.
            if from {
                property["fromBlueprint"] = "service".into();
            }
            json!({"property": property, "operator": "matchAny", "value": value})
        });
    prop_oneof![related, path]
}

fn body() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![3 => property(), 2 => walk()];
    let rules = leaf.prop_recursive(3, 12, 3, |inner| {
        (one_of(&["and", "or"]), prop::collection::vec(inner, 1..3))
            .prop_map(|(combinator, rules)| json!({"combinator": combinator, "rules": rules}))
    });
    (one_of(&["and", "or"]), prop::collection::vec(rules, 1..3))
        .prop_map(|(combinator, rules)| json!({"combinator": combinator, "rules": rules}))
}

fn found(catalog: &Catalog, body: &Json) -> portolan::Result<BTreeSet<String>> {
    let snapshot = catalog.read(&viewer());
    let rows = snapshot.port_query(body, (), &QueryOptions::default())?;
    Ok(rows.json().map(|row| name(&row["this"])).collect())
}

#[test]
fn searches_answer_as_the_naive_reading_does() {
    let catalog = catalog();
    let world = world(&catalog);
    let (some, refused, all) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(1500));
    let run = runner.run(&(body(), any::<bool>()), |(mut body, of_services)| {
        if of_services {
            body["blueprint"] = "service".into();
        }
        all.set(all.get() + 1);
        match found(&catalog, &body) {
            Ok(found) => {
                let expected = world.search(&body);
                let text = catalog.read(&viewer()).port_text(&body).unwrap();
                prop_assert_eq!(&found, &expected, "{}\n{}", &body, text);
                let telling = !found.is_empty() && found.len() < SERVICES.len();
                some.set(some.get() + usize::from(telling));
            }
            // Such as a path that leads to no entity of the blueprint looked for.
            Err(error) => {
                prop_assert!(error.path().is_some(), "{:?}\n{}", error, &body);
                refused.set(refused.get() + 1);
            }
        }
        Ok(())
    });
    run.unwrap();
    let (some, refused, all) = (some.get(), refused.get(), all.get());
    println!("{all} bodies, {refused} refused, {some} with some answers and not all");
    assert!(some * 8 > all, "{some} of {all}");
    assert!(refused * 3 < all, "{refused} of {all}");
}

#[test]
fn what_negated_operators_say_holds_of_missing_values() {
    let catalog = catalog();
    let rules = [
        json!({"property": "lang", "operator": "!=", "value": "go"}),
        json!({"property": "lang", "operator": "doesNotContains", "value": "go"}),
        json!({"property": "lang", "operator": "doesNotBeginsWith", "value": "go"}),
        json!({"property": "lang", "operator": "doesNotEndsWith", "value": "go"}),
        json!({"property": "lang", "operator": "notIn", "value": ["go"]}),
        json!({"property": "due", "operator": "notBetween", "value": {"preset": "lastWeek"}}),
        json!({"property": "due", "operator": "isNotExpired"}),
        json!({"relation": "owner", "operator": "!=", "value": "t1"}),
        json!({"relation": "uses", "operator": "!=", "value": "b"}),
    ];
    for rule in rules {
        let body = json!({"blueprint": "service", "combinator": "and", "rules": [rule]});
        let found = found(&catalog, &body).unwrap();
        assert!(found.contains("service/g"), "{body}: {found:?}");
    }
}

#[test]
fn rules_may_speak_of_the_user() {
    let catalog = catalog();
    let user = json!({"lang": "go", "langs": ["go", "java"], "$identifier": "f",
        "teams": [{"$identifier": "x", "lang": "rust"}, {"$identifier": "z"}]});
    let ask = |rule: Json| {
        let body = json!({"blueprint": "service", "include": ["$identifier"], "combinator": "and", "rules": [rule]});
        let user = params! {"user" => Value::from_json(&user)};
        let rows = catalog
            .read(&viewer())
            .port_query(&body, user, &QueryOptions::default())
            .unwrap();
        let mut all: Vec<String> = rows
            .json()
            .map(|row| row["identifier"].as_str().unwrap().to_owned())
            .collect();
        all.sort();
        all.join(" ")
    };
    let of = |context: &str, property: &str| json!({"context": context, "property": property});
    let rule = |property: &str, operator: &str, value: Json| {
        ask(json!({"property": property, "operator": operator, "value": value}))
    };
    assert_eq!(rule("lang", "=", of("user", "lang")), "a");
    assert_eq!(rule("lang", "in", of("user", "langs")), "a f");
    assert_eq!(rule("lang", "in", of("user", "lang")), "a");
    assert_eq!(
        rule("$identifier", "matchAny", of("user", "$identifier")),
        "f"
    );
    assert_eq!(
        rule("$team", "containsAny", of("userTeams", "$identifier")),
        "a c"
    );
    assert_eq!(rule("$team", "in", json!(["My Teams"])), "a c");
    assert_eq!(rule("lang", "=", of("userTeams", "lang")), "b");
    assert_eq!(
        ask(json!({"property": of("user", "lang"), "operator": "=", "value": "go"})),
        "a b c d e f g"
    );
    assert_eq!(
        ask(json!({"property": of("userTeams", "$identifier"), "operator": "=", "value": "q"})),
        ""
    );
}

#[test]
fn aggregations_have_one_row() {
    let catalog = catalog();
    let ask = |body: Json| {
        let rows = catalog
            .read(&viewer())
            .port_query(&body, (), &QueryOptions::default())
            .unwrap();
        rows.json().map(Json::Object).collect::<Vec<_>>()
    };
    let of = |func: &str, more: Json| {
        let mut body = json!({"blueprint": "service", "func": func, "calculationBy": "property", "property": "tier"});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        ask(body)
    };
    assert_eq!(of("sum", json!({})), [json!({"sum": 9.5})]);
    assert_eq!(
        of("average", json!({"averageOf": "total"})),
        [json!({"average": 2.375})]
    );
    assert_eq!(of("median", json!({})), [json!({"median": 2.25})]);
    assert_eq!(
        of("last", json!({"measureTimeBy": "due"})),
        [json!({"last": 2.5})]
    );
    // From October 1 to January 1 thirteen weeks and a day.
    let weeks = of(
        "average",
        json!({"averageOf": "week", "measureTimeBy": "due"}),
    );
    assert_eq!(weeks, [json!({"average": 7.5 / 14.0})]);
    let counted = ask(
        json!({"blueprint": "service", "func": "count", "calculationBy": "entities",
        "query": {"combinator": "and", "rules": [{"property": "tier", "operator": ">", "value": 1}]}}),
    );
    assert_eq!(counted, [json!({"count": 3})]);
    let values = ask(json!({"blueprint": "service", "func": "countValues", "relation": "owner"}));
    assert_eq!(values[0], json!({"value": "t1", "count": 2}));
    assert_eq!(values.len(), 5);
}
