//! Numbers, strings, durations and instants.

use super::{check, expr};

#[test]
fn literals_have_their_values() {
    let table = [
        ("null", "null"),
        ("TRUE", "true"),
        ("false", "false"),
        ("0", "0"),
        ("1_000_000", "1000000"),
        ("0xFF", "255"),
        ("0Xff", "255"),
        ("-0x10", "-16"),
        ("0o17", "15"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-0x8000000000000000", "-9223372036854775808"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("1e3", "1000.0"),
        ("1.5E-3", "0.0015"),
        ("-1.5", "(neg 1.5)"),
        ("30d", "D'P30D'"),
        ("1h30m", "D'PT1H30M'"),
        ("500ms", "D'PT0.5S'"),
        ("2mo", "D'P2M'"),
        ("1y", "D'P1Y'"),
        ("DURATION 'P1Y2M'", "D'P1Y2M'"),
        ("duration '90d'", "D'P90D'"),
        ("DATE '2026-11-23'", "d'2026-11-23'"),
        (
            "DATETIME '2026-01-01T00:00:00+02:00'",
            "I'2026-01-01T00:00:00+02:00'",
        ),
        (
            "TIMESTAMP '2026-01-01T00:00:00Z'",
            "I'2026-01-01T00:00:00Z'",
        ),
        ("'a'", "\"a\""),
        ("\"a\"", "\"a\""),
        ("''", "\"\""),
        ("'it''s'", "\"it's\""),
        ("\"say \"\"x\"\"\"", "\"say \\\"x\\\"\""),
        (r"'\\ \' \/ \` \t \n'", r#""\\ ' / ` \t \n""#),
        (r"'caf\u00E9'", "\"café\""),
        (r"'\U0001F680 \U01F680'", "\"🚀 🚀\""),
        (r"'\uD83D\uDE80'", "\"🚀\""),
        ("$p", "$p"),
        ("$1", "$1"),
        ("$`a b`", "$a b"),
        ("naïve", "naïve"),
        ("`a``b`", "a`b"),
    ];
    check(&table, expr);
}

#[test]
fn literals_out_of_range_or_form_are_refused_at_their_place() {
    let table = [
        (
            "9223372036854775808",
            "whole number `9223372036854775808` is out of range",
        ),
        (
            "-9223372036854775809",
            "whole number `-9223372036854775809` is out of range",
        ),
        ("0x1_0000_0000_0000_0000", "is out of range"),
        ("1e400", "number `1e400` is out of range"),
        (
            "99999999999999999999d",
            "duration `99999999999999999999d` is out of range",
        ),
        ("12abc", "`12abc` is not a number"),
        ("0b101", "`0b101` is not a number"),
        ("1__0", "`1__0` is not a number"),
        ("5.5d", "`5.5d` is not a number"),
        (r"'\x'", r"unknown escape `\x`"),
        (r"'\u12'", "needs 4 hexadecimal digits"),
        (r"'\U123'", "needs 6 to 8 hexadecimal digits"),
        (r"'\uD83D'", "not a character"),
        (r"'\uDE80'", "not a character"),
        (r"'\uD83Dx'", "not a character"),
        (r"'\uD83D\u0041'", "not a character"),
        (r"'\U00110000'", "not a character"),
        ("DATE '2026-13-01'", "`2026-13-01` is not a date"),
        ("DATE '2026-01-01T00:00:00Z'", "is not a date"),
        ("DATETIME '2026-01-01T00:00:00'", "is not a datetime"),
        ("TIMESTAMP 'x'", "`x` is not a datetime"),
        ("DURATION 'soon'", "`soon` is not a duration"),
    ];
    for (text, message) in table {
        let error = crate::query::syntax::parse_expression(text).unwrap_err();
        assert!(error.message().contains(message), "{text}: {error}");
        let span = error.span().unwrap();
        assert!(
            span.start < span.end && span.end <= text.len(),
            "{text}: {span:?}"
        );
    }
}
