//! The front door: `Catalog`, `Snapshot`, `WriteTx`.

mod backup;
mod card;
mod check;
mod clock;
mod complete;
#[cfg(any(test, fuzzing))]
pub mod equivalence;
mod export;
mod open;
mod options;
mod parameters;
mod port;
mod prepared;
mod reasons;
mod relations;
mod row;
mod rows;
mod search;
mod snapshot;
mod statements;
mod stats;
#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed test may panic"
)]
mod tests;
mod turn;
mod usage;
mod write;

pub use card::{Card, CardRule, NextLevel};
pub use complete::Candidate;
pub use open::Catalog;
pub use options::{Options, QueryOptions};
pub use parameters::Parameters;
pub use prepared::{Bound, Prepared};
pub use row::Row;
pub use rows::Rows;
pub use search::{Hit, Match, SearchOptions};
pub use snapshot::Snapshot;
pub use stats::Stats;
pub use usage::{CatalogStats, MemoryStats, VersionStats};
pub use write::WriteTx;
