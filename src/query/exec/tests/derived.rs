//! Derived properties in queries: read and tested where no index knows them, beside stored ones.

use std::sync::Arc;

use serde_json::json;

use super::{ask, fixture, text};
use crate::query::check::property_type;
use crate::query::ir::Type;
use crate::state::{Derived, Layout, Part, State};
use crate::value::{BlueprintId, EntityId, Instant, NameId, Value};

/// Services with a calculation, a list of calculated values and inherited teams, beside libraries
/// that store properties of the same names. The derived values are put in as the engine would.
fn catalog() -> State {
    let blueprints = [
        json!({"identifier": "team", "schema": {"properties": {}}, "ownership": {"type": "Direct"}}),
        json!({
            "identifier": "service",
            "schema": {"properties": {"n": {"type": "number"}}},
            "relations": {"owner": {"target": "team"}},
            "calculationProperties": {
                "size": {"expression": "n", "type": "number"},
                "due": {"expression": "$createdAt", "type": "string", "format": "date-time"},
                "marks": {"expression": "[]", "type": "array", "items": {"type": "string"}},
                "big": {"expression": "n > 1", "type": "boolean"},
            },
            "ownership": {"type": "Inherited", "path": "owner"},
        }),
        json!({
            "identifier": "library",
            "schema": {"properties": {
                "size": {"type": "number"},
                "due": {"type": "string", "format": "date-time"},
                "marks": {"type": "array", "items": {"type": "string"}},
                "big": {"type": "boolean"},
            }},
            "ownership": {"type": "Direct"},
        }),
    ];
    let service = |name: &str| json!({"blueprint": "service", "identifier": name});
    let entities = [
        service("s0"),
        service("s1"),
        service("s2"),
        json!({
            "blueprint": "library", "identifier": "l0", "team": ["red"],
            "properties": {"size": 2, "due": "2024-01-02", "marks": ["x"], "big": true},
        }),
    ];
    let mut state = fixture::state(&blueprints, &[], &entities);
    derive(&mut state);
    state
}

fn derive(state: &mut State) {
    let model = Arc::clone(state.model());
    let service = model.blueprint_id("service").unwrap();
    let mut columns: Vec<(NameId, usize)> = ["size", "due", "marks", "big"]
        .iter()
        .zip(0..)
        .map(|(name, column)| (model.names().id(name).unwrap(), column))
        .collect();
    columns.sort_unstable();
    let mut layout = Layout {
        columns: vec![false; 5],
        ..Layout::default()
    };
    layout.blueprints.resize_with(8, Part::default);
    layout.blueprints[service.index()] = Part {
        columns,
        team: Some(4),
        words: 0,
    };
    let mut derived = Derived::new(&Arc::new(layout));
    let list = |texts: &[&str]| Value::list(texts.iter().map(|text| Value::from(*text)));
    let instant = |text: &str| Value::from(Instant::parse(text).unwrap());
    let all: [(&str, [Value; 5]); 2] = [
        (
            "s0",
            [
                1.into(),
                instant("2024-01-01"),
                list(&["x", "y"]),
                false.into(),
                list(&["red"]),
            ],
        ),
        (
            "s1",
            [
                2.into(),
                instant("2024-01-02"),
                list(&["y"]),
                true.into(),
                list(&["blue", "red"]),
            ],
        ),
    ];
    let id =
        |service: BlueprintId, name: &str| -> EntityId { state.lookup(service, name).unwrap() };
    derived.admit(service, id(service, "s2")).unwrap();
    for (name, values) in all {
        derived.admit(service, id(service, name)).unwrap();
        for (column, value) in values.into_iter().enumerate() {
            derived.set_column(column, id(service, name), value);
        }
    }
    *state.derived_mut() = derived;
}

