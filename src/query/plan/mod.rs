//! Which way to go: access paths, join order and the readable explanation of both.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "conditions and expressions of all other kinds are treated alike"
)]

mod access;
mod condition;
mod estimate;
mod explain;
mod order;
mod ordered;
mod print;
mod program;
mod sets;
mod tree;
mod walk;

pub(crate) use access::Admit;
pub(crate) use explain::{PartPlan, explain};
pub(crate) use ordered::Ordered;
pub(crate) use program::{Op, Planner, Program, Step};
pub(crate) use tree::{Pair, Tree};
pub(crate) use walk::{
    anew_for_rows, columns_of, is_constant, is_known, only_slot, reads_clock, reads_no_place,
};
