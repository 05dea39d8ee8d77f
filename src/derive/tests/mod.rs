//! Tests of the derivation engine: the same bits as a rebuild, the right bits, and no more work
//! than a change is worth.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that is wrong about its fixture must fail"
)]

mod meaning;
mod oracle;
mod refuse;
mod rich;
mod trace;
mod why;
mod work;
mod world;