#[test]
fn derived_properties_are_read_and_tested() {
    let state = catalog();
    let table = [
        (
            "MATCH (s:service) RETURN s.size AS size ORDER BY size",
            "1 | 2 | null",
        ),
        (
            "MATCH (s:service) WHERE s.size = 2 RETURN s.$identifier",
            "s1",
        ),
        (
            "MATCH (s:service) WHERE s.size <= 2 RETURN s.$identifier",
            "s0 | s1",
        ),
        (
            "MATCH (s:service) WHERE s.size IN [2, 3] RETURN s.$identifier",
            "s1",
        ),
        ("MATCH (s:service {size: 1}) RETURN s.$identifier", "s0"),
        (
            "MATCH (s:service) WHERE s.size IS NULL RETURN s.$identifier",
            "s2",
        ),
        ("MATCH (s:service) WHERE s.big RETURN s.$identifier", "s1"),
        (
            "MATCH (s:service) WHERE s.due < '2024-01-02' RETURN s.$identifier",
            "s0",
        ),
        (
            "MATCH (s:service) WHERE s.due = '2024-01-02' RETURN s.$identifier",
            "s1",
        ),
        (
            "MATCH (s:service) WHERE 'x' IN s.marks RETURN s.$identifier",
            "s0",
        ),
        (
            "MATCH (s:service) WHERE s.marks CONTAINS ANY ['x', 'y'] RETURN count(*)",
            "2",
        ),
        ("MATCH (s:service) RETURN sum(s.size)", "3"),
        (
            "MATCH (s:service {$identifier: 's1'}) RETURN s.$team",
            r#"["blue","red"]"#,
        ),
        (
            "MATCH (s:service) WHERE s.$team CONTAINS 'blue' RETURN s.$identifier",
            "s1",
        ),
        (
            "MATCH (s:service) WHERE s.$team CONTAINS ANY ['red'] RETURN count(*)",
            "2",
        ),
        (
            "MATCH (s:service) WHERE s.$team IS NULL RETURN s.$identifier",
            "s2",
        ),
    ];
    for (query, expected) in table {
        assert_eq!(text(&ask(&state, query, &[]).unwrap()), expected, "{query}");
    }
}

/// Of blueprints together, of which one stores and indexes what the other derives.
#[test]
fn derived_and_stored_properties_of_one_name_are_found_alike() {
    let state = catalog();
    let table = [
        ("x.size = 2", "l0 | s1"),
        ("x.size > 1", "l0 | s1"),
        ("x.size < 2", "s0"),
        ("x.due >= '2024-01-02'", "l0 | s1"),
        ("'x' IN x.marks", "l0 | s0"),
        ("x.big", "l0 | s1"),
        ("NOT x.big", "s0"),
        ("x.$team CONTAINS 'red'", "l0 | s0 | s1"),
        ("x.$team CONTAINS ANY ['blue', 'green']", "s1"),
        ("x.size IS NOT NULL", "l0 | s0 | s1"),
    ];
    for (condition, expected) in table {
        let query = format!(
            "MATCH (x:service|library) WHERE {condition} RETURN x.$identifier AS id ORDER BY id"
        );
        assert_eq!(
            text(&ask(&state, &query, &[]).unwrap()),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn derived_properties_have_types() {
    let blueprints = [
        json!({
            "identifier": "service",
            "schema": {"properties": {
                "n": {"type": "number"}, "at": {"type": "string", "format": "date-time"},
            }},
            "relations": {
                "system": {"target": "system"}, "uses": {"target": "service", "many": true},
            },
            "mirrorProperties": {
                "system_oldest": {"path": "system.oldest"},
                "used_notes": {"path": "uses.notes"},
                "used_teams": {"path": "uses.$team"},
            },
            "calculationProperties": {
                "notes": {"expression": "[]", "type": "array", "items": {"type": "string"}},
                "when": {"expression": "at", "type": "string", "format": "date-time"},
            },
        }),
        json!({
            "identifier": "system",
            "schema": {"properties": {}},
            "aggregationProperties": {
                "services": {"target": "service", "calculationSpec":
                    {"calculationBy": "entities", "func": "count"}},
                "oldest": {"target": "service", "calculationSpec":
                    {"calculationBy": "property", "func": "min", "property": "when"}},
                "mean": {"target": "service", "calculationSpec": {"calculationBy": "property",
                    "func": "average", "averageOf": "total", "property": "n"}},
                "first_notes": {"target": "service", "calculationSpec":
                    {"calculationBy": "property", "func": "first", "property": "notes"}},
            },
        }),
    ];
    let state = fixture::state(&blueprints, &[], &[]);
    let model = state.model();
    let strings = || Type::List(Box::new(Type::String));
    let table = [
        ("service", "when", Type::Instant),
        ("service", "notes", strings()),
        ("service", "system_oldest", Type::Instant),
        ("service", "used_notes", strings()),
        ("service", "used_teams", strings()),
        ("system", "services", Type::Number),
        ("system", "oldest", Type::Instant),
        ("system", "mean", Type::Number),
        ("system", "first_notes", strings()),
        ("system", "n", Type::Null),
        ("service", "system", Type::Null),
    ];
    for (blueprint, name, expected) in table {
        let blueprint = model.blueprint_id(blueprint).unwrap();
        let id = model.names().id(name).unwrap();
        assert_eq!(property_type(model, blueprint, id), expected, "{name}");
    }
}
