//! Log records on their way to the file: in memory until a sync takes all of them along.
//!
//! Who follows these rules shares syncs and loses nothing that was acknowledged:
//!
//! 1. Records enter in the order of their commits, without a gap, and leave from the front, after
//!    the transaction that holds them was synced. So the file always holds a prefix of the
//!    commits, and a look-up that asks here first and the file afterwards misses none.
//! 2. Whoever needs commits up to one on disk asks for it by [`Store::sync`]. Where nobody is
//!    writing, the asking thread leads: it writes everything that is here, its own and others', in
//!    one transaction with one sync. Where somebody is, it waits, and looks again when that is
//!    done. So one thread alone neither waits nor is woken, and many share what they wait for.
//! 3. The leader tells the layer above what became durable before anybody is woken and before the
//!    next one leads. So what is told only goes forward, and has been told when a waiter goes on.
//! 4. A write that fails is the end: it is not known what arrived, so everybody who waits gets the
//!    error, nothing enters or is written any more, and only opening the file anew tells.
//! 5. The lock is held for moments, never while the disk works. A leader that panics counts as one
//!    whose write failed.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::file::Store;
use super::limit::Stretch;
use super::log_record::LogRecord;
use crate::error::{Error, ErrorKind, Result};
use crate::value::{Instant, Seq};

/// What redb takes for one value.
const RECORD_BYTES_MAX: u64 = 3 << 30;

/// A log record as the file will hold it.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(super) seq: Seq,
    pub(super) time: Instant,
    pub(super) bytes: Arc<Vec<u8>>,
}

/// The records that the file does not hold for certain.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Somebody stopped leading, or everything failed.
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Ascending, without a gap, up to `last`. Readers share it; it is copied only where one does.
    held: Arc<Vec<Encoded>>,
    held_bytes: u64,
    /// The last commit.
    last: Seq,
    /// The last commit that is durable.
    synced: Seq,
    /// The log since the last attempt at a checkpoint.
    unsaved: Stretch,
    /// Whether somebody is writing.
    led: bool,
    /// Why nothing can be written any more.
    failed: Option<Error>,
}

/// The duty to end what a leader began, also where it panics.
struct Leading<'a> {
    queue: &'a Queue,
    outcome: Result<Seq>,
}

impl Encoded {
    /// # Errors
    /// `Limit` where a value is nested too deep, or where the record is too large for the file.
    pub(crate) fn of(record: &LogRecord) -> Result<Self> {
        let bytes = record.encode()?;
        if bytes.len() as u64 > RECORD_BYTES_MAX {
            // Refused here, for one by one: in the queue it would take others down with it.
            let message = "a commit is too large for one row of the file";
            return Err(
                Error::new(ErrorKind::Limit, message).with_help("split it into smaller ones")
            );
        }
        Ok(Self {
            seq: record.seq,
            time: record.time,
            bytes: Arc::new(bytes),
        })
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything in it could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets where the log of an opened file ends, and how much of it the tables do not hold.
    pub(super) fn start_from(&self, last: Seq, unsaved: Stretch) {
        let mut state = self.state();
        state.last = last;
        state.synced = last;
        state.unsaved = unsaved;
    }

    /// A commit went into the file past the queue, which was empty, together with the tables.
    pub(super) fn passed(&self, seq: Seq) {
        self.start_from(seq, Stretch::default());
    }

    /// What the file may not hold yet.
    pub(super) fn held(&self) -> Arc<Vec<Encoded>> {
        Arc::clone(&self.state().held)
    }

    /// Nothing can be written any more, for the reason of the first failure.
    pub(super) fn fail(&self, error: &Error) {
        self.state().failed.get_or_insert_with(|| error.clone());
        self.moved.notify_all();
    }

    /// # Errors
    /// `Io` after a failure.
    pub(super) fn check(&self) -> Result<()> {
        self.state().check()
    }
}

impl State {
    fn check(&self) -> Result<()> {
        if self.failed.is_none() {
            return Ok(());
        }
        let message =
            "an earlier write failed, so nothing can be written until the catalog is opened again";
        Err(Error::new(ErrorKind::Io, message).with_help(
            "close the catalog and open it: every commit that was acknowledged as synced is there",
        ))
    }

