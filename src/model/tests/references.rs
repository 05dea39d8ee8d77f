//! References of aggregations, inherited ownership and groups: what they name must be there.

use serde_json::{Map, Value as Json, json};

use super::{assert_texts, model_of, text};
use crate::model::Ownership;

/// A portal: deployments run services, which belong to systems of domains; notes are about anything.
fn portal() -> Vec<Json> {
    vec![
        json!({
            "identifier": "domain",
            "schema": {"properties": {"code": {"type": "string"}}},
            "ownership": {"type": "Direct"},
        }),
        json!({
            "identifier": "system",
            "relations": {"domain": {"target": "domain"}, "kinds": {"target": "domain", "many": true}},
            "mirrorProperties": {"code": {"path": "domain.code"}},
        }),
        json!({
            "identifier": "service",
            "schema": {"properties": {
                "tier": {"type": "number"},
                "name": {"type": "string"},
                "seen": {"type": "string", "format": "date-time"},
                "domain": {"type": "string"},
            }},
            "relations": {
                "system": {"target": "system"},
                "uses": {"target": "service", "many": true},
                "domain": {"target": "domain"},
                "backup": {"target": ["service", "deployment"]},
            },
            "calculationProperties": {
                "score": {"expression": "tier + 1", "type": "number"},
                "due": {"expression": "seen", "type": "string", "format": "date-time"},
            },
            "aggregationProperties": {"runs": {"target": "deployment", "calculationSpec": {
                "calculationBy": "entities", "func": "count",
            }}},
            "mirrorProperties": {"code": {"path": "system.code"}},
        }),
        json!({
            "identifier": "deployment",
            "schema": {"properties": {"size": {"type": "number"}}},
            "relations": {"service": {"target": "service"}, "cluster": {"target": "cluster"},
                "spare": {"target": ["cluster", "service"]}},
        }),
        json!({"identifier": "cluster"}),
        json!({"identifier": "island"}),
    ]
}

/// The portal with one more part of a blueprint.
fn with(identifier: &str, key: &str, part: &Json) -> Vec<Json> {
    let mut portal = portal();
    let blueprint = portal
        .iter_mut()
        .find(|blueprint| blueprint["identifier"] == identifier)
        .unwrap();
    if blueprint[key].is_null() {
        blueprint[key] = Json::Object(Map::new());
    }
    let section = blueprint[key].as_object_mut().unwrap();
    section.extend(part.as_object().unwrap().clone());
    portal
}

/// What is said about an aggregation property `x` of a blueprint, after where it is.
fn aggregation(own: &str, target: &str, spec: &Json, rest: &Json) -> String {
    let mut definition = json!({"target": target, "calculationSpec": spec});
    for (key, value) in rest.as_object().unwrap() {
        definition[key] = value.clone();
    }
    let portal = with(own, "aggregationProperties", &json!({"x": definition}));
    match model_of(&portal, &[]) {
        Ok(_) => "good".to_owned(),
        Err(error) => format!("{error:#}")
            .replace(&format!("blueprint `{own}`: "), "")
            .replacen("`/aggregationProperties/x", "`..", 1),
    }
}

fn count() -> Json {
    json!({"calculationBy": "entities", "func": "count"})
}

fn of(function: &str, property: &str) -> Json {
    json!({"calculationBy": "property", "func": function, "property": property})
}

#[test]
fn targets_and_ways_of_aggregations() {
    let over = |own: &str, target: &str| aggregation(own, target, &count(), &json!({}));
    assert_texts(&[
        (over("domain", "service"), "good"),
        (over("domain", "deployment"), "good"),
        (over("cluster", "domain"), "good"),
        (over("service", "service"), "good"),
        (over("system", "system"), "good"),
        (
            over("domain", "sevice"),
            "`../target`: there is no blueprint `sevice`\nhelp: did you mean `service`?",
        ),
        (
            over("domain", "island"),
            "`..`: no way of at most 8 relations leads from `domain` to `island`\n\
             help: relate the two, or give a longer way as `pathFilter`",
        ),
        (
            over("island", "island"),
            "`..`: no way of at most 8 relations leads from `island` to `island`\n\
             help: relate the two, or give a longer way as `pathFilter`",
        ),
    ]);
}

