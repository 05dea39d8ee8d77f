//! Dates and points in time cut down to a unit of the calendar or of the day.

use jiff::civil::{Date as Day, DateTime, Time};

use super::argument::{any, or_null, text, wrong};
use super::calendar::{self, quarter_of};
use super::date::day;
use super::datetime::build;
use super::fields::Fields;
use super::{Context, Function, function, time_of_day};
use crate::error::{Error, Result, did_you_mean};
use crate::value::{Date, Offset, Value, week_date};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "date.truncate",
        (2, 3),
        "date.truncate(string, date or instant, map?) -> date",
        "The first day of the `year`, `quarter`, `month`, `week` or the like of a date or instant.",
        date_truncate,
    ),
    function(
        "date_trunc",
        (2, 2),
        "date_trunc(string, date or instant) -> instant",
        "The beginning of the `year`, `week`, `day`, `hour` or the like of a date or instant.",
        datetime_truncate,
    ),
    function(
        "datetime.truncate",
        (2, 3),
        "datetime.truncate(string, date or instant, map?) -> instant",
        "The beginning of the `year`, `week`, `day`, `hour` or the like of a date or instant.",
        datetime_truncate,
    ),
];

/// The first day of the unit that a day is in; `None` outside the calendar.
type First = fn(Day) -> Option<Day>;

/// The units of the calendar with the first day of the one that a day is in.
const CALENDAR: [(&str, First); 9] = [
    ("millennium", |day| years(day, 1_000)),
    ("century", |day| years(day, 100)),
    ("decade", |day| years(day, 10)),
    ("year", |day| years(day, 1)),
    ("weekYear", |day| {
        week_date(day.iso_week_date().year().into(), 1, 1)
    }),
    ("quarter", |day| {
        let month = i8::try_from(quarter_of(day) * 3 - 2).ok()?;
        Day::new(day.year(), month, 1).ok()
    }),
    ("month", |day| Some(day.first_of_month())),
    ("week", |day| {
        let week = day.iso_week_date();
        week_date(week.year().into(), week.week().into(), 1)
    }),
    ("day", Some),
];

/// The units of the day with how many nanoseconds they have.
const OF_DAY: [(&str, i64); 5] = [
    ("hour", 3_600_000_000_000),
    ("minute", 60_000_000_000),
    ("second", 1_000_000_000),
    ("millisecond", 1_000_000),
    ("microsecond", 1_000),
];

fn years(day: Day, count: i16) -> Option<Day> {
    let year = day.year();
    Day::new(year - year.rem_euclid(count), 1, 1).ok()
}

fn out_of_time() -> Error {
    Error::invalid("the result is outside the years -9999 to 9999")
}

/// The unit of the calendar of a name; `None` where there is none.
fn cut(unit: &str, day: Day) -> Option<Result<Day>> {
    let known = CALENDAR.iter();
    let (_, first) = known
        .clone()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    Some(first(day).ok_or_else(out_of_time))
}

fn unknown<'a>(unit: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let error = Error::invalid(format!("there is no unit `{unit}` to cut down to"));
    match did_you_mean(unit, known.clone()) {
        Some(help) => error.with_help(help),
        None => error.with_help(format!(
            "the units are {}",
            known.collect::<Vec<_>>().join(", ")
        )),
    }
}

fn date_truncate(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let (Some(unit), value) = (text(arguments, 0)?, any(arguments, 1)) else {
        return Ok(Value::Null);
    };
    if value.is_null() {
        return Ok(Value::Null);
    }
    let day = day(value).ok_or_else(|| wrong(1, "a date or instant", value))?;
    let names = || CALENDAR.iter().map(|(name, _)| *name);
    let first = cut(unit, day).ok_or_else(|| unknown(unit, names()))??;
    let Some(fields) = parts(arguments, &[calendar::NAMES])? else {
        return Ok(Value::Date(Date::of(first)));
    };
    if fields.has_null() {
        return Ok(Value::Null);
    }
    Ok(Value::Date(Date::of(calendar::date(&fields, Some(first))?)))
}

/// The fields that replace parts of the result; `None` where there are none.
fn parts<'a>(arguments: &'a [Value], known: &[&[&str]]) -> Result<Option<Fields<'a>>> {
    match any(arguments, 2) {
        Value::Null => Ok(None),
        Value::Map(map) => Fields::of(map, known).map(Some),
        other => Err(wrong(2, "a map", other)),
    }
}

fn datetime_truncate(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let unit = or_null!(text(arguments, 0));
    let (local, written) = match any(arguments, 1) {
        Value::Null => return Ok(Value::Null),
        Value::Date(date) => (date.start(), Offset::UTC),
        Value::Instant(instant, offset) => (instant.local(*offset), *offset),
        other => return Err(wrong(1, "a date or instant", other)),
    };
    let first = beginning(unit, local.ok_or_else(out_of_time)?)?;
    let known = [calendar::NAMES, time_of_day::NAMES, &["timezone"]];
    let Some(fields) = parts(arguments, &known)? else {
        return build(first, written);
    };
    if fields.has_null() {
        return Ok(Value::Null);
    }
    let day = calendar::date(&fields, Some(first.date()))?;
    let time = time_of_day::time(&fields, Some(first.time()))?;
    let offset = time_of_day::timezone(&fields)?.unwrap_or(written);
    build(day.to_datetime(time), offset)
}

fn beginning(unit: &str, local: DateTime) -> Result<DateTime> {
    if let Some(first) = cut(unit, local.date()) {
        return Ok(first?.to_datetime(Time::midnight()));
    }
    let found = OF_DAY
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let Some((_, nanos)) = found else {
        let of_day = OF_DAY.iter().map(|(name, _)| *name);
        return Err(unknown(
            unit,
            CALENDAR.iter().map(|(name, _)| *name).chain(of_day),
        ));
    };
    let since = local.time().duration_since(Time::midnight()).as_nanos();
    let since = since - since % i128::from(*nanos);
    let time = jiff::SignedDuration::from_nanos_i128(since);
    Ok(local
        .date()
        .to_datetime(Time::midnight().wrapping_add(time)))
}
