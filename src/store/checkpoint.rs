//! Bringing the tables up to a commit of the log, in one transaction.

use std::ops::Bound;
use std::sync::Arc;

use redb::{ReadableTable as _, Table, WriteTransaction};

use super::bytes::put_varint;
use super::engine::{engine, held};
use super::file::Store;
use super::image::Image;
use super::image_pages::{DIRECTORY, PageKey, write_pages};
use super::past::{self, Past};
use super::queue::Encoded;
use super::tables::{BLUEPRINTS, ENTITIES, IMAGE, LOG, META, NAMES, Rows, SCORECARDS, meta};
use crate::error::{Error, Result};
use crate::value::{BlueprintId, EntityId, Instant, NameId, ScorecardId, Seq};

/// What changed between the last checkpoint and this one.
#[derive(Debug)]
pub(crate) struct Checkpoint<'a, Changed> {
    /// The next commit of the log, where it is written together with the tables.
    pub(crate) record: Option<&'a Encoded>,
    /// The commit that the tables are brought up to: not before the last checkpoint, and not
    /// after the last commit of the log.
    pub(crate) seq: Seq,
    /// When it was made.
    pub(crate) time: Instant,
    /// Numbers that the layers above want back at the next open.
    pub(crate) counters: &'a [u64],
    /// Names that are new since the last checkpoint; more do no harm.
    pub(crate) names: &'a [(NameId, Arc<str>)],
    /// Blueprints that changed, as JSON text; `None` where they were removed.
    pub(crate) blueprints: &'a [(BlueprintId, Option<Arc<str>>)],
    /// Scorecards that changed, as JSON text; `None` where they were removed.
    pub(crate) scorecards: &'a [(ScorecardId, Option<Arc<str>>)],
    /// Entities that changed, packed, ascending by id; `None` where they were deleted.
    pub(crate) changed: Changed,
    /// What the commits since the last checkpoint changed, by entity.
    pub(crate) past: &'a Past,
    /// The derived structures at `seq`; without them the next open rebuilds them.
    pub(crate) image: Option<&'a Image>,
}

impl Store {
    /// Brings the tables up to a commit. After it the log up to there may be trimmed. Gives
    /// whether the image is kept.
    ///
    /// Costs one sorted pass over what changed, and the pages of the image that differ.
    ///
    /// # Errors
    /// As for [`Store::sync`].
    pub(crate) fn checkpoint<'p, Changed>(
        &self,
        checkpoint: Checkpoint<'_, Changed>,
    ) -> Result<bool>
    where
        Changed: IntoIterator<Item = (EntityId, Option<&'p [u8]>)>,
    {
        let mut writing = self.writing();
        let seq = checkpoint.seq;
        let mut last = writing.last;
        if let Some(record) = checkpoint.record {
            if last.0.checked_add(1) != Some(record.seq.0) {
                let message = format!("commit {} does not follow commit {last}", record.seq);
                return Err(Error::internal(message));
            }
            last = record.seq;
        }
        if seq < writing.checkpoint || seq > last {
            return Err(Error::internal(format!(
                "a checkpoint at commit {seq} is not between {} and {}",
                writing.checkpoint, last
            )));
        }
        if checkpoint.image.is_some_and(|image| image.seq != seq) {
            return Err(Error::internal(
                "the image of a checkpoint is of another commit",
            ));
        }
        let kept = self.transaction(&mut writing, |transaction| {
            if let Some(record) = checkpoint.record {
                let mut log = engine(|| transaction.open_table(LOG))?;
                engine(|| log.insert(last.0, record.bytes.as_slice()).map(drop))?;
            }
            write_position(transaction, seq, checkpoint.time, checkpoint.counters)?;
            let names = checkpoint.names.iter().map(|(id, name)| (id.0, Some(name)));
            write_texts(transaction, NAMES, names)?;
            let blueprints = checkpoint
                .blueprints
                .iter()
                .map(|(id, json)| (id.0, json.as_ref()));
            write_texts(transaction, BLUEPRINTS, blueprints)?;
            let scorecards = checkpoint
                .scorecards
                .iter()
                .map(|(id, json)| (id.0, json.as_ref()));
            write_texts(transaction, SCORECARDS, scorecards)?;
            write_entities(transaction, checkpoint.changed.into_iter())?;
            past::write(transaction, checkpoint.past)?;
            write_image(transaction, checkpoint.image)
        })?;
        (writing.last, writing.checkpoint) = (last, seq);
        if let Some(record) = checkpoint.record {
            if let Some(total) = &mut writing.log_bytes {
                *total += record.bytes.len() as u64;
            }
            self.queue.passed(last);
        }
        Ok(kept)
    }
}

