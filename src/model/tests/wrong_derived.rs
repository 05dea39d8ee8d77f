//! What is said about derived properties, ownership, rules and groups that are wrong.

use serde_json::{Value as Json, json};

use super::{assert_texts, error_text};
use crate::model::{Blueprint, Scorecard};

/// Cases of one derived property `x` under `key`; the text is what follows its path.
fn derived(key: &str, cases: &[(Json, &str)]) {
    let got = |definition: &Json| {
        let json = json!({"identifier": "own", key: {"x": definition}});
        let text = error_text(Blueprint::from_json(&json).err());
        let text = text.replace("blueprint `own`: ", "");
        text.replace(&format!("`/{key}/x"), "`..")
    };
    let cases: Vec<_> = cases
        .iter()
        .map(|(json, wanted)| (got(json), *wanted))
        .collect();
    assert_texts(&cases);
}

#[test]
fn calculations() {
    let long = "x".repeat(64 * 1024 + 1);
    derived(
        "calculationProperties",
        &[
            (json!(1), "`..`: expected an object, got `1`"),
            (
                json!({"type": "string"}),
                "`..`: missing `calculation`\n\
                 help: give jq as `calculation`, or an expression as `expression`",
            ),
            (
                json!({"calculation": ".", "expression": "a", "type": "string"}),
                "`..`: a calculation has `calculation` or `expression`, not both",
            ),
            (json!({"calculation": "."}), "`..`: missing `type`"),
            (
                json!({"calculation": ".", "type": "strng"}),
                "`../type`: unknown type `strng`\nhelp: did you mean `string`?",
            ),
            (
                json!({"calculation": ".", "type": "number", "format": "url"}),
                "`../format`: format `url` is for type `string`, not `number`",
            ),
            (
                json!({"calculation": 1, "type": "string"}),
                "`../calculation`: expected a string, got `1`",
            ),
            (
                json!({"calculation": " ", "type": "string"}),
                "`../calculation`: the calculation is empty",
            ),
            (
                json!({"expression": "", "type": "string"}),
                "`../expression`: the expression is empty",
            ),
            (
                json!({"calculation": long, "type": "string"}),
                "`../calculation`: 65537 bytes of calculation text, more than the limit\n\
                 help: use at most 65536",
            ),
            (
                json!({"calculation": ".", "type": "array", "items": {"type": "int"}}),
                "`../items/type`: unknown type `int`\n\
                 help: use one of `string`, `number`, `boolean`, `array`, `object`",
            ),
            (
                json!({"calculation": ".", "type": "string", "indx": true}),
                "`../indx`: unknown key `indx` in a calculation property\n\
                 help: did you mean `index`?",
            ),
            (
                json!({"calculaton": ".", "type": "string"}),
                "`../calculaton`: unknown key `calculaton` in a calculation property\n\
                 help: did you mean `calculation`?",
            ),
        ],
    );
}

fn specification(rest: &Json) -> Json {
    json!({"target": "part", "calculationSpec": rest})
}

/// A `calculationSpec` of the entities, or of the property `size`.
fn spec(by: &str, rest: &Json) -> Json {
    let mut json = json!({"calculationBy": by});
    if by == "property" {
        json["property"] = json!("size");
    }
    for (key, value) in rest.as_object().unwrap() {
        json[key] = value.clone();
    }
    specification(&json)
}

