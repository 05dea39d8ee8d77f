//! The file of a catalog once it is open: appended to, trimmed, closed.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use redb::{Database, Durability, ReadableDatabase as _, WriteTransaction};

use super::engine::{engine, shielded, translate};
use super::log_record::LogRecord;
use super::past::Forgotten;
use super::reader::StoreReader;
use super::tables::LOG;
use crate::error::{Error, ErrorKind, Result};
use crate::value::Seq;

/// The file of a catalog. Commits are appended to its log, one synced write each; the tables are
/// brought up to date by checkpoints.
///
/// Writers are serialised here; readers never wait.
#[derive(Debug)]
pub(crate) struct Store {
    /// `None` once closed. Reading and writing hold it shared; only what changes the whole file
    /// holds it alone.
    database: RwLock<Option<Database>>,
    writing: Mutex<Writing>,
}

/// What the next write builds on.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// The last commit of the log, or of the tables where the log is empty.
    pub(super) last: Seq,
    /// The commit up to which the tables are brought.
    pub(super) checkpoint: Seq,
    /// A write failed halfway: what the file holds is known only after opening it again.
    failed: bool,
}

impl Store {
    /// Around a database that is not known to be a catalog yet; see [`super::open`].
    pub(super) fn around(database: Database) -> Self {
        Self {
            database: RwLock::new(Some(database)),
            writing: Mutex::default(),
        }
    }

    /// Sets what the next write builds on.
    pub(super) fn start_from(&self, checkpoint: Seq, last: Seq) {
        *self.writing() = Writing {
            last,
            checkpoint,
            failed: false,
        };
    }

    /// Appends one commit to the log and syncs it: when this returns, the commit is durable.
    ///
    /// # Errors
    /// `Io` where the write failed; then every further write is refused until the catalog is
    /// opened again, because only that tells whether the commit arrived.
    pub(crate) fn append(&self, record: &LogRecord) -> Result<()> {
        self.append_all(std::slice::from_ref(record))
    }

    /// Appends several commits with one sync: either all of them are durable or none.
    ///
    /// # Errors
    /// As for [`Self::append`].
    pub(crate) fn append_all(&self, records: &[LogRecord]) -> Result<()> {
        let rows = records
            .iter()
            .map(|record| Ok((record.seq, record.encode()?)));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let mut writing = self.writing();
        let mut last = writing.last;
        for (seq, _) in &rows {
            if last.0.checked_add(1) != Some(seq.0) {
                return Err(Error::internal(format!(
                    "commit {seq} does not follow commit {last}"
                )));
            }
            last = *seq;
        }
        self.transaction(&mut writing, |transaction| {
            let mut table = engine(|| transaction.open_table(LOG))?;
            for (seq, row) in &rows {
                engine(|| table.insert(seq.0, row.as_slice()).map(drop))?;
            }
            Ok(())
        })?;
        writing.last = last;
        Ok(())
    }

    /// Forgets log records up to and including `upto`, but none that the tables do not hold yet,
    /// and the way to them: since when a result holds is still known, by number. Gives how many
    /// went.
    ///
    /// # Errors
    /// As for [`Self::append`].
    pub(crate) fn trim(&self, upto: Seq) -> Result<u64> {
        let mut writing = self.writing();
        let upto = upto.min(writing.checkpoint);
        self.transaction(&mut writing, |transaction| {
            let (mut gone, mut forgotten) = (0, Forgotten::default());
            let mut table = engine(|| transaction.open_table(LOG))?;
            engine(|| {
                table.retain_in(..=upto.0, |_, record| {
                    gone += 1;
                    forgotten.note(record);
                    false
                })
            })?;
            drop(table);
            forgotten.remove(transaction, upto)?;
            Ok(gone)
        })
    }

    /// The last commit that the file holds.
    pub(crate) fn last(&self) -> Seq {
        self.writing().last
    }

    /// The commit up to which the tables are brought; the log after it is replayed at open.
    pub(crate) fn checkpointed(&self) -> Seq {
        self.writing().checkpoint
    }

    /// One consistent view of the file.
    ///
    /// # Errors
    /// `Closed`, or `Io` where the file cannot be read.
    pub(crate) fn reader(&self) -> Result<StoreReader> {
        self.database(|database| Ok(StoreReader::new(engine(|| database.begin_read())?)))
    }

    /// Gives unused room back to the file system; no reader may be open.
    ///
    /// # Errors
    /// `Busy` where a reader is open; else as for [`Self::append`].
    pub(crate) fn compact(&self) -> Result<()> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let database = database.as_mut().ok_or_else(closed)?;
        engine(|| database.compact()).map(drop)
    }

    /// Closes the file so that the next open finds it tidy; dropping does the same and cannot
    /// say what went wrong. Everything else is refused from here on.
    ///
    /// # Errors
    /// `Io` where the last writes failed; what was committed is safe.
    pub(crate) fn close(&self) -> Result<()> {
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
        // A panic between the statements of a write leaves `failed` set or nothing written.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one synced transaction. Where the engine fails in it, the store stays closed to
    /// further writes; where only the content was refused, nothing happened.
    pub(super) fn transaction<T>(
        &self,
        writing: &mut Writing,
        write: impl FnOnce(&WriteTransaction) -> Result<T>,
    ) -> Result<T> {
        if writing.failed {
            return Err(Error::new(
                ErrorKind::Io,
                "an earlier write failed, so nothing can be written until the catalog is opened again",
            )
            .with_help("close the catalog and open it: every acknowledged commit is there"));
        }
        writing.failed = true;
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
        writing.failed = result.as_ref().is_err_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::Io | ErrorKind::Corrupt | ErrorKind::Internal
            )
        });
        result
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
