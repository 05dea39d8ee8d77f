//! Rules over one entity: implicit names, and what a rule may not hold.

use super::{expect_all, fixture, read, rule};
use crate::error::ErrorKind;
use crate::model::RuleTest;
use crate::query::check;

#[test]
fn rules_have_this_typed_form_or_error() {
    let model = fixture::model();
    let cases = read(include_str!("cases/rules.txt"));
    assert!(cases.len() > 30);
    expect_all(&cases, |text| {
        vec![rule(&model, &RuleTest::Expression(text.into()))]
    });
}

#[test]
fn rules_count_their_places_and_carry_their_text() {
    let model = fixture::model();
    let service = model.blueprint_id("service").unwrap();
    let check = |text: &str| check::rule(&model, service, &RuleTest::Expression(text.into()));
    let counted =
        check("EXISTS { (this)-[:owner]->(t) WHERE any(m IN t.members WHERE m.role = 'x') }");
    let counted = counted.unwrap();
    assert_eq!((counted.slots, counted.locals), (2, 1));
    let error = check("toString(now()) = 'x'").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(format!("{error:#}").contains("1 | toString(now()) = 'x'"));
}
