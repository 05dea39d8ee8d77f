//! Functions of time; the clock is the statement's, which never moves while it runs.

use super::argument::{any, or_null, text, wrong};
use super::{Context, Function, function};
use crate::error::{Error, Result};
use crate::value::{Duration, Instant, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        reads_clock: true,
        ..function(
            "now",
            (0, 0),
            "now() -> instant",
            "When the statement began.",
            now,
        )
    },
    Function {
        reads_clock: true,
        ..function(
            "today",
            (0, 0),
            "today() -> instant",
            "Midnight UTC before now().",
            today,
        )
    },
    function(
        "datetime",
        (1, 1),
        "datetime(text) -> instant",
        "The point in time of an RFC 3339 text.",
        datetime,
    ),
    function(
        "date",
        (1, 1),
        "date(text) -> instant",
        "Midnight UTC at or before the point in time of a text or instant.",
        date,
    ),
    function(
        "duration",
        (1, 1),
        "duration(text) -> duration",
        "The span of time of a text such as `90d`, `1h30m` or `P1Y2M`.",
        duration,
    ),
];

fn now(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Instant(context.now))
}

fn today(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Instant(context.now.start_of_day()))
}

fn instant(arguments: &[Value]) -> Result<Option<Instant>> {
    match any(arguments, 0) {
        Value::Null => Ok(None),
        Value::Instant(instant) => Ok(Some(*instant)),
        Value::String(text) => Instant::parse(text).map(Some).ok_or_else(|| {
            Error::invalid(format!("`{text}` is not a date or date-time"))
                .with_help("write it as `2024-05-31` or `2024-05-31T12:00:00Z`")
        }),
        other => Err(wrong(0, "a string or instant", other)),
    }
}

fn datetime(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(instant(arguments)?.into())
}

fn date(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(instant(arguments)?.map(Instant::start_of_day).into())
}

fn duration(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    if let same @ Value::Duration(_) = any(arguments, 0) {
        return Ok(same.clone());
    }
    let text = or_null!(text(arguments, 0));
    let parsed = Duration::parse(text).or_else(|| Duration::parse_iso(text));
    parsed.map(Value::Duration).ok_or_else(|| {
        Error::invalid(format!("`{text}` is not a duration"))
            .with_help("write it as `90d`, `1h30m`, `2mo` or `P1Y2M`")
    })
}