#[test]
fn specifications_of_aggregations() {
    let entities = |rest: Json| spec("entities", &rest);
    let property = |rest: Json| spec("property", &rest);
    derived(
        "aggregationProperties",
        &[
            (json!({}), "`..`: missing `target`"),
            (json!({"target": "part"}), "`..`: missing `calculationSpec`"),
            (
                json!({"target": "a b", "calculationSpec": {}}),
                "`../target`: ` ` is not allowed in the identifier `a b`\n\
                 help: use letters, digits and any of `@_.+:\\/-`",
            ),
            (
                specification(&json!([])),
                "`../calculationSpec`: expected an object, got an empty list",
            ),
            (
                specification(&json!({})),
                "`../calculationSpec`: missing `calculationBy`",
            ),
            (
                specification(&json!({"calculationBy": "entity"})),
                "`../calculationSpec/calculationBy`: unknown `calculationBy` `entity`\n\
                 help: use `entities` or `property`",
            ),
            (
                specification(&json!({"calculationBy": "propety"})),
                "`../calculationSpec/calculationBy`: unknown `calculationBy` `propety`\n\
                 help: did you mean `property`?",
            ),
            (entities(json!({})), "`../calculationSpec`: missing `func`"),
            (
                entities(json!({"func": "cuont"})),
                "`../calculationSpec/func`: unknown function `cuont`\nhelp: did you mean `count`?",
            ),
            (
                property(json!({"func": "mean"})),
                "`../calculationSpec/func`: unknown function `mean`\nhelp: use `average`",
            ),
            (
                property(json!({"func": "sigma"})),
                "`../calculationSpec/func`: unknown function `sigma`\n\
                 help: use one of `count`, `sum`, `min`, `max`, `median`, `distinctCount`, `first`, \
                 `last`, `average`, `percentile`",
            ),
            (
                property(json!({"func": "count"})),
                "`../calculationSpec/func`: `count` is of entities, not of a property\n\
                 help: write `\"calculationBy\": \"entities\"`, and filter with `query` where not \
                 all count",
            ),
            (
                entities(json!({"func": "max"})),
                "`../calculationSpec/func`: `max` is of a property, not of entities\n\
                 help: write `\"calculationBy\": \"property\"` and name the `property`",
            ),
            (
                specification(&json!({"calculationBy": "property", "func": "sum"})),
                "`../calculationSpec`: missing `property`",
            ),
            (
                entities(json!({"func": "count", "property": "size"})),
                "`../calculationSpec/property`: \
                 `property` goes with `\"calculationBy\": \"property\"`",
            ),
            (
                entities(json!({"func": "count", "measureTimeby": "at"})),
                "`../calculationSpec/measureTimeby`: \
                 unknown key `measureTimeby` in a `calculationSpec`\n\
                 help: did you mean `measureTimeBy`?",
            ),
            (
                entities(json!({"func": "count", "measureTimeBy": 1})),
                "`../calculationSpec/measureTimeBy`: expected a string, got `1`",
            ),
        ],
    );
}

#[test]
fn averages_and_percentiles() {
    let entities = |rest: Json| spec("entities", &rest);
    let property = |rest: Json| spec("property", &rest);
    let by_a_period = "an average of entities is by a period\n\
                       help: give `averageOf` as `hour`, `day`, `week` or `month`, or `count` them";
    derived(
        "aggregationProperties",
        &[
            (
                entities(json!({"func": "average"})),
                &format!("`../calculationSpec`: {by_a_period}"),
            ),
            (
                entities(json!({"func": "average", "averageOf": "total"})),
                &format!("`../calculationSpec/averageOf`: {by_a_period}"),
            ),
            (
                property(json!({"func": "average", "averageOf": "days"})),
                "`../calculationSpec/averageOf`: unknown period `days`\nhelp: did you mean `day`?",
            ),
            (
                property(json!({"func": "average", "averageOf": "quarter"})),
                "`../calculationSpec/averageOf`: unknown period `quarter`\n\
                 help: use one of `hour`, `day`, `week`, `month`, `total`",
            ),
            (
                property(json!({"func": "average", "averageOf": 1})),
                "`../calculationSpec/averageOf`: expected a string, got `1`",
            ),
            (
                property(json!({"func": "sum", "averageOf": "day"})),
                "`../calculationSpec/averageOf`: `averageOf` goes with `average`, not with `sum`",
            ),
            (
                property(json!({"func": "percentile"})),
                "`../calculationSpec`: missing `percentile`",
            ),
            (
                property(json!({"func": "percentile", "percentile": 101})),
                "`../calculationSpec/percentile`: expected a number from 0 to 100, got `101`",
            ),
            (
                property(json!({"func": "percentile", "percentile": "95"})),
                "`../calculationSpec/percentile`: \
                 expected a number from 0 to 100, got the string `95`",
            ),
            (
                property(json!({"func": "max", "percentile": 95})),
                "`../calculationSpec/percentile`: \
                 `percentile` goes with `percentile`, not with `max`",
            ),
        ],
    );
}

