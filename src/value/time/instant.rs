//! Points in time, to the microsecond.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

use super::{DAY, Duration, Offset, iso, span};

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

    /// Reads a date-time in one of the forms of ISO 8601, with its offset, such as
    /// `2015-W30-2T214032.142+0100`, or a date, which means its midnight UTC; `None` for anything
    /// else.
    ///
    /// ```
    /// use portolan::{Instant, Offset};
    ///
    /// let (instant, offset) = Instant::parse_iso("20150721T2140+01").unwrap();
    /// assert_eq!(instant.to_string(), "2015-07-21T20:40:00Z");
    /// assert_eq!(offset, Offset::parse("+01:00").unwrap());
    /// ```
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<(Self, Offset)> {
        let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
            let midnight = iso::local_date(text)?.to_datetime(jiff::civil::Time::midnight());
            return Some((Self::at(midnight, Offset::UTC)?, Offset::UTC));
        };
        let (time, offset) = iso::local_time(time)?;
        let local = iso::local_date(date)?.to_datetime(time);
        Some((Self::at(local, offset?)?, offset?))
    }

    /// This instant moved by a duration; months and years by the UTC calendar, clamped to the
    /// last day of a shorter month. `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        self.checked_add_at(Offset::UTC, duration)
    }

    /// This instant moved by a duration, months and years by the calendar of an offset.
    pub(crate) fn checked_add_at(self, offset: Offset, duration: Duration) -> Option<Self> {
        let moved = if duration.months == 0 {
            self
        } else {
            Self::at(
                span::add_months(self.local(offset)?, duration.months)?,
                offset,
            )?
        };
        let micros = moved.0.checked_add(duration.micros)?;
        Timestamp::from_microsecond(micros).ok()?;
        Some(Self(micros))
    }

    /// The calendar date and time of day of an offset.
    pub(crate) fn local(self, offset: Offset) -> Option<DateTime> {
        let timestamp = Timestamp::from_microsecond(self.0).ok()?;
        Some(offset.zone().to_datetime(timestamp))
    }

    /// The point in time of a calendar date and time of day of an offset.
    pub(crate) fn at(local: DateTime, offset: Offset) -> Option<Self> {
        let timestamp = offset.zone().to_timestamp(local).ok()?;
        Some(Self(timestamp.as_microsecond()))
    }

    /// RFC 3339 in the time of day of an offset.
    pub(crate) fn text_at(self, offset: Offset) -> String {
        match self.local(offset) {
            Some(local) if offset != Offset::UTC => format!("{local}{offset}"),
            _ => self.to_string(),
        }
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_earliest_instant_has_a_start_of_day() {
        assert_eq!(Instant(i64::MIN).start_of_day(), Instant(i64::MIN));
        assert_eq!(Instant(-1).start_of_day(), Instant(-DAY));
    }

    #[test]
    fn a_date_time_keeps_the_offset_that_its_text_has() {
        let table = [
            (
                "2015-07-21T21:40:32.142+0100",
                "2015-07-21T21:40:32.142+01:00",
            ),
            ("2015-W30-2T214032.142Z", "2015-07-21T21:40:32.142Z"),
            ("2015-202T21:40:32+01:00", "2015-07-21T21:40:32+01:00"),
            ("2015-W30T2140-00:00", "2015-07-20T21:40:00Z"),
            ("2015-07-21 21:40-02:05:59", "2015-07-21T21:40:00-02:05:59"),
            ("2015", "2015-01-01T00:00:00Z"),
        ];
        for (text, expected) in table {
            let (instant, offset) = Instant::parse_iso(text).unwrap();
            assert_eq!(instant.text_at(offset), expected, "{text}");
        }
        for wrong in [
            "2015-07-21T21:40",
            "2015-07-21T",
            "T21:40Z",
            "now",
            "2015-07-21T21:40[Europe/Oslo]",
        ] {
            assert_eq!(Instant::parse_iso(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn months_go_by_the_calendar_of_the_offset() {
        let (start, offset) = Instant::parse_iso("2026-01-31T00:00:00+02:00").unwrap();
        let month = Duration::new(1, 0);
        let moved = start.checked_add_at(offset, month).unwrap();
        assert_eq!(moved.text_at(offset), "2026-02-28T00:00:00+02:00");
        let moved = start.checked_add(month).unwrap();
        assert_eq!(moved.to_string(), "2026-02-28T22:00:00Z");
        assert_eq!(start.checked_add(Duration::new(i32::MAX, 0)), None);
    }

    proptest! {
        #[test]
        fn local_times_round_trip(micros in -300_000_000_000_000_000..250_000_000_000_000_000_i64, seconds in -93_599..93_600_i32) {
            let (instant, offset) = (Instant(micros), Offset::from_seconds(seconds).unwrap());
            let local = instant.local(offset).unwrap();
            prop_assert_eq!(Instant::at(local, offset), Some(instant));
            prop_assert_eq!(Instant::parse_iso(&instant.text_at(offset)), Some((instant, offset)));
        }
    }
}
