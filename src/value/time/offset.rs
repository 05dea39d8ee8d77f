//! How far the time of day of a place is ahead of UTC.

use std::fmt;

use jiff::tz::Offset as Zone;

/// How far a time of day is ahead of UTC, to the second. It tells how a point in time is written,
/// not which one it is.
///
/// ```
/// use portolan::Offset;
///
/// let offset = Offset::parse("+05:30").unwrap();
/// assert_eq!(offset.seconds(), 19_800);
/// assert_eq!(offset.to_string(), "+05:30");
/// assert_eq!(Offset::UTC.to_string(), "Z");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Offset(i32);

impl Offset {
    /// No offset.
    pub const UTC: Self = Self(0);

    /// An offset of so many seconds; `None` beyond 25:59:59 either way.
    #[must_use]
    pub fn from_seconds(seconds: i32) -> Option<Self> {
        Zone::from_seconds(seconds)
            .ok()
            .map(|zone| Self(zone.seconds()))
    }

    /// How many seconds ahead of UTC.
    #[must_use]
    pub const fn seconds(self) -> i32 {
        self.0
    }

    /// Reads `Z`, `+01`, `+01:00`, `+0100`, `-02:05:59` or `-020559`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("z") {
            return Some(Self::UTC);
        }
        let sign = match text.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let digits = super::iso::unseparated(text.get(1..)?, ':')?;
        if !matches!(digits.len(), 2 | 4 | 6) {
            return None;
        }
        let part = |at: usize, most: i32| match digits.get(at..at + 2) {
            None => Some(0),
            Some(part) => part.parse().ok().filter(|part| *part <= most),
        };
        let seconds = part(0, 25)? * 3600 + part(2, 59)? * 60 + part(4, 59)?;
        Self::from_seconds(sign * seconds)
    }

    pub(super) fn zone(self) -> Zone {
        Zone::from_seconds(self.0).unwrap_or(Zone::UTC)
    }
}

impl fmt::Display for Offset {
    /// `Z`, `+01:00`, or with seconds where there are some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("Z");
        }
        let sign = if self.0 < 0 { '-' } else { '+' };
        let seconds = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        match seconds % 60 {
            0 => Ok(()),
            seconds => write!(f, ":{seconds:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn reads_all_forms_and_nothing_else() {
        let table = [
            ("Z", "Z"),
            ("+01", "+01:00"),
            ("-0100", "-01:00"),
            ("-00:00", "Z"),
            ("+02:05:59", "+02:05:59"),
            ("-020559", "-02:05:59"),
            ("+25:59:59", "+25:59:59"),
        ];
        for (text, expected) in table {
            assert_eq!(Offset::parse(text).unwrap().to_string(), expected, "{text}");
        }
        for wrong in [
            "",
            "+",
            "01:00",
            "+1",
            "+01:0",
            "+01:60",
            "+26",
            "+0a",
            "Europe/Oslo",
            "+é",
        ] {
            assert_eq!(Offset::parse(wrong), None, "{wrong}");
        }
    }
}
