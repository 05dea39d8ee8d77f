//! How much of the log: by commits, by bytes, by age.

use std::time::Duration;

use crate::value::Instant;

/// How much of the log there may be at most: held back in memory, not in the tables yet, or kept.
/// Where several are given, the one that is exceeded first counts; where none is, there is no
/// limit.
///
/// ```
/// use std::time::Duration;
/// use portolan::{Catalog, LogLimit, Options};
///
/// // Keep the log of the last 90 days, but no more than 10 GiB of it.
/// let options = Options::default().retention(LogLimit {
///     age: Some(Duration::from_hours(90 * 24)),
///     bytes: Some(10 << 30),
///     ..LogLimit::default()
/// });
/// let catalog = Catalog::in_memory_with(options)?;
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogLimit {
    /// How many commits.
    pub commits: Option<u64>,
    /// How many bytes of log records, as they are in the file.
    pub bytes: Option<u64>,
    /// For how long: from the first commit to the last, as the catalog's clock told their times.
    pub age: Option<Duration>,
}

/// How much of the log there is somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) commits: u64,
    pub(crate) bytes: u64,
    /// When the first of the commits was made.
    pub(crate) since: Option<Instant>,
}

impl LogLimit {
    /// Whether a stretch up to a commit of `now` is more than this.
    pub(crate) fn exceeded_by(&self, stretch: &Stretch, now: Instant) -> bool {
        let beyond = |limit: Option<u64>, size: u64| limit.is_some_and(|limit| size > limit);
        let too_old = match (self.age, stretch.since) {
            (Some(age), Some(since)) => {
                let passed = i128::from(now.0) - i128::from(since.0);
                i128::try_from(age.as_micros()).is_ok_and(|age| passed > age)
            }
            (None, _) | (_, None) => false,
        };
        beyond(self.commits, stretch.commits) || beyond(self.bytes, stretch.bytes) || too_old
    }
}

impl Stretch {
    /// Takes in one more commit at the end.
    pub(crate) fn add(&mut self, bytes: usize, time: Instant) {
        self.commits = self.commits.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.since.get_or_insert(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_exceeded_by_more_than_it_says_in_any_way() {
        let mut stretch = Stretch::default();
        stretch.add(10, Instant(1_000));
        stretch.add(20, Instant(2_000));
        let (none, now) = (LogLimit::default(), Instant(3_000));
        let commits = |commits| LogLimit {
            commits: Some(commits),
            ..none
        };
        let bytes = |bytes| LogLimit {
            bytes: Some(bytes),
            ..none
        };
        let age = |micros| LogLimit {
            age: Some(Duration::from_micros(micros)),
            ..none
        };
        let exceeded = |limit: LogLimit| limit.exceeded_by(&stretch, now);
        assert!(!exceeded(none));
        assert_eq!((exceeded(commits(2)), exceeded(commits(1))), (false, true));
        assert_eq!((exceeded(bytes(30)), exceeded(bytes(29))), (false, true));
        assert_eq!((exceeded(age(2_000)), exceeded(age(1_999))), (false, true));
        let either = LogLimit {
            age: age(1).age,
            ..commits(9)
        };
        assert!(exceeded(either));
        assert!(
            !age(0).exceeded_by(&stretch, Instant(i64::MIN)),
            "a clock may be anywhere"
        );
        assert!(
            !age(0).exceeded_by(&Stretch::default(), now),
            "nothing has no age"
        );
    }
}
