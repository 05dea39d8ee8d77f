//! The shortest ways between blueprints, against a search that tries everything.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::{model_of, text};
use crate::model::{AggregationStep, Model};

/// Blueprints by identifier, each with relations by name and target.
fn model(blueprints: &[(&str, &[(&str, Json)])]) -> Model {
    let blueprint = |(identifier, relations): &(&str, &[(&str, Json)])| {
        let relations: Map<String, Json> = relations
            .iter()
            .map(|(name, target)| ((*name).to_owned(), json!({"target": target})))
            .collect();
        json!({"identifier": identifier, "relations": relations})
    };
    let blueprints: Vec<Json> = blueprints.iter().map(blueprint).collect();
    model_of(&blueprints, &[]).unwrap()
}

/// The ways as text: `a <b` is `a`, then `b` against its direction.
fn ways(model: &Model, from: &str, to: &str) -> Vec<String> {
    let id = |name: &str| model.blueprint_id(name).unwrap();
    let step = |step: &AggregationStep| {
        let arrow = if step.incoming { "<" } else { "" };
        format!("{arrow}{}", step.relation)
    };
    let way = |way: Vec<AggregationStep>| way.iter().map(step).collect::<Vec<_>>().join(" ");
    let ways = model.ways(id(from), id(to));
    ways.into_iter().map(way).collect()
}

#[test]
fn all_of_the_shortest_are_found() {
    let model = model(&[
        (
            "service",
            &[
                ("owner", json!("team")),
                ("lead", json!("team")),
                ("uses", json!("service")),
            ],
        ),
        ("team", &[("parent", json!("team"))]),
        ("run", &[("of", json!("service")), ("by", json!("team"))]),
        ("note", &[("about", json!("*"))]),
        ("page", &[("about", json!(["run", "note"]))]),
    ]);
    assert_eq!(ways(&model, "service", "team"), ["lead", "owner"]);
    assert_eq!(ways(&model, "team", "service"), ["<lead", "<owner"]);
    assert_eq!(ways(&model, "service", "service"), ["uses", "<uses"]);
    // Relations of one name of two blueprints are one step.
    assert_eq!(
        ways(&model, "run", "run"),
        ["<about about", "by <by", "of <of"]
    );
    assert_eq!(
        ways(&model, "team", "page"),
        ["<about about", "<about <about", "<by <about"]
    );
}

/// A chain of so many relations, and an aggregation property at its begin over its end.
fn chain(length: usize) -> Vec<Json> {
    let mut chain: Vec<Json> = (0..length)
        .map(|at| json!({"identifier": format!("b{at}"), "relations": {"next": {"target": format!("b{}", at + 1)}}}))
        .collect();
    let end = format!("b{length}");
    chain.push(json!({"identifier": end}));
    chain[0]["aggregationProperties"] = counted(&end);
    chain
}

fn counted(target: &str) -> Json {
    let spec = json!({"calculationBy": "entities", "func": "count"});
    json!({"x": {"target": target, "calculationSpec": spec}})
}

#[test]
fn a_way_has_a_longest_length() {
    let longest = model_of(&chain(8), &[]).unwrap();
    let found = ways(&longest, "b0", "b8");
    assert_eq!(found, [["next"; 8].join(" ")]);
    assert_eq!(
        text(model_of(&chain(9), &[])),
        "blueprint `b0`: `/aggregationProperties/x`: \
         no way of at most 8 relations leads from `b0` to `b9`\n\
         help: relate the two, or give a longer way as `pathFilter`"
    );
    let mut declared = chain(9);
    let path = vec!["next"; 9];
    declared[0]["aggregationProperties"]["x"]["pathFilter"] = json!([{"path": path}]);
    let declared = model_of(&declared, &[]).unwrap();
    let none: [&str; 0] = [];
    assert_eq!(ways(&declared, "b0", "b9"), none);
}

#[test]
fn there_are_only_so_many_ways() {
    let many = |count: usize| {
        let relations: Map<String, Json> = (0..count)
            .map(|at| (format!("r{at:02}"), json!({"target": "b"})))
            .collect();
        let own = json!({"identifier": "a", "relations": relations,
            "aggregationProperties": counted("b")});
        model_of(&[own, json!({"identifier": "b"})], &[])
    };
    assert_eq!(ways(&many(64).unwrap(), "a", "b").len(), 64);
    assert_eq!(
        text(many(65)),
        "blueprint `a`: `/aggregationProperties/x`: \
         more than 64 equally short ways lead from `a` to `b`\n\
         help: give those to take as `pathFilter`"
    );
    // Several ways for each of eight steps: the search ends at the limit.
    let wide: Vec<(String, Json)> = (0..8)
        .map(|at| {
            let target = json!({"target": format!("b{}", at + 1)});
            let relations: Map<String, Json> = (0..50)
                .map(|name| (format!("r{name}"), target.clone()))
                .collect();
            let identifier = format!("b{at}");
            (
                identifier.clone(),
                json!({"identifier": identifier, "relations": relations}),
            )
        })
        .collect();
    let mut wide: Vec<Json> = wide.into_iter().map(|(_, json)| json).collect();
    wide.push(json!({"identifier": "b8"}));
    let wide = model_of(&wide, &[]).unwrap();
    let none: [&str; 0] = [];
    assert_eq!(ways(&wide, "b0", "b8"), none);
}