/// A count with more keys.
fn count(rest: &Json) -> Json {
    let mut json = spec("entities", &json!({"func": "count"}));
    for (key, value) in rest.as_object().unwrap() {
        json[key] = value.clone();
    }
    json
}

#[test]
fn types_and_queries_of_aggregations() {
    let rules = |rule: Json| count(&json!({"query": {"combinator": "and", "rules": [rule]}}));
    derived(
        "aggregationProperties",
        &[
            (
                count(&json!({"type": "integer"})),
                "`../type`: unknown type `integer`\nhelp: use `number`",
            ),
            (
                count(&json!({"type": "string"})),
                "`../type`: `count` gives a number, not a string",
            ),
            (
                count(&json!({"index": "yes"})),
                "`../index`: expected true or false, got the string `yes`",
            ),
            (
                count(&json!({"pathFilters": []})),
                "`../pathFilters`: unknown key `pathFilters` in an aggregation property\n\
                 help: did you mean `pathFilter`?",
            ),
            (
                count(&json!({"when": "a", "query": {"combinator": "and", "rules": []}})),
                "`..`: an aggregation has `query` or `when`, not both",
            ),
            (
                count(&json!({"when": " "})),
                "`../when`: the expression is empty",
            ),
            (
                count(&json!({"query": {"rules": []}})),
                "`../query`: missing `combinator`",
            ),
            (
                count(&json!({"query": {"combinator": "and"}})),
                "`../query`: missing `rules`",
            ),
            (
                count(&json!({"query": {"combinator": "and", "rules": [], "conditions": []}})),
                "`../query`: a query has `rules` or `conditions`, not both",
            ),
            (
                count(&json!({"query": {"combinator": "and", "rules": [], "not": true}})),
                "`../query/not`: unknown key `not` in a query",
            ),
            (
                rules(json!({"combinator": "or", "rules": []})),
                "`../query/rules/0/rules`: at least one condition is needed",
            ),
            (
                rules(json!({"property": "a"})),
                "`../query/rules/0`: missing `operator`",
            ),
        ],
    );
}

#[test]
fn paths_of_aggregations() {
    let paths = |paths: Json| count(&json!({"pathFilter": paths}));
    let path = |path: Json| paths(json!([{"path": path}]));
    let many: Vec<Json> = (0..65).map(|_| json!({"path": ["a"]})).collect();
    let long: Vec<&str> = (0..17).map(|_| "a").collect();
    derived(
        "aggregationProperties",
        &[
            (
                paths(json!({"path": ["a"]})),
                "`../pathFilter`: expected a list, got an object",
            ),
            (
                paths(json!([["a"]])),
                "`../pathFilter/0`: expected an object, got a list",
            ),
            (paths(json!([{}])), "`../pathFilter/0`: missing `path`"),
            (
                path(json!([])),
                "`../pathFilter/0/path`: a path needs at least one relation",
            ),
            (
                path(json!([1])),
                "`../pathFilter/0/path/0`: expected an object, got `1`",
            ),
            (
                path(json!(["a.b"])),
                "`../pathFilter/0/path/0`: `.` is not allowed in the name `a.b`\n\
                 help: use letters, digits and any of `@_=\\-`",
            ),
            (
                path(json!(["a", "$team"])),
                "`../pathFilter/0/path/1`: a path through `$team` is not supported yet\n\
                 help: declare a relation to the blueprint of the teams and go through that",
            ),
            (
                path(json!(["$title"])),
                "`../pathFilter/0/path/0`: `$title` is not a relation: it cannot be followed",
            ),
            (
                path(json!([{"incoming": true}])),
                "`../pathFilter/0/path/0`: missing `relation`",
            ),
            (
                path(json!([{"relation": "a", "incomming": true}])),
                "`../pathFilter/0/path/0/incomming`: unknown key `incomming` in a step\n\
                 help: did you mean `incoming`?",
            ),
            (
                path(json!([{"relation": "a", "maxHops": 3}])),
                "`../pathFilter/0/path/0/maxHops`: unknown key `maxHops` in a step",
            ),
            (
                paths(json!([{"fromBlueprint": "prat", "path": ["a"]}])),
                "`../pathFilter/0/fromBlueprint`: \
                 a path begins at `own` or at the target `part`, not at `prat`\n\
                 help: did you mean `part`?",
            ),
            (
                paths(json!([{"from": "part", "path": ["a"]}])),
                "`../pathFilter/0/from`: unknown key `from` in a path",
            ),
            (
                paths(json!(many)),
                "`../pathFilter`: 65 paths, more than the limit\nhelp: use at most 64",
            ),
            (
                path(json!(long)),
                "`../pathFilter/0/path`: 17 relations in a path, more than the limit\n\
                 help: use at most 16",
            ),
        ],
    );
}

