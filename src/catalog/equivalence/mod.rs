//! Plan equivalence: random queries of random catalogs, answered by plans and by trying everything.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here is a test"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    reason = "one plain table of the kinds that it knows, to be compared with what is not plain"
)]

mod choices;
mod compare;
mod naive;
mod random;
#[cfg(test)]
mod tests;
mod world;

pub use compare::{Outcome, check};