#[test]
fn paths_of_aggregations() {
    let path = |own: &str, target: &str, path: Json| {
        aggregation(own, target, &count(), &json!({"pathFilter": [path]}))
    };
    let back = |relation: &str| json!({"relation": relation, "incoming": true});
    assert_texts(&[
        (
            path(
                "domain",
                "service",
                json!({"fromBlueprint": "service", "path": ["system", "domain"]}),
            ),
            "good",
        ),
        (
            path(
                "domain",
                "service",
                json!({"path": [back("domain"), back("system")]}),
            ),
            "good",
        ),
        (
            path("service", "domain", json!({"path": ["system", "kinds"]})),
            "good",
        ),
        (
            path(
                "service",
                "service",
                json!({"path": ["uses", "uses", back("uses")]}),
            ),
            "good",
        ),
        // Of several blueprints it is enough that one can go on, and that one is the end.
        (
            path("service", "cluster", json!({"path": ["backup", "cluster"]})),
            "good",
        ),
        (
            path("service", "domain", json!({"path": ["sytem", "domain"]})),
            "`../pathFilter/0/path/0`: blueprint `service` has no relation `sytem`\n\
             help: did you mean `system`?",
        ),
        (
            path("service", "domain", json!({"path": ["backup", "domian"]})),
            "`../pathFilter/0/path/1`: \
             none of the 2 blueprints that it can reach has a relation `domian`\n\
             help: did you mean `domain`?",
        ),
        (
            path("domain", "service", json!({"path": ["system", "domain"]})),
            "`../pathFilter/0/path/0`: blueprint `domain` has no relation `system`\n\
             help: a path that begins at `service` needs `\"fromBlueprint\": \"service\"`",
        ),
        (
            path(
                "service",
                "deployment",
                json!({"path": ["uses", "service"]}),
            ),
            "`../pathFilter/0/path/1`: blueprint `service` has no relation `service`\n\
             help: `service` points here: write `{\"relation\": \"service\", \"incoming\": true}`",
        ),
        (
            path("service", "domain", json!({"path": [back("system")]})),
            "`../pathFilter/0/path/0`: no relation `system` points to blueprint `service`\n\
             help: `system` leads away from here: drop `incoming`",
        ),
        (
            path("system", "service", json!({"path": [back("sytem")]})),
            "`../pathFilter/0/path/0`: no relation `sytem` points to blueprint `system`\n\
             help: did you mean `system`?",
        ),
        (
            path(
                "service",
                "cluster",
                json!({"path": ["backup", back("clusters")]}),
            ),
            "`../pathFilter/0/path/1`: \
             no relation `clusters` points to one of the 2 blueprints that it can reach",
        ),
        (
            path("service", "domain", json!({"path": ["system"]})),
            "`../pathFilter/0/path`: the path ends at `system`, not at `domain`\n\
             help: a path that begins at `domain` needs `\"fromBlueprint\": \"domain\"`",
        ),
        (
            path("service", "domain", json!({"path": ["backup"]})),
            "`../pathFilter/0/path`: the path ends at 2 blueprints, but not at `domain`\n\
             help: a path that begins at `domain` needs `\"fromBlueprint\": \"domain\"`",
        ),
        (
            path(
                "domain",
                "service",
                json!({"fromBlueprint": "service", "path": ["system"]}),
            ),
            "`../pathFilter/0/path`: the path ends at `system`, not at `domain`",
        ),
    ]);
}

