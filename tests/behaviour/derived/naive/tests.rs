//! The oracle itself, against values worked out by hand.

use super::aggregation::periods;
use super::number::sum;
use super::time::{START, format, parse};
use serde_json::json;

#[test]
fn naive_times_are_read_and_written() {
    assert_eq!(format(START), "2026-11-01T12:00:00Z");
    for text in [
        "1970-01-01T00:00:00Z",
        "2024-02-29T23:59:59Z",
        "2026-12-31T01:02:03Z",
    ] {
        assert_eq!(format(parse(&json!(text)).unwrap()), text);
    }
    assert_eq!(parse(&json!("2000-03-01T00:00:00Z")), Some(951_868_800));
    assert_eq!(parse(&json!("soon")), None);
}

#[test]
fn naive_sums_are_exact() {
    assert_eq!(sum(&[]), 0.0);
    assert_eq!(sum(&[0.1; 10]), 1.0);
    assert_eq!(sum(&[1e16, 1.0, -1e16]), 1.0);
    assert_eq!(sum(&[1.0, 1e-16, 1e-16]), 1.000_000_000_000_000_2);
}

#[test]
fn naive_periods_that_have_begun_count_whole() {
    let at = |text: &str| parse(&json!(text)).unwrap();
    let from = at("2026-01-31T10:00:00Z");
    for (to, period, expected) in [
        ("2026-01-31T10:00:00Z", "hour", 1),
        ("2026-01-31T11:00:00Z", "hour", 1),
        ("2026-01-31T12:20:00Z", "hour", 3),
        ("2026-02-02T09:59:59Z", "day", 2),
        ("2026-02-14T10:00:01Z", "week", 3),
        ("2026-02-28T10:00:00Z", "month", 1),
        ("2026-03-31T10:00:00Z", "month", 2),
        ("2026-03-31T10:00:01Z", "month", 3),
    ] {
        assert_eq!(periods(from, at(to), period), expected, "{to} {period}");
    }
}
