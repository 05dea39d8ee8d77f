//! The calendar date that fields such as `year`, `week` and `dayOfWeek` tell, over another date that
//! gives those left out.

use jiff::civil::Date;

use super::fields::Fields;
use crate::error::{Error, Result};
use crate::value::{ordinal_date, quarter_date, week_date};

pub(super) const NAMES: &[&str] = &[
    "year",
    "month",
    "day",
    "week",
    "dayOfWeek",
    "ordinalDay",
    "quarter",
    "dayOfQuarter",
];

/// The ways to tell a day of a year; a map uses one of them.
const WAYS: [[&str; 2]; 4] = [
    ["month", "day"],
    ["week", "dayOfWeek"],
    ["quarter", "dayOfQuarter"],
    ["ordinalDay", "ordinalDay"],
];

/// The date of some fields. Without a base the year must be there, and each field next to the next
/// larger one; what is smaller than the smallest is the first.
pub(super) fn date(fields: &Fields<'_>, base: Option<Date>) -> Result<Date> {
    refuse_mixed(fields)?;
    if base.is_none() {
        if fields.get("year").is_none() {
            return Err(Error::invalid("a date needs a `year`"));
        }
        fields.refuse_alone("day", "month")?;
        fields.refuse_alone("dayOfWeek", "week")?;
        fields.refuse_alone("dayOfQuarter", "quarter")?;
    }
    let uses = |way: usize| {
        let mut names = WAYS.get(way).into_iter().flatten();
        names.any(|name| fields.get(name).is_some())
    };
    if uses(1) {
        by_week(fields, base)
    } else if uses(2) {
        by_quarter(fields, base)
    } else if uses(3) {
        by_ordinal(fields, base)
    } else {
        by_month(fields, base)
    }
}

fn refuse_mixed(fields: &Fields<'_>) -> Result<()> {
    let mut first: Option<(usize, &str)> = None;
    for (way, names) in WAYS.iter().enumerate() {
        for name in names.iter().filter(|name| fields.get(name).is_some()) {
            match first {
                Some((other, known)) if other != way => {
                    let message = format!("`{known}` and `{name}` tell the day in different ways");
                    return Err(Error::invalid(message).with_help("use one of them"));
                }
                _ => first = Some((way, name)),
            }
        }
    }
    Ok(())
}

fn by_month(fields: &Fields<'_>, base: Option<Date>) -> Result<Date> {
    let [year, month, day] = fields.wholes(["year", "month", "day"])?;
    let of_base = |part: fn(Date) -> i64| base.map_or(1, part);
    let year = year.unwrap_or_else(|| of_base(|base| base.year().into()));
    let month = month.unwrap_or_else(|| of_base(|base| base.month().into()));
    let day = day.unwrap_or_else(|| of_base(|base| base.day().into()));
    civil(year, month, day)
        .ok_or_else(|| nowhere(&format!("year {year}, month {month}, day {day}")))
}

fn civil(year: i64, month: i64, day: i64) -> Option<Date> {
    let (year, month) = (year.try_into().ok()?, month.try_into().ok()?);
    Date::new(year, month, day.try_into().ok()?).ok()
}

fn by_week(fields: &Fields<'_>, base: Option<Date>) -> Result<Date> {
    let [year, week, day] = fields.wholes(["year", "week", "dayOfWeek"])?;
    let base = base.map(Date::iso_week_date);
    let year = year.unwrap_or_else(|| base.map_or(1, |base| base.year().into()));
    let week = week.unwrap_or_else(|| base.map_or(1, |base| base.week().into()));
    let day =
        day.unwrap_or_else(|| base.map_or(1, |base| base.weekday().to_monday_one_offset().into()));
    week_date(year, week, day)
        .ok_or_else(|| nowhere(&format!("year {year}, week {week}, day {day} of it")))
}

fn by_quarter(fields: &Fields<'_>, base: Option<Date>) -> Result<Date> {
    let [year, quarter, day] = fields.wholes(["year", "quarter", "dayOfQuarter"])?;
    let year = year.unwrap_or_else(|| base.map_or(1, |base| base.year().into()));
    let quarter = quarter.unwrap_or_else(|| base.map_or(1, quarter_of));
    let date = match (day, base) {
        // The same day of the same month of another quarter.
        (None, Some(base)) if (1..=4).contains(&quarter) => {
            let month = quarter * 3 - 2 + (i64::from(base.month()) - 1) % 3;
            civil(year, month, base.day().into())
        }
        (day, _) => quarter_date(year, quarter, day.unwrap_or(1)),
    };
    date.ok_or_else(|| nowhere(&format!("year {year}, quarter {quarter} with that day")))
}

fn by_ordinal(fields: &Fields<'_>, base: Option<Date>) -> Result<Date> {
    let [year, day] = fields.wholes(["year", "ordinalDay"])?;
    let year = year.unwrap_or_else(|| base.map_or(1, |base| base.year().into()));
    let day = day.unwrap_or(1);
    ordinal_date(year, day).ok_or_else(|| nowhere(&format!("day {day} of year {year}")))
}

/// The quarter of a date, from 1.
pub(super) fn quarter_of(date: Date) -> i64 {
    (i64::from(date.month()) + 2) / 3
}

fn nowhere(what: &str) -> Error {
    Error::invalid(format!("the calendar has no {what}"))
        .with_help("years go from -9999 to 9999, weeks and quarters by ISO 8601")
}
