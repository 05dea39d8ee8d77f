//! How a catalog is opened and how a query is run, beyond the defaults.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::clock;
use crate::commit::{Durability, Policy};
use crate::query::{Cancel, Limits};
use crate::store::LogLimit;
use crate::value::Instant;

/// How a catalog is opened.
///
/// ```
/// use portolan::{Catalog, Instant, Options};
///
/// // A fixed clock, so that what is written is the same in every run.
/// let noon = Instant::parse("2026-11-01T12:00:00Z").unwrap();
/// let catalog = Catalog::in_memory_with(Options::default().clock(move || noon))?;
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone)]
pub struct Options {
    pub(super) clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    pub(super) write_timeout: Duration,
    pub(super) policy: Policy,
}

impl Options {
    /// Where the catalog takes the time from: of commits, and of `now()` in a query. The machine's
    /// clock if nothing else is said.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long [`Catalog::write`](crate::Catalog::write), and whatever else needs the writer,
    /// waits for the transaction before it; 30 seconds if nothing else is said.
    #[must_use]
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout;
        self
    }

    /// When a commit is on disk where its transaction does not say
    /// ([`WriteTx::durability`](crate::WriteTx::durability)); [`Durability::Synced`] if nothing
    /// else is said.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.policy.durability = durability;
        self
    }

    /// How much of the log deferred commits may hold back in memory: the commit that would be more
    /// is synced, together with all of it. 1,000 commits, 1 MiB or one second if nothing else is
    /// said. Time is looked at by the next commit, not while nothing is committed.
    #[must_use]
    pub fn deferral(mut self, limit: LogLimit) -> Self {
        self.policy.deferral = limit;
        self
    }

    /// How much of the log may come after a checkpoint: the commit that is more makes the next
    /// one. That is what an open after a crash has to replay. 10,000 commits or 64 MiB if nothing
    /// else is said. Closing, and [`Catalog::checkpoint`](crate::Catalog::checkpoint), make one in
    /// any case.
    #[must_use]
    pub fn checkpoint(mut self, limit: LogLimit) -> Self {
        self.policy.checkpoint = limit;
        self
    }

    /// How much of the log is kept. Every checkpoint forgets what is more, the oldest commits
    /// first and never those after it, as [`Catalog::trim_log`](crate::Catalog::trim_log) does.
    /// All of it if nothing else is said.
    ///
    /// ```
    /// use portolan::{Catalog, LogLimit, Options, Seq, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let limit = LogLimit { commits: Some(2), ..LogLimit::default() };
    /// let catalog = Catalog::in_memory_with(Options::default().retention(limit))?;
    /// let viewer = Viewer::system("docs");
    /// for name in ["team", "service", "system", "domain"] {
    ///     let blueprint = Blueprint::from_json(&json!({"identifier": name, "title": name}))?;
    ///     let mut tx = catalog.write(&viewer)?;
    ///     tx.declare([blueprint], [])?;
    ///     tx.commit()?;
    /// }
    /// catalog.checkpoint()?;
    /// assert_eq!(catalog.trim_log(Seq(4))?, 2, "two of four were kept");
    /// # Ok::<(), portolan::Error>(())
    /// ```
    #[must_use]
    pub fn retention(mut self, limit: LogLimit) -> Self {
        self.policy.retention = limit;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(clock::time_of_day),
            write_timeout: Duration::from_secs(30),
            policy: Policy::default(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("write_timeout", &self.write_timeout)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// How one query is run: its limits, and a handle that cancels it from another thread.
///
/// ```
/// use portolan::{Catalog, ErrorKind, Limits, QueryOptions, Viewer};
///
/// let snapshot = Catalog::in_memory()?.read(&Viewer::system("docs"));
/// let options = QueryOptions {
///     limits: Limits { rows: 0, ..Limits::default() },
///     ..QueryOptions::default()
/// };
/// let error = snapshot.query_with("RETURN 1 AS one", (), &options).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Limit);
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct QueryOptions {
    /// How much the query may read, build and return, and for how long.
    pub limits: Limits,
    /// Cancels the query where it is.
    pub cancel: Cancel,
}
