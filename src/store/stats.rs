//! How much room the file takes, and what for.

use redb::{ReadTransaction, ReadableTableMetadata as _, TableHandle as _};

use super::engine::engine;
use super::file::Store;
use super::reader::StoreReader;
use super::tables::LOG;
use crate::error::Result;
use crate::value::Seq;

/// How much room a catalog's file takes, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiskStats {
    /// The length of the file, or of the memory in its place.
    pub file_bytes: u64,
    /// Its tables in the order of names; docs/format.md says what each is for.
    pub tables: Vec<TableStats>,
    /// What no table uses: free room for later writes, which
    /// [`Catalog::compact`](crate::Catalog::compact) gives back, and what the storage engine needs
    /// for itself.
    pub free_bytes: u64,
}

/// How much room one table takes, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableStats {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Keys and values.
    pub stored_bytes: u64,
    /// What leads to the rows.
    pub metadata_bytes: u64,
    /// What pages have left over.
    pub fragmented_bytes: u64,
}

/// How long the log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogStats {
    /// The first commit that it holds; the one after the last where it is empty.
    pub start: Seq,
    /// How many commits it holds.
    pub commits: u64,
    /// The bytes of its records.
    pub bytes: u64,
    /// The commit up to which the other tables are brought.
    pub checkpoint: Seq,
    /// How many commits came after that: the next open replays them.
    pub unsaved: u64,
}

impl TableStats {
    /// All the room that the table takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.stored_bytes + self.metadata_bytes + self.fragmented_bytes
    }
}

impl Store {
    /// How much room the file takes, and how long the log is. Costs one look at each page.
    ///
    /// # Errors
    /// `Closed`, `Io`, `Corrupt`.
    pub(crate) fn stats(&self) -> Result<(DiskStats, LogStats)> {
        let reader = self.reader()?;
        let tables = tables(reader.transaction())?;
        let log = reader.log_stats(&tables)?;
        let file_bytes = self.length();
        let used = tables.iter().map(TableStats::bytes).sum::<u64>();
        let disk = DiskStats {
            file_bytes,
            tables,
            free_bytes: file_bytes.saturating_sub(used),
        };
        Ok((disk, log))
    }
}

fn tables(transaction: &ReadTransaction) -> Result<Vec<TableStats>> {
    let handles = engine(|| transaction.list_tables())?;
    let stats = handles.map(|handle| {
        let name = handle.name().to_owned();
        let table = engine(|| transaction.open_untyped_table(handle))?;
        let stats = engine(|| table.stats())?;
        Ok(TableStats {
            name,
            rows: engine(|| table.len())?,
            stored_bytes: stats.stored_bytes(),
            metadata_bytes: stats.metadata_bytes(),
            fragmented_bytes: stats.fragmented_bytes(),
        })
    });
    let mut stats = stats.collect::<Result<Vec<_>>>()?;
    stats.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(stats)
}

impl StoreReader {
    fn log_stats(&self, tables: &[TableStats]) -> Result<LogStats> {
        let log = tables.iter().find(|table| table.name == LOG.name());
        let (checkpoint, last) = self.extent()?;
        let commits = log.map_or(0, |log| log.rows);
        // A key of the log is eight bytes.
        let bytes = log.map_or(0, |log| log.stored_bytes.saturating_sub(8 * commits));
        Ok(LogStats {
            start: self.log_start()?,
            commits,
            bytes,
            checkpoint,
            unsaved: last.0.saturating_sub(checkpoint.0),
        })
    }
}
