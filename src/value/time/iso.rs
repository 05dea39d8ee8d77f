//! The forms in which ISO 8601 writes calendar dates and times of day.

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};

use super::Offset;

/// A calendar date: `2015-07-21`, `20150721`, `2015-07`, `201507`, `2015`, `2015-W30-2`, `2015W302`,
/// `2015-W30`, `2015-202`, `2015202`, `2015-Q3`, `2015-Q3-45`; what is left out is the first. Years
/// of another length than four digits carry a sign and the separators.
pub(crate) fn local_date(text: &str) -> Option<Date> {
    let signed = text.starts_with(['+', '-']);
    let digits = text.get(usize::from(signed)..)?;
    let length = if signed {
        digits.find('-').unwrap_or(digits.len())
    } else {
        4
    };
    let year: i16 = number(digits.get(..length)?)?.try_into().ok()?;
    let year = if text.starts_with('-') { -year } else { year };
    let rest = digits.get(length..)?;
    let (extended, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    match rest.bytes().next() {
        None => (!extended).then(|| Date::new(year, 1, 1).ok())?,
        Some(b'W') => {
            let (week, day) = split(rest.get(1..)?, 2, extended)?;
            let day = day.map_or(Some(1), number)?;
            week_date(year.into(), number(week)?, day)
        }
        Some(b'Q') => {
            let (quarter, day) = split(rest.get(1..)?, 1, extended)?;
            let day = day.map_or(Some(1), number)?;
            quarter_date(year.into(), number(quarter)?, day)
        }
        Some(_) if rest.len() == 3 => ordinal_date(year.into(), number(rest)?),
        Some(_) => {
            let (month, day) = split(rest, 2, extended)?;
            let day = match day {
                None => 1,
                Some(day) if day.len() == 2 => number(day)?,
                Some(_) => return None,
            };
            Date::new(year, narrow(number(month)?)?, narrow(day)?).ok()
        }
    }
}

/// The day of an ISO week, of which Monday is the first.
pub(crate) fn week_date(year: i64, week: i64, day: i64) -> Option<Date> {
    let weekday = Weekday::from_monday_one_offset(narrow(day)?).ok()?;
    let date = ISOWeekDate::new(year.try_into().ok()?, narrow(week)?, weekday);
    date.ok().map(Date::from)
}

/// The day of a year, counted from 1.
pub(crate) fn ordinal_date(year: i64, day: i64) -> Option<Date> {
    let first = Date::new(year.try_into().ok()?, 1, 1).ok()?;
    first.with().day_of_year(day.try_into().ok()?).build().ok()
}

/// The day of a quarter, counted from 1.
pub(crate) fn quarter_date(year: i64, quarter: i64, day: i64) -> Option<Date> {
    if !(1..=4).contains(&quarter) || day < 1 {
        return None;
    }
    let first = Date::new(year.try_into().ok()?, narrow(quarter * 3 - 2)?, 1).ok()?;
    let date = ordinal_date(year, i64::from(first.day_of_year()) + day - 1)?;
    ((i64::from(date.month()) + 2) / 3 == quarter).then_some(date)
}

/// A time of day with the offset that it names: `21:40:32.142`, `214032.142`, `21:40`, `2140`, `21`.
/// Digits after the sixth of a fraction are cut off.
pub(crate) fn local_time(text: &str) -> Option<(Time, Option<Offset>)> {
    let end = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (time, offset) = (text.get(..end)?, text.get(end..)?);
    let offset = match offset {
        "" => None,
        offset => Some(Offset::parse(offset)?),
    };
    let (whole, fraction) = match time.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (time, None),
    };
    let digits = unseparated(whole, ':')?;
    if !matches!(digits.len(), 2 | 4 | 6) || (fraction.is_some() && digits.len() != 6) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), number);
    let micros = fraction.map_or(Some(0), fraction_micros)?;
    let time = Time::new(
        narrow(part(0)?)?,
        narrow(part(2)?)?,
        narrow(part(4)?)?,
        micros.checked_mul(1_000)?,
    );
    Some((time.ok()?, offset))
}

/// The microseconds of the digits after a decimal sign.
fn fraction_micros(digits: &str) -> Option<i32> {
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let six: String = digits.chars().chain("000000".chars()).take(6).collect();
    six.parse().ok()
}

/// Pairs of digits without what separates them; `None` where only some are separated.
pub(super) fn unseparated(text: &str, separator: char) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != separator).collect();
    if !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let separators = text.len() - digits.len();
    let paired = text.split(separator).all(|part| part.len() == 2);
    (separators == 0 || paired).then_some(digits)
}

/// Two numbers, of which the first has so many digits; the second may be missing. Between them is a
/// dash in the extended form.
fn split(text: &str, length: usize, extended: bool) -> Option<(&str, Option<&str>)> {
    let (first, rest) = (text.get(..length)?, text.get(length..)?);
    Some(match (rest, extended) {
        ("", _) => (first, None),
        (rest, true) => (first, Some(rest.strip_prefix('-')?)),
        (rest, false) => (first, Some(rest)),
    })
}

fn number(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

fn narrow(number: i64) -> Option<i8> {
    number.try_into().ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn reads_every_form_of_a_date() {
        let table = [
            ("2015-07-21", "2015-07-21"),
            ("20150721", "2015-07-21"),
            ("2015-07", "2015-07-01"),
            ("201507", "2015-07-01"),
            ("2015", "2015-01-01"),
            ("2015-W30-2", "2015-07-21"),
            ("2015W302", "2015-07-21"),
            ("2015-W30", "2015-07-20"),
            ("2015W30", "2015-07-20"),
            ("2015-202", "2015-07-21"),
            ("2015202", "2015-07-21"),
            ("2015-Q3", "2015-07-01"),
            ("2015Q3", "2015-07-01"),
            ("2015-Q3-45", "2015-08-14"),
            ("2015-Q1-01", "2015-01-01"),
            ("-0044-03-15", "-000044-03-15"),
            ("+9999-12-31", "9999-12-31"),
        ];
        for (text, expected) in table {
            let date = local_date(text).unwrap();
            assert_eq!(date.to_string(), expected, "{text}");
        }
        let wrong = [
            "",
            "-",
            "15",
            "2015-",
            "2015-13",
            "2015-02-30",
            "2015-7-1",
            "2015-W54",
            "2015-W30-8",
            "2015-366",
            "2015-Q5",
            "2015-Q1-91",
            "2015-07-211",
            "2015-07-21T",
            "+2015é",
            "99999-01-01",
            "2015-W3é",
        ];
        for text in wrong {
            assert_eq!(local_date(text), None, "{text}");
        }
    }

    #[test]
    fn reads_every_form_of_a_time() {
        let table = [
            ("21:40:32.142", "21:40:32.142", None),
            ("214032.142", "21:40:32.142", None),
            ("21:40", "21:40:00", None),
            ("2140-00:00", "21:40:00", Some(0)),
            ("21Z", "21:00:00", Some(0)),
            ("21:40:32,5+01:30", "21:40:32.5", Some(5400)),
            ("00:00:00.123456789", "00:00:00.123456", None),
        ];
        for (text, time, offset) in table {
            let (found, at) = local_time(text).unwrap();
            assert_eq!(found.to_string(), time, "{text}");
            assert_eq!(at.map(Offset::seconds), offset, "{text}");
        }
        for wrong in [
            "",
            "2",
            "21:4",
            "24:00",
            "21:40.5",
            "2140:32",
            "21:40:32.",
            "21:40+1",
        ] {
            assert_eq!(local_time(wrong), None, "{wrong}");
        }
    }
}
