//! The one place that reads the machine's clocks, for catalogs that were given none.

use std::time::{Instant as Monotonic, SystemTime, UNIX_EPOCH};

use crate::value::Instant;

/// The time of day, for `$createdAt`, `$updatedAt`, the log and `now()`.
#[expect(
    clippy::disallowed_methods,
    reason = "the default of the injected clock"
)]
pub(super) fn time_of_day() -> Instant {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A question that answers yes from `limit` on: whether a query has run for too long. It never
/// changes an answer, only whether there is one.
#[expect(clippy::disallowed_methods, reason = "a time limit is about real time")]
pub(super) fn deadline(limit: std::time::Duration) -> impl Fn() -> bool {
    let start = Monotonic::now();
    move || start.elapsed() >= limit
}
