//! Tests of the store: encodings, the file, images, crashes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that goes wrong may panic"
)]

mod append;
mod backup;
mod crash;
mod damage;
mod file;
mod format;
mod image;
mod log;
mod made;
mod packed;
mod past;
mod queue;
mod record;
mod retention;
mod upgrade;
