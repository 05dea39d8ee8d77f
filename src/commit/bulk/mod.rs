//! Many entities written at once: read apart from each other, kept packed, put in place together.
//!
//! ```text
//! lines ─► Row::read, on any thread ─► Bulk::add, in order ─► resolve ─► place
//! ```
//! A row is an entity in its packed form without relations, and what it refers to by name. So a
//! load holds little more than the catalog that comes of it, and reading, which costs most, needs
//! nothing but the model. What is written means what the same upserts in one transaction mean.

mod cascade;
mod place;
mod resolve;
mod restore;
mod row;

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashTable;

use self::row::RowKey;
use super::staging::Staging;
use super::writer::By;
use super::{Commit, Pending, Publisher};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;

pub(crate) use place::Loaded;
pub(crate) use restore::{Restored, Stamps};
pub(crate) use row::{Row, Writing};

/// The rows of a load, in the order in which their names came.
#[derive(Debug)]
pub(crate) struct Bulk {
    /// The model that is declared together with the rows, and the version they are written over.
    staging: Staging,
    rows: Vec<Row>,
    /// The row of each name, by its place in `rows`; beside the hash of the name, so that rows of
    /// other names need not be looked at.
    known: HashTable<(u64, u32)>,
    bytes: usize,
    bytes_max: usize,
    /// Whether nothing may be left out.
    strict: bool,
}

impl Bulk {
    /// No row yet, on top of what was declared. Rows may take so many bytes.
    pub(crate) fn new(staging: Staging, bytes_max: usize) -> Self {
        Self {
            staging,
            rows: Vec::new(),
            known: HashTable::new(),
            bytes: 0,
            bytes_max,
            strict: false,
        }
    }

    /// Leaves nothing out: what would have to be is an error, named after its entity and line.
    #[must_use]
    pub(crate) fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// What the rows are read against.
    #[must_use]
    pub(crate) fn model(&self) -> &Arc<Model> {
        &self.staging.model
    }

    /// Adds a row. It takes the place of an earlier one of the same name; gives the line of that.
    ///
    /// # Errors
    /// `Limit` where the rows need more memory than they may.
    pub(crate) fn add(&mut self, row: Row) -> Result<Option<u64>> {
        let key = row.key();
        let hash = key.hash();
        let earlier = self.find_hashed(&key, hash);
        let earlier = earlier.and_then(|at| self.rows.get_mut(at as usize));
        let bytes = self.bytes + row.bytes() - earlier.as_deref().map_or(0, Row::bytes);
        if bytes > self.bytes_max {
            let max = self.bytes_max;
            let message = format!("the rows of the load need more than {max} bytes of memory");
            let help = if self.strict {
                "allow more with `ImportOptions::memory`"
            } else {
                "allow more with `ImportOptions::memory`, or load in several parts"
            };
            return Err(Error::new(ErrorKind::Limit, message).with_help(help));
        }
        self.bytes = bytes;
        if let Some(earlier) = earlier {
            return Ok(Some(std::mem::replace(earlier, row).line));
        }
        let too_many = |_| Error::new(ErrorKind::Limit, "a load has more than 2³² rows");
        let at = u32::try_from(self.rows.len()).map_err(too_many)?;
        self.known
            .insert_unique(hash, (hash, at), |(hash, _)| *hash);
        self.rows.push(row);
        Ok(None)
    }

    /// The place of the row of a name.
    fn find(&self, key: &RowKey<'_>) -> Option<u32> {
        self.find_hashed(key, key.hash())
    }

    fn find_hashed(&self, key: &RowKey<'_>, hash: u64) -> Option<u32> {
        let same = |(known, at): &(u64, u32)| {
            let row = self.rows.get(*at as usize).filter(|_| *known == hash);
            row.is_some_and(|row| row.key() == *key)
        };
        self.known.find(hash, same).map(|(_, at)| *at)
    }
}

/// What a load came to.
#[derive(Debug)]
pub(crate) struct BulkOutcome {
    pub(crate) commit: Commit,
    /// Rows and references that were left out.
    pub(crate) refusals: Vec<BulkRefusal>,
    /// How many rows of each blueprint were written, equal ones that were already there included.
    pub(crate) written: BTreeMap<Arc<str>, u64>,
}

/// A row, or a reference of one, that was left out.
#[derive(Debug)]
pub(crate) struct BulkRefusal {
    /// Where the row came from.
    pub(crate) line: u64,
    pub(crate) blueprint: Arc<str>,
    pub(crate) identifier: Arc<str>,
    pub(crate) error: Error,
    /// Whether the whole row was left out, not only one reference of it.
    pub(crate) whole: bool,
}

impl super::Writer {
    /// Commits a load. What it gives may be acknowledged after it was waited for.
    pub(crate) fn load(
        &mut self,
        publisher: &Publisher,
        bulk: Bulk,
        by: &By<'_>,
    ) -> Result<(BulkOutcome, Pending)> {
        let base = bulk.staging.base.clone();
        let Loaded {
            prepared,
            whole,
            refusals,
            written,
        } = bulk.place(by.now)?;
        let (commit, pending) = match prepared {
            None => {
                let pending = publisher.pending(&base, by.durability);
                (Commit::nothing(base), pending)
            }
            Some(prepared) => {
                let pending = if whole {
                    self.make_whole(publisher, &prepared, by.viewer)?;
                    publisher.pending(&prepared.version, by.durability)
                } else {
                    self.make(publisher, &prepared, by)?
                };
                (Commit::of(prepared, base), pending)
            }
        };
        let outcome = BulkOutcome {
            commit,
            refusals,
            written,
        };
        Ok((outcome, pending))
    }
}