/// Writes the commit that the tables are of, and the counters.
pub(super) fn write_position(
    transaction: &WriteTransaction,
    seq: Seq,
    time: Instant,
    counters: &[u64],
) -> Result<()> {
    let mut position = seq.0.to_le_bytes().to_vec();
    position.extend_from_slice(&time.0.to_le_bytes());
    let mut numbers = Vec::new();
    for counter in counters {
        put_varint(&mut numbers, *counter);
    }
    let mut table = engine(|| transaction.open_table(META.definition))?;
    put(&mut table, META, meta::CHECKPOINT, position)?;
    put(&mut table, META, meta::COUNTERS, numbers)
}

fn put(table: &mut Table<'_, u32, &[u8]>, rows: Rows, key: u32, content: Vec<u8>) -> Result<()> {
    let row = rows.seal(key, content);
    engine(|| table.insert(key, row.as_slice()).map(drop))
}

fn write_texts<'a>(
    transaction: &WriteTransaction,
    rows: Rows,
    texts: impl Iterator<Item = (u32, Option<&'a Arc<str>>)>,
) -> Result<()> {
    let mut table = engine(|| transaction.open_table(rows.definition))?;
    for (key, text) in texts {
        match text {
            Some(text) => put(&mut table, rows, key, text.as_bytes().to_vec())?,
            None => engine(|| table.remove(key).map(drop))?,
        }
    }
    Ok(())
}

/// Writes changed entities; those beyond the last of the table are appended through a cursor,
/// which is what a first load consists of.
fn write_entities<'a>(
    transaction: &WriteTransaction,
    changed: impl Iterator<Item = (EntityId, Option<&'a [u8]>)>,
) -> Result<()> {
    let mut table = engine(|| transaction.open_table(ENTITIES.definition))?;
    let last = engine(|| table.last().map(|entry| entry.map(|(key, _)| key.value())))?;
    let mut previous = None;
    let mut changed = changed.map(|(id, packed)| {
        if previous.replace(id).is_some_and(|previous| previous >= id) {
            return Err(Error::internal(
                "the entities of a checkpoint are out of order",
            ));
        }
        let row = packed.map(|packed| ENTITIES.seal(id.0, packed.to_vec()));
        Ok((id.0, row))
    });
    let mut beyond = None;
    for entry in changed.by_ref() {
        let (key, row) = entry?;
        if last.is_none_or(|last| key > last) {
            beyond = Some((key, row));
            break;
        }
        match row {
            Some(row) => engine(|| table.insert(key, row.as_slice()).map(drop))?,
            None => engine(|| table.remove(key).map(drop))?,
        }
    }
    let mut cursor = engine(|| table.upper_bound_mut(Bound::<u32>::Unbounded))?;
    for entry in beyond.map(Ok).into_iter().chain(changed) {
        // Deleting what was never written is nothing to do.
        if let (key, Some(row)) = entry? {
            engine(|| cursor.insert_before(key, row.as_slice()))?;
        }
    }
    engine(|| cursor.close())
}

/// Writes the pages of the image that differ and removes those that are no more.
fn write_image(transaction: &WriteTransaction, image: Option<&Image>) -> Result<bool> {
    let mut table = engine(|| transaction.open_table(IMAGE))?;
    let mut written: Vec<PageKey> = Vec::new();
    let mut kept = false;
    if let Some(image) = image {
        kept = write_pages(image, |key, page| {
            written.push(key);
            let same = match engine(|| table.get(key))? {
                Some(row) => held(&row)? == page,
                None => false,
            };
            if same {
                Ok(())
            } else {
                engine(|| table.insert(key, page).map(drop))
            }
        })?;
    }
    if !kept {
        written.clear();
    }
    // The directory is written last, but its key is the first.
    written.retain(|key| *key != DIRECTORY);
    engine(|| {
        table.retain(|key, _| {
            if key == DIRECTORY {
                kept
            } else {
                written.binary_search(&key).is_ok()
            }
        })
    })?;
    Ok(kept)
}