/// A relation of a random model: its owner, name and targets, all if there are none.
type Link = (usize, &'static str, BTreeSet<usize>);

const COUNT: usize = 5;

fn links() -> impl Strategy<Value = Vec<Link>> {
    let targets = prop_oneof![
        8 => vec(0..COUNT, 1..3).prop_map(|targets| targets.into_iter().collect()),
        1 => Just(BTreeSet::new()),
    ];
    let name = proptest::sample::select(vec!["p", "q", "r"]);
    vec((0..COUNT, name, targets), 0..6).prop_map(|links| {
        let by_name = links
            .into_iter()
            .map(|(owner, name, targets)| ((owner, name), targets));
        let by_name: BTreeMap<_, _> = by_name.collect();
        let links = by_name.into_iter();
        links
            .map(|((owner, name), targets)| (owner, name, targets))
            .collect()
    })
}

fn model_with(links: &[Link]) -> Model {
    let mut blueprints: Vec<Json> = (0..COUNT)
        .map(|at| json!({"identifier": format!("b{at}"), "relations": {}}))
        .collect();
    for (owner, name, targets) in links {
        let named: Vec<String> = targets.iter().map(|at| format!("b{at}")).collect();
        let target = if named.is_empty() {
            json!("*")
        } else {
            json!(named)
        };
        blueprints[*owner]["relations"][name] = json!({"target": target});
    }
    model_of(&blueprints, &[]).unwrap()
}

/// The shortest ways by trying every sequence of steps, shorter ones first.
fn by_trying(links: &[Link], from: usize, to: usize) -> BTreeSet<String> {
    let step = |places: &BTreeSet<usize>, name: &str, incoming: bool| -> BTreeSet<usize> {
        let named = links.iter().filter(|(_, known, _)| *known == name);
        let pairs = named.flat_map(|(owner, _, targets)| {
            let targets = if targets.is_empty() {
                (0..COUNT).collect()
            } else {
                targets.clone()
            };
            targets.into_iter().map(move |target| (*owner, target))
        });
        let turned = pairs.map(|(owner, target)| {
            if incoming {
                (target, owner)
            } else {
                (owner, target)
            }
        });
        turned
            .filter(|(here, _)| places.contains(here))
            .map(|(_, there)| there)
            .collect()
    };
    let mut begun = vec![(String::new(), BTreeSet::from([from]))];
    for _ in 0..COUNT {
        let mut longer = Vec::new();
        for (way, places) in &begun {
            for (name, incoming) in ["p", "q", "r"]
                .into_iter()
                .flat_map(|name| [(name, false), (name, true)])
            {
                let there = step(places, name, incoming);
                let arrow = if incoming { "<" } else { "" };
                if !there.is_empty() {
                    longer.push((format!("{way} {arrow}{name}").trim().to_owned(), there));
                }
            }
        }
        let done = longer.iter().filter(|(_, places)| places.contains(&to));
        let done: BTreeSet<String> = done.map(|(way, _)| way.clone()).collect();
        if !done.is_empty() {
            return done;
        }
        begun = longer;
    }
    BTreeSet::new()
}

proptest! {
    #[test]
    fn they_are_what_trying_everything_finds(links in links(), from in 0..COUNT, to in 0..COUNT) {
        let model = model_with(&links);
        let wanted = by_trying(&links, from, to);
        prop_assume!(wanted.len() <= 64);
        let found = ways(&model, &format!("b{from}"), &format!("b{to}"));
        prop_assert_eq!(found.len(), wanted.len());
        prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted);
    }

    #[test]
    fn known_ways_are_the_ones_that_would_be_found(links in links(), own in 0..COUNT, target in 0..COUNT) {
        let model = model_with(&links);
        let (own, target) = (format!("b{own}"), format!("b{target}"));
        let id = |name: &str| model.blueprint_id(name).unwrap();
        let found = model.ways(id(&own), id(&target));
        let mut counting = model.blueprint_named(&own).unwrap().blueprint.to_json();
        counting["aggregationProperties"] = counted(&target);
        let counting = model.with(vec![super::blueprint(&counting)], Vec::new());
        let known = counting.map(|counting| counting.ways(id(&own), id(&target)));
        prop_assert_eq!(known.unwrap_or_default(), found);
    }
}
