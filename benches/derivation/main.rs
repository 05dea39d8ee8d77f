//! What keeping everything derived true costs: one file per question, each with a naive
//! recomputation of everything beside it.
//!
//! `cargo bench --bench derivation hub` runs the questions whose names contain `hub`. Larger
//! catalogs: `MINI_SERVICES=100000 cargo bench --bench derivation mini`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot be set up may panic, and tells figures that are no times"
)]

mod bulk;
mod clock_advance;
mod hub_flip;
mod hundred_scorecards;
mod leaf_change;
mod mini;
mod mini_workload;
mod new_rule;
mod property_change;
mod rebuild;
mod what_if;
mod why;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

/// Few samples and short: a commit is the same work each time.
fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
}

criterion_group! {
    name = benches;
    config = short();
    targets = hundred_scorecards::bench, leaf_change::bench, property_change::bench,
        hub_flip::bench, bulk::bench, new_rule::bench, rebuild::bench, clock_advance::bench,
        why::bench, what_if::bench, mini_workload::bench
}
criterion_main!(benches);
