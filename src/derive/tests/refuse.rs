//! What cannot be kept true yet is refused by name when the plan is compiled.

use std::sync::Arc;

use super::world::{model, scorecard};
use crate::derive::Plan;
use crate::error::{Error, ErrorKind};

fn refusal(rule: &str) -> Error {
    let card = scorecard("card", "service", None, &[("rule", rule, "Good")]);
    let model = model().with(vec![], vec![card]).unwrap();
    Plan::compile(&Arc::new(model)).unwrap_err()
}

#[test]
fn errors_name_the_rule_and_its_scorecard() {
    let error = refusal("teir = 1");
    assert!(
        error.message().contains("rule `rule` of scorecard `card`"),
        "{error}"
    );
    assert!(error.span().is_some(), "{error:#}");
}

#[test]
fn what_is_not_maintained_is_unsupported() {
    for rule in [
        "toString(now()) = 'x'",
        "EXISTS { (t:team) WHERE t.size > 1 }",
        "EXISTS { (this)-[:depends_on]->+(d:service) WHERE d.tier = 1 }",
    ] {
        let error = refusal(rule);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{rule}: {error}");
        assert!(
            error.message().contains("rule `rule` of scorecard `card`"),
            "{error}"
        );
    }
}

#[test]
fn what_reads_itself_is_refused_with_its_circle() {
    let error =
        refusal("$scorecards.card.level = 'Good' OR depends_on[0].$scorecards.card.score > 1");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let circle = "read each other in a circle: scorecard `card` -> scorecard `card`";
    assert!(error.message().contains(circle), "{error}");
}
