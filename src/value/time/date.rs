//! Calendar dates: days without a time of day or a place.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{self, DateTime};

use super::{DAY, Duration, Instant, iso, span};

const EPOCH: civil::Date = civil::date(1970, 1, 1);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A calendar date: days since 1970-01-01. Against a point in time it stands for its midnight UTC.
///
/// ```
/// use portolan::{Date, Duration};
///
/// let date = Date::parse("2024-W09-4").unwrap();
/// assert_eq!(date.to_string(), "2024-02-29");
/// let next = date.checked_add(Duration::parse("1y").unwrap()).unwrap();
/// assert_eq!(next.to_string(), "2025-02-28");
/// assert_eq!(next.midnight().to_string(), "2025-02-28T00:00:00Z");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(pub i32);

impl Date {
    /// Reads a date in one of the forms of ISO 8601: `2024-05-31`, `20240531`, `2024-05`, `2024`,
    /// `2024-W22-5`, `2024-152`, `2024-Q2-61`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        iso::local_date(text).map(Self::of)
    }

    /// The point in time at which it begins in UTC.
    #[must_use]
    pub fn midnight(self) -> Instant {
        Instant(i64::from(self.0).saturating_mul(DAY))
    }

    /// This date moved by the months and the whole days of a duration, clamped to the last day of a
    /// shorter month. `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let moved = span::add_months(self.civil()?.into(), duration.months)?.date();
        let days = i64::from(duration.days()) + duration.time() / DAY;
        let date = i64::from(Self::of(moved).0).checked_add(days)?;
        let date = Self(date.try_into().ok()?);
        date.civil().map(|_| date)
    }

    pub(crate) fn of(date: civil::Date) -> Self {
        let days = date.duration_since(EPOCH).as_secs() / DAY_SECONDS;
        // The calendar has some seven million days.
        Self(days.try_into().unwrap_or(0))
    }

    pub(crate) fn civil(self) -> Option<civil::Date> {
        let seconds = i64::from(self.0) * DAY_SECONDS;
        EPOCH.checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    pub(crate) fn start(self) -> Option<DateTime> {
        self.civil().map(DateTime::from)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some(date) => date.fmt(f),
            None => write!(f, "{}d", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_beyond_the_calendar_have_no_parts() {
        assert_eq!(Date(i32::MAX).civil(), None);
        assert_eq!(Date(i32::MAX).to_string(), "2147483647d");
        assert_eq!(Date(i32::MAX).midnight(), Instant(i64::MAX));
        assert_eq!(Date(0).checked_add(Duration::new(i32::MAX, 0)), None);
        assert_eq!(Date(0).checked_add(Duration::new(0, i64::MAX)), None);
    }

    #[test]
    fn the_time_of_a_duration_counts_in_whole_days() {
        let moved = |text: &str| Duration::parse_iso(text).and_then(|by| Date(0).checked_add(by));
        assert_eq!(moved("PT23H"), Some(Date(0)));
        assert_eq!(moved("PT49H"), Some(Date(2)));
        assert_eq!(moved("P1DT-1H"), Some(Date(1)));
    }

    proptest! {
        #[test]
        fn days_and_texts_round_trip(days in -4_000_000..2_900_000_i32) {
            let date = Date(days);
            prop_assert_eq!(date.civil().map(Date::of), Some(date));
            prop_assert_eq!(Date::parse(&date.to_string()), Some(date));
            prop_assert_eq!(date.checked_add(Duration::new(0, DAY)), Some(Date(days + 1)));
            prop_assert_eq!(date.midnight().start_of_day(), date.midnight());
        }
    }
}
