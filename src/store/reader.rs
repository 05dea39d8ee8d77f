//! Reading a consistent view of the file: tables, image and log, every row checked.

use std::sync::Arc;

use redb::{ReadTransaction, ReadableTable as _};
use serde_json::Value as Json;

use super::bytes::Reader;
use super::engine::{damaged, engine, held};
use super::image::Image;
use super::image_pages::{DIRECTORY, read_pages};
use super::limit::Stretch;
use super::log_change::Change;
use super::log_record::{LogHead, LogRecord};
use super::past::{self, ResultRow};
use super::queue::Encoded;
use super::record_page::{OpenPage, RecordPage};
use super::tables::{
    BLUEPRINTS, ENTITIES, IMAGE, LOG, META, NAMES, RESULTS, Rows, SCORECARDS, meta,
};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{BlueprintId, EntityId, Instant, NameId, ScorecardId, Seq};

/// One consistent view of the file, and of the log records that were not in it yet; later writes do
/// not show in it. It keeps the room of what is overwritten meanwhile, so it should not live long.
pub(crate) struct StoreReader {
    transaction: ReadTransaction,
    /// Some of them may be in the file as well.
    held: Arc<Vec<Encoded>>,
}

impl std::fmt::Debug for StoreReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreReader").finish_non_exhaustive()
    }
}

/// What a catalog starts from: everything at the checkpoint but the entities.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The commit that the tables and the image are of.
    pub(crate) seq: Seq,
    /// When it was made.
    pub(crate) time: Instant,
    /// The counters of the layers above, as the checkpoint was given them.
    pub(crate) counters: Vec<u64>,
    /// Ascending by id.
    pub(crate) names: Vec<(NameId, Arc<str>)>,
    /// Ascending by id.
    pub(crate) blueprints: Vec<(BlueprintId, Json)>,
    /// Ascending by id.
    pub(crate) scorecards: Vec<(ScorecardId, Json)>,
    /// Ascending by number; those of rules and scorecards that were removed are among them.
    pub(crate) results: Vec<ResultRow>,
    /// The image, or why there is none to be used: then it is rebuilt from the entities.
    pub(crate) image: Result<Image, String>,
}

impl StoreReader {
    pub(super) fn new(transaction: ReadTransaction, held: Arc<Vec<Encoded>>) -> Self {
        Self { transaction, held }
    }

    /// The transaction itself, for what goes over whole tables.
    pub(super) fn transaction(&self) -> &ReadTransaction {
        &self.transaction
    }

    /// The model and everything derived at the checkpoint.
    ///
    /// # Errors
    /// `Corrupt` where a row is damaged, `Io`.
    pub(crate) fn base(&self) -> Result<Base> {
        let (seq, time) = self.position()?;
        let counters = self.row(META, meta::COUNTERS)?;
        Ok(Base {
            seq,
            time,
            counters: numbers(&counters)
                .map_err(|error| META.damaged(meta::COUNTERS, error.message()))?,
            names: self.collect(NAMES, |id, bytes| {
                Ok((NameId(id), Arc::from(super::bytes::text(bytes)?)))
            })?,
            blueprints: self
                .collect(BLUEPRINTS, |id, bytes| Ok((BlueprintId(id), json(bytes)?)))?,
            scorecards: self
                .collect(SCORECARDS, |id, bytes| Ok((ScorecardId(id), json(bytes)?)))?,
            results: self.collect(RESULTS, ResultRow::decode)?,
            image: self.image(seq),
        })
    }

    /// When a commit of the log was made, and by whom; `None` where it was trimmed.
    ///
    /// # Errors
    /// `Corrupt` where the record is damaged, `Io`.
    pub(crate) fn head(&self, seq: Seq) -> Result<Option<LogHead>> {
        self.record(seq, LogHead::decode)
    }

    /// What a commit of the log did to an entity; `None` where it was trimmed or did nothing.
    ///
    /// # Errors
    /// As for [`Self::head`].
    pub(crate) fn change_of(
        &self,
        seq: Seq,
        entity: EntityId,
    ) -> Result<Option<(LogHead, Change)>> {
        let found = self.record(seq, |bytes| LogRecord::change_of(bytes, entity))?;
        Ok(found.and_then(|(head, change)| Some((head, change?))))
    }

