//! Functions that yield points in time with the offset in which they are written.

use jiff::civil::{DateTime, Time};

use super::argument::{any, or_null, whole, wrong};
use super::date::base;
use super::fields::{self, Fields};
use super::{Clock, Context, Function, calendar, function, time_of_day};
use crate::error::{Error, Result};
use crate::value::{Instant, Offset, Value};

const SAME: &str = "When the statement began.";

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        clock: Clock::Steady,
        ..function(
            "datetime",
            (0, 1),
            "datetime(string or map or date or instant?) -> instant",
            "The point in time of a text, of the parts in a map or of a date; without any, now.",
            datetime,
        )
    },
    now("datetime.statement", "datetime.statement() -> instant"),
    now("datetime.transaction", "datetime.transaction() -> instant"),
    now("datetime.realtime", "datetime.realtime() -> instant"),
    function(
        "datetime.fromepoch",
        (1, 2),
        "datetime.fromEpoch(number, nanoseconds?) -> instant",
        "The point in time so many seconds and nanoseconds after 1970-01-01T00:00:00Z.",
        from_epoch,
    ),
    function(
        "datetime.fromepochmillis",
        (1, 1),
        "datetime.fromEpochMillis(number) -> instant",
        "The point in time so many milliseconds after 1970-01-01T00:00:00Z.",
        from_epoch_millis,
    ),
];

const fn now(name: &'static str, signature: &'static str) -> Function {
    Function {
        clock: Clock::Steady,
        ..function(name, (0, 1), signature, SAME, of_clock)
    }
}

/// The clock in UTC, the only zone there is; null of a null zone.
fn of_clock(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match arguments.first() {
        None => Ok(context.now.into()),
        Some(Value::Null) => Ok(Value::Null),
        Some(other) => Err(wrong(0, "left out", other)),
    }
}

fn datetime(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    if arguments.is_empty() {
        return of_clock(context, arguments);
    }
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        same @ Value::Instant(..) => Ok(same.clone()),
        Value::Date(date) => Ok(date.midnight().into()),
        Value::String(text) => of_text(text),
        Value::Map(map) => {
            let own = &["date", "time", "datetime", "timezone"];
            let epoch = &["epochSeconds", "epochMillis"];
            let fields = Fields::of(map, &[calendar::NAMES, time_of_day::NAMES, own, epoch])?;
            if fields.has_null() {
                return Ok(Value::Null);
            }
            of_fields(&fields)
        }
        other => Err(wrong(0, "a string, map, date or instant", other)),
    }
}

fn of_text(text: &str) -> Result<Value> {
    if let Some((instant, offset)) = Instant::parse_iso(text) {
        return Ok(Value::Instant(instant, offset));
    }
    // Some times at the very end of the calendar are read as its last moment.
    Instant::parse(text).map(Value::from).ok_or_else(|| {
        let message = if text.contains('[') {
            format!("named time zones such as that of `{text}` are not supported")
        } else {
            format!("`{text}` is not a date or date-time")
        };
        Error::invalid(message).with_help("write it as `2024-05-31` or `2024-05-31T12:00:00+02:00`")
    })
}

fn of_fields(fields: &Fields<'_>) -> Result<Value> {
    let timezone = time_of_day::timezone(fields)?;
    if let Some(micros) = since_epoch(fields)? {
        return at_epoch(micros, timezone.unwrap_or_default());
    }
    let whole = point(fields, "datetime")?;
    let time = point(fields, "time")?;
    let written = time.or(whole).map(|(_, offset)| offset);
    let offset = timezone.or(written).unwrap_or_default();
    let local = |point: Option<(Instant, Offset)>| point.and_then(|(at, _)| at.local(offset));
    let day = base(fields, "date")?.or(local(whole).map(DateTime::date));
    let time = local(time).or(local(whole)).map(DateTime::time);
    let day = calendar::date(fields, day)?;
    build(day.to_datetime(time_of_day::time(fields, time)?), offset)
}

/// The point in time in a field; `None` where it is left out.
fn point(fields: &Fields<'_>, name: &str) -> Result<Option<(Instant, Offset)>> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::Instant(instant, offset)) => Ok(Some((*instant, *offset))),
        Some(other) => Err(fields::wrong(name, "an instant", other)),
    }
}

/// The point in time of a calendar time in an offset.
pub(super) fn build(local: DateTime, offset: Offset) -> Result<Value> {
    let instant = Instant::at(local, offset).ok_or_else(out_of_time)?;
    Ok(Value::Instant(instant, offset))
}

fn out_of_time() -> Error {
    Error::invalid("the point in time is outside the years -9999 to 9999")
}

/// The microseconds that `epochSeconds` or `epochMillis` tell, which stand for all but an offset.
fn since_epoch(fields: &Fields<'_>) -> Result<Option<i64>> {
    let [seconds, millis] = fields.wholes(["epochSeconds", "epochMillis"])?;
    let (name, micros) = match (seconds, millis) {
        (None, None) => return Ok(None),
        (Some(seconds), _) => ("epochSeconds", seconds.checked_mul(1_000_000)),
        (None, Some(millis)) => ("epochMillis", millis.checked_mul(1_000)),
    };
    let others = [calendar::NAMES, &["hour", "minute", "second"]];
    let others = others.into_iter().flatten();
    if let Some(other) = others.copied().find(|other| fields.get(other).is_some()) {
        return Err(Error::invalid(format!(
            "`{name}` and `{other}` tell the time in different ways"
        )));
    }
    let part = time_of_day::time(fields, Some(Time::midnight()))?;
    let part = i64::from(part.subsec_nanosecond()) / 1_000;
    let micros = micros.and_then(|micros| micros.checked_add(part));
    micros.map(Some).ok_or_else(out_of_time)
}

fn at_epoch(micros: i64, offset: Offset) -> Result<Value> {
    let local = Instant(micros).local(offset).ok_or_else(out_of_time)?;
    build(local, offset)
}

fn from_epoch(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let seconds = or_null!(whole(arguments, 0));
    let nanos = match arguments.get(1) {
        None => 0,
        Some(_) => or_null!(whole(arguments, 1)),
    };
    let micros = seconds.checked_mul(1_000_000);
    let micros = micros.and_then(|micros| micros.checked_add(nanos.div_euclid(1_000)));
    at_epoch(micros.ok_or_else(out_of_time)?, Offset::UTC)
}

fn from_epoch_millis(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let millis = or_null!(whole(arguments, 0));
    let micros = millis.checked_mul(1_000).ok_or_else(out_of_time)?;
    at_epoch(micros, Offset::UTC)
}
