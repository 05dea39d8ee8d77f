//! The file of a catalog once it is open: appended to, trimmed, closed.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use redb::{Database, Durability, ReadableDatabase as _, WriteTransaction};

use super::backend::Length;
use super::engine::{engine, shielded, translate};
use super::limit::Stretch;
use super::past::Forgotten;
use super::queue::{Encoded, Queue};
use super::reader::StoreReader;
use super::tables::LOG;
use crate::error::{Error, ErrorKind, Result};
use crate::value::Seq;

/// The file of a catalog. Commits are appended to its log, those that are there together with one
/// sync, see [`super::queue`]; the tables are brought up to date by checkpoints.
///
/// Writers are serialised here; readers never wait.
#[derive(Debug)]
pub(crate) struct Store {
    /// `None` once closed. Reading and writing hold it shared; only what changes the whole file
    /// holds it alone.
    database: RwLock<Option<Database>>,
    writing: Mutex<Writing>,
    pub(super) queue: Queue,
    length: Length,
}

/// What the file holds, for who is to write next: its lock is held from the beginning of a write
/// to its end.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// The last commit of the log, or of the tables where the log is empty.
    pub(super) last: Seq,
    /// The commit up to which the tables are brought.
    pub(super) checkpoint: Seq,
    /// How many bytes the records of the log have, once somebody has counted them.
    pub(super) log_bytes: Option<u64>,
}

impl Store {
    /// Around a database that is not known to be a catalog yet; see [`super::open`].
    pub(super) fn around(database: Database, length: Length) -> Self {
        Self {
            length,
            database: RwLock::new(Some(database)),
            writing: Mutex::default(),
            queue: Queue::default(),
        }
    }

    /// Sets what the next write builds on.
    pub(super) fn start_from(&self, checkpoint: Seq, last: Seq, unsaved: Stretch) {
        *self.writing() = Writing {
            last,
            checkpoint,
            log_bytes: None,
        };
        self.queue.start_from(last, unsaved);
    }

    /// Appends commits to the log with one sync: either all of them are durable or none.
    ///
    /// # Errors
    /// `Io` where the write failed; then every further write is refused.
    pub(super) fn write(&self, records: &[Encoded]) -> Result<()> {
        let Some(last) = records.last() else {
            return Ok(());
        };
        let mut writing = self.writing();
        self.transaction(&mut writing, |transaction| {
            let mut table = engine(|| transaction.open_table(LOG))?;
            for record in records {
                engine(|| {
                    table
                        .insert(record.seq.0, record.bytes.as_slice())
                        .map(drop)
                })?;
            }
            Ok(())
        })?;
        writing.last = last.seq;
        if let Some(total) = &mut writing.log_bytes {
            let bytes = records.iter().map(|record| record.bytes.len() as u64);
            *total += bytes.sum::<u64>();
        }
        Ok(())
    }

    /// Forgets log records up to and including `upto`, but none that the tables do not hold yet,
    /// and the way to them: since when a result holds is still known, by number. Gives how many
    /// went.
    ///
    /// # Errors
    /// As for [`Self::sync`].
    pub(crate) fn trim(&self, upto: Seq) -> Result<u64> {
        let mut writing = self.writing();
        let upto = upto.min(writing.checkpoint);
        let (gone, bytes) = self.transaction(&mut writing, |transaction| {
            let (mut gone, mut bytes, mut forgotten) = (0, 0, Forgotten::default());
            let mut table = engine(|| transaction.open_table(LOG))?;
            engine(|| {
                table.retain_in(..=upto.0, |_, record| {
                    gone += 1;
                    bytes += record.len() as u64;
                    forgotten.note(record);
                    false
                })
            })?;
            drop(table);
            forgotten.remove(transaction, upto)?;
            Ok((gone, bytes))
        })?;
        if let Some(total) = &mut writing.log_bytes {
            *total = total.saturating_sub(bytes);
        }
        Ok(gone)
    }

    /// The commit up to which the tables are brought; the log after it is replayed at open.
    pub(crate) fn checkpointed(&self) -> Seq {
        self.writing().checkpoint
    }

    /// One consistent view of the file, and of the commits that are not in it yet.
    ///
    /// # Errors
    /// `Closed`, or `Io` where the file cannot be read.
    pub(crate) fn reader(&self) -> Result<StoreReader> {
        // Memory first, then the file: what left memory by now is in the file by then.
        let held = self.queue.held();
        let transaction = self.database(|database| engine(|| database.begin_read()))?;
        Ok(StoreReader::new(transaction, held))
    }

    /// Gives unused room back to the file system; no reader may be open.
    ///
    /// # Errors
    /// `Busy` where a reader is open; else as for [`Self::sync`].
    pub(crate) fn compact(&self) -> Result<()> {
        let _writing = self.writing();
        self.alone(|database| engine(|| database.compact()))
            .map(drop)
    }

    /// How long the file is; 0 once it was closed.
    pub(super) fn length(&self) -> u64 {
        self.length.bytes().unwrap_or(0)
    }

    /// Runs what needs the file for itself.
    pub(super) fn alone<T>(&self, call: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        call(database.as_mut().ok_or_else(closed)?)
    }

    /// Closes the file so that the next open finds it tidy; dropping does the same and cannot
    /// say what went wrong. Everything else is refused from here on. What was not synced is lost.
    ///
    /// # Errors
    /// `Io` where the last writes failed; what was committed is safe.
    pub(crate) fn close(&self) -> Result<()> {
        let _writing = self.writing();
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match database.take() {
            Some(database) => engine(|| database.close()),
            None => Ok(()),
        }
    }

    pub(super) fn database<T>(&self, call: impl FnOnce(&Database) -> Result<T>) -> Result<T> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        call(database.as_ref().ok_or_else(closed)?)
    }

    pub(super) fn writing(&self) -> MutexGuard<'_, Writing> {
        // It is changed only after a write is through.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one synced transaction, under the lock of who writes. Where the engine fails in it, the
    /// store stays closed to further writes; where only the content was refused, nothing happened.
    pub(super) fn transaction<T>(
        &self,
        _lock: &mut Writing,
        write: impl FnOnce(&WriteTransaction) -> Result<T>,
    ) -> Result<T> {
        self.queue.check()?;
        let result = shielded(|| {
            let mut transaction =
                self.database(|database| database.begin_write().map_err(translate))?;
            transaction
                .set_durability(Durability::Immediate)
                .map_err(translate)?;
            let result = write(&transaction)?;
            transaction.commit().map_err(translate)?;
            Ok(result)
        });
        if let Err(error) = &result
            && matches!(
                error.kind(),
                ErrorKind::Io | ErrorKind::Corrupt | ErrorKind::Internal
            )
        {
            self.queue.fail(error);
        }
        result
    }
}

#[cfg(test)]
impl Store {
    /// Writes over the tables, as nothing of the catalog does.
    pub(crate) fn tamper(&self, write: impl FnOnce(&WriteTransaction)) {
        let transaction = self.database(|database| engine(|| database.begin_write()));
        if let Ok(transaction) = transaction {
            write(&transaction);
            assert!(
                transaction.commit().is_ok(),
                "a test tampers with what works"
            );
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing touches the file, and a damaged one must not bring the host down.
        let database = self.database.get_mut();
        let database = database.unwrap_or_else(PoisonError::into_inner).take();
        let closed = shielded(|| {
            drop(database);
            Ok(())
        });
        drop(closed);
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the catalog is closed")
}
