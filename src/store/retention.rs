//! Forgetting the beginning of a log that has become longer than it is to be kept.

use super::file::Store;
use super::limit::{LogLimit, Stretch};
use super::log_record::LogHead;
use crate::error::Result;
use crate::value::{Instant, Seq};

impl Store {
    /// Trims the log to what a limit allows at `now`, but never beyond the checkpoint. Gives how
    /// many records went.
    ///
    /// Costs O(what goes), and a limit of bytes one pass over the log the first time.
    ///
    /// # Errors
    /// As for [`Store::sync`].
    pub(crate) fn retain(&self, limit: &LogLimit, now: Instant) -> Result<u64> {
        if *limit == LogLimit::default() {
            return Ok(0);
        }
        match self.beyond(limit, now)? {
            Some(upto) => self.trim(upto),
            None => Ok(0),
        }
    }

    /// The last commit of the log that is more than a limit allows.
    fn beyond(&self, limit: &LogLimit, now: Instant) -> Result<Option<Seq>> {
        let (last, checkpoint) = {
            let writing = self.writing();
            (writing.last, writing.checkpoint)
        };
        let mut bytes = match limit.bytes {
            Some(_) => self.log_bytes()?,
            None => 0,
        };
        let mut beyond = None;
        self.reader()?.rows_after(Seq(0), |seq, row| {
            if seq > checkpoint {
                return Ok(false);
            }
            // A damaged record has no time of its own: it goes with the one after it.
            let head = limit.age.map(|_| LogHead::decode(row));
            let damaged = head.as_ref().is_some_and(Result::is_err);
            let kept = Stretch {
                commits: last.0.saturating_sub(seq.0).saturating_add(1),
                bytes,
                since: head.and_then(Result::ok).map(|head| head.time),
            };
            let too_much = limit.exceeded_by(&kept, now);
            if too_much {
                beyond = Some(seq);
            }
            bytes = bytes.saturating_sub(row.len() as u64);
            Ok(too_much || damaged)
        })?;
        Ok(beyond)
    }

    /// How many bytes the records of the log have.
    fn log_bytes(&self) -> Result<u64> {
        let mut writing = self.writing();
        if let Some(known) = writing.log_bytes {
            return Ok(known);
        }
        let mut bytes = 0;
        self.reader()?.rows_after(Seq(0), |_, row| {
            bytes += row.len() as u64;
            Ok(true)
        })?;
        writing.log_bytes = Some(bytes);
        Ok(bytes)
    }
}
