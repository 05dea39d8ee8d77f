//! The write path: stage, validate, resolve, apply, derive, log, publish.
//!
//! ```text
//! upsert / merge / delete / declare ─► Staging ─► resolve ─► Delta ─► State::apply ─► Plan::update
//!                                                                         │
//!                                       publish ◄─ log record, synced ◄───┘
//! ```
//! Everything before the log is done on a copy of the version; what fails before the log was
//! synced leaves nothing behind, and what-if is the same without the log. [`Publisher`] lets the
//! commits of many threads share a sync. The passing of time is
//! a commit without changes of entities. [`History`] tells which commit last changed what.

mod bulk;
mod check;
mod committed;
mod draft;
mod durability;
mod history;
mod open;
mod pages_copied;
mod prepare;
mod publish;
mod record;
mod resolve;
mod results;
mod revalidate;
mod staging;
mod summary;
mod version;
mod versions;
mod writer;

pub(crate) use bulk::{Bulk, BulkOutcome, BulkRefusal, Restored, Row, Stamps, Writing};
pub use check::{CheckReport, Finding};
pub use committed::{ChangeKind, Commit, EntityChange, LevelFlip, RuleFlip};
pub(crate) use draft::kind as json_kind;
pub use durability::Durability;
pub(crate) use history::{History, PastOf};
pub use open::OpenReport;
pub use pages_copied::PagesCopied;
pub(crate) use publish::{Pending, Publisher};
pub(crate) use results::Results;
pub(crate) use staging::Staging;
pub(crate) use summary::find_scorecard;
pub use summary::{GroupSummary, Summary};
pub(crate) use version::Version;
pub(crate) use writer::{By, Policy, Writer};
