//! The one file of a catalog: redb tables, record encoding, log, checkpoints and image pages.
//!
//! A commit is one record in the `log` table, synced with those that come at the same time; the
//! other tables are brought up to date by checkpoints, those that find the way back into the log
//! among them. docs/format.md says byte by byte what is where.

mod backend;
mod backup;
mod bytes;
mod check;
mod checkpoint;
mod engine;
mod fields;
mod file;
mod image;
mod image_pages;
mod limit;
mod log_change;
mod log_record;
mod log_results;
mod open;
mod overlay;
mod packed;
mod past;
mod queue;
mod reader;
mod record;
mod record_page;
mod retention;
mod stats;
mod tables;
mod upgrade;
mod value_codec;

pub(crate) use check::Findings;
pub(crate) use checkpoint::Checkpoint;
pub(crate) use file::Store;
pub(crate) use image::{IdentifierImage, Image, IndexImage, Indexed, Part, RelationImage};
pub use limit::LogLimit;
pub(crate) use log_change::Change;
pub(crate) use log_record::{DefinitionChange, LogHead, LogRecord, ModelChange};
pub(crate) use log_results::{LevelChange, RuleChange};
pub(crate) use packed::{Head, Packed, Record};
pub(crate) use past::{Flip, Past, ResultRow};
pub(crate) use queue::Encoded;
pub(crate) use reader::{Base, StoreReader};
pub(crate) use record::{Entity, Targets};
pub(crate) use record_page::RecordPage;
pub use stats::{DiskStats, LogStats, TableStats};

#[cfg(test)]
pub(crate) mod fault;
#[cfg(test)]
mod tests;
