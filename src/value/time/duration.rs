//! Spans of time: calendar months, days and exact microseconds.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::span::{Unit, Units};
use super::{DAY, HOUR, MINUTE, SECOND, iso};

/// A span of time: calendar months, whose length depends on the date, and exact microseconds.
///
/// A day is 24 hours: a duration also knows how many days it was written with, for its text and
/// its parts, but `P1D` and `PT24H` are the same span.
///
/// ```
/// use portolan::Duration;
///
/// let span = Duration::parse("1h30m").unwrap();
/// assert_eq!((span.months, span.micros), (0, 90 * 60 * 1_000_000));
/// assert_eq!(span.to_string(), "PT1H30M");
/// assert_eq!(Duration::parse_iso("PT90M"), Some(span));
///
/// let day = Duration::parse("1d").unwrap();
/// assert_eq!((day.to_string().as_str(), day.days()), ("P1D", 1));
/// assert_eq!(Duration::parse("24h"), Some(day));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Duration {
    /// Calendar months (a year is 12).
    pub months: i32,
    /// Microseconds, those of the days included.
    pub micros: i64,
    /// How many days of 24 hours are told apart from the hours.
    days: i32,
}

/// The units of duration literals with their months, days and microseconds, longest spelling
/// first.
const UNITS: [(&str, Unit); 8] = [
    ("ms", Unit::Micros(1_000)),
    ("mo", Unit::Months(1)),
    ("s", Unit::Micros(SECOND)),
    ("m", Unit::Micros(MINUTE)),
    ("h", Unit::Micros(HOUR)),
    ("d", Unit::Days(1)),
    ("w", Unit::Days(7)),
    ("y", Unit::Months(12)),
];

/// The units of ISO 8601 before and after its `T`, in their order.
const ISO_UNITS: [[(char, Unit); 4]; 2] = [
    [
        ('Y', Unit::Months(12)),
        ('M', Unit::Months(1)),
        ('W', Unit::Days(7)),
        ('D', Unit::Days(1)),
    ],
    [
        ('H', Unit::Micros(HOUR)),
        ('M', Unit::Micros(MINUTE)),
        ('S', Unit::Micros(SECOND)),
        // Nothing follows seconds.
        ('\0', Unit::Micros(0)),
    ],
];

impl Duration {
    /// A span of months and microseconds; every 24 hours are a day.
    #[must_use]
    pub fn new(months: i32, micros: i64) -> Self {
        Self {
            months,
            micros,
            // 64 bits of microseconds are some hundred million days.
            days: i32::try_from(micros / DAY).unwrap_or(0),
        }
    }

    /// A span of months, days and the microseconds beside them; `None` where 64 bits of
    /// microseconds do not hold the days.
    #[must_use]
    pub fn from_parts(months: i32, days: i32, time: i64) -> Option<Self> {
        Some(Self {
            months,
            micros: i64::from(days).checked_mul(DAY)?.checked_add(time)?,
            days,
        })
    }

    /// The days that the duration tells apart from its hours.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.days
    }

    /// The microseconds beside the days.
    #[must_use]
    pub fn time(self) -> i64 {
        let days = i64::from(self.days).saturating_mul(DAY);
        self.micros.saturating_sub(days)
    }

    /// Reads a literal such as `90d`, `1h30m`, `500ms`, `2mo` or `1y`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut total = Units::default();
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let count: i64 = rest.get(..digits)?.parse().ok()?;
            let tail = rest.get(digits..)?;
            let (name, unit) = UNITS.iter().find(|(name, _)| tail.starts_with(name))?;
            total.add(*unit, count, 0.0)?;
            rest = tail.get(name.len()..)?;
        }
        (!text.is_empty()).then(|| total.finish())?
    }

    /// Reads an ISO 8601 duration such as `P1Y2M`, `PT36H` or `P2.5W`; `None` for anything else.
    /// Each number may have a sign, as may the whole, and a fraction, which is carried over to
    /// smaller units: of a month as 30.436875 days, of a day as 24 hours.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let rest = rest.strip_prefix(['P', 'p'])?;
        let (date, time) = match rest.split_once(['T', 't']) {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        let parsed = parse_amounts(date, time).or_else(|| parse_calendar(date, time))?;
        Some(if negative { parsed.negated() } else { parsed })
    }

    /// The opposite duration.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            months: self.months.saturating_neg(),
            micros: self.micros.saturating_neg(),
            days: self.days.saturating_neg(),
        }
    }

    /// Both together; `None` where that is out of range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            micros: self.micros.checked_add(other.micros)?,
            days: self.days.checked_add(other.days)?,
        })
    }
}

/// `1Y2M`, `-14D` before the `T`, `16H12M70.5S` after it.
fn parse_amounts(date: &str, time: &str) -> Option<Duration> {
    let mut total = Units::default();
    let mut any = false;
    for (mut rest, units) in [date, time].into_iter().zip(&ISO_UNITS) {
        let mut units = units.iter();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let (whole, part) = amount(rest.get(..end)?)?;
            let name = rest.get(end..)?.chars().next()?.to_ascii_uppercase();
            let (_, unit) = units.find(|(known, _)| *known == name)?;
            total.add(*unit, whole, part)?;
            rest = rest.get(end + 1..)?;
            any = true;
        }
    }
    any.then(|| total.finish())?
}

