//! What a query may use up, and how it is stopped.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};
use crate::value::ByteCount;

/// How many rows and visited entities pass between two looks at the clock and the cancel flag.
const CHECK_EVERY: u64 = 1_024;

/// What one query may use up; each error names its limit and how to raise it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows of the answer.
    pub rows: u64,
    /// Rows and entities looked at on the way to the answer.
    pub intermediate_rows: u64,
    /// The bounds of walks whose lengths are counted exactly, and the length of paths.
    pub hops: u32,
    /// Bytes, about, of rows that must be kept to sort, group or tell them apart, and of lists
    /// collected.
    pub memory: u64,
    /// Real time from the start of the query; `None` for no limit.
    pub time: Option<std::time::Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        let time = Some(std::time::Duration::from_secs(5));
        Self {
            rows: 100_000,
            intermediate_rows: 10_000_000,
            hops: 64,
            memory: 256 * 1024 * 1024,
            time,
        }
    }
}

/// Stops a running query from another thread; a copy stops the same query.
#[derive(Clone, Default)]
pub struct Cancel {
    cancelled: Arc<AtomicBool>,
    expired: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl Cancel {
    /// A handle that nobody has used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the query at its next check.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether [`Cancel::cancel`] was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// The same handle that also stops the query once `expired` says that its time is over.
    #[must_use]
    pub(crate) fn until(mut self, expired: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.expired = Some(Arc::new(expired));
        self
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

/// What a running query has used up so far.
#[derive(Debug)]
pub(crate) struct Budget<'a> {
    limits: Limits,
    cancel: Option<&'a Cancel>,
    used: Cell<u64>,
    next_check: Cell<u64>,
    held: Cell<u64>,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: &Limits, cancel: &'a Cancel) -> Self {
        let (used, next_check) = (Cell::new(0), Cell::new(0));
        Self {
            limits: *limits,
            cancel: Some(cancel),
            used,
            next_check,
            held: Cell::new(0),
        }
    }

    /// For a single expression, which nobody waits for.
    pub(crate) fn of_expression() -> Self {
        let (used, next_check) = (Cell::new(0), Cell::new(CHECK_EVERY));
        Self {
            limits: Limits::default(),
            cancel: None,
            used,
            next_check,
            held: Cell::new(0),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Starts counting anew, for the next expression.
    pub(crate) fn reset(&self) {
        self.used.set(0);
        self.next_check.set(CHECK_EVERY);
        self.held.set(0);
    }

    /// Counts bytes that are kept until the query ends.
    pub(crate) fn hold(&self, bytes: u64) -> Result<()> {
        let held = self.held.get().saturating_add(bytes);
        self.held.set(held);
        if held > self.limits.memory {
            return Err(exceeded("memory", ByteCount(self.limits.memory)));
        }
        Ok(())
    }

    /// Counts rows or entities looked at.
    #[inline]
    pub(crate) fn spend(&self, amount: u64) -> Result<()> {
        let used = self.used.get().saturating_add(amount);
        self.used.set(used);
        if used < self.next_check.get() {
            Ok(())
        } else {
            self.check(used)
        }
    }

    #[cold]
    fn check(&self, used: u64) -> Result<()> {
        self.next_check.set(used.saturating_add(CHECK_EVERY));
        if used > self.limits.intermediate_rows {
            return Err(exceeded("intermediate_rows", self.limits.intermediate_rows));
        }
        let Some(cancel) = self.cancel else {
            return Ok(());
        };
        if cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Closed, "the query was cancelled"));
        }
        if cancel.expired.as_ref().is_some_and(|expired| expired()) {
            let time = self.limits.time.unwrap_or_default();
            return Err(exceeded("time", format!("{time:?}")));
        }
        Ok(())
    }

    /// Refuses to keep more groups than rows may be looked at.
    pub(crate) fn check_groups(&self, groups: usize) -> Result<()> {
        let over =
            u64::try_from(groups).is_ok_and(|groups| groups >= self.limits.intermediate_rows);
        if over {
            return Err(exceeded("intermediate_rows", self.limits.intermediate_rows));
        }
        Ok(())
    }

    /// Refuses an answer of too many rows.
    pub(crate) fn check_rows(&self, rows: usize) -> Result<()> {
        let over = u64::try_from(rows).is_ok_and(|rows| rows > self.limits.rows);
        if over {
            Err(exceeded("rows", self.limits.rows))
        } else {
            Ok(())
        }
    }
}

/// The error of a limit that was reached.
pub(crate) fn exceeded(limit: &str, value: impl fmt::Display) -> Error {
    let message = format!("the query reached its limit `{limit}` of {value}");
    let help = format!("narrow the query, or raise `{limit}` in the limits it runs with");
    Error::new(ErrorKind::Limit, message).with_help(help)
}
