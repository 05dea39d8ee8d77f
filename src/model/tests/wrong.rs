//! What is said about blueprints and scorecards that are wrong.

use serde_json::{Value as Json, json};

use super::{assert_texts, error_text, with_properties};
use crate::error::ErrorKind;
use crate::model::{Blueprint, Scorecard};

fn blueprints(cases: &[(Json, &'static str)]) {
    let text = |(json, wanted): &(Json, &'static str)| {
        (error_text(Blueprint::from_json(json).err()), *wanted)
    };
    assert_texts(&cases.iter().map(text).collect::<Vec<_>>());
}

fn scorecards(cases: &[(Json, &'static str)]) {
    let text = |(json, wanted): &(Json, &'static str)| {
        (error_text(Scorecard::from_json(json).err()), *wanted)
    };
    assert_texts(&cases.iter().map(text).collect::<Vec<_>>());
}

#[test]
fn the_frame_of_a_blueprint() {
    blueprints(&[
        (json!(1), "expected an object, got `1`"),
        (
            json!("service"),
            "expected an object, got the string `service`",
        ),
        (json!({"title": "x"}), "missing `identifier`"),
        (json!({"identifier": null}), "missing `identifier`"),
        (
            json!({"identifier": 1}),
            "`/identifier`: expected a string, got `1`",
        ),
        (
            json!({"identifier": ""}),
            "`/identifier`: the identifier is empty",
        ),
        (
            json!({"identifier": ".."}),
            "`/identifier`: `..` cannot be an identifier",
        ),
        (
            json!({"identifier": "my service"}),
            "`/identifier`: ` ` is not allowed in the identifier `my service`\n\
             help: use letters, digits and any of `@_.+:\\/-`",
        ),
        (
            json!({"identifier": "x".repeat(101)}),
            "`/identifier`: the identifier has 101 characters, more than the limit\n\
             help: use at most 100 characters",
        ),
        (
            json!({"identifier": "a", "title": 1}),
            "blueprint `a`: `/title`: expected a string, got `1`",
        ),
        (
            json!({"identifier": "a", "schema": []}),
            "blueprint `a`: `/schema`: expected an object, got an empty list",
        ),
        (
            json!({"identifier": "a", "relations": ["b"]}),
            "blueprint `a`: `/relations`: expected an object, got a list",
        ),
        (
            json!({"identifier": "a", "ownership": {"type": "direct"}}),
            "blueprint `a`: `/ownership/type`: unknown ownership `direct`\n\
             help: did you mean `Direct`?",
        ),
        (
            json!({"identifier": "a", "ownership": {"type": "Inherited"}}),
            "blueprint `a`: `/ownership`: missing `path`",
        ),
        (
            json!({"identifier": "a", "calculationProperties": {"c": {"type": "string"}}}),
            "blueprint `a`: `/calculationProperties/c`: missing `calculation`\n\
             help: give jq as `calculation`, or an expression as `expression`",
        ),
        (
            json!({"identifier": "a", "aggregationProperties": {"c": {"target": 1}}}),
            "blueprint `a`: `/aggregationProperties/c/target`: expected a string, got `1`",
        ),
    ]);
    let list = json!([{"identifier": "a"}, {"identifier": "b", "icon": 1}]);
    let error = error_text(Blueprint::list_from_json(&list).err());
    assert_eq!(
        error,
        "blueprint `b`: `/1/icon`: expected a string, got `1`"
    );
}

/// Cases of one property `x` of the blueprint `service`; the text is what follows its path.
fn properties(cases: &[(Json, &'static str)]) {
    let text = |(definition, wanted): &(Json, &'static str)| {
        let json = with_properties(&json!({"x": definition}));
        let text = error_text(Blueprint::from_json(&json).err());
        let text = text.replace("`/schema/properties/x", "`..");
        (text.replace("blueprint `service`: ", ""), *wanted)
    };
    assert_texts(&cases.iter().map(text).collect::<Vec<_>>());
}

#[test]
fn types_and_formats() {
    properties(&[
        (
            json!("string"),
            "`..`: expected an object, got the string `string`",
        ),
        (json!({}), "`..`: missing `type`"),
        (
            json!({"type": ["string"]}),
            "`../type`: expected a string, got a list",
        ),
        (
            json!({"type": "integer"}),
            "`../type`: unknown type `integer`\nhelp: use `number`",
        ),
        (
            json!({"type": "enum"}),
            "`../type`: unknown type `enum`\nhelp: use `string` with `enum`",
        ),
        (
            json!({"type": "strng"}),
            "`../type`: unknown type `strng`\nhelp: did you mean `string`?",
        ),
        (
            json!({"type": "text"}),
            "`../type`: unknown type `text`\n\
             help: use one of `string`, `number`, `boolean`, `array`, `object`",
        ),
        (
            json!({"type": "string", "format": "datetime"}),
            "`../format`: unknown format `datetime`\nhelp: did you mean `date-time`?",
        ),
        (
            json!({"type": "string", "format": "date"}),
            "`../format`: unknown format `date`\nhelp: use `date-time`, which also takes a plain date",
        ),
        (
            json!({"type": "number", "format": "url"}),
            "`../format`: format `url` is for type `string`, not `number`",
        ),
        (
            json!({"type": "string", "format": "labeled-url"}),
            "`../format`: format `labeled-url` is for type `object`, not `string`",
        ),
        (
            json!({"type": "array", "items": {"type": "int"}}),
            "`../items/type`: unknown type `int`\n\
             help: use one of `string`, `number`, `boolean`, `array`, `object`",
        ),
        (
            json!({"type": "array", "items": ["string"]}),
            "`../items`: expected an object, got a list",
        ),
        (
            json!({"type": "array", "items": {"type": "string", "format": "urll"}}),
            "`../items/format`: unknown format `urll`\nhelp: did you mean `url`?",
        ),
        (
            json!({"type": "string", "index": 1}),
            "`../index`: expected true or false, got `1`",
        ),
    ]);
}

#[test]
fn enumerations_and_defaults() {
    properties(&[
        (
            json!({"type": "string", "enum": []}),
            "`../enum`: `enum` lists no value",
        ),
        (
            json!({"type": "string", "enum": "a"}),
            "`../enum`: expected a list, got the string `a`",
        ),
        (
            json!({"type": "string", "enum": ["a", 1]}),
            "`../enum/1`: a value of `enum` must be a string, got `1`",
        ),
        (
            json!({"type": "number", "enum": ["1"]}),
            "`../enum/0`: a value of `enum` must be a number, got the string `1`",
        ),
        (
            json!({"type": "string", "enum": ["a", "b", "a"]}),
            "`../enum/2`: `enum` lists the string `a` twice",
        ),
        (
            json!({"type": "array", "items": {"type": "number", "enum": [1, "2"]}}),
            "`../items/enum/1`: a value of `enum` must be a number, got the string `2`",
        ),
        (
            json!({"type": "boolean", "default": "yes"}),
            "`../default`: the default must be true or false, got the string `yes`",
        ),
    ]);
}

#[test]
fn names_of_properties() {
    let property = json!({"type": "string"});
    let schema = |required: Json| json!({"identifier": "a", "schema": {"properties": {"tier": property}, "required": required}});
    let twice = |key: &str, definition: Json| {
        let mut json = schema(json!([]));
        json[key] = json!({"tier": definition});
        json
    };
    blueprints(&[
        (
            json!({"identifier": "a", "schema": {"properties": {"a.b": property}}}),
            "blueprint `a`: `/schema/properties/a.b`: `.` is not allowed in the name `a.b`\n\
             help: use letters, digits and any of `@_=\\-`",
        ),
        (
            json!({"identifier": "a", "schema": {"properties": {"größe": property}}}),
            "blueprint `a`: `/schema/properties/größe`: `ö` is not allowed in the name `größe`\n\
             help: use letters, digits and any of `@_=\\-`",
        ),
        (
            schema(json!(["teir"])),
            "blueprint `a`: `/schema/required/0`: `teir` is required, but there is no such property\n\
             help: did you mean `tier`?",
        ),
        (
            schema(json!(["tier", "tier"])),
            "blueprint `a`: `/schema/required/1`: `tier` is required twice",
        ),
        (
            twice("mirrorProperties", json!({"path": "a.b"})),
            "blueprint `a`: `/mirrorProperties/tier`: \
             `tier` is declared twice: as property and as mirror property\n\
             help: rename one of the two",
        ),
        (
            twice(
                "calculationProperties",
                json!({"calculation": ".", "type": "string"}),
            ),
            "blueprint `a`: `/calculationProperties/tier`: \
             `tier` is declared twice: as property and as calculation property\n\
             help: rename one of the two",
        ),
        (
            twice(
                "aggregationProperties",
                json!({"target": "a", "calculationSpec": {"calculationBy": "entities", "func": "count"}}),
            ),
            "blueprint `a`: `/aggregationProperties/tier`: \
             `tier` is declared twice: as property and as aggregation property\n\
             help: rename one of the two",
        ),
    ]);
    // Relations have a name space of their own.
    assert!(Blueprint::from_json(&twice("relations", json!({"target": "a"}))).is_ok());
}

#[test]
fn relations_and_mirrors() {
    let relation = |json: Json| json!({"identifier": "a", "relations": {"r": json}});
    let mirror = |path: &str| json!({"identifier": "a", "mirrorProperties": {"m": {"path": path}}});
    let too_long = format!("{}x", "a.".repeat(17));
    blueprints(&[
        (
            relation(json!({})),
            "blueprint `a`: `/relations/r`: missing `target`",
        ),
        (
            relation(json!({"target": 1})),
            "blueprint `a`: `/relations/r/target`: expected a string, got `1`",
        ),
        (
            relation(json!({"target": []})),
            "blueprint `a`: `/relations/r/target`: the list of targets is empty",
        ),
        (
            relation(json!({"target": ["b", "b"]})),
            "blueprint `a`: `/relations/r/target/1`: target `b` is listed twice",
        ),
        (
            relation(json!({"target": ["b", "*"]})),
            "blueprint `a`: `/relations/r/target/1`: `*` stands alone\nhelp: write `\"target\": \"*\"`",
        ),
        (
            relation(json!({"target": "b", "many": true, "required": true})),
            "blueprint `a`: `/relations/r`: a relation cannot be both `many` and `required`\n\
             help: drop `required`, or test for at least one in a scorecard rule",
        ),
        (
            relation(json!({"target": "b", "many": "yes"})),
            "blueprint `a`: `/relations/r/many`: expected true or false, got the string `yes`",
        ),
        (
            json!({"identifier": "a", "mirrorProperties": {"m": {}}}),
            "blueprint `a`: `/mirrorProperties/m`: missing `path`",
        ),
        (
            mirror("owner"),
            "blueprint `a`: `/mirrorProperties/m/path`: \
             a mirror path is one or more relations, then what to read\n\
             help: write for instance `team.$title`",
        ),
        (
            mirror("owner."),
            "blueprint `a`: `/mirrorProperties/m/path`: the name is empty",
        ),
        (
            mirror("owner.$titel"),
            "blueprint `a`: `/mirrorProperties/m/path`: unknown meta-property `$titel`\n\
             help: did you mean `$title`?",
        ),
        (
            mirror("$title.name"),
            "blueprint `a`: `/mirrorProperties/m/path`: \
             `$title` is not a relation: it cannot be followed",
        ),
        (
            mirror("owner.$team.name"),
            "blueprint `a`: `/mirrorProperties/m/path`: \
             a mirror path through `$team` is not supported yet\n\
             help: declare a relation to the blueprint of the teams and go through that",
        ),
        (
            mirror(&too_long),
            "blueprint `a`: `/mirrorProperties/m/path`: \
             17 relations in a mirror path, more than the limit\nhelp: use at most 16",
        ),
    ]);
}

/// A scorecard `s` of these levels and rules.
fn card(levels: &Json, rules: &Json) -> Json {
    json!({"identifier": "s", "blueprint": "b", "levels": levels, "rules": rules})
}

#[test]
fn the_frame_and_levels_of_a_scorecard() {
    let levels = |levels: Json| card(&levels, &json!([]));
    scorecards(&[
        (json!([]), "expected an object, got an empty list"),
        (json!({"blueprint": "b"}), "missing `identifier`"),
        (
            json!({"identifier": "s"}),
            "scorecard `s`: missing `blueprint`",
        ),
        (
            levels(json!([])),
            "scorecard `s`: `/levels`: a scorecard needs at least one level",
        ),
        (
            levels(json!([{"color": "red"}])),
            "scorecard `s`: `/levels/0`: missing `title`",
        ),
        (
            levels(json!([{"title": "A"}, {"title": "A"}])),
            "scorecard `s`: `/levels/1`: level `A` is declared twice",
        ),
        (
            levels(json!([{"title": "A", "color": "glod"}])),
            "scorecard `s`: `/levels/0/color`: unknown colour `glod`\nhelp: did you mean `gold`?",
        ),
        (
            levels(json!([{"title": "A", "colour": "gold"}])),
            "scorecard `s`: `/levels/0/colour`: unknown key `colour` in a level\n\
             help: did you mean `color`?",
        ),
    ]);
}

#[test]
fn rules_of_a_scorecard() {
    let when = |id: &str, level: &str| json!({"identifier": id, "level": level, "when": "true"});
    let rules = |rules: Json| card(&Json::Null, &rules);
    scorecards(&[
        (
            rules(json!([when("a b", "Gold")])),
            "scorecard `s`: `/rules/0/identifier`: ` ` is not allowed in the identifier `a b`\n\
             help: use letters, digits and any of `@_=\\-`",
        ),
        (
            rules(json!([when("a", "Gold"), when("a", "Gold")])),
            "scorecard `s`: `/rules/1`: rule `a` is declared twice",
        ),
        (
            rules(json!([when("a", "Golden")])),
            "scorecard `s`: `/rules/0/level`: unknown level `Golden`\nhelp: did you mean `Gold`?",
        ),
        (
            rules(json!([when("a", "Basic")])),
            "scorecard `s`: `/rules/0/level`: `Basic` is the first level, which holds without any rule\n\
             help: use one of `Bronze`, `Silver`, `Gold`",
        ),
        (
            card(&json!([{"title": "Only"}]), &json!([when("a", "Only")])),
            "scorecard `s`: `/rules/0/level`: `Only` is the first level, which holds without any rule\n\
             help: declare a level above the first",
        ),
        (
            rules(json!([{"identifier": "a", "level": "Gold"}])),
            "scorecard `s`: `/rules/0`: missing `query`\n\
             help: give Port's conditions as `query`, or an expression as `when`",
        ),
        (
            rules(json!([{"identifier": "a", "level": "Gold", "when": "x", "query": {}}])),
            "scorecard `s`: `/rules/0`: a rule has `query` or `when`, not both",
        ),
        (
            rules(json!([{"identifier": "a", "level": "Gold", "when": " "}])),
            "scorecard `s`: `/rules/0/when`: the expression is empty",
        ),
        (
            json!({"identifier": "s", "blueprint": "b", "filter": "tier = 1"}),
            "scorecard `s`: `/filter`: expected an object, got a text\n\
             help: write `{\"when\": \"..\"}` to filter by an expression",
        ),
        (
            json!({"identifier": "s", "blueprint": "b", "filter": {"when": "x", "combinator": "and"}}),
            "scorecard `s`: `/filter/combinator`: unknown key `combinator` in a filter with `when`",
        ),
    ]);
}

#[test]
fn conditions_of_a_rule() {
    let query = |query: Json| {
        card(
            &Json::Null,
            &json!([{"identifier": "a", "level": "Gold", "query": query}]),
        )
    };
    let condition =
        |condition: Json| query(json!({"combinator": "and", "conditions": [condition]}));
    let mut deep = json!({"property": "x", "operator": "isEmpty"});
    for _ in 0..33 {
        deep = json!({"combinator": "and", "conditions": [deep]});
    }
    let deep_path = format!("`/rules/0/query{}`", "/conditions/0".repeat(32));
    let too_deep = format!(
        "scorecard `s`: {deep_path}: conditions are nested deeper than 32 levels\nhelp: flatten them"
    );
    assert_eq!(
        error_text(Scorecard::from_json(&query(deep)).err()),
        too_deep
    );
    scorecards(&[
        (
            query(json!({"conditions": []})),
            "scorecard `s`: `/rules/0/query`: missing `combinator`",
        ),
        (
            query(json!({"combinator": "nor", "conditions": []})),
            "scorecard `s`: `/rules/0/query/combinator`: unknown combinator `nor`\n\
             help: did you mean `or`?",
        ),
        (
            query(json!({"combinator": "and", "conditions": []})),
            "scorecard `s`: `/rules/0/query/conditions`: at least one condition is needed",
        ),
        (
            query(
                json!({"combinator": "and", "conditions": [{"property": "x", "operator": "="}], "not": 1}),
            ),
            "scorecard `s`: `/rules/0/query/not`: unknown key `not` in a query",
        ),
        (
            query(json!({"combinator": "and", "rules": [{"property": "x", "operator": "="}]})),
            "scorecard `s`: `/rules/0/query`: missing `conditions`\n\
             help: `rules` is for searches: rename it to `conditions`",
        ),
        (
            condition(json!({"operator": "="})),
            "scorecard `s`: `/rules/0/query/conditions/0`: missing `property`",
        ),
        (
            condition(json!({"property": "x"})),
            "scorecard `s`: `/rules/0/query/conditions/0`: missing `operator`",
        ),
        (
            condition(json!({"property": {"name": "x"}, "operator": "="})),
            "scorecard `s`: `/rules/0/query/conditions/0/property`: expected a string, got an object",
        ),
        (
            condition(json!({"scorecard": "x", "value": "Gold"})),
            "scorecard `s`: `/rules/0/query/conditions/0`: missing `operator`",
        ),
        (
            condition(json!({"property": "x", "relation": "y", "operator": "="})),
            "scorecard `s`: `/rules/0/query/conditions/0`: \
             a condition has `property` or `relation`, not both",
        ),
    ]);
}

#[test]
fn limits_are_errors_of_their_own_kind() {
    let properties: serde_json::Map<String, Json> = (0..1001)
        .map(|at| (format!("p{at}"), json!({"type": "string"})))
        .collect();
    let error = Blueprint::from_json(&with_properties(&Json::Object(properties))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let wanted =
        "blueprint `service`: 1001 properties, more than the limit\nhelp: use at most 1000";
    assert_eq!(format!("{error:#}"), wanted);
    let mut deep = json!(1);
    for _ in 0..101 {
        deep = json!([deep]);
    }
    let error = Blueprint::from_json(&json!({"identifier": "a", "x": deep})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(error.message(), "nested deeper than 100 levels");
}