#[test]
fn properties_of_aggregations() {
    let compute = |function: &str, property: &str| {
        aggregation("system", "service", &of(function, property), &json!({}))
    };
    let typed = |function: &str, property: &str, kind: &str| {
        aggregation(
            "system",
            "service",
            &of(function, property),
            &json!({"type": kind}),
        )
    };
    let by_time = |name: &str| {
        let spec = json!({"calculationBy": "property", "func": "last", "property": "name",
            "measureTimeBy": name});
        aggregation("system", "service", &spec, &json!({}))
    };
    let not_a_time = |name: &str| {
        format!(
            "`../calculationSpec/measureTimeBy`: `{name}` is not a point in time\n\
             help: name a property of format `date-time`, `$createdAt` or `$updatedAt`"
        )
    };
    let good = [
        compute("sum", "tier"),
        compute("sum", "score"),
        compute("sum", "runs"),
        compute("average", "code"),
        compute("max", "name"),
        compute("min", "$createdAt"),
        compute("distinctCount", "$team"),
        typed("max", "name", "string"),
        typed("first", "score", "number"),
        typed("last", "code", "object"),
        typed("distinctCount", "name", "number"),
        by_time("seen"),
        by_time("due"),
        by_time("code"),
        by_time("$createdAt"),
        by_time("$updatedAt"),
    ];
    assert_texts(&good.map(|got| (got, "good")));
    assert_texts(&[
        (
            compute("sum", "teir"),
            "`../calculationSpec/property`: blueprint `service` has no property `teir`\n\
             help: did you mean `tier`?",
        ),
        (
            compute("sum", "scroe"),
            "`../calculationSpec/property`: blueprint `service` has no property `scroe`\n\
             help: did you mean `score`?",
        ),
        (
            compute("max", "$creatdAt"),
            "`../calculationSpec/property`: unknown meta-property `$creatdAt`\n\
             help: did you mean `$createdAt`?",
        ),
        (
            compute("max", "system"),
            "`../calculationSpec/property`: \
             `system` is a relation of blueprint `service`, not a property",
        ),
        (
            compute("median", "name"),
            "`../calculationSpec/property`: `median` takes numbers, but `name` is a string",
        ),
        (
            compute("average", "$title"),
            "`../calculationSpec/property`: `average` takes numbers, but `$title` is a string",
        ),
        (
            compute("sum", "$team"),
            "`../calculationSpec/property`: `sum` takes numbers, but `$team` is a list",
        ),
        (
            typed("max", "name", "number"),
            "`../type`: `max` of `name` gives a string, not a number",
        ),
        (
            typed("first", "runs", "string"),
            "`../type`: `first` of `runs` gives a number, not a string",
        ),
        (
            by_time("sen"),
            "`../calculationSpec/measureTimeBy`: blueprint `service` has no property `sen`\n\
             help: did you mean `seen`?",
        ),
        (by_time("name"), &not_a_time("name")),
        (by_time("score"), &not_a_time("score")),
        (by_time("$title"), &not_a_time("$title")),
    ]);
}

fn inherited(path: &str) -> Json {
    json!({"type": "Inherited", "path": path})
}

#[test]
fn ownership_is_inherited_from_what_is_owned() {
    let of = |own: &str, path: &str| match model_of(&with(own, "ownership", &inherited(path)), &[])
    {
        Ok(_) => "good".to_owned(),
        Err(error) => {
            let text = format!("{error:#}");
            text.replace(&format!("blueprint `{own}`: `/ownership/path`: "), "")
        }
    };
    assert_texts(&[
        (of("system", "domain"), "good"),
        (of("service", "system.domain"), "good"),
        (of("service", "system.domain.$team"), "good"),
        (
            of("service", "sytem.domain"),
            "blueprint `service` has no relation `sytem`\nhelp: did you mean `system`?",
        ),
        (
            of("service", "uses.system"),
            "relation `uses` of blueprint `service` is to many\n\
             help: inherited ownership goes through relations to one entity only",
        ),
        (
            of("service", "system"),
            "blueprint `system` has no ownership to inherit\n\
             help: declare `\"ownership\": {\"type\": \"Direct\"}` there",
        ),
        (
            of("deployment", "spare"),
            "none of the 2 blueprints that it can reach has an ownership to inherit\n\
             help: declare `\"ownership\": {\"type\": \"Direct\"}` there",
        ),
    ]);
}