#[test]
fn ownership() {
    let got = |ownership: Json| {
        let json = json!({"identifier": "own", "ownership": ownership});
        let text = error_text(Blueprint::from_json(&json).err());
        text.replace("blueprint `own`: ", "")
    };
    let inherited = |path: &str| got(json!({"type": "Inherited", "path": path}));
    assert_texts(&[
        (
            got(json!("Direct")),
            "`/ownership`: expected an object, got the string `Direct`",
        ),
        (got(json!({"path": "a"})), "`/ownership`: missing `type`"),
        (
            got(json!({"type": "None"})),
            "`/ownership/type`: unknown ownership `None`\nhelp: use `Direct` or `Inherited`",
        ),
        (
            got(json!({"type": "Inherited", "paht": "a"})),
            "`/ownership/paht`: unknown key `paht` in an ownership\nhelp: did you mean `path`?",
        ),
        (
            got(json!({"type": "Direct", "title": 1})),
            "`/ownership/title`: expected a string, got `1`",
        ),
        (inherited(""), "`/ownership/path`: the name is empty"),
        (inherited("a..b"), "`/ownership/path`: the name is empty"),
        (
            inherited("$team"),
            "`/ownership/path`: an ownership path through `$team` is not supported yet\n\
             help: declare a relation to the blueprint of the teams and go through that",
        ),
        (
            inherited("a.$title"),
            "`/ownership/path`: `$title` is not a relation: it cannot be followed",
        ),
        (
            inherited(&["a"; 17].join(".")),
            "`/ownership/path`: 17 relations in an ownership path, more than the limit\n\
             help: use at most 16",
        ),
    ]);
}

#[test]
fn weights_and_times_of_rules() {
    let got = |key: &str, value: Json| {
        let mut rule = json!({"identifier": "r", "level": "Gold", "when": "true"});
        rule[key] = value;
        let json = json!({"identifier": "s", "blueprint": "b", "rules": [rule]});
        let text = error_text(Scorecard::from_json(&json).err());
        text.replace("scorecard `s`: `/rules/0", "`..")
    };
    let weight = |value: Json| got("weight", value);
    let grace = |value: Json| got("grace", value);
    assert_texts(&[
        (
            weight(json!(-1)),
            "`../weight`: expected a whole number from 0 to 1000000, got `-1`",
        ),
        (
            weight(json!(1.5)),
            "`../weight`: expected a whole number from 0 to 1000000, got `1.5`",
        ),
        (
            weight(json!(1_000_001)),
            "`../weight`: expected a whole number from 0 to 1000000, got `1000001`",
        ),
        (
            weight(json!("2")),
            "`../weight`: expected a whole number from 0 to 1000000, got the string `2`",
        ),
        (
            got("wieght", json!(2)),
            "`../wieght`: unknown key `wieght` in a rule\nhelp: did you mean `weight`?",
        ),
        (grace(json!(14)), "`../grace`: expected a string, got `14`"),
        (
            grace(json!("14 days")),
            "`../grace`: expected a duration such as `14d` or `P14D`, got the string `14 days`",
        ),
        (
            grace(json!("-P1D")),
            "`../grace`: expected a duration such as `14d` or `P14D`, got the string `-P1D`",
        ),
        (
            grace(json!("1mo")),
            "`../grace`: `1mo` has no fixed length\nhelp: give days, such as `30d` for a month",
        ),
        (
            grace(json!("P1Y")),
            "`../grace`: `P1Y` has no fixed length\nhelp: give days, such as `30d` for a month",
        ),
        (
            grace(json!("36526d")),
            "`../grace`: the grace period is longer than the limit\nhelp: use at most `36525d`",
        ),
        (
            got("enforcedFrom", json!("2026-01-31T12:00:00")),
            "`../enforcedFrom`: expected a date-time with an offset such as \
             `2025-01-31T12:00:00Z`, or a date, got the string `2026-01-31T12:00:00`",
        ),
        (
            got("enforcedfrom", json!("2026-01-31")),
            "`../enforcedfrom`: unknown key `enforcedfrom` in a rule\n\
             help: did you mean `enforcedFrom`?",
        ),
        (
            got("query", json!({"combinator": "and", "rules": []})),
            "`..`: a rule has `query` or `when`, not both",
        ),
    ]);
}

