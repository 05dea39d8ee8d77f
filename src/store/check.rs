//! Looks at every byte of the file that means something, and lists what is wrong.

use redb::{Key, ReadTransaction, ReadableTable as _, TableDefinition, Value};

use super::engine::{engine, shielded};
use super::file::Store;
use super::log_record::LogRecord;
use super::packed::Record;
use super::past::{self, ResultRow};
use super::reader::{StoreReader, json};
use super::tables::{BLUEPRINTS, ENTITIES, LOG, META, NAMES, RESULTS, Rows, SCORECARDS, meta};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{EntityId, Seq};

/// More than this is counted, not listed.
const LISTED_MAX: usize = 1_000;

/// What a check found, each with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) listed: Vec<(String, String)>,
    /// How many there are beyond those.
    pub(crate) more: u64,
}

impl Findings {
    pub(crate) fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        if self.listed.len() < LISTED_MAX {
            self.listed.push((place.into(), what.into()));
        } else {
            self.more += 1;
        }
    }

    /// Notes an error as a finding, unless it tells nothing about the file: what cannot be read
    /// or is not open is no damage.
    pub(crate) fn note<T>(&mut self, place: &str, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::Closed) => Err(error),
            Err(error) => {
                self.add(place, error.message());
                Ok(None)
            }
        }
    }
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Rows of all tables but the log's.
    pub(crate) rows: u64,
    pub(crate) log_records: u64,
}

impl Store {
    /// Checks the pages of the engine, then every row by its checksum and form, the log for gaps,
    /// and the image.
    ///
    /// # Errors
    /// `Busy` where a reader is open; `Closed`.
    pub(crate) fn check(&self, findings: &mut Findings) -> Result<Looked> {
        self.check_pages(findings)?;
        let mut looked = Looked::default();
        let reader = findings.note("the file", self.reader())?;
        let Some(reader) = reader else {
            return Ok(looked);
        };
        let checked = shielded(|| reader.check(findings, &mut looked));
        findings.note("the file", checked)?;
        Ok(looked)
    }

    /// What the storage engine thinks of its own pages.
    fn check_pages(&self, findings: &mut Findings) -> Result<()> {
        let checked = self.alone(|database| engine(|| database.check_integrity()));
        if findings.note("the pages of the file", checked)? == Some(false) {
            let what = "they did not fit together and were repaired; what is listed besides this \
                        was not";
            findings.add("the pages of the file", what);
        }
        Ok(())
    }
}

impl StoreReader {
    fn check(&self, findings: &mut Findings, looked: &mut Looked) -> Result<()> {
        let from = self.transaction();
        let unseal = |rows: Rows, key: u32, row: &[u8], read: Read<'_>| {
            let content = rows.unseal(key, row)?;
            read(content).map_err(|error| rows.damaged(key, error.message()))
        };
        each(from, META.definition, findings, looked, |key, row| {
            // Magic and version carry no checksum; opening looked at them.
            let plain = [meta::MAGIC, meta::VERSION].contains(&key);
            if plain {
                Ok(())
            } else {
                unseal(META, key, row, &|_| Ok(()))
            }
        })?;
        let text = |bytes: &[u8]| super::bytes::text(bytes).map(drop);
        let parsed = |bytes: &[u8]| json(bytes).map(drop);
        let sealed: [(Rows, Read<'_>); 3] =
            [(NAMES, &text), (BLUEPRINTS, &parsed), (SCORECARDS, &parsed)];
        for (rows, read) in sealed {
            each(from, rows.definition, findings, looked, |key, row| {
                unseal(rows, key, row, read)
            })?;
        }
        each(from, ENTITIES.definition, findings, looked, |key, row| {
            let read = |bytes: &[u8]| {
                let record = Record::parse(EntityId(key), bytes)?;
                record.check()?;
                record.check_values()
            };
            unseal(ENTITIES, key, row, &read)
        })?;
        each(from, RESULTS.definition, findings, looked, |key, row| {
            let read = |bytes: &[u8]| ResultRow::decode(key, bytes).map(drop);
            unseal(RESULTS, key, row, &read)
        })?;
        past::check(from, findings, looked)?;
        self.check_log(findings, looked)?;
        self.check_image(findings)
    }

    /// Every record by itself, and that none is missing.
    fn check_log(&self, findings: &mut Findings, looked: &mut Looked) -> Result<()> {
        let (mut expected, mut ignored) = (None, Looked::default());
        let mut gaps = Vec::new();
        each(
            self.transaction(),
            LOG,
            findings,
            &mut ignored,
            |seq, row| {
                gaps.extend(
                    expected
                        .filter(|expected| *expected != seq)
                        .map(|from| (from, seq)),
                );
                expected = seq.checked_add(1);
                let damaged = |what: &str| Error::corrupt(format!("log record {seq}: {what}"));
                let record = LogRecord::decode(row).map_err(|error| damaged(error.message()))?;
                if record.seq == Seq(seq) {
                    return Ok(());
                }
                Err(damaged(&format!(
                    "it is the record of commit {}",
                    record.seq
                )))
            },
        )?;
        looked.log_records = ignored.rows;
        for (from, to) in gaps {
            let last = to.saturating_sub(1);
            findings.add(
                "table `log`",
                format!("records {from} to {last} are missing"),
            );
        }
        let (checkpoint, _) = self.extent()?;
        let start = self.log_start()?;
        if start.0 > checkpoint.0.saturating_add(1) {
            let what = format!(
                "it begins with record {start}, but the other tables are of commit {checkpoint}"
            );
            findings.add("table `log`", what);
        }
        Ok(())
    }

    fn check_image(&self, findings: &mut Findings) -> Result<()> {
        let (checkpoint, _) = self.extent()?;
        if checkpoint == Seq(0) {
            return Ok(());
        }
        let reasons = match self.image(checkpoint) {
            Ok(image) => image.damaged.into_iter().map(|(_, why)| why).collect(),
            Err(why) => vec![why],
        };
        for why in reasons {
            findings.add("table `image`", format!("{why}; the next open rebuilds it"));
        }
        Ok(())
    }
}

/// Reads the content of a row and says whether it can be.
type Read<'a> = &'a dyn Fn(&[u8]) -> Result<()>;

/// Visits every row of a table, and notes what is wrong with it as the error says.
pub(super) fn each<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    table: TableDefinition<'static, K, V>,
    findings: &mut Findings,
    looked: &mut Looked,
    mut check: impl FnMut(K::SelfType<'_>, V::SelfType<'_>) -> Result<()>,
) -> Result<()> {
    let place = format!("table `{}`", redb::TableHandle::name(&table));
    let opened = engine(|| from.open_table(table));
    let Some(table) = findings.note(&place, opened)? else {
        return Ok(());
    };
    let Some(mut rows) = findings.note(&place, engine(|| table.iter()))? else {
        return Ok(());
    };
    loop {
        let next = engine(|| rows.next().transpose());
        // Where a page cannot be read, nothing after it can be reached.
        let Some(Some((key, value))) = findings.note(&place, next)? else {
            return Ok(());
        };
        looked.rows += 1;
        let checked = shielded(|| check(key.value(), value.value()));
        findings.note(&place, checked)?;
    }
}
