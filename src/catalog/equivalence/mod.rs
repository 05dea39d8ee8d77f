//! Plan equivalence: random queries of random catalogs, answered by plans and by trying everything.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here is a test"
)]

mod choices;
mod compare;
mod naive;
mod random;
#[cfg(test)]
mod tests;
mod world;

pub use compare::{Outcome, check};
