//! Operators that answer from sets and counts, where going through rows would answer the same.

mod codes;
mod group_count;
mod ordered;
mod tree_walk;

pub(super) use group_count::{counts_along, group_counts, tree_count};
pub(super) use ordered::{first_in_order, goes_along};
