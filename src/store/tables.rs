//! The tables of the file, their keys, and the checksum that each row carries.

use redb::TableDefinition;

use crate::error::{Error, Result};

/// What the `meta` table holds under [`meta::MAGIC`].
pub(crate) const MAGIC: &[u8] = b"portolan";

/// The version of the whole file; see docs/format.md for when it goes up.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The keys of the `meta` table.
pub(super) mod meta {
    /// `portolan`, without a checksum, in every version of the format.
    pub(in crate::store) const MAGIC: u32 = 1;
    /// The format version, four bytes, without a checksum, in every version of the format.
    pub(in crate::store) const VERSION: u32 = 2;
    /// The counters of the layers above.
    pub(in crate::store) const COUNTERS: u32 = 3;
    /// Number and time of the commit up to which the tables are brought.
    pub(in crate::store) const CHECKPOINT: u32 = 4;
}

/// A table of rows under 32-bit keys, each with a checksum at its end.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    /// Part of every checksum, so that a row cannot stand in for one of another table.
    pub(super) number: u8,
    pub(super) definition: TableDefinition<'static, u32, &'static [u8]>,
    /// What a row is called in messages.
    pub(super) what: &'static str,
}

const fn rows(number: u8, name: &'static str, what: &'static str) -> Rows {
    Rows {
        number,
        definition: TableDefinition::new(name),
        what,
    }
}

pub(super) const META: Rows = rows(1, "meta", "setting");
pub(super) const NAMES: Rows = rows(2, "names", "name");
pub(super) const BLUEPRINTS: Rows = rows(3, "blueprints", "blueprint");
pub(super) const SCORECARDS: Rows = rows(4, "scorecards", "scorecard");
pub(super) const ENTITIES: Rows = rows(5, "entities", "entity");
pub(super) const RESULTS: Rows = rows(6, "results", "result");

/// Log records by commit number; they carry their own checksum.
pub(super) const LOG: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("log");

/// Image pages by section and page.
pub(super) const IMAGE: TableDefinition<'static, (u32, u32), &[u8]> = TableDefinition::new("image");

impl Rows {
    fn checksum(&self, key: u32, content: &[u8]) -> [u8; 4] {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&[self.number]);
        hasher.update(&key.to_le_bytes());
        hasher.update(content);
        hasher.finalize().to_le_bytes()
    }

    /// Appends the checksum to the content of a row.
    pub(super) fn seal(&self, key: u32, mut content: Vec<u8>) -> Vec<u8> {
        let checksum = self.checksum(key, &content);
        content.extend_from_slice(&checksum);
        content
    }

    /// The content of a row whose checksum matches.
    pub(super) fn unseal<'a>(&self, key: u32, row: &'a [u8]) -> Result<&'a [u8]> {
        match row.split_last_chunk::<4>() {
            Some((content, checksum)) if self.checksum(key, content) == *checksum => Ok(content),
            _ => Err(self.damaged(key, "its checksum does not match")),
        }
    }

    /// The error for a row that cannot be what was written.
    pub(super) fn damaged(&self, key: u32, detail: &str) -> Error {
        super::engine::damaged(&format!("{} {key}: {detail}", self.what))
    }
}
