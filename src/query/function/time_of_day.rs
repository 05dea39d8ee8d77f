//! The time of day that fields such as `hour` and `millisecond` tell, and the offset of `timezone`.

use jiff::civil::Time;

use super::fields::{Fields, wrong};
use crate::error::{Error, Result};
use crate::value::{Offset, Value};

pub(super) const NAMES: &[&str] = &[
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
];

/// The time of day of some fields. Without a base each field stands next to the next larger one.
/// Nanoseconds that fill no microsecond are cut off.
pub(super) fn time(fields: &Fields<'_>, base: Option<Time>) -> Result<Time> {
    if base.is_none() {
        fields.refuse_alone("minute", "hour")?;
        fields.refuse_alone("second", "minute")?;
        for name in ["millisecond", "microsecond", "nanosecond"] {
            fields.refuse_alone(name, "second")?;
        }
    }
    let base = base.unwrap_or_default();
    let [hour, minute, second] = fields.wholes(["hour", "minute", "second"])?;
    let micros = micros(fields, i64::from(base.subsec_nanosecond()) / 1_000)?;
    let time = || {
        Time::new(
            hour.map_or(Some(base.hour()), |part| part.try_into().ok())?,
            minute.map_or(Some(base.minute()), |part| part.try_into().ok())?,
            second.map_or(Some(base.second()), |part| part.try_into().ok())?,
            i32::try_from(micros * 1_000).ok()?,
        )
        .ok()
    };
    time().ok_or_else(|| {
        Error::invalid("the fields tell no time of day")
            .with_help("hours go from 0 to 23, minutes and seconds from 0 to 59")
    })
}

/// The microseconds of a second. A part that is larger than its place among the larger ones stands
/// for those too: `{microsecond: 645876}`.
fn micros(fields: &Fields<'_>, base: i64) -> Result<i64> {
    let [millis, micros, nanos] = fields.wholes(["millisecond", "microsecond", "nanosecond"])?;
    let limit = |part: Option<i64>, most: i64, name: &str| match part {
        Some(part) if !(0..=most).contains(&part) => Err(Error::invalid(format!(
            "`{name}` must be from 0 to {most}, found {part}"
        ))),
        _ => Ok(()),
    };
    limit(millis, 999, "millisecond")?;
    limit(
        micros,
        if millis.is_some() { 999 } else { 999_999 },
        "microsecond",
    )?;
    let alone = millis.is_none() && micros.is_none();
    limit(nanos, if alone { 999_999_999 } else { 999 }, "nanosecond")?;
    let larger = millis.unwrap_or(base / 1_000) * 1_000;
    Ok(match (micros, nanos) {
        (Some(micros), _) if micros > 999 => micros,
        (Some(micros), _) => larger + micros,
        (None, Some(nanos)) if nanos > 999 => nanos / 1_000,
        (None, _) => larger + base % 1_000,
    })
}

/// The offset of the field `timezone`; `None` where it is left out.
pub(super) fn timezone(fields: &Fields<'_>) -> Result<Option<Offset>> {
    match fields.get("timezone") {
        None => Ok(None),
        Some(Value::String(text)) => offset(text).map(Some),
        Some(other) => Err(wrong("timezone", "a string", other)),
    }
}

fn offset(text: &str) -> Result<Offset> {
    Offset::parse(text).ok_or_else(|| {
        let message = if text.contains('/') {
            format!("named time zones such as `{text}` are not supported")
        } else {
            format!("`{text}` is not an offset from UTC")
        };
        Error::invalid(message).with_help("write it as `Z` or `+02:00`")
    })
}
