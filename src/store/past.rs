//! Beside the log: which commits changed each entity, and which changed its results.
//!
//! The log says everything, but by commit. These tables say by entity where in the log to look.
//! Checkpoints write them, from the commits since the last one.

use std::collections::BTreeSet;
use std::sync::Arc;

use redb::{ReadTransaction, ReadableTable as _, TableDefinition, WriteTransaction};

use super::backup;
use super::bytes::{Reader, put_bytes, put_varint};
use super::check::{self, Findings, Looked};
use super::engine::{damaged, engine, held};
use super::log_record::LogRecord;
use super::tables::RESULTS;
use crate::error::{Error, Result};
use crate::value::{EntityId, ScorecardId, Seq};

/// By entity, number of the result, commit: the commit changed it. The value is a checksum.
const FLIPS: TableDefinition<'static, (u32, u32, u64), u32> = TableDefinition::new("flips");
/// By entity and commit: the commit updated or deleted it. The value is a checksum.
const TOUCHED: TableDefinition<'static, (u32, u64), u32> = TableDefinition::new("touched");

/// The numbers of the tables within their checksums, after those of [`super::tables::Rows`].
const FLIPS_NUMBER: u8 = 7;
const TOUCHED_NUMBER: u8 = 8;

/// What entities have results under: the level of a scorecard, or a rule of it. Its number stays
/// the same when rules before it come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResultRow {
    pub(crate) number: u32,
    pub(crate) scorecard: ScorecardId,
    /// The rule's identifier; `None` for the level.
    pub(crate) rule: Option<Arc<str>>,
    /// The commit that declared it.
    pub(crate) declared: Seq,
}

/// An entity's result that a commit changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Flip {
    pub(crate) entity: EntityId,
    /// The number of the result.
    pub(crate) result: u32,
    pub(crate) seq: Seq,
}

/// What a checkpoint adds to these tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// The results that are new.
    pub(crate) results: Vec<ResultRow>,
    /// Ascending.
    pub(crate) flips: Vec<Flip>,
    /// Ascending.
    pub(crate) touched: Vec<(EntityId, Seq)>,
}

impl Flip {
    fn key(&self) -> (u32, u32, u64) {
        (self.entity.0, self.result, self.seq.0)
    }
}

fn checksum(table: u8, entity: u32, result: u32, seq: u64) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[table]);
    hasher.update(&entity.to_le_bytes());
    hasher.update(&result.to_le_bytes());
    hasher.update(&seq.to_le_bytes());
    hasher.finalize()
}

fn flip_checksum(key: (u32, u32, u64)) -> u32 {
    checksum(FLIPS_NUMBER, key.0, key.1, key.2)
}

fn touch_checksum(key: (u32, u64)) -> u32 {
    checksum(TOUCHED_NUMBER, key.0, 0, key.1)
}

/// Makes the tables of a new catalog.
pub(super) fn initialise(transaction: &WriteTransaction) -> Result<()> {
    engine(|| transaction.open_table(RESULTS.definition).map(drop))?;
    engine(|| transaction.open_table(FLIPS).map(drop))?;
    engine(|| transaction.open_table(TOUCHED).map(drop))
}

/// Copies the tables that no checksum at the end of a row protects, key by key.
pub(super) fn copy(from: &ReadTransaction, to: &WriteTransaction) -> Result<()> {
    let check = |same: bool, table| if same { Ok(()) } else { Err(broken(table)) };
    backup::copy(from, to, FLIPS, |key, sum| {
        check(sum == flip_checksum(key), "flips")
    })?;
    backup::copy(from, to, TOUCHED, |key, sum| {
        check(sum == touch_checksum(key), "touched")
    })
}

/// Checks every row of the tables that only their own checksum protects.
pub(super) fn check(
    from: &ReadTransaction,
    findings: &mut Findings,
    looked: &mut Looked,
) -> Result<()> {
    let wrong = |key: &dyn std::fmt::Debug| {
        Error::corrupt(format!("row {key:?}: its checksum does not match"))
    };
    check::each(from, FLIPS, findings, looked, |key, sum| {
        let same = sum == flip_checksum(key);
        if same { Ok(()) } else { Err(wrong(&key)) }
    })?;
    check::each(from, TOUCHED, findings, looked, |key, sum| {
        let same = sum == touch_checksum(key);
        if same { Ok(()) } else { Err(wrong(&key)) }
    })
}

/// Costs O(rows · log table).
pub(super) fn write(transaction: &WriteTransaction, past: &Past) -> Result<()> {
    let mut table = engine(|| transaction.open_table(RESULTS.definition))?;
    for row in &past.results {
        let sealed = RESULTS.seal(row.number, row.encode());
        engine(|| table.insert(row.number, sealed.as_slice()).map(drop))?;
    }
    let mut table = engine(|| transaction.open_table(FLIPS))?;
    for flip in &past.flips {
        let key = flip.key();
        engine(|| table.insert(key, flip_checksum(key)).map(drop))?;
    }
    let mut table = engine(|| transaction.open_table(TOUCHED))?;
    for (entity, seq) in &past.touched {
        let key = (entity.0, seq.0);
        engine(|| table.insert(key, touch_checksum(key)).map(drop))?;
    }
    Ok(())
}

