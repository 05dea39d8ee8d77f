//! Appending in one step, for tests that are not about what happens in between.

use crate::error::Result;
use crate::store::{Encoded, LogRecord, Store};

impl Store {
    /// Appends one commit to the log and syncs it.
    pub(crate) fn append(&self, record: &LogRecord) -> Result<()> {
        self.append_all(std::slice::from_ref(record))
    }

    /// Appends several commits with one sync: either all of them are durable or none.
    pub(crate) fn append_all(&self, records: &[LogRecord]) -> Result<()> {
        for record in records {
            self.enqueue(Encoded::of(record)?)?;
        }
        self.sync(self.last(), |_| ())
    }
}
