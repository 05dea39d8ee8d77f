//! Times as jq has them: seconds since 1970, texts, and `[year, month, day, ..]` in UTC.

use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

use super::super::argument::any;
use super::super::convert::widen;
use super::number::{float, number, saturated};
use super::{Context, Function, list_of, row, text_of, wrong};
use crate::error::{Error, Result};
use crate::value::{Instant, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_from_date", 1, |_, arguments| {
        let text = text_of(any(arguments, 0))?;
        let not = |_| Error::invalid(format!("`{text}` is not a date-time"));
        Ok(seconds(text.parse::<Timestamp>().map_err(not)?))
    }),
    row("jq_to_date", 1, |_, arguments| {
        let zoned = match any(arguments, 0) {
            Value::List(parts) => from_parts(parts)?,
            other => zoned(&whole(other)?)?,
        };
        Ok(Value::string(zoned.timestamp().to_string()))
    }),
    row("jq_instant", 1, |_, arguments| {
        let timestamp = zoned(any(arguments, 0))?.timestamp();
        Ok(Instant(timestamp.as_microsecond()).into())
    }),
    row("jq_broken_down", 1, |_, arguments| {
        Ok(parts(zoned(any(arguments, 0))?.datetime()))
    }),
    row("jq_make_time", 1, |_, arguments| {
        let zoned = from_parts(list_of(any(arguments, 0))?)?;
        Ok(Value::Int(zoned.timestamp().as_second()))
    }),
    row("jq_parse_time", 2, |_, arguments| {
        let (text, format) = (text_of(any(arguments, 0))?, text_of(any(arguments, 1))?);
        parse(text, format)
    }),
    row("jq_format_time", 2, |_: &Context<'_>, arguments| {
        let format = text_of(any(arguments, 1))?;
        let zoned = match any(arguments, 0) {
            Value::List(parts) => from_parts(parts)?,
            other => zoned(other)?,
        };
        let formatted = strtime::format(format, &zoned);
        let not = |_| Error::invalid(format!("`{format}` is not a format of times"));
        Ok(Value::string(formatted.map_err(not)?))
    }),
];

/// Seconds since 1970, with a fraction where there is one.
fn seconds(timestamp: Timestamp) -> Value {
    if timestamp.subsec_nanosecond() == 0 {
        return Value::Int(timestamp.as_second());
    }
    number(widen(timestamp.as_microsecond()) / 1e6)
}

fn whole(value: &Value) -> Result<Value> {
    Ok(Value::Int(saturated(float(value)?.floor())))
}

fn zoned(value: &Value) -> Result<ZonedDateTime> {
    let micros = match value {
        Value::Int(seconds) => seconds.saturating_mul(1_000_000),
        other => saturated((float(other)? * 1e6).round()),
    };
    let timestamp = Timestamp::from_microsecond(micros);
    let timestamp = timestamp.map_err(|_| Error::invalid("a time outside the years -9999 to 9999"));
    Ok(timestamp?.to_zoned_datetime(TimeZone::UTC))
}

/// `[year, month from 0, day, hour, minute, second, day of the week, day of the year from 0]`.
fn parts(time: DateTime) -> Value {
    let second = Value::Int(time.second().into());
    let second = match time.subsec_nanosecond() {
        0 => second,
        nanos => number(f64::from(time.second()) + f64::from(nanos) / 1e9),
    };
    Value::list([
        Value::Int(time.year().into()),
        Value::Int(i64::from(time.month()) - 1),
        Value::Int(time.day().into()),
        Value::Int(time.hour().into()),
        Value::Int(time.minute().into()),
        second,
        Value::Int(time.weekday().to_sunday_zero_offset().into()),
        Value::Int(i64::from(time.day_of_year()) - 1),
    ])
}

fn from_parts(parts: &[Value]) -> Result<ZonedDateTime> {
    let not =
        || Error::invalid("an array that is not `[year, month, day, hour, minute, second, ..]`");
    let [year, month, day, hour, minute, second, ..] = parts else {
        return Err(not());
    };
    let small = |value: &Value, more: i64| -> Result<i8> {
        i8::try_from(saturated(float(value)?).saturating_add(more)).map_err(|_| not())
    };
    let year = i16::try_from(saturated(float(year)?)).map_err(|_| not())?;
    let (month, day) = (small(month, 1)?, small(day, 0)?);
    let (hour, minute, second) = (small(hour, 0)?, small(minute, 0)?, small(second, 0)?);
    let time = DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| not())?;
    time.to_zoned_datetime(TimeZone::UTC).map_err(|_| not())
}

/// The offset is read over, as jq does; a date must be there.
fn parse(text: &str, format: &str) -> Result<Value> {
    let not = || {
        wrong(
            &format!("a time in the format `{format}`"),
            &Value::from(text),
        )
    };
    let mut broken = BrokenDownTime::parse(format, text).map_err(|_| not())?;
    if broken.timestamp().is_some() {
        let zoned = broken.to_zoned_datetime().map_err(|_| not())?;
        return Ok(parts(zoned.datetime()));
    }
    if broken.offset().is_none() {
        broken.set_offset(Some(Offset::UTC));
    }
    let time = broken.to_datetime().or_else(|_| {
        let date = broken.to_date();
        date.map(|date| date.to_datetime(jiff::civil::Time::midnight()))
    });
    Ok(parts(time.map_err(|_| not())?))
}
