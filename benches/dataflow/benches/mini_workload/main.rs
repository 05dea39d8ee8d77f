//! The six changes of the mini workload: how long does each take here, and how long in
//! differential-dataflow?
//!
//! `cargo bench --features peer-dataflow`; without the feature only the library runs. The peer
//! keeps no rows, no identifiers and no file: it is told which row changed into what, and keeps
//! the counts of services per team and level. Its counts are checked against a recomputation.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot be set up may panic, and tells figures that are no times"
)]

#[cfg(feature = "peer-dataflow")]
mod dataflow;
#[path = "../../../derivation/mini/mod.rs"]
mod mini;
#[path = "../../../derivation/mini_workload.rs"]
mod mini_workload;

use std::time::Duration;

use criterion::Criterion;

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

fn main() {
    #[cfg(feature = "peer-dataflow")]
    timely::execute_directly(|worker| dataflow::bench(&mut short(), worker));
    let mut criterion = short();
    mini_workload::bench(&mut criterion);
    criterion.final_summary();
}
