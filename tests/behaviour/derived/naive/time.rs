//! Points in time as seconds, read from and written as `2026-11-01T12:00:00Z`.

use serde_json::Value as Json;

/// 2026-11-01T12:00:00Z, where every history begins.
pub(crate) const START: i64 = 1_793_534_400;
pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;

/// The seconds of a text of that form; `None` for everything else.
pub(super) fn parse(value: &Json) -> Option<i64> {
    let text = value.as_str()?;
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    if text.len() != 20 || !text.ends_with('Z') {
        return None;
    }
    let day = days(part(0, 4)?, part(5, 7)?, part(8, 10)?);
    Some(day * DAY + part(11, 13)? * HOUR + part(14, 16)? * 60 + part(17, 19)?)
}

pub(crate) fn format(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = date(day);
    let (hour, minute, second) = (second / HOUR, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970, counted month by month.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let months = (1970..year)
        .flat_map(|year| (1..13).map(move |month| (year, month)))
        .chain((1..month).map(|month| (year, month)));
    months.map(|(year, month)| length(year, month)).sum::<i64>() + day - 1
}

/// The date of a day since 1970.
pub(super) fn date(mut day: i64) -> (i64, i64, i64) {
    let (mut year, mut month) = (1970, 1);
    while day >= length(year, month) {
        day -= length(year, month);
        month += 1;
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    (year, month, day + 1)
}