    /// The last commit up to `upto`, and to the checkpoint, that changed a result of an entity.
    ///
    /// # Errors
    /// As for [`Self::head`].
    pub(crate) fn last_flip(
        &self,
        entity: EntityId,
        result: u32,
        upto: Seq,
    ) -> Result<Option<Seq>> {
        past::last_flip(&self.transaction, entity, result, upto)
    }

    /// The last `limit` commits up to `upto`, and to the checkpoint, that updated or deleted an
    /// entity, the last one first. Those before the log was trimmed are not among them.
    ///
    /// # Errors
    /// As for [`Self::head`].
    pub(crate) fn touched(&self, entity: EntityId, upto: Seq, limit: usize) -> Result<Vec<Seq>> {
        past::touched(&self.transaction, entity, upto, limit)
    }

    /// The first commit that the log has; the one after the checkpoint where it has none.
    ///
    /// # Errors
    /// `Io`, `Corrupt`.
    pub(crate) fn log_start(&self) -> Result<Seq> {
        let table = engine(|| self.transaction.open_table(LOG))?;
        match engine(|| table.first())? {
            Some((key, _)) => Ok(Seq(held(&key)?)),
            None => Ok(Seq(self.position()?.0.0.saturating_add(1))),
        }
    }

    fn record<T>(&self, seq: Seq, read: impl FnOnce(&[u8]) -> Result<T>) -> Result<Option<T>> {
        let at = self.held.binary_search_by_key(&seq, |record| record.seq);
        if let Some(record) = at.ok().and_then(|at| self.held.get(at)) {
            return read(&record.bytes).map(Some);
        }
        let table = engine(|| self.transaction.open_table(LOG))?;
        let row = engine(|| table.get(seq.0))?;
        let found = row.map(|row| read(held(&row)?)).transpose();
        found.map_err(|error| damaged(&format!("log record {seq}: {}", error.message())))
    }

    /// The entities at the checkpoint in pages with their numbers, ascending.
    ///
    /// # Errors
    /// `Corrupt` where a row is damaged, `Io`.
    pub(crate) fn pages(&self) -> Result<Vec<(u32, RecordPage)>> {
        let (mut pages, mut open) = (Vec::new(), OpenPage::default());
        self.each(ENTITIES, |id, bytes| {
            let done = open.add(EntityId(id), bytes);
            pages.extend(done.map_err(|error| ENTITIES.damaged(id, error.message()))?);
            Ok(())
        })?;
        pages.extend(open.close()?);
        Ok(pages)
    }

    /// Visits the commits after `after` in order.
    ///
    /// # Errors
    /// `Corrupt` where a record is damaged or missing, naming it; `NotFound` where the records
    /// were trimmed; `Io`, and what `visit` gives.
    pub(crate) fn log(
        &self,
        after: Seq,
        mut visit: impl FnMut(LogRecord) -> Result<()>,
    ) -> Result<()> {
        let Some(first) = after.0.checked_add(1) else {
            return Ok(());
        };
        let table = engine(|| self.transaction.open_table(LOG))?;
        let mut rows = engine(|| table.range(first..))?;
        let mut expected = first;
        while let Some(row) = engine(|| rows.next().transpose())? {
            let (key, bytes) = row;
            let seq = held(&key)?;
            if seq != expected {
                return Err(self.missing(expected, seq, after)?);
            }
            let record = LogRecord::decode(held(&bytes)?)
                .map_err(|error| damaged(&format!("log record {seq}: {}", error.message())))?;
            if record.seq.0 != seq {
                let detail = format!(
                    "log record {seq}: it is the record of commit {}",
                    record.seq
                );
                return Err(damaged(&detail));
            }
            visit(record)?;
            expected = seq.saturating_add(1);
        }
        let in_file = self.held.partition_point(|held| held.seq.0 < expected);
        for held in self.held.iter().skip(in_file) {
            visit(LogRecord::decode(&held.bytes)?)?;
        }
        Ok(())
    }

    /// How much of the log there is after a commit, in the file.
    pub(super) fn stretch_after(&self, seq: Seq) -> Result<Stretch> {
        let mut stretch = Stretch::default();
        self.rows_after(seq, |_, row| {
            let time = match stretch.since {
                Some(time) => time,
                None => LogHead::decode(row)?.time,
            };
            stretch.add(row.len(), time);
            Ok(true)
        })?;
        Ok(stretch)
    }

