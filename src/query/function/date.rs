//! Functions that yield calendar dates.

use jiff::civil::{Date as Day, DateTime};

use super::argument::{any, wrong};
use super::fields::{self, Fields};
use super::{Clock, Context, Function, calendar, function};
use crate::error::{Error, Result};
use crate::value::{Date, Instant, Offset, Value};

const SAME: &str = "The date at which the statement began.";

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        clock: Clock::Daily,
        ..function(
            "date",
            (0, 1),
            "date(string or map or date or instant?) -> date",
            "The date of a text, of the parts in a map or of a point in time; without any, today's.",
            date,
        )
    },
    now("date.statement", "date.statement() -> date"),
    now("date.transaction", "date.transaction() -> date"),
    now("date.realtime", "date.realtime() -> date"),
];

const fn now(name: &'static str, signature: &'static str) -> Function {
    Function {
        clock: Clock::Daily,
        ..function(name, (0, 1), signature, SAME, of_clock)
    }
}

/// The clock's date in UTC, the only zone there is; null of a null zone.
fn of_clock(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match arguments.first() {
        None => Ok(today(context).into()),
        Some(Value::Null) => Ok(Value::Null),
        Some(other) => Err(wrong(0, "left out", other)),
    }
}

fn today(context: &Context<'_>) -> Option<Date> {
    day_of(context.now, Offset::UTC).map(Date::of)
}

fn day_of(instant: Instant, offset: Offset) -> Option<Day> {
    instant.local(offset).map(DateTime::date)
}

/// The calendar day of a date or point in time; `None` for another kind of value.
pub(super) fn day(value: &Value) -> Option<Day> {
    match value {
        Value::Date(date) => date.civil(),
        Value::Instant(instant, offset) => day_of(*instant, *offset),
        _ => None,
    }
}

fn date(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    if arguments.is_empty() {
        return of_clock(context, arguments);
    }
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Date(date) => Ok(Value::Date(*date)),
        Value::String(text) => of_text(text).map(Value::Date),
        Value::Map(map) => {
            let fields = Fields::of(map, &[calendar::NAMES, &["date"]])?;
            if fields.has_null() {
                return Ok(Value::Null);
            }
            let base = base(&fields, "date")?;
            Ok(Value::Date(Date::of(calendar::date(&fields, base)?)))
        }
        other => match day(other) {
            Some(day) => Ok(Value::Date(Date::of(day))),
            None => Err(wrong(0, "a string, map, date or instant", other)),
        },
    }
}

/// The date of a text, or that of the point in time which it tells.
fn of_text(text: &str) -> Result<Date> {
    let of_time = || {
        let (instant, offset) = Instant::parse_iso(text)?;
        day_of(instant, offset).map(Date::of)
    };
    Date::parse(text).or_else(of_time).ok_or_else(|| {
        Error::invalid(format!("`{text}` is not a date or date-time"))
            .with_help("write it as `2024-05-31` or `2024-05-31T12:00:00Z`")
    })
}

/// The day of the date or point in time in a field; `None` where it is left out.
pub(super) fn base(fields: &Fields<'_>, name: &str) -> Result<Option<Day>> {
    match fields.get(name) {
        None => Ok(None),
        Some(value) => {
            let wrong = || fields::wrong(name, "a date or instant", value);
            day(value).map(Some).ok_or_else(wrong)
        }
    }
}
