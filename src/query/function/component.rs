//! The parts of dates, points in time and durations that are read with a dot, as one data table.

use jiff::civil::{Date as Day, DateTime};

use super::calendar::quarter_of;
use crate::value::{Duration, HOUR, Instant, MINUTE, Offset, SECOND, Value};

/// A kind of value that has parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Date,
    Instant,
    Duration,
}

/// One part: its name, whether it is a text (all others are whole numbers), and how it is read.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) name: &'static str,
    pub(crate) text: bool,
    read: Read,
}

#[derive(Debug)]
enum Read {
    Day(fn(Day) -> i64),
    Time(fn(DateTime) -> i64),
    Point(fn(Instant) -> i64),
    Offset(fn(Offset) -> Value),
    Duration(fn(Duration) -> i64),
}

const fn day(name: &'static str, read: fn(Day) -> i64) -> Component {
    component(name, Read::Day(read))
}

const fn time(name: &'static str, read: fn(DateTime) -> i64) -> Component {
    component(name, Read::Time(read))
}

const fn point(name: &'static str, read: fn(Instant) -> i64) -> Component {
    component(name, Read::Point(read))
}

const fn length(name: &'static str, read: fn(Duration) -> i64) -> Component {
    component(name, Read::Duration(read))
}

const fn offset(name: &'static str, text: bool, read: fn(Offset) -> Value) -> Component {
    Component {
        name,
        text,
        read: Read::Offset(read),
    }
}

const fn component(name: &'static str, read: Read) -> Component {
    Component {
        name,
        text: false,
        read,
    }
}

/// Parts of the day, which dates and points in time have; a point in time has those of the offset
/// in which it is written.
const DAY: &[Component] = &[
    day("year", |day| day.year().into()),
    day("quarter", quarter_of),
    day("month", |day| day.month().into()),
    day("week", |day| day.iso_week_date().week().into()),
    day("weekYear", |day| day.iso_week_date().year().into()),
    day("day", |day| day.day().into()),
    day("ordinalDay", |day| day.day_of_year().into()),
    day("weekDay", weekday),
    day("dayOfWeek", weekday),
    day("dayOfQuarter", day_of_quarter),
];

/// Further parts of points in time.
const POINT: &[Component] = &[
    time("hour", |local| local.hour().into()),
    time("minute", |local| local.minute().into()),
    time("second", |local| local.second().into()),
    time("millisecond", |local| {
        i64::from(local.subsec_nanosecond()) / 1_000_000
    }),
    time("microsecond", |local| {
        i64::from(local.subsec_nanosecond()) / 1_000
    }),
    time("nanosecond", |local| local.subsec_nanosecond().into()),
    point("epochSeconds", |instant| instant.0.div_euclid(SECOND)),
    point("epochMillis", |instant| instant.0.div_euclid(1_000)),
    offset("timezone", true, offset_text),
    offset("offset", true, offset_text),
    offset("offsetMinutes", false, |offset| {
        (offset.seconds() / 60).into()
    }),
    offset("offsetSeconds", false, |offset| offset.seconds().into()),
];

/// Parts of durations: months, days and time are told apart, each in all its units.
const DURATION: &[Component] = &[
    length("years", |length| i64::from(length.months) / 12),
    length("quarters", |length| i64::from(length.months) / 3),
    length("months", |length| length.months.into()),
    length("weeks", |length| i64::from(length.days()) / 7),
    length("days", |length| length.days().into()),
    length("hours", |length| length.time() / HOUR),
    length("minutes", |length| length.time() / MINUTE),
    length("seconds", |length| length.time().div_euclid(SECOND)),
    length("milliseconds", |length| length.time().div_euclid(1_000)),
    length("microseconds", Duration::time),
    length("nanoseconds", |length| length.time().saturating_mul(1_000)),
    length("quartersOfYear", |length| i64::from(length.months) / 3 % 4),
    length("monthsOfQuarter", |length| i64::from(length.months) % 3),
    length("monthsOfYear", |length| i64::from(length.months) % 12),
    length("daysOfWeek", |length| i64::from(length.days()) % 7),
    length("minutesOfHour", |length| length.time() / MINUTE % 60),
    length("secondsOfMinute", |length| {
        length.time().div_euclid(SECOND) % 60
    }),
    length("millisecondsOfSecond", |length| {
        length.time().rem_euclid(SECOND) / 1_000
    }),
    length("microsecondsOfSecond", |length| {
        length.time().rem_euclid(SECOND)
    }),
    length("nanosecondsOfSecond", |length| {
        length.time().rem_euclid(SECOND) * 1_000
    }),
];

fn weekday(day: Day) -> i64 {
    day.weekday().to_monday_one_offset().into()
}

fn day_of_quarter(day: Day) -> i64 {
    let month = quarter_of(day) * 3 - 2;
    let first = i8::try_from(month)
        .ok()
        .and_then(|month| Day::new(day.year(), month, 1).ok());
    let before = first.map_or(1, |first| i64::from(first.day_of_year()));
    i64::from(day.day_of_year()) - before + 1
}

fn offset_text(offset: Offset) -> Value {
    Value::string(offset.to_string())
}

/// The parts of a kind of value.
pub(crate) fn components(holder: Holder) -> impl Iterator<Item = &'static Component> {
    let (first, second): (&[Component], &[Component]) = match holder {
        Holder::Date => (DAY, &[]),
        Holder::Instant => (DAY, POINT),
        Holder::Duration => (DURATION, &[]),
    };
    first.iter().chain(second)
}

/// What a value has parts as; `None` where it has none.
pub(crate) const fn holder(value: &Value) -> Option<Holder> {
    match value {
        Value::Date(_) => Some(Holder::Date),
        Value::Instant(..) => Some(Holder::Instant),
        Value::Duration(_) => Some(Holder::Duration),
        _ => None,
    }
}

/// A part of a value; `None` where it has none of that name.
pub(crate) fn part(value: &Value, name: &str) -> Option<Value> {
    let component = components(holder(value)?).find(|component| component.name == name)?;
    Some(match (&component.read, value) {
        (Read::Day(read), Value::Date(date)) => date.civil().map(read).into(),
        (Read::Day(read), Value::Instant(instant, offset)) => instant
            .local(*offset)
            .map(|local| read(local.date()))
            .into(),
        (Read::Time(read), Value::Instant(instant, offset)) => {
            instant.local(*offset).map(read).into()
        }
        (Read::Point(read), Value::Instant(instant, _)) => read(*instant).into(),
        (Read::Offset(read), Value::Instant(_, offset)) => read(*offset),
        (Read::Duration(read), Value::Duration(length)) => read(*length).into(),
        _ => return None,
    })
}