    /// Visits the rows of the log in the file after a commit, for as long as that is wanted.
    pub(super) fn rows_after(
        &self,
        seq: Seq,
        mut visit: impl FnMut(Seq, &[u8]) -> Result<bool>,
    ) -> Result<()> {
        let table = engine(|| self.transaction.open_table(LOG))?;
        let mut rows = engine(|| table.range(seq.0.saturating_add(1)..))?;
        while let Some((key, row)) = engine(|| rows.next().transpose())? {
            if !visit(Seq(held(&key)?), held(&row)?)? {
                break;
            }
        }
        Ok(())
    }

    /// Why the log goes on at `found` where `expected` was looked for.
    fn missing(&self, expected: u64, found: u64, after: Seq) -> Result<Error> {
        let (checkpoint, _) = self.position()?;
        if expected == after.0.saturating_add(1) && found <= checkpoint.0.saturating_add(1) {
            let message = format!("the log before commit {found} was trimmed");
            return Ok(Error::new(ErrorKind::NotFound, message)
                .with_help(format!("read from commit {found} on")));
        }
        Ok(damaged(&format!("log record {expected} is missing")))
    }

    /// The commit of the checkpoint and the last of the log.
    pub(super) fn extent(&self) -> Result<(Seq, Seq)> {
        let (checkpoint, _) = self.position()?;
        let table = engine(|| self.transaction.open_table(LOG))?;
        let last = engine(|| table.last())?;
        let last = last.map_or(Ok(0), |(key, _)| held(&key))?;
        Ok((checkpoint, checkpoint.max(Seq(last))))
    }

    fn position(&self) -> Result<(Seq, Instant)> {
        let row = self.row(META, meta::CHECKPOINT)?;
        let mut reader = Reader::new(&row);
        let mut read = || -> Result<_> {
            let seq = Seq(u64::from_le_bytes(reader.array()?));
            Ok((seq, Instant(i64::from_le_bytes(reader.array()?))))
        };
        read().map_err(|error| META.damaged(meta::CHECKPOINT, error.message()))
    }

    pub(super) fn image(&self, seq: Seq) -> Result<Image, String> {
        let unreadable = |error: Error| format!("the image cannot be read: {}", error.message());
        let table = engine(|| self.transaction.open_table(IMAGE)).map_err(unreadable)?;
        read_pages(seq, |key, found| {
            let row = engine(|| table.get(key)).map_err(unreadable)?;
            let row = row.ok_or_else(|| match key {
                DIRECTORY => "there is no image".to_owned(),
                (section, page) => {
                    format!("page {page} of section {section} of the image is missing")
                }
            })?;
            found(held(&row).map_err(unreadable)?)
        })
    }

    /// The content of a row that every catalog has.
    fn row(&self, rows: Rows, key: u32) -> Result<Vec<u8>> {
        let table = engine(|| self.transaction.open_table(rows.definition))?;
        let row = engine(|| table.get(key))?;
        let row = row.ok_or_else(|| rows.damaged(key, "it is missing"))?;
        rows.unseal(key, held(&row)?).map(<[u8]>::to_vec)
    }

    fn collect<T>(
        &self,
        rows: Rows,
        mut read: impl FnMut(u32, &[u8]) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.each(rows, |id, bytes| {
            all.push(read(id, bytes).map_err(|error| rows.damaged(id, error.message()))?);
            Ok(())
        })?;
        Ok(all)
    }

    fn each(&self, rows: Rows, mut visit: impl FnMut(u32, &[u8]) -> Result<()>) -> Result<()> {
        let table = engine(|| self.transaction.open_table(rows.definition))?;
        let mut entries = engine(|| table.iter())?;
        while let Some((key, row)) = engine(|| entries.next().transpose())? {
            let key = held(&key)?;
            visit(key, rows.unseal(key, held(&row)?)?)?;
        }
        Ok(())
    }
}

pub(super) fn json(bytes: &[u8]) -> Result<Json> {
    serde_json::from_slice(bytes).map_err(Error::from)
}

fn numbers(bytes: &[u8]) -> Result<Vec<u64>> {
    let mut reader = Reader::new(bytes);
    let mut numbers = Vec::new();
    while !reader.is_empty() {
        numbers.push(reader.varint()?);
    }
    Ok(numbers)
}
