//! Tests of the store: encodings, the file, images, crashes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may panic"
)]

mod crash;
mod damage;
mod file;
mod format;
mod image;
mod log;
mod made;
mod past;
mod record;