#[test]
fn ownership_is_not_inherited_in_a_circle() {
    let mut chain = with("service", "ownership", &inherited("system"));
    let system = chain
        .iter_mut()
        .find(|blueprint| blueprint["identifier"] == "system")
        .unwrap();
    system["ownership"] = inherited("domain");
    let model = model_of(&chain, &[]).unwrap();
    let service = &model.blueprint_named("service").unwrap().blueprint;
    assert!(matches!(
        service.ownership,
        Some(Ownership::Inherited { .. })
    ));
    let link = |identifier: &str, next: Json| {
        json!({
            "identifier": identifier,
            "relations": {"next": {"target": next}},
            "ownership": inherited("next"),
        })
    };
    let owned = json!({"identifier": "z", "ownership": {"type": "Direct"}});
    let circle = |links: &[Json]| text(model_of(links, &[]));
    let help = "help: let one of them have `\"ownership\": {\"type\": \"Direct\"}`";
    let wanted = |path: &str| {
        format!("blueprints inherit their owners from each other in a circle: {path}\n{help}")
    };
    assert_texts(&[
        (
            circle(&[
                link("a", json!("b")),
                link("b", json!("c")),
                link("c", json!("b")),
            ]),
            &wanted("`b` -> `c` -> `b`"),
        ),
        (circle(&[link("a", json!("a"))]), &wanted("`a` -> `a`")),
        (
            circle(&[link("a", json!("*")), owned]),
            &wanted("`a` -> `a`"),
        ),
    ]);
}

#[test]
fn groups_lead_to_something() {
    let group = |path: &str| {
        let card = json!({"identifier": "s", "blueprint": "service", "groups": ["tier", path]});
        match model_of(&portal(), &[card]) {
            Ok(_) => "good".to_owned(),
            Err(error) => format!("{error:#}").replace("scorecard `s`: `/groups/1`: ", ""),
        }
    };
    let good = [
        "name",
        "system",
        "uses",
        "score",
        "runs",
        "code",
        "$team",
        "$blueprint",
        "system.domain",
        "system.kinds",
        "system.domain.code",
        "system.$title",
        "backup.size",
    ];
    assert_texts(&good.map(|path| (group(path), "good")));
    assert_texts(&[
        (
            group("teir"),
            "blueprint `service` has no property or relation `teir`\nhelp: did you mean `tier`?",
        ),
        (
            group("systm"),
            "blueprint `service` has no property or relation `systm`\n\
             help: did you mean `system`?",
        ),
        (
            group("backup.weight"),
            "none of the 2 blueprints that it can reach has a property or relation `weight`",
        ),
        (
            group("sytem.domain"),
            "blueprint `service` has no relation `sytem`\nhelp: did you mean `system`?",
        ),
        (
            group("uses.tier"),
            "relation `uses` of blueprint `service` is to many\n\
             help: a group goes through relations to one entity only",
        ),
        (
            group("name.code"),
            "blueprint `service` has no relation `name`",
        ),
        (
            group("domain.code"),
            "`domain` is a property of blueprint `service` as well as a relation\n\
             help: rename one of the two to group through it",
        ),
    ]);
}

#[test]
fn a_blueprint_that_is_aggregated_is_not_removed() {
    let counts = json!({"x": {"target": "cluster", "calculationSpec": count()}});
    let portal: Vec<Json> = with("island", "aggregationProperties", &counts)
        .into_iter()
        .map(|mut blueprint| {
            if blueprint["identifier"] == "island" {
                blueprint["relations"] = json!({"about": {"target": "*"}});
            }
            if blueprint["identifier"] == "deployment" {
                blueprint["relations"] = json!({"service": {"target": "service"}});
            }
            blueprint
        })
        .collect();
    let model = model_of(&portal, &[]).unwrap();
    assert_eq!(
        text(model.without_blueprint("cluster")),
        "blueprint `cluster` is in use by aggregation property `x` of blueprint `island`\n\
         help: remove or change what uses it first"
    );
}
