//! Statements: the typed form of each that is accepted, the error of each that is refused.

use proptest::prelude::*;

use super::{expect_all, fixture, read, statement};
use crate::error::ErrorKind;
use crate::query::check;

#[test]
fn accepted_statements_have_this_typed_form() {
    let model = fixture::model();
    let cases = read(include_str!("cases/accepted.txt"));
    assert!(cases.len() > 105);
    expect_all(&cases, |text| vec![statement(&model, text)]);
    let refused = |text: &&str| check::statement(&model, text).is_err();
    assert_eq!(cases.iter().map(|(text, _)| *text).find(refused), None);
}

#[test]
fn refused_statements_have_this_error() {
    let model = fixture::model();
    let cases = read(include_str!("cases/refused.txt"));
    assert!(cases.len() > 95);
    expect_all(&cases, |text| vec![statement(&model, text)]);
}

#[test]
fn errors_carry_the_text_and_the_right_kind() {
    let model = fixture::model();
    let cases = [
        ("MATCH (s:service) RETURN s.teir", ErrorKind::Syntax),
        (
            "MATCH (s:service) RETURN s.$scorecards",
            ErrorKind::Unsupported,
        ),
        ("MATCH (s:service) RETURN s AS OF 1", ErrorKind::Syntax),
        ("MATCH (s:service) RETURN s.", ErrorKind::Syntax),
    ];
    for (text, kind) in cases {
        let error = check::statement(&model, text).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(format!("{error:#}").contains('^'), "{text}");
    }
}

#[test]
fn slots_parameters_and_locals_are_counted() {
    let model = fixture::model();
    let text = "MATCH (s:service {tier: $tier})-[:owner]->() \
                WHERE EXISTS { (s)<-[:services]-(i) WHERE i.status = $status } \
                AND all(t IN s.tags WHERE any(u IN s.tags WHERE t = u)) \
                MATCH (s)-[:on_call]->(u) WHERE u.role = $tier RETURN u";
    let query = check::statement(&model, text).unwrap();
    let names: Vec<&str> = query.slot_names.iter().map(|name| &**name).collect();
    assert_eq!(
        names,
        ["s", "", "u", "i"],
        "places of a query come before those of subqueries"
    );
    assert_eq!((query.slots, query.locals), (4, 2));
    let parameters: Vec<&str> = query.parameters.iter().map(|name| &**name).collect();
    assert_eq!(parameters, ["tier", "status"]);
}

#[test]
fn what_is_known_in_a_later_clause_or_subquery_does_not_leak_out() {
    let model = fixture::model();
    let ok = |text| check::statement(&model, text).is_ok();
    assert!(ok("MATCH (n) MATCH (n:service) RETURN n.config"));
    assert!(ok(
        "MATCH (n) WHERE EXISTS { (n:team) WHERE n.slack = 'x' } RETURN n.config"
    ));
    let error = statement(
        &model,
        "MATCH (n:service|team) WHERE EXISTS { (n:team) WHERE n.tier = 1 } RETURN n",
    );
    assert!(
        error.contains("`team` has no property or relation `tier`"),
        "{error}"
    );
    let error = statement(
        &model,
        "MATCH (n:service|team) WHERE EXISTS { (n)-[:owner]->(t) } RETURN t",
    );
    assert!(error.contains("`t` is not defined"), "{error}");
}

#[test]
fn deep_expressions_are_refused_before_anything_recurses_on_them() {
    let model = fixture::model();
    let sum = format!("RETURN 1{}", " + 1".repeat(10_000));
    let dots = format!("MATCH (t:team) RETURN t{}", ".parent".repeat(5_000));
    let nested = format!("RETURN {}1{}", "[".repeat(60), "]".repeat(60));
    for text in [&sum, &dots] {
        let error = check::statement(&model, text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    }
    assert!(check::statement(&model, &nested).is_ok());
    let within = format!("MATCH (t:team) RETURN t{}", ".parent".repeat(100));
    assert!(check::statement(&model, &within).is_ok());
}

proptest! {
    /// Words of one statement put into another: whatever comes of it, nothing panics, and an
    /// error points into the text.
    #[test]
    fn mangled_statements_are_accepted_or_refused(
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
        first in any::<prop::sample::Index>(),
    ) {
        let model = fixture::model();
        let mut texts: Vec<&str> = Vec::new();
        texts.extend(read(include_str!("cases/accepted.txt")).iter().map(|(text, _)| *text));
        texts.extend(read(include_str!("cases/refused.txt")).iter().map(|(text, _)| *text));
        let mut words: Vec<&str> = first.get(&texts).split(' ').collect();
        for (place, other) in picks {
            let other: Vec<&str> = other.get(&texts).split(' ').collect();
            let at = place.index(words.len());
            let until = (at + 2).min(words.len());
            words.splice(at..until, other.get(at..(at + 3).min(other.len())).unwrap_or(&other).iter().copied());
        }
        let text = words.join(" ");
        if let Err(error) = check::statement(&model, &text) {
            let span = error.span().unwrap_or_default();
            prop_assert!(text.get(span.start..span.end).is_some(), "{text}: {error:?}");
            prop_assert_ne!(error.kind(), ErrorKind::Internal, "{}", text);
        }
    }
}
