//! What the library does as its users see it, through its public API alone.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, says what it skips, may look at the clock, and takes documents as they are written"
)]

mod bad_input;
mod cases;
mod common;
mod derived;
mod derived_api;
mod durability;
mod examples;
mod export;
mod format_files;
mod handles;
mod held_versions;
mod import;
mod kill;
mod language;
mod load;
mod model_changes;
mod operations;
mod oracle;
mod page;
mod pages_copied;
mod port;
mod real_catalogs;
mod rule_since;
mod search;
mod transactions;
