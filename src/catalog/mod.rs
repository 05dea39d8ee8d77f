//! The front door: `Catalog`, `Snapshot`, `WriteTx`.

mod card;
mod clock;
mod complete;
mod open;
mod options;
mod parameters;
mod reasons;
mod relations;
mod rows;
mod snapshot;
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
mod write;

pub use card::{Card, CardRule, NextLevel};
pub use complete::Candidate;
pub use open::Catalog;
pub use options::{Options, QueryOptions};
pub use parameters::Parameters;
pub use rows::Rows;
pub use snapshot::Snapshot;
pub use stats::Stats;
pub use write::WriteTx;