/// What a log record that goes away leaves of an entity in these tables.
#[derive(Debug, Default)]
pub(super) struct Forgotten {
    touched: BTreeSet<(u32, u64)>,
    /// Entities whose results changed.
    graded: BTreeSet<u32>,
    /// Entities that were deleted.
    deleted: BTreeSet<u32>,
}

impl Forgotten {
    /// Notes what a record says. Of one that is damaged, rows stay behind that lead nowhere.
    pub(super) fn note(&mut self, record: &[u8]) {
        let Ok(record) = LogRecord::decode(record) else {
            return;
        };
        for change in &record.changes {
            if change.before.is_some() {
                self.touched.insert((change.id.0, record.seq.0));
            }
            if change.after.is_none() {
                self.deleted.insert(change.id.0);
            }
        }
        let levels = record.levels.iter().map(|change| change.entity.0);
        let rules = record.rules.iter().map(|change| change.entity.0);
        self.graded.extend(levels.chain(rules));
    }

    /// Removes the rows that only led to what is forgotten now. Of each result of an entity that
    /// still exists, the last change stays: that is since when it holds.
    pub(super) fn remove(&self, transaction: &WriteTransaction, upto: Seq) -> Result<()> {
        let mut table = engine(|| transaction.open_table(TOUCHED))?;
        for key in &self.touched {
            engine(|| table.remove(*key).map(drop))?;
        }
        let mut table = engine(|| transaction.open_table(FLIPS))?;
        for entity in self.graded.union(&self.deleted) {
            let deleted = self.deleted.contains(entity);
            let mut gone: Vec<(u32, u32, u64)> = Vec::new();
            let mut last: Option<(u32, u32, u64)> = None;
            let mut rows = engine(|| table.range((*entity, 0, 0)..=(*entity, u32::MAX, u64::MAX)))?;
            while let Some((key, _)) = engine(|| rows.next().transpose())? {
                let key = held(&key)?;
                if key.2 > upto.0 {
                    continue;
                }
                let before = last.replace(key);
                gone.extend(before.filter(|before| deleted || before.1 == key.1));
            }
            gone.extend(last.filter(|_| deleted));
            drop(rows);
            for key in gone {
                engine(|| table.remove(key).map(drop))?;
            }
        }
        Ok(())
    }
}

/// The last commit up to `upto` that changed a result of an entity.
pub(super) fn last_flip(
    transaction: &ReadTransaction,
    entity: EntityId,
    result: u32,
    upto: Seq,
) -> Result<Option<Seq>> {
    let table = engine(|| transaction.open_table(FLIPS))?;
    let (first, last) = ((entity.0, result, 0), (entity.0, result, upto.0));
    let found = engine(|| table.range(first..=last)?.next_back().transpose())?;
    let Some((key, row)) = found else {
        return Ok(None);
    };
    let key = held(&key)?;
    if held(&row)? != flip_checksum(key) {
        return Err(broken("flips"));
    }
    Ok(Some(Seq(key.2)))
}

/// The last `limit` commits up to `upto` that updated or deleted an entity, the last one first.
pub(super) fn touched(
    transaction: &ReadTransaction,
    entity: EntityId,
    upto: Seq,
    limit: usize,
) -> Result<Vec<Seq>> {
    let table = engine(|| transaction.open_table(TOUCHED))?;
    let mut rows = engine(|| table.range((entity.0, 0)..=(entity.0, upto.0)))?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some((key, row)) = engine(|| rows.next_back().transpose())?
    {
        let key = held(&key)?;
        if held(&row)? != touch_checksum(key) {
            return Err(broken("touched"));
        }
        found.push(Seq(key.1));
    }
    Ok(found)
}

fn broken(table: &str) -> Error {
    damaged(&format!(
        "a row of table `{table}`: its checksum does not match"
    ))
}

impl ResultRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, u64::from(self.scorecard.0));
        put_varint(&mut out, self.declared.0);
        if let Some(rule) = &self.rule {
            put_bytes(&mut out, rule.as_bytes());
        }
        out
    }

    /// A row without the rule is the level's.
    pub(super) fn decode(number: u32, bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let row = Self {
            number,
            scorecard: ScorecardId(reader.id()?),
            declared: Seq(reader.varint()?),
            rule: if reader.is_empty() {
                None
            } else {
                Some(Arc::from(reader.text()?))
            },
        };
        reader.finish()?;
        Ok(row)
    }
}
