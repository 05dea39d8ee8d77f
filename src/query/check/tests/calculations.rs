//! Calculations and groups, as the derivation engine gets them.

use serde_json::{Map, json};

use super::{expect_all, fixture, read, typed};
use crate::model::{Calculation, Format, Formula, PropertyType};
use crate::query::check;
use crate::query::ir::Type;

/// A calculation of a type, or of the format `date-time`.
fn calculation(kind: &str, text: &str) -> Calculation {
    let known = PropertyType::ALL.iter().find(|(name, _)| *name == kind);
    Calculation {
        name: "x".into(),
        formula: Formula::Expression(text.into()),
        kind: known.map_or(PropertyType::String, |(_, kind)| *kind),
        format: (kind == "date-time").then_some(Format::DateTime),
        index: None,
        other: Map::new(),
    }
}

#[test]
fn a_calculation_is_coerced_to_its_declared_type() {
    let model = fixture::model();
    let service = model.blueprint_id("service").unwrap();
    let cases = read(include_str!("cases/calculations.txt"));
    assert!(cases.len() > 12);
    expect_all(&cases, |text| {
        let (kind, text) = text.split_once(": ").unwrap();
        let checked = check::calculation(&model, service, &calculation(kind, text));
        vec![typed(&model, checked)]
    });
}

#[test]
fn the_elements_of_a_calculated_list_are_coerced_too() {
    let model = fixture::model();
    let service = model.blueprint_id("service").unwrap();
    let mut list = calculation("array", "[deployed_at]");
    list.other.insert(
        "items".into(),
        json!({"type": "string", "format": "date-time"}),
    );
    let checked = check::calculation(&model, service, &list).unwrap();
    assert_eq!(
        checked.expr.ty,
        Type::List(Box::new(Type::Instant)),
        "the type that queries see"
    );
    let found = typed(&model, Ok(checked));
    assert_eq!(found, "as_type([#0.deployed_at], 'array', 'date-time')");
}

#[test]
fn the_text_of_a_calculation_goes_with_its_error() {
    let model = fixture::model();
    let service = model.blueprint_id("service").unwrap();
    let wrong = calculation("number", "tier + nope");
    let error = check::calculation(&model, service, &wrong).unwrap_err();
    assert!(format!("{error:#}").contains("1 | tier + nope"));
}

#[test]
fn a_group_is_the_end_of_a_path() {
    let model = fixture::model();
    let cases = read(include_str!("cases/groups.txt"));
    assert!(cases.len() > 10);
    expect_all(&cases, |text| {
        let (of, path) = text.split_once(": ").unwrap();
        let blueprint = model.blueprint_id(of).unwrap();
        vec![typed(&model, check::group(&model, blueprint, path))]
    });
}
