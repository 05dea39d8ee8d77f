//! Errors at run time: limits, cancellation, parameters, values out of range.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ask, fixture, now, text};
use crate::error::ErrorKind;
use crate::query::check::statement;
use crate::query::exec::{Cancel, Limits, bind, each, run};
use crate::value::Value;

#[test]
fn limits_name_themselves() {
    let state = fixture::catalog();
    let table = [
        (
            "MATCH (s:service) RETURN s.tier",
            Limits {
                rows: 8,
                ..Limits::default()
            },
            "rows",
        ),
        (
            "MATCH (a), (b), (c), (d) RETURN count(DISTINCT a.$identifier)",
            Limits {
                intermediate_rows: 5_000,
                ..Limits::default()
            },
            "intermediate_rows",
        ),
        (
            "RETURN [x IN range(1, 100000) | x] AS l",
            Limits {
                intermediate_rows: 5_000,
                ..Limits::default()
            },
            "intermediate_rows",
        ),
        (
            "MATCH (s:service)-[:depends_on]->{70,80}(d) RETURN d.tier",
            Limits::default(),
            "hops",
        ),
    ];
    for (query, limits, name) in table {
        let checked = statement(state.model(), query).unwrap();
        let error = run(&state, &checked, &[], now(), &limits, &Cancel::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{query}: {error}");
        assert!(error.message().contains(&format!("`{name}`")), "{error}");
        assert!(error.help().unwrap().contains(name), "{error:#}");
    }
    // A limit of rows does not count those that `LIMIT` drops.
    let checked = statement(state.model(), "MATCH (s:service) RETURN s.tier LIMIT 8").unwrap();
    let limits = Limits {
        rows: 8,
        ..Limits::default()
    };
    assert_eq!(
        run(&state, &checked, &[], now(), &limits, &Cancel::new())
            .unwrap()
            .rows
            .len(),
        8
    );
}

#[test]
fn what_is_kept_is_limited_and_what_is_given_away_is_not() {
    let state = fixture::catalog();
    let limits = Limits {
        memory: 20_000,
        ..Limits::default()
    };
    let kept = [
        "UNWIND range(1, 1000) AS x RETURN x ORDER BY x DESC",
        "UNWIND range(1, 1000) AS x RETURN DISTINCT x",
        "UNWIND range(1, 1000) AS x RETURN x % 500 AS k, count(*)",
        "UNWIND range(1, 1000) AS x RETURN size(collect(x))",
        "UNWIND range(1, 1000) AS x RETURN x",
    ];
    for query in kept {
        let checked = statement(state.model(), query).unwrap();
        let error = run(&state, &checked, &[], now(), &limits, &Cancel::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{query}: {error}");
        assert!(error.message().contains("`memory` of 19.5 KiB"), "{error}");
        assert!(error.help().unwrap().contains("memory"), "{error:#}");
    }
    let checked = statement(state.model(), kept[4]).unwrap();
    let (cancel, mut seen) = (Cancel::new(), 0);
    let visit = &mut |_: Vec<Value>| {
        seen += 1;
        Ok(true)
    };
    each(&state, &checked, &[], now(), (&limits, &cancel), visit).unwrap();
    assert_eq!(seen, 1_000);
}

#[test]
fn queries_stop_when_cancelled_or_out_of_time() {
    let state = fixture::catalog();
    let long =
        "MATCH (a), (b), (c), (d) WHERE a.$title = b.$title + c.$title + d.$title RETURN count(*)";
    let checked = statement(state.model(), long).unwrap();
    let cancel = Cancel::new();
    cancel.clone().cancel();
    let error = run(&state, &checked, &[], now(), &Limits::default(), &cancel).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    let expired = Cancel::new().until(|| true);
    let error = run(&state, &checked, &[], now(), &Limits::default(), &expired).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.message().contains("`time` of 5s"), "{error}");
}

#[test]
fn parameters_are_bound_by_name() {
    let state = fixture::catalog();
    let query = "MATCH (s:service) WHERE s.tier = $tier AND s.lang = $lang RETURN s.$identifier";
    let answer = ask(&state, query, &[("tier", 1.into()), ("lang", "go".into())]).unwrap();
    assert_eq!(text(&answer), "auth");
    let missing = ask(&state, query, &[("tier", 1.into())]).unwrap_err();
    assert!(missing.message().contains("`$lang`"), "{missing}");
    let unused = [
        ("tier", 1.into()),
        ("lang", "go".into()),
        ("tiers", 1.into()),
    ];
    let unused = ask(&state, query, &unused).unwrap_err();
    assert!(unused.message().contains("`$tiers`"), "{unused}");
    assert_eq!(unused.help(), Some("did you mean `tier`?"));
    let checked = statement(state.model(), query).unwrap();
    let unbound = run(
        &state,
        &checked,
        &[],
        now(),
        &Limits::default(),
        &Cancel::new(),
    );
    assert!(unbound.unwrap_err().message().contains("`$tier`"));
    let values: BTreeMap<Arc<str>, Value> =
        [("lang".into(), Value::Null), ("tier".into(), 1.into())].into();
    assert_eq!(
        bind(&checked, values).unwrap(),
        vec![Value::Int(1), Value::Null]
    );
}

#[test]
fn values_out_of_range_are_errors_with_a_place() {
    let state = fixture::catalog();
    let table = [
        ("RETURN 1 / 0 AS x", "1 / 0"),
        (
            "RETURN 9223372036854775807 + 1 AS x",
            "9223372036854775807 + 1",
        ),
        ("MATCH (s:service) RETURN s.tier / 0 AS x", "s.tier / 0"),
        (
            "MATCH (s:service) RETURN left(s.lang, -1) AS x",
            "left(s.lang, -1)",
        ),
        (
            "MATCH (s:service) RETURN s.lang =~ '(' + s.lang AS x",
            "s.lang =~ '(' + s.lang",
        ),
        (
            "MATCH (s:service) RETURN s.lang =~ s.lang + '{999}{999}{999}' AS x",
            "s.lang =~ s.lang + '{999}{999}{999}'",
        ),
        ("MATCH (s:service) RETURN s.tier LIMIT -1", "-1"),
    ];
    for (query, place) in table {
        let error = ask(&state, query, &[]).unwrap_err();
        let span = error
            .span()
            .unwrap_or_else(|| unreachable!("{query}: {error}"));
        assert_eq!(&query[span.start..span.end], place, "{query}: {error}");
    }
}