    /// Everything up to a commit is in the file.
    fn written(&mut self, upto: Seq) {
        let count = self.held.partition_point(|record| record.seq <= upto);
        let gone = Arc::make_mut(&mut self.held).drain(..count);
        let bytes: u64 = gone.map(|record| record.bytes.len() as u64).sum();
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
        self.synced = upto;
    }
}

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.led = false;
        match &self.outcome {
            Ok(upto) => state.written(*upto),
            Err(error) => {
                state.failed.get_or_insert_with(|| error.clone());
            }
        }
        drop(state);
        self.queue.moved.notify_all();
    }
}

impl Store {
    /// Takes the next commit, which stays in memory until the next [`Self::sync`]. Gives how much
    /// is held back now.
    ///
    /// # Errors
    /// `Io` where an earlier write failed.
    pub(crate) fn enqueue(&self, record: Encoded) -> Result<Stretch> {
        let mut state = self.queue.state();
        state.check()?;
        let (seq, last) = (record.seq, state.last);
        if last.0.checked_add(1) != Some(seq.0) {
            let message = format!("commit {seq} does not follow commit {last}");
            return Err(Error::internal(message));
        }
        state.last = seq;
        state.unsaved.add(record.bytes.len(), record.time);
        state.held_bytes += record.bytes.len() as u64;
        Arc::make_mut(&mut state.held).push(record);
        Ok(Stretch {
            commits: state.held.len() as u64,
            bytes: state.held_bytes,
            since: state.held.first().map(|first| first.time),
        })
    }

    /// Returns once every commit up to one is durable. Where this thread writes, `settle` is told
    /// up to which commit everything is, or that writing failed; see the rules above.
    ///
    /// # Errors
    /// `Io` where the write failed; then every further write is refused until the catalog is
    /// opened again, because only that tells what arrived.
    pub(crate) fn sync(&self, upto: Seq, settle: impl FnOnce(&Result<Seq>)) -> Result<()> {
        let mut state = self.queue.state();
        loop {
            if state.synced >= upto {
                return Ok(());
            }
            if let Some(error) = &state.failed {
                return Err(error.clone());
            }
            if !state.led {
                break;
            }
            let waited = self.queue.moved.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.led = true;
        let (records, last) = (Arc::clone(&state.held), state.last);
        drop(state);
        let mut leading = Leading {
            queue: &self.queue,
            outcome: Err(Error::internal("writing the log was interrupted")),
        };
        leading.outcome = self.write(&records).map(|()| last);
        // What is not shared need not be copied.
        drop(records);
        if let Err(error) = &leading.outcome {
            // Nothing may enter after what is settled now.
            self.queue.fail(error);
        }
        settle(&leading.outcome);
        leading.outcome.clone().map(drop)
    }

    /// The last commit, be it in the file or held back.
    pub(crate) fn last(&self) -> Seq {
        self.queue.state().last
    }

    /// Forgets the commits after one whose successors could not be written.
    pub(crate) fn forget_after(&self, seq: Seq) {
        let mut state = self.queue.state();
        let kept = state.held.partition_point(|record| record.seq <= seq);
        let gone = Arc::make_mut(&mut state.held).split_off(kept);
        let bytes: u64 = gone.iter().map(|record| record.bytes.len() as u64).sum();
        state.held_bytes = state.held_bytes.saturating_sub(bytes);
        state.last = state.last.min(seq);
    }

    /// The log since the last attempt at a checkpoint.
    pub(crate) fn unsaved(&self) -> Stretch {
        self.queue.state().unsaved
    }

    /// A checkpoint is attempted: should it fail, the next one is due as if it had not.
    pub(crate) fn start_unsaved(&self) {
        self.queue.state().unsaved = Stretch::default();
    }
}
