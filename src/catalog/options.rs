//! How a catalog is opened and how a query is run, beyond the defaults.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::clock;
use crate::query::{Cancel, Limits};
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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(clock::time_of_day),
            write_timeout: Duration::from_secs(30),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("write_timeout", &self.write_timeout)
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
