//! Which values an entity may have, and what is said about the others.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{assert_texts, blueprint, error_text, text, with_properties};
use crate::error::{ErrorKind, Result};
use crate::model::EntitySchema;

fn schema(json: &Json) -> EntitySchema {
    EntitySchema::compile(&blueprint(json)).unwrap()
}

fn validate(schema: &EntitySchema, properties: &Json) -> Result<()> {
    schema.validate(properties.as_object().unwrap())
}

/// Whether a property of this definition takes a value.
fn takes(definition: &Json, value: &Json) -> bool {
    validate(
        &schema(&with_properties(&json!({"x": definition}))),
        &json!({"x": value}),
    )
    .is_ok()
}

#[test]
fn formats_take_what_they_should() {
    let string = |format: &str| json!({"type": "string", "format": format});
    let labeled = json!({"type": "object", "format": "labeled-url"});
    for (definition, value) in [
        (string("date-time"), json!("2025-01-31T12:00:00Z")),
        (
            string("date-time"),
            json!("2025-01-31T12:00:00.123456789+02:00"),
        ),
        (string("date-time"), json!("2025-01-31")),
        (string("date-time"), json!("9999-12-31T23:59:59Z")),
        (string("timer"), json!("2025-01-31T12:00:00-05:00")),
        (string("url"), json!("https://example.com/a?b=c#d")),
        (string("url"), json!("https://example.com/ünï/\u{a0}")),
        (string("url"), json!("mailto:a@b.example")),
        (string("email"), json!("a.b@example.com")),
        (string("idn-email"), json!("jürgen@bücher.example")),
        (string("ipv4"), json!("10.0.0.1")),
        (string("ipv6"), json!("::1")),
        (string("markdown"), json!("# not a url")),
        (string("yaml"), json!(": [")),
        (string("proto"), json!("syntax")),
        (string("user"), json!("somebody")),
        (string("team"), json!("a team")),
        (string("blueprints"), json!("service")),
        (
            labeled.clone(),
            json!({"url": "https://example.com/", "displayText": "Example"}),
        ),
        (
            labeled,
            json!({"url": "https://example.com/", "label": "Example"}),
        ),
    ] {
        assert!(takes(&definition, &value), "{definition} refuses {value}");
    }
}

#[test]
fn formats_refuse_what_they_should() {
    let string = |format: &str| json!({"type": "string", "format": format});
    let labeled = json!({"type": "object", "format": "labeled-url"});
    for (definition, value) in [
        (string("date-time"), json!("2025-01-31T12:00:00")),
        (string("date-time"), json!("2025-02-30")),
        (string("date-time"), json!("9999-12-32")),
        (string("date-time"), json!("9999-12-31T00:00:00")),
        (string("date-time"), json!("yesterday")),
        (string("date-time"), json!(1)),
        (string("timer"), json!("")),
        (string("url"), json!("example.com/a")),
        (string("url"), json!("https://")),
        (string("url"), json!("https://example.com/a b")),
        (string("url"), json!("1a://b")),
        (string("email"), json!("a.example.com")),
        (string("idn-email"), json!("@example.com")),
        (string("idn-email"), json!("a b@example.com")),
        (string("idn-email"), json!("a@-b")),
        (string("ipv4"), json!("10.0.0.256")),
        (string("ipv6"), json!("10.0.0.1")),
        (string("markdown"), json!(["# a"])),
        (labeled.clone(), json!({"displayText": "Example"})),
        (labeled.clone(), json!({"url": "example"})),
        (labeled, json!("https://example.com/")),
    ] {
        assert!(!takes(&definition, &value), "{definition} takes {value}");
    }
}

#[test]
fn keys_of_port_do_not_disturb_the_schema() {
    let definition = json!({
        "type": "string", "title": 1, "icon": {"$ref": "http://example.com/"}, "spec": "open-api",
        "specAuthentication": {"$id": "x"}, "enumColors": {"a": "red"}, "enum": ["a", "b"],
        "default": "a", "index": true, "description": null, "$schema": "http://example.com/none",
        "id": "::not a uri::", "definitions": 1,
    });
    assert!(takes(&definition, &json!("a")));
    assert!(!takes(&definition, &json!("c")));
}

#[test]
fn keywords_inside_items_and_objects_hold() {
    let definition = json!({
        "type": "array", "minItems": 1,
        "items": {
            "type": "object", "required": ["at"], "additionalProperties": false,
            "properties": {
                "at": {"type": "string", "format": "date-time", "title": "At"},
                "day": {"type": "string", "format": "date"},
                "n": {"type": "integer"},
            },
        },
    });
    assert!(takes(
        &definition,
        &json!([{"at": "2025-01-31", "day": "2025-01-31", "n": 1}])
    ));
    for wrong in [
        json!([]),
        json!([{}]),
        json!([{"at": "now"}]),
        json!([{"at": "2025-01-31", "day": "x"}]),
        json!([{"at": "2025-01-31", "n": 1.5}]),
        json!([{"at": "2025-01-31", "m": 1}]),
    ] {
        assert!(!takes(&definition, &wrong), "takes {wrong}");
    }
}

