//! Functions that yield spans of time.

use jiff::civil::DateTime;

use super::argument::{any, text, wrong};
use super::convert::truncate;
use super::fields::{self, Fields};
use super::{Context, Function, function};
use crate::error::{Error, Result};
use crate::value::{Duration, HOUR, MINUTE, Measure, Offset, SECOND, Unit, Units, Value, between};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "duration",
        (1, 1),
        "duration(string or map or duration) -> duration",
        "The span of time of a text such as `90d`, `1h30m` or `P1Y2M`, or of the parts in a map.",
        duration,
    ),
    function(
        "duration.between",
        (2, 2),
        "duration.between(date or instant, date or instant) -> duration",
        "The months, days and time from one date or point in time to another.",
        |_, arguments| measured(arguments, Measure::Calendar),
    ),
    function(
        "duration.inmonths",
        (2, 2),
        "duration.inMonths(date or instant, date or instant) -> duration",
        "The whole months from one date or point in time to another.",
        |_, arguments| measured(arguments, Measure::Months),
    ),
    function(
        "duration.indays",
        (2, 2),
        "duration.inDays(date or instant, date or instant) -> duration",
        "The whole days from one date or point in time to another.",
        |_, arguments| measured(arguments, Measure::Days),
    ),
    function(
        "duration.inseconds",
        (2, 2),
        "duration.inSeconds(date or instant, date or instant) -> duration",
        "The time from one date or point in time to another, without days or months.",
        |_, arguments| measured(arguments, Measure::Time),
    ),
];

/// The fields of a duration's map with their units.
const FIELDS: [(&str, Unit); 10] = [
    ("years", Unit::Months(12)),
    ("quarters", Unit::Months(3)),
    ("months", Unit::Months(1)),
    ("weeks", Unit::Days(7)),
    ("days", Unit::Days(1)),
    ("hours", Unit::Micros(HOUR)),
    ("minutes", Unit::Micros(MINUTE)),
    ("seconds", Unit::Micros(SECOND)),
    ("milliseconds", Unit::Micros(1_000)),
    ("microseconds", Unit::Micros(1)),
];

const NANOS: &str = "nanoseconds";

fn duration(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        same @ Value::Duration(_) => Ok(same.clone()),
        Value::Map(map) => {
            let names = FIELDS.map(|(name, _)| name);
            let fields = Fields::of(map, &[&names, &[NANOS]])?;
            if fields.has_null() {
                return Ok(Value::Null);
            }
            of_fields(&fields).map(Value::Duration)
        }
        Value::String(_) => {
            let text = text(arguments, 0)?.unwrap_or_default();
            let parsed = Duration::parse(text).or_else(|| Duration::parse_iso(text));
            parsed.map(Value::Duration).ok_or_else(|| {
                Error::invalid(format!("`{text}` is not a duration"))
                    .with_help("write it as `90d`, `1h30m`, `2mo` or `P1Y2M`")
            })
        }
        other => Err(wrong(0, "a string, map or duration", other)),
    }
}

fn of_fields(fields: &Fields<'_>) -> Result<Duration> {
    let mut total = Units::default();
    let units = FIELDS.into_iter().chain([(NANOS, Unit::Nanos)]);
    for (name, unit) in units {
        let Some(value) = fields.get(name) else {
            continue;
        };
        let (whole, part) = match value {
            Value::Int(whole) => (*whole, 0.0),
            Value::Float(number) => {
                let whole = truncate(*number).ok_or_else(out_of_range)?;
                (whole, number.fract())
            }
            other => return Err(fields::wrong(name, "a number", other)),
        };
        total.add(unit, whole, part).ok_or_else(out_of_range)?;
    }
    total.finish().ok_or_else(out_of_range)
}

fn out_of_range() -> Error {
    Error::invalid("the duration is out of range")
}

fn measured(arguments: &[Value], measure: Measure) -> Result<Value> {
    let (from, to) = (any(arguments, 0), any(arguments, 1));
    if from.is_null() || to.is_null() {
        return Ok(Value::Null);
    }
    // A date begins where the other one is; of two offsets the first one counts.
    let offset = offset_of(from).or(offset_of(to)).unwrap_or_default();
    let (from, to) = (local(from, offset, 0)?, local(to, offset, 1)?);
    let length = between(from, to, measure).ok_or_else(out_of_range)?;
    Ok(length.into())
}

const fn offset_of(value: &Value) -> Option<Offset> {
    match value {
        Value::Instant(_, offset) => Some(*offset),
        _ => None,
    }
}

fn local(value: &Value, offset: Offset, at: usize) -> Result<DateTime> {
    let local = match value {
        Value::Instant(instant, _) => instant.local(offset),
        Value::Date(date) => date.start(),
        other => return Err(wrong(at, "a date or instant", other)),
    };
    local.ok_or_else(out_of_range)
}
