//! Nanoseconds, bytes of memory and disk, and what many figures come to.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value as Json, json};

pub(crate) fn ns(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The budget of a request in nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a budget of seconds fits"
)]
pub(crate) fn budget(request: &Json) -> u64 {
    (request["budget_s"].as_f64().unwrap_or(60.0) * 1e9) as u64
}

/// The memory of this process in bytes: `VmRSS` now, `VmHWM` at its peak.
pub(crate) fn memory(which: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(which));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}

/// The bytes of all files of a folder.
pub(crate) fn disk(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = files.filter_map(|file| file.metadata().ok());
    sizes
        .filter(fs::Metadata::is_file)
        .map(|file| file.len())
        .sum()
}

pub(crate) fn median(figures: &[u64]) -> u64 {
    at_percent(figures, 50)
}

/// The figure that so many hundredths of all do not exceed.
fn at_percent(figures: &[u64], percent: usize) -> u64 {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}

/// The figures of a query: one for each of its parameters.
#[expect(
    clippy::cast_precision_loss,
    reason = "a mean of nanoseconds need not be exact"
)]
pub(crate) fn summary(per_parameter: &[u64]) -> Json {
    let mean = per_parameter.iter().sum::<u64>() as f64 / per_parameter.len().max(1) as f64;
    json!({
        "n_params": per_parameter.len(), "per_ns": per_parameter, "mean_ns": mean,
        "median_ns": median(per_parameter), "p99_ns": at_percent(per_parameter, 99),
        "max_ns": per_parameter.iter().max(),
    })
}
