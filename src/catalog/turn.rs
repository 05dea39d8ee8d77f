//! What all handles of a catalog share, and the turn of its one writer.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

use super::Options;
use crate::commit::{History, OpenReport, Version, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::value::Instant;

/// What all handles share.
pub(super) struct Shared {
    current: RwLock<Version>,
    writer: Mutex<Slot>,
    returned: Condvar,
    pub(super) history: Arc<History>,
    pub(super) options: Options,
    pub(super) report: OpenReport,
}

/// Where the writer is.
enum Slot {
    Free(Box<Writer>),
    Taken,
    Closed,
}

/// The turn to write: the writer, for as long as this lives. Dropping it, be it by a panic, lets
/// the next one in.
pub(super) struct Turn {
    shared: Arc<Shared>,
    /// `None` once the catalog was closed.
    writer: Option<Box<Writer>>,
}

impl Shared {
    pub(super) fn new(
        writer: Writer,
        version: Version,
        options: Options,
        report: OpenReport,
    ) -> Self {
        Self {
            current: RwLock::new(version),
            history: Arc::clone(writer.history()),
            writer: Mutex::new(Slot::Free(Box::new(writer))),
            returned: Condvar::new(),
            options,
            report,
        }
    }

    pub(super) fn current(&self) -> Version {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn publish(&self, version: Version) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *current, version);
        // Readers need not wait until the pages that nobody else holds are freed.
        drop(current);
        drop(before);
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits for the turn, no longer than the options of the catalog say.
    ///
    /// # Errors
    /// `Busy` where it did not come; `Closed`.
    pub(super) fn wait(shared: &Arc<Shared>) -> Result<Self> {
        let timeout = shared.options.write_timeout;
        let waiting = shared
            .returned
            .wait_timeout_while(shared.slot(), timeout, |slot| matches!(slot, Slot::Taken));
        let (mut slot, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *slot, Slot::Taken) {
            Slot::Free(writer) => Ok(Self {
                shared: Arc::clone(shared),
                writer: Some(writer),
            }),
            Slot::Taken => {
                let error = Error::new(ErrorKind::Busy, "another write transaction is open");
                Err(error.with_help(
                    "commit or drop it first; a thread that holds one cannot start another",
                ))
            }
            Slot::Closed => {
                *slot = Slot::Closed;
                Err(closed())
            }
        }
    }

    /// The last version; no other can be published during the turn.
    pub(super) fn current(&self) -> Version {
        self.shared.current()
    }

    pub(super) fn now(&self) -> Instant {
        (self.shared.options.clock)()
    }

    /// The writer, and how what it commits is published.
    ///
    /// # Errors
    /// `Closed`.
    pub(super) fn writer(&mut self) -> Result<(&mut Writer, impl FnOnce(Version) + use<'_>)> {
        let writer = self.writer.as_mut().ok_or_else(closed)?;
        let shared = &self.shared;
        Ok((writer, |version| shared.publish(version)))
    }

    /// Checkpoints and closes the file; every later turn is refused.
    ///
    /// # Errors
    /// `Io`, `Closed`.
    pub(super) fn close(mut self) -> Result<()> {
        let writer = self.writer.take().ok_or_else(closed)?;
        writer.close(&self.shared.current())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            *self.shared.slot() = Slot::Free(writer);
            self.shared.returned.notify_one();
        } else {
            *self.shared.slot() = Slot::Closed;
            self.shared.returned.notify_all();
        }
    }
}

impl Drop for Shared {
    /// The last handle is gone: checkpoint. Should that fail, the log holds everything and the
    /// next open replays it.
    fn drop(&mut self) {
        let version = self.current();
        let slot = self.writer.get_mut();
        let slot = slot.unwrap_or_else(PoisonError::into_inner);
        if let Slot::Free(writer) = std::mem::replace(slot, Slot::Closed) {
            drop(writer.close(&version));
        }
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the catalog was closed").with_help("open it again to write")
}
