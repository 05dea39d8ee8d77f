//! Points in time, calendar dates, offsets and spans of time; calendar arithmetic is `jiff`'s.

mod date;
mod duration;
mod instant;
mod iso;
mod offset;
mod span;

pub use date::Date;
pub use duration::Duration;
pub use instant::Instant;
pub(crate) use iso::{ordinal_date, quarter_date, week_date};
pub use offset::Offset;
pub(crate) use span::{Measure, Unit, Units, between, scaled};

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