/// Cases of a definition, a value, and what is said about it.
fn wrong_values(cases: &[(Json, Json, &'static str)]) {
    let check = |(definition, value, message): &(Json, Json, &'static str)| {
        let schema = schema(&with_properties(&json!({"x": definition})));
        let got = error_text(validate(&schema, &json!({"x": value})).err());
        (got.replace("`/properties/x`: ", ""), *message)
    };
    assert_texts(&cases.iter().map(check).collect::<Vec<_>>());
}

#[test]
fn a_wrong_value_is_named_with_what_was_expected() {
    wrong_values(&[
        (
            json!({"type": "string"}),
            json!(1),
            "expected a string, got `1`",
        ),
        (
            json!({"type": "number"}),
            json!("1"),
            "expected a number, got the string `1`",
        ),
        (
            json!({"type": "boolean"}),
            json!([]),
            "expected true or false, got an empty list",
        ),
        (
            json!({"type": "array"}),
            json!({}),
            "expected a list, got an object",
        ),
        (
            json!({"type": "object"}),
            json!(true),
            "expected an object, got `true`",
        ),
        (
            json!({"type": "string", "enum": ["gold", "silver"]}),
            json!("golf"),
            "expected one of `gold`, `silver`, got the string `golf`\nhelp: did you mean `gold`?",
        ),
        (
            json!({"type": "number", "enum": [1]}),
            json!(2),
            "expected `1`, got `2`",
        ),
        (
            json!({"type": "string", "format": "url"}),
            json!("x".repeat(50)),
            "expected a url such as `https://example.com/`, \
             got the string `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`",
        ),
        (
            json!({"type": "string", "format": "date-time"}),
            json!("now\n"),
            "expected a date-time with an offset such as `2025-01-31T12:00:00Z`, or a date, \
             got the string `now\\n`",
        ),
    ]);
}

#[test]
fn a_broken_rule_is_named_with_its_limit() {
    wrong_values(&[
        (
            json!({"type": "string", "pattern": "^[a-z]+$"}),
            json!("A"),
            "expected a match of `^[a-z]+$`, got the string `A`",
        ),
        (
            json!({"type": "string", "minLength": 1}),
            json!(""),
            "expected at least 1 character, got the string ``",
        ),
        (
            json!({"type": "number", "maximum": 5}),
            json!(6),
            "expected at most 5, got `6`",
        ),
        (
            json!({"type": "number", "exclusiveMinimum": 5}),
            json!(5),
            "expected more than 5, got `5`",
        ),
        (
            json!({"type": "array", "maxItems": 2}),
            json!([1, 2, 3]),
            "expected at most 2 elements, got a list",
        ),
        (
            json!({"type": "array", "uniqueItems": true}),
            json!([1, 1]),
            "an element is listed twice",
        ),
        (
            json!({"type": "object", "format": "labeled-url"}),
            json!({}),
            "missing `url`",
        ),
        (
            json!({"type": "object", "properties": {"b": true}, "additionalProperties": false}),
            json!({"a": 1}),
            "unknown key `a`",
        ),
        (
            json!({"type": "object", "properties": {"a": false}}),
            json!({"a": 1}),
            "`/properties/x/a`: `1` is not allowed here",
        ),
        (
            json!({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            json!({}),
            "an object fits none of the alternatives",
        ),
    ]);
}

fn service() -> EntitySchema {
    schema(&json!({
        "identifier": "service",
        "schema": {
            "properties": {"tier": {"type": "number"}, "owner": {"type": "string"}, "tags": {
                "type": "array", "items": {"type": "string"},
            }},
            "required": ["tier"],
        },
        "relations": {"team": {"target": "service"}, "owner": {"target": "service"}},
        "mirrorProperties": {"lead": {"path": "team.tier"}},
        "calculationProperties": {"slug": {"calculation": ".", "type": "string"}},
        "aggregationProperties": {"n": {"target": "service", "calculationSpec": {
            "calculationBy": "entities", "func": "count",
        }}},
    }))
}

#[test]
fn names_that_are_not_written_are_explained() {
    let wrong = |name: &str| text(validate(&service(), &json!({"tier": 1, name: "x"})));
    assert_texts(&[
        (
            wrong("teir"),
            "`/properties/teir`: unknown property `teir`\nhelp: did you mean `tier`?",
        ),
        (
            wrong("colour"),
            "`/properties/colour`: unknown property `colour`",
        ),
        (
            wrong("team"),
            "`/properties/team`: `team` is a relation: write it under `relations`",
        ),
        (
            wrong("lead"),
            "`/properties/lead`: `lead` is a mirror property: it is derived, not written",
        ),
        (
            wrong("slug"),
            "`/properties/slug`: `slug` is a calculation property: it is derived, not written",
        ),
        (
            wrong("n"),
            "`/properties/n`: `n` is an aggregation property: it is derived, not written",
        ),
        (
            wrong("a/b~c"),
            "`/properties/a~1b~0c`: unknown property `a/b~c`",
        ),
    ]);
    // A property comes before a relation of the same name.
    assert!(validate(&service(), &json!({"tier": 1, "owner": "x"})).is_ok());
}

#[test]
fn null_counts_as_missing() {
    assert!(
        validate(
            &service(),
            &json!({"tier": 1, "owner": null, "nothing": null})
        )
        .is_ok()
    );
    let required = "`/properties/tier`: required, but missing";
    assert_texts(&[
        (text(validate(&service(), &json!({}))), required),
        (text(validate(&service(), &json!({"tier": null}))), required),
    ]);
}

#[test]
fn every_problem_is_listed_up_to_a_limit() {
    let error = validate(&service(), &json!({"owner": 1, "tags": ["a", 2]})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.path(), Some("/properties/owner"));
    assert_eq!(
        error.message(),
        "expected a string, got `1`; `/properties/tags/1`: expected a string, got `2`; \
         `/properties/tier`: required, but missing"
    );
    let many: Vec<u32> = (0..13).collect();
    let error = validate(&service(), &json!({"tier": 1, "tags": many})).unwrap_err();
    let mut wanted = "expected a string, got `0`".to_owned();
    for at in 1..10 {
        write!(
            wanted,
            "; `/properties/tags/{at}`: expected a string, got `{at}`"
        )
        .unwrap();
    }
    assert_eq!(error.message(), format!("{wanted}; and 3 more"));
}

#[test]
fn a_value_nested_too_deep_is_refused() {
    let mut deep = json!(1);
    for _ in 0..101 {
        deep = json!([deep]);
    }
    let schema = schema(&with_properties(&json!({"x": {"type": "array"}})));
    assert!(validate(&schema, &json!({"x": [[1]]})).is_ok());
    let error = text(validate(&schema, &json!({"x": deep})));
    assert_eq!(error, "`/properties/x`: nested deeper than 100 levels");
}

#[test]
fn definitions_that_are_no_schema_are_refused() {
    let wrong = |definition: &Json| {
        let blueprint = blueprint(&with_properties(&json!({"x": definition})));
        text(EntitySchema::compile(&blueprint))
    };
    let nothing_fetched = "write the definition out in place: nothing is fetched or looked up";
    let at_x = |path: &str, rest: &str| format!("`/schema/properties/x{path}`: {rest}");
    let refused = |path: &str| {
        at_x(
            path,
            &format!("`$ref` is not supported\nhelp: {nothing_fetched}"),
        )
    };
    let http = "http://127.0.0.1:9/schema.json";
    let default = |value: &str| {
        let expected = at_x("/default", &format!("expected {value}"));
        format!("the default does not fit the definition: {expected}")
    };
    for (definition, wanted) in [
        (json!({"type": "string", "$ref": http}), refused("/$ref")),
        (
            json!({"type": "object", "$ref": "file:///etc/passwd"}),
            refused("/$ref"),
        ),
        (
            json!({"type": "array", "items": {"$ref": http}}),
            refused("/items/$ref"),
        ),
        (
            json!({"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#"}]}}}),
            refused("/properties/a/anyOf/0/$ref"),
        ),
        (
            json!({"type": "object", "dependencies": {}}),
            at_x(
                "/dependencies",
                "`dependencies` is not supported\nhelp: use `dependentRequired`",
            ),
        ),
        (
            json!({"type": "object", "properties": {"a": {"format": "dtae"}}}),
            at_x("/properties/a/format", "unknown format `dtae`"),
        ),
        (
            json!({"type": "string", "format": "url", "default": "x"}),
            default("a url such as `https://example.com/`, got the string `x`"),
        ),
        (
            json!({"type": "number", "enum": [1, 2], "default": 3}),
            default("one of `1`, `2`, got `3`"),
        ),
    ] {
        assert_eq!(wrong(&definition), wanted);
    }
    for (definition, path) in [
        (json!({"type": "string", "minLength": "1"}), "/minLength"),
        (json!({"type": "string", "pattern": "("}), "/pattern"),
        (json!({"type": "string", "pattern": "a(?=b)"}), "/pattern"),
        (
            json!({"type": "string", "pattern": "(?:a{1000}){1000}"}),
            "/pattern",
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "strin"}}}),
            "/properties/a/type",
        ),
    ] {
        let got = wrong(&definition);
        let wanted = at_x(path, "not a good definition: ");
        assert!(
            got.starts_with(&wanted),
            "{got} does not begin with {wanted}"
        );
    }
    // Data that looks like a reference is data.
    let data = json!({"type": "object", "enum": [{"$ref": http}], "default": {"$ref": http}});
    assert!(takes(&data, &json!({"$ref": http})));
}
