//! Points in time and spans of time, to the microsecond; calendar arithmetic is `jiff`'s.

use std::fmt;

use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Span as Calendar, Timestamp, ToSpan as _};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
///
/// ```
/// use portolan::{Duration, Instant};
///
/// let noon = Instant::parse("2026-01-31T12:00:00Z").unwrap();
/// assert_eq!(noon.start_of_day(), Instant::parse("2026-01-31").unwrap());
/// let later = noon.checked_add(Duration::parse("1mo").unwrap()).unwrap();
/// assert_eq!(later.to_string(), "2026-02-28T12:00:00Z");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(pub i64);

impl Instant {
    /// Reads an RFC 3339 date-time with an offset, or a plain date, which means its midnight UTC;
    /// `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Some(Self(timestamp.as_microsecond()));
        }
        let pieces = Pieces::parse(text).ok()?;
        let date = pieces.date();
        let (time, offset) = (pieces.time(), pieces.to_numeric_offset());
        // Calendars write the last day of the year 9999 for "never". The timestamps of jiff end a
        // little before it: it is read as the last of them.
        let last = Timestamp::MAX.to_zoned_datetime(TimeZone::UTC).date();
        if date >= last && time.is_some() == offset.is_some() {
            return Some(Self(Timestamp::MAX.as_microsecond()));
        }
        // A time of day without an offset is no point in time.
        if time.is_some() || offset.is_some() {
            return None;
        }
        let midnight = date
            .to_datetime(jiff::civil::Time::midnight())
            .to_zoned_datetime(TimeZone::UTC);
        Some(Self(midnight.ok()?.timestamp().as_microsecond()))
    }

    /// This instant moved by a duration; months and years by the UTC calendar, clamped to the
    /// last day of a shorter month. `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let mut timestamp = Timestamp::from_microsecond(self.0).ok()?;
        if duration.months != 0 {
            let span: Calendar = i64::from(duration.months).months();
            timestamp = timestamp
                .to_zoned_datetime(TimeZone::UTC)
                .checked_add(span)
                .ok()?
                .timestamp();
        }
        let micros = timestamp.as_microsecond().checked_add(duration.micros)?;
        Timestamp::from_microsecond(micros).ok()?;
        Some(Self(micros))
    }

    /// The midnight UTC at or before this instant.
    #[must_use]
    pub fn start_of_day(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(DAY)))
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with as many fraction digits as needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// A span of time: calendar months, whose length depends on the date, and exact microseconds.
///
/// ```
/// use portolan::Duration;
///
/// let span = Duration::parse("1h30m").unwrap();
/// assert_eq!((span.months, span.micros), (0, 90 * 60 * 1_000_000));
/// assert_eq!(span.to_string(), "PT1H30M");
/// assert_eq!(Duration::parse_iso("PT90M"), Some(span));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration {
    /// Calendar months (a year is 12).
    pub months: i32,
    /// Microseconds (a day is 24 hours).
    pub micros: i64,
}

/// The units of duration literals with their months and microseconds, longest spelling first.
const UNITS: [(&str, i32, i64); 8] = [
    ("ms", 0, 1_000),
    ("mo", 1, 0),
    ("s", 0, SECOND),
    ("m", 0, MINUTE),
    ("h", 0, HOUR),
    ("d", 0, DAY),
    ("w", 0, 7 * DAY),
    ("y", 12, 0),
];

impl Duration {
    /// Reads a literal such as `90d`, `1h30m`, `500ms`, `2mo` or `1y`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut total = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let count: i64 = rest.get(..digits)?.parse().ok()?;
            let tail = rest.get(digits..)?;
            let (unit, months, micros) = UNITS.iter().find(|(unit, ..)| tail.starts_with(unit))?;
            let months = i64::from(*months).checked_mul(count)?;
            total.months = total.months.checked_add(i32::try_from(months).ok()?)?;
            total.micros = total.micros.checked_add(micros.checked_mul(count)?)?;
            rest = tail.get(unit.len()..)?;
        }
        (!text.is_empty()).then_some(total)
    }

    /// Reads an ISO 8601 duration such as `P1Y2M` or `PT36H`; `None` for anything else.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let span: Calendar = text.parse().ok()?;
        let months = i32::from(span.get_years())
            .checked_mul(12)?
            .checked_add(span.get_months())?;
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let time = i64::from(span.get_hours())
            .checked_mul(HOUR)?
            .checked_add(span.get_minutes().checked_mul(MINUTE)?)?
            .checked_add(span.get_seconds().checked_mul(SECOND)?)?
            .checked_add(span.get_milliseconds().checked_mul(1_000)?)?
            .checked_add(span.get_microseconds())?
            .checked_add(span.get_nanoseconds() / 1_000)?;
        Some(Self {
            months,
            micros: days.checked_mul(DAY)?.checked_add(time)?,
        })
    }

    /// The opposite duration.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            months: self.months.saturating_neg(),
            micros: self.micros.saturating_neg(),
        }
    }
}

impl fmt::Display for Duration {
    /// ISO 8601, for instance `P1Y2M3DT4H5M6.5S`; zero is `PT0S`. A sign stands in front, or at
    /// each number where months and microseconds have different ones: `P1M-2D`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("PT0S");
        }
        let negative = self.months <= 0 && self.micros <= 0;
        let (months, micros) = (self.months.unsigned_abs(), self.micros.unsigned_abs());
        f.write_str(if negative { "-P" } else { "P" })?;
        let own = |below_zero: bool| if below_zero && !negative { "-" } else { "" };
        let sign = own(self.months < 0);
        for (count, unit) in [(months / 12, 'Y'), (months % 12, 'M')] {
            if count > 0 {
                write!(f, "{sign}{count}{unit}")?;
            }
        }
        let sign = own(self.micros < 0);
        let unit = |size: i64| micros / size.unsigned_abs();
        if unit(DAY) > 0 {
            write!(f, "{sign}{}D", unit(DAY))?;
        }
        if micros % DAY.unsigned_abs() == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        for (count, name) in [(unit(HOUR) % 24, 'H'), (unit(MINUTE) % 60, 'M')] {
            if count > 0 {
                write!(f, "{sign}{count}{name}")?;
            }
        }
        let (seconds, fraction) = (unit(SECOND) % 60, micros % SECOND.unsigned_abs());
        if fraction > 0 {
            let digits = format!("{fraction:06}");
            write!(f, "{sign}{seconds}.{}S", digits.trim_end_matches('0'))
        } else if seconds > 0 {
            write!(f, "{sign}{seconds}S")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_prints_the_sign_of_each_of_its_parts() {
        let printed = |months, micros| Duration { months, micros }.to_string();
        assert_eq!(printed(0, 0), "PT0S");
        assert_eq!(printed(14, 3 * DAY + 4 * HOUR), "P1Y2M3DT4H");
        assert_eq!(printed(-14, -HOUR), "-P1Y2MT1H");
        assert_eq!(printed(1, -2 * DAY - 1_500_000), "P1M-2DT-1.5S");
        assert_eq!(printed(-1, HOUR + MINUTE), "P-1MT1H1M");
        assert_eq!(
            printed(i32::MIN, i64::MIN).chars().next(),
            Some('-'),
            "the smallest have no opposite"
        );
    }

    #[test]
    fn the_earliest_instant_has_a_start_of_day() {
        assert_eq!(Instant(i64::MIN).start_of_day(), Instant(i64::MIN));
        assert_eq!(Instant(-1).start_of_day(), Instant(-DAY));
    }
}
