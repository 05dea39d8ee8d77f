//! Port's conditions: the text and the typed form of each, groups, and their errors.

use serde_json::{Value as Json, json};

use super::{expect_all, fixture, read, rule, shown};
use crate::error::{ErrorKind, Result};
use crate::model::{Combinator, Condition, Conditions, Model, RuleTest};
use crate::query::check;

/// `property operator value`; a relation has a `>` in front.
fn condition(text: &str) -> Condition {
    let mut parts = text.splitn(3, ' ');
    let mut next = || parts.next().unwrap_or("null");
    let (property, operator, value) = (next(), next(), next());
    let value: Json = serde_json::from_str(value).unwrap();
    let (relation, property) = match property.strip_prefix('>') {
        Some(relation) => (true, relation),
        None => (false, property),
    };
    let definition = [("not".to_owned(), value["not"].clone())]
        .into_iter()
        .collect();
    let (property, operator) = (property.into(), operator.to_owned());
    Condition::Test {
        property,
        relation,
        operator,
        value,
        definition,
    }
}

fn group(combinator: Combinator, conditions: Vec<Condition>) -> Conditions {
    Conditions {
        combinator,
        conditions,
    }
}

/// The text of a rule of services.
fn text(model: &Model, test: &RuleTest) -> Result<String> {
    check::rule_text(model, model.blueprint_id("service").unwrap(), test)
}

fn one(text: &str) -> RuleTest {
    RuleTest::Conditions(group(Combinator::And, vec![condition(text)]))
}

#[test]
fn conditions_have_this_text_and_typed_form() {
    let model = fixture::model();
    let cases = read(include_str!("cases/port.txt"));
    assert!(cases.len() > 60);
    expect_all(&cases, |condition| {
        let test = one(condition);
        let rendered = text(&model, &test).unwrap_or_else(|error| shown(&error));
        vec![rendered, rule(&model, &test)]
    });
}

#[test]
fn the_text_of_conditions_means_what_they_mean() {
    let model = fixture::model();
    let mut accepted = 0;
    for (condition, _) in read(include_str!("cases/port.txt")) {
        let test = one(condition);
        let service = model.blueprint_id("service").unwrap();
        if check::rule(&model, service, &test).is_ok() {
            let rendered = text(&model, &test).unwrap();
            let again = RuleTest::Expression(rendered.into());
            assert_eq!(rule(&model, &again), rule(&model, &test), "{condition}");
            accepted += 1;
        }
    }
    assert!(accepted > 35);
}

#[test]
fn groups_nest_and_errors_name_their_path() {
    let model = fixture::model();
    let inner = group(
        Combinator::Or,
        vec![condition("tier > 1"), condition("active = true")],
    );
    let outer = vec![condition("language = \"go\""), Condition::Group(inner)];
    let nested = RuleTest::Conditions(group(Combinator::And, outer));
    let rendered = text(&model, &nested).unwrap();
    assert_eq!(
        rendered,
        "this.language = 'go' AND (this.tier > 1 OR this.active = true)"
    );
    let typed = "(Equal(#0.language, 'go') and (Greater(#0.tier, 1) or Equal(#0.active, true)))";
    assert_eq!(rule(&model, &nested), typed);

    let inner = group(
        Combinator::Or,
        vec![condition("tier > 1"), condition("nope = 1")],
    );
    let outer = vec![condition("tier > 1"), Condition::Group(inner)];
    let service = model.blueprint_id("service").unwrap();
    let test = RuleTest::Conditions(group(Combinator::And, outer));
    let error = check::rule(&model, service, &test).unwrap_err();
    assert_eq!(error.path(), Some("/conditions/1/conditions/1"));
}

#[test]
fn no_conditions_always_hold() {
    let model = fixture::model();
    let none = RuleTest::Conditions(group(Combinator::Or, Vec::new()));
    assert_eq!(text(&model, &none).unwrap(), "true");
    assert_eq!(rule(&model, &none), "true");
}

#[test]
fn a_relation_may_be_compared_by_title() {
    let Condition::Test {
        property,
        operator,
        value,
        ..
    } = condition("owner = \"Payments\"")
    else {
        return;
    };
    let definition = json!({"targetProperty": "$title"})
        .as_object()
        .unwrap()
        .clone();
    let test = Condition::Test {
        property,
        relation: true,
        operator,
        value,
        definition,
    };
    let model = fixture::model();
    let test = RuleTest::Conditions(group(Combinator::And, vec![test]));
    assert_eq!(
        text(&model, &test).unwrap(),
        "this.$relations.owner.$title = 'Payments'"
    );
}

#[test]
fn deep_groups_are_refused() {
    let model = fixture::model();
    let mut conditions = group(Combinator::And, vec![condition("tier = 1")]);
    for _ in 0..40 {
        conditions = group(Combinator::And, vec![Condition::Group(conditions)]);
    }
    let error = text(&model, &RuleTest::Conditions(conditions)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}
