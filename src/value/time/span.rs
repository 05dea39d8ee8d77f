//! Lengths of time put together from amounts of units, and told between two calendar times.

use jiff::civil::DateTime;
use jiff::{Span, Unit as CalendarUnit};

use super::{DAY, Duration};

/// The average length of a month of the Gregorian calendar, which a fraction of one stands for.
const DAYS_PER_MONTH: f64 = 30.436_875;

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// So many calendar months.
    Months(i64),
    /// So many days of 24 hours.
    Days(i64),
    Micros(i64),
    /// A thousandth of a microsecond; fewer than a thousand of them are cut off.
    Nanos,
}

/// Amounts of units: whole ones, which are exact, and fractions, which are carried over to the
/// smaller units in the end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Units {
    months: i64,
    days: i64,
    micros: i64,
    parts: Parts,
}

/// Fractions of months, days and microseconds, each with what overflows into whole ones.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    months: f64,
    days: f64,
    micros: f64,
}

impl Units {
    /// Adds so many units and a part of one; `None` where that is out of range.
    pub(crate) fn add(&mut self, unit: Unit, whole: i64, part: f64) -> Option<()> {
        let (total, parts, size) = match unit {
            Unit::Months(size) => (&mut self.months, &mut self.parts.months, size),
            Unit::Days(size) => (&mut self.days, &mut self.parts.days, size),
            Unit::Micros(size) => (&mut self.micros, &mut self.parts.micros, size),
            Unit::Nanos => {
                self.micros = self.micros.checked_add(whole / 1_000)?;
                return Some(());
            }
        };
        *total = total.checked_add(whole.checked_mul(size)?)?;
        *parts += part * widened(size);
        Some(())
    }

    /// The duration of all; `None` where it is out of range.
    pub(crate) fn finish(self) -> Option<Duration> {
        let (months, rest) = split(self.parts.months)?;
        let (days, rest) = split(self.parts.days + rest * DAYS_PER_MONTH)?;
        let (micros, rest) = split((self.parts.micros + rest * widened(DAY)).round())?;
        debug_assert!(rest == 0.0, "rounded");
        let months = self.months.checked_add(months)?;
        let days = self.days.checked_add(days)?;
        Duration::from_parts(
            months.try_into().ok()?,
            days.try_into().ok()?,
            self.micros.checked_add(micros)?,
        )
    }
}

/// A duration times a factor, fractions carried over to smaller units; `None` out of range.
pub(crate) fn scaled(duration: Duration, factor: f64) -> Option<Duration> {
    let units = Units {
        parts: Parts {
            months: f64::from(duration.months) * factor,
            days: f64::from(duration.days()) * factor,
            micros: widened(duration.time()) * factor,
        },
        ..Units::default()
    };
    units.finish()
}

/// The whole part and the fraction of a number; `None` where 64 bits cannot hold it.
fn split(number: f64) -> Option<(i64, f64)> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let whole = number.trunc();
    if !(-LIMIT..LIMIT).contains(&whole) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked above"
    )]
    let exact = whole as i64;
    Some((exact, number - whole))
}

fn widened(whole: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "fractions are as exact as floats are"
    )]
    let wide = whole as f64;
    wide
}

/// A calendar time moved by months, clamped to the last day of a shorter one.
pub(super) fn add_months(local: DateTime, months: i32) -> Option<DateTime> {
    let span = Span::new().try_months(months).ok()?;
    local.checked_add(span).ok()
}

/// What a duration between two times is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Months, then days, then time.
    Calendar,
    Months,
    Days,
    Time,
}

/// How far one calendar time is from another; what does not fill the measure's unit is left out.
/// `None` out of range.
pub(crate) fn between(from: DateTime, to: DateTime, measure: Measure) -> Option<Duration> {
    let micros = i64::try_from(to.duration_since(from).as_micros()).ok()?;
    match measure {
        Measure::Days => return Duration::from_parts(0, i32::try_from(micros / DAY).ok()?, 0),
        Measure::Time => return Duration::from_parts(0, 0, micros),
        Measure::Calendar | Measure::Months => {}
    }
    let months = from.until((CalendarUnit::Month, to)).ok()?.get_months();
    if measure == Measure::Months {
        return Duration::from_parts(months, 0, 0);
    }
    let reached = add_months(from, months)?;
    let rest = i64::try_from(to.duration_since(reached).as_micros()).ok()?;
    Duration::from_parts(months, i32::try_from(rest / DAY).ok()?, rest % DAY)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use proptest::prelude::*;

    use super::*;

    fn local(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn the_way_between_two_times_is_told_in_each_measure() {
        let table = [
            (
                "1984-10-11",
                "2015-06-24",
                "P30Y8M13D",
                "P30Y8M",
                "P11213D",
                "PT269112H",
            ),
            (
                "1984-10-11",
                "2015-07-21T21:40:32.142",
                "P30Y9M10DT21H40M32.142S",
                "P30Y9M",
                "P11240D",
                "PT269781H40M32.142S",
            ),
            (
                "2018-03-11",
                "2016-06-24",
                "P-1Y-8M-17D",
                "P-1Y-8M",
                "P-625D",
                "PT-15000H",
            ),
            ("2018-01-31", "2018-02-28", "P28D", "PT0S", "P28D", "PT672H"),
            (
                "2018-01-01T12:00",
                "2018-01-01",
                "PT-12H",
                "PT0S",
                "PT0S",
                "PT-12H",
            ),
        ];
        for (from, to, calendar, months, days, time) in table {
            let measured = |measure| {
                between(local(from), local(to), measure)
                    .unwrap()
                    .to_string()
            };
            assert_eq!(measured(Measure::Calendar), calendar, "{from} {to}");
            assert_eq!(measured(Measure::Months), months, "{from} {to}");
            assert_eq!(measured(Measure::Days), days, "{from} {to}");
            assert_eq!(measured(Measure::Time), time, "{from} {to}");
        }
    }

    #[test]
    fn fractions_of_a_factor_go_to_smaller_units() {
        let duration = Duration::parse_iso("P12Y5M14DT16H13M10S").unwrap();
        assert_eq!(
            scaled(duration, 0.5).unwrap().to_string(),
            "P6Y2M22DT13H21M8S"
        );
        assert_eq!(
            scaled(duration, 2.0).unwrap().to_string(),
            "P24Y10M28DT32H26M20S"
        );
        assert_eq!(scaled(duration, 1e30), None);
        assert_eq!(scaled(duration, f64::NAN), None);
    }

    proptest! {
        #[test]
        fn what_lies_between_leads_from_one_to_the_other(from in 0..4_000_000_000_000_000_i64, to in 0..4_000_000_000_000_000_i64) {
            use super::super::{Instant, Offset};
            let at = |micros| Instant(micros).local(Offset::UTC).unwrap();
            let length = between(at(from), at(to), Measure::Calendar).unwrap();
            prop_assert_eq!(Instant(from).checked_add(length), Some(Instant(to)));
            let exact = between(at(from), at(to), Measure::Time).unwrap();
            prop_assert_eq!(exact.micros, to - from);
            prop_assert!(length.months == 0 || (length.months > 0) == (to > from));
        }
    }
}
