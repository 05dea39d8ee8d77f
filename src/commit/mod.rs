//! The write path: stage, validate, resolve, apply, derive, log, publish.
//!
//! ```text
//! upsert / merge / delete / declare ─► Staging ─► resolve ─► Delta ─► State::apply ─► Plan::update
//!                                                                         │
//!                                       publish ◄─ log record, synced ◄───┘
//! ```
//! Everything before the log is done on a copy of the version; what fails before the log was
//! synced leaves nothing behind.

mod committed;
mod draft;
mod open;
mod prepare;
mod record;
mod resolve;
mod revalidate;
mod staging;
mod version;
mod writer;

pub use committed::{ChangeKind, Commit, EntityChange, EntityName, LevelFlip};
pub(crate) use draft::kind as json_kind;
pub use open::OpenReport;
pub(crate) use staging::{Refusal, Staging};
pub(crate) use version::Version;
pub(crate) use writer::Writer;
