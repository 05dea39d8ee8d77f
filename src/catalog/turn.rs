//! What all handles of a catalog share, and the turn of its one writer.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Options;
use super::statements::Statements;
use crate::commit::{History, OpenReport, Pending, Policy, Publisher, Version, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store;
use crate::value::Instant;

/// What all handles share.
pub(super) struct Shared {
    pub(super) publisher: Publisher,
    writer: Mutex<Slot>,
    returned: Condvar,
    pub(super) history: Arc<History>,
    pub(super) options: Options,
    pub(super) report: OpenReport,
    pub(super) statements: Arc<Statements>,
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
            history: Arc::clone(writer.history()),
            publisher: Publisher::new(&writer, version),
            writer: Mutex::new(Slot::Free(Box::new(writer))),
            returned: Condvar::new(),
            options,
            report,
            statements: Arc::default(),
        }
    }

    /// The file, for what needs no turn.
    pub(super) fn store(&self) -> &Arc<Store> {
        self.history.store()
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

    /// The version that the last commit made; none comes after it during the turn.
    pub(super) fn head(&self) -> Version {
        self.shared.publisher.head()
    }

    pub(super) fn now(&self) -> Instant {
        (self.shared.options.clock)()
    }

    pub(super) fn policy(&self) -> Policy {
        self.shared.options.policy
    }

    /// The writer, and where it sends what it commits.
    ///
    /// # Errors
    /// `Closed`.
    pub(super) fn writer(&mut self) -> Result<(&mut Writer, &Publisher)> {
        let writer = self.writer.as_mut().ok_or_else(closed)?;
        Ok((writer, &self.shared.publisher))
    }

    /// Ends the turn in which something was committed, and waits until that may be acknowledged:
    /// meanwhile the next one writes, unless it is time for a checkpoint.
    ///
    /// # Errors
    /// `Io` where the disk refuses: then nothing of the commit remains.
    pub(super) fn end(mut self, pending: &Pending) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let (publisher, policy) = (&shared.publisher, self.policy());
        let (writer, _) = self.writer()?;
        if writer.checkpoint_is_due(publisher, &policy) {
            publisher.wait(pending)?;
            // The commit stands. Should the checkpoint fail for the disk, the store refuses the
            // next write and says why; else it is due again after as much log as this time.
            drop(writer.checkpoint(publisher, &policy));
            return Ok(());
        }
        drop(self);
        publisher.wait(pending)
    }

    /// Checkpoints.
    ///
    /// # Errors
    /// `Io`, `Closed`.
    pub(super) fn checkpoint(mut self) -> Result<()> {
        let policy = self.policy();
        let (writer, publisher) = self.writer()?;
        writer.checkpoint(publisher, &policy)
    }

    /// Checkpoints and closes the file; every later turn is refused.
    ///
    /// # Errors
    /// `Io`, `Closed`.
    pub(super) fn close(mut self) -> Result<()> {
        let writer = self.writer.take().ok_or_else(closed)?;
        writer.close(&self.shared.publisher, &self.policy())
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
        let slot = self.writer.get_mut();
        let slot = slot.unwrap_or_else(PoisonError::into_inner);
        if let Slot::Free(writer) = std::mem::replace(slot, Slot::Closed) {
            drop(writer.close(&self.publisher, &self.options.policy));
        }
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the catalog was closed").with_help("open it again to write")
}