/// A number with a sign as its whole part and its fraction, both with the sign.
fn amount(text: &str) -> Option<(i64, f64)> {
    let text = text.replace(',', ".");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    if !plain(whole) || !plain(part) {
        return None;
    }
    let (whole, part): (i64, f64) = (whole.parse().ok()?, format!("0.{part}").parse().ok()?);
    Some(if negative {
        (-whole, -part)
    } else {
        (whole, part)
    })
}

/// `2012-02-02` before the `T` and `14:37:21.545` after it.
fn parse_calendar(date: &str, time: &str) -> Option<Duration> {
    let mut numbers = date.splitn(3, '-').map(|part| {
        let plain = part.bytes().all(|c| c.is_ascii_digit());
        plain.then(|| part.parse::<i64>().ok())?
    });
    let (years, months, days) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let mut total = Units::default();
    total.add(Unit::Months(12), years, 0.0)?;
    total.add(Unit::Months(1), months, 0.0)?;
    total.add(Unit::Days(1), days, 0.0)?;
    if !time.is_empty() {
        let (time, offset) = iso::local_time(time)?;
        if offset.is_some() {
            return None;
        }
        let seconds = time.duration_since(jiff::civil::Time::midnight());
        total.add(Unit::Micros(1), seconds.as_micros().try_into().ok()?, 0.0)?;
    }
    total.finish()
}

impl PartialEq for Duration {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Duration {}

impl PartialOrd for Duration {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Duration {
    /// By months, then by microseconds: how many of them are told as days does not matter.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.months, self.micros).cmp(&(other.months, other.micros))
    }
}

impl Hash for Duration {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.months, self.micros).hash(state);
    }
}

impl fmt::Display for Duration {
    /// ISO 8601, for instance `P1Y2M3DT4H5M6.5S`; zero is `PT0S`. A sign stands at each number:
    /// `P1M-2DT-1.5S`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time();
        if (self.months, self.days, time) == (0, 0, 0) {
            return f.write_str("PT0S");
        }
        f.write_str("P")?;
        for (count, unit) in [
            (self.months / 12, 'Y'),
            (self.months % 12, 'M'),
            (self.days, 'D'),
        ] {
            if count != 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        if time == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        for (count, unit) in [(time / HOUR, 'H'), (time / MINUTE % 60, 'M')] {
            if count != 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        let sign = if time < 0 { "-" } else { "" };
        let rest = (time % MINUTE).unsigned_abs();
        let (seconds, fraction) = (rest / SECOND.unsigned_abs(), rest % SECOND.unsigned_abs());
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
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_duration_prints_the_sign_of_each_of_its_parts() {
        let printed = |months, micros| Duration::new(months, micros).to_string();
        assert_eq!(printed(0, 0), "PT0S");
        assert_eq!(printed(14, 3 * DAY + 4 * HOUR), "P1Y2M3DT4H");
        assert_eq!(printed(-14, -HOUR), "P-1Y-2MT-1H");
        assert_eq!(printed(1, -2 * DAY - 1_500_000), "P1M-2DT-1.5S");
        assert_eq!(printed(-1, HOUR + MINUTE), "P-1MT1H1M");
        assert_eq!(
            printed(i32::MIN, i64::MIN).chars().nth(1),
            Some('-'),
            "the smallest have no opposite"
        );
    }

    #[test]
    fn iso_texts_carry_fractions_over() {
        let table = [
            ("P14DT16H12M", "P14DT16H12M"),
            ("P5M1.5D", "P5M1DT12H"),
            ("P0.75M", "P22DT19H51M49.5S"),
            ("PT0.75M", "PT45S"),
            ("P2.5W", "P17DT12H"),
            ("P12Y5M14DT16H12M70S", "P12Y5M14DT16H13M10S"),
            ("P2012-02-02T14:37:21.545", "P2012Y2M2DT14H37M21.545S"),
            ("-P1DT2H", "P-1DT-2H"),
            ("P12Y5M-14DT16H", "P12Y5M-14DT16H"),
            ("PT-1.999S", "PT-1.999S"),
            ("PT36H", "PT36H"),
            ("PT0S", "PT0S"),
        ];
        for (text, expected) in table {
            let parsed = Duration::parse_iso(text).unwrap();
            assert_eq!(parsed.to_string(), expected, "{text}");
        }
        let wrong = [
            "",
            "P",
            "PT",
            "P1",
            "1Y",
            "P1DT",
            "P1M1Y",
            "PT1D",
            "P1H",
            "P1..5D",
            "P.5D",
            "P1Y1Y",
            "P--1D",
            "P99999999999999999999Y",
            "P999999999999Y",
            "P1Dé",
            "PT\0",
            "P1900-01-01T10:00Z",
        ];
        for text in wrong {
            assert_eq!(Duration::parse_iso(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn texts_round_trip(months in any::<i32>(), days in -100_000..100_000_i32, time in -1_000_000_000_000_000..1_000_000_000_000_000_i64) {
            let duration = Duration::from_parts(months, days, time).unwrap();
            let read = Duration::parse_iso(&duration.to_string()).unwrap();
            prop_assert_eq!((read.months, read.days(), read.time()), (months, days, time));
            prop_assert_eq!(Duration::new(months, duration.micros), duration);
        }
    }
}