#[test]
fn exemptions_and_groups() {
    let exempt = |exemptions: Json| {
        let rule =
            json!({"identifier": "r", "level": "Gold", "when": "true", "exemptions": exemptions});
        let json = json!({"identifier": "s", "blueprint": "b", "rules": [rule]});
        let text = error_text(Scorecard::from_json(&json).err());
        text.replace("scorecard `s`: `/rules/0/exemptions", "`..")
    };
    let groups = |groups: Json| {
        let json = json!({"identifier": "s", "blueprint": "b", "groups": groups});
        let text = error_text(Scorecard::from_json(&json).err());
        text.replace("scorecard `s`: `/groups", "`..")
    };
    let many: Vec<String> = (0..33).map(|at| format!("g{at}")).collect();
    let long = format!("{}x", "a.".repeat(17));
    assert_texts(&[
        (exempt(json!({})), "`..`: expected a list, got an object"),
        (
            exempt(json!(["a"])),
            "`../0`: expected an object, got the string `a`",
        ),
        (exempt(json!([{}])), "`../0`: missing `entity`"),
        (
            exempt(json!([{"entity": "a b"}])),
            "`../0/entity`: ` ` is not allowed in the identifier `a b`\n\
             help: use letters, digits and any of `@_.+:\\/=-`",
        ),
        (
            exempt(json!([{"entity": "a"}, {"entity": "b"}, {"entity": "a"}])),
            "`../2`: entity `a` is exempt twice",
        ),
        (
            exempt(json!([{"entity": "a", "until": "soon"}])),
            "`../0/until`: expected a date-time with an offset such as \
             `2025-01-31T12:00:00Z`, or a date, got the string `soon`",
        ),
        (
            exempt(json!([{"entity": "a", "reason": 1}])),
            "`../0/reason`: expected a string, got `1`",
        ),
        (
            exempt(json!([{"entity": "a", "unti": "2026-01-31"}])),
            "`../0/unti`: unknown key `unti` in an exemption\nhelp: did you mean `until`?",
        ),
        (
            groups(json!("tier")),
            "`..`: expected a list, got the string `tier`",
        ),
        (groups(json!([1])), "`../0`: expected a string, got `1`"),
        (groups(json!([""])), "`../0`: the name is empty"),
        (groups(json!(["a."])), "`../0`: the name is empty"),
        (groups(json!([".a"])), "`../0`: the name is empty"),
        (
            groups(json!(["tier", "$titel"])),
            "`../1`: unknown meta-property `$titel`\nhelp: did you mean `$title`?",
        ),
        (
            groups(json!(["$team.lead"])),
            "`../0`: a group through `$team` is not supported yet\n\
             help: declare a relation to the blueprint of the teams and go through that",
        ),
        (
            groups(json!(["tier", "a", "tier"])),
            "`../2`: group `tier` is declared twice",
        ),
        (
            groups(json!(many)),
            "`..`: 33 groups, more than the limit\nhelp: use at most 32",
        ),
        (
            groups(json!([long])),
            "`../0`: 17 relations in a group, more than the limit\nhelp: use at most 16",
        ),
        (
            error_text(
                Scorecard::from_json(&json!({"identifier": "s", "blueprint": "b", "group": ["a"]}))
                    .err(),
            ),
            "scorecard `s`: `/group`: unknown key `group` in a scorecard\n\
             help: did you mean `groups`?",
        ),
    ]);
}
