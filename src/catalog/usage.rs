//! What a catalog takes: room in its file, memory, and the versions that somebody holds.

use std::fmt;

use super::Catalog;
use crate::error::Result;
use crate::store::{DiskStats, LogStats, TableStats};
use crate::value::{ByteCount, Seq};

/// What a catalog takes on disk and in memory; prints as a table. See [`Catalog::stats`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogStats {
    /// The last commit.
    pub seq: Seq,
    /// The file.
    pub disk: DiskStats,
    /// The log in it.
    pub log: LogStats,
    /// The last version in memory.
    pub memory: MemoryStats,
    /// All versions in memory.
    pub versions: VersionStats,
}

/// The memory of one version, in bytes; estimates by the sizes of what is held.
///
/// Pages that several versions share count here whole. A text that an entity and an index share
/// counts in both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryStats {
    /// Each structure with its bytes; `history` is what the commits since the checkpoint changed.
    pub structures: Vec<(&'static str, u64)>,
}

/// The versions that are in memory: the last one, and those that a snapshot, a transaction or
/// the report of a commit still holds. An old one keeps the pages that later commits replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionStats {
    /// How many there are, the last one included.
    pub alive: u64,
    /// The commit that made the oldest of them.
    pub oldest: Seq,
    /// What the others keep that the last one does not share, in bytes: what dropping those who
    /// hold them gives back. It grows with what was changed since, each page once, not with the
    /// number of commits.
    pub held_bytes: u64,
}

impl MemoryStats {
    /// The bytes of all structures.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.structures.iter().map(|(_, bytes)| bytes).sum()
    }
}

impl Catalog {
    /// How much room the file takes and what for, how long the log is, how much memory each
    /// structure takes, and how many versions somebody still holds. For counts of one version see
    /// [`Snapshot::stats`](crate::Snapshot::stats).
    ///
    /// Costs one look at every page of the file, one pass over memory, and one over the pages in
    /// which versions differ. Readers and writers go
    /// on meanwhile.
    ///
    /// # Errors
    /// `Closed`; `Io` or `Corrupt` where the file cannot be read.
    ///
    /// ```
    /// use portolan::{Catalog, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let (catalog, viewer) = (Catalog::in_memory()?, Viewer::system("docs"));
    /// let before = catalog.read(&viewer);
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
    /// tx.commit()?;
    /// let stats = catalog.stats()?;
    /// assert_eq!((stats.log.commits, stats.log.unsaved), (1, 1));
    /// assert_eq!((stats.versions.alive, stats.versions.oldest.0), (2, 0));
    /// drop(before);
    /// assert_eq!(catalog.stats()?.versions.alive, 1);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn stats(&self) -> Result<CatalogStats> {
        let version = self.shared.publisher.current();
        let (disk, log) = self.shared.store().stats()?;
        let bytes = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let structures = version.state.heap_bytes();
        let history = ("history", self.shared.history.heap_bytes());
        let structures = structures.into_iter().chain([history]);
        let held = self.shared.publisher.held();
        Ok(CatalogStats {
            seq: version.state.seq(),
            disk,
            log,
            memory: MemoryStats {
                structures: structures.map(|(name, of)| (name, bytes(of))).collect(),
            },
            versions: VersionStats {
                alive: held.alive,
                oldest: held.oldest.unwrap_or(version.state.seq()),
                held_bytes: held.bytes,
            },
        })
    }
}

/// The longest name in a table of bytes.
const NAME_WIDTH: usize = 18;

fn row(f: &mut fmt::Formatter<'_>, name: &str, bytes: u64) -> fmt::Result {
    write!(
        f,
        "\n  {name:<NAME_WIDTH$} {:>10}",
        ByteCount(bytes).to_string()
    )
}

impl fmt::Display for CatalogStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            disk,
            log,
            memory,
            versions,
            ..
        } = self;
        write!(f, "file, as of commit {}", self.seq)?;
        for table in &disk.tables {
            row(f, &table.name, table.bytes())?;
            write!(f, "  {:>9} rows", table.rows)?;
        }
        row(f, "free, engine", disk.free_bytes)?;
        row(f, "in all", disk.file_bytes)?;
        let fragmented = disk
            .tables
            .iter()
            .map(|table: &TableStats| table.fragmented_bytes);
        write!(
            f,
            "  of which {} left over in pages",
            ByteCount(fragmented.sum())
        )?;
        write!(
            f,
            "\nlog: {} commits from {} on, {}; checkpoint at commit {}, {} commits after it",
            log.commits,
            log.start,
            ByteCount(log.bytes),
            log.checkpoint,
            log.unsaved
        )?;
        f.write_str("\nmemory of the last version, about")?;
        for (name, bytes) in &memory.structures {
            row(f, name, *bytes)?;
        }
        row(f, "in all", memory.total())?;
        write!(
            f,
            "\nversions in memory: {}, the oldest of commit {}; {} held by older ones alone",
            versions.alive,
            versions.oldest,
            ByteCount(versions.held_bytes)
        )
    }
}
