//! Everything derived, computed by the simplest code over JSON: from nothing, each time anew,
//! sharing nothing with the library that is tested.

#![expect(
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "counts are small, and numbers are compared exactly"
)]

mod aggregation;
mod base;
mod condition;
mod definitions;
mod expression;
mod field;
mod number;
mod scorecard;
mod time;
mod world;

pub(crate) use base::{Base, Write};
pub(crate) use definitions::{Definitions, SWITCHES};
pub(crate) use field::{ENTITIES, FIELDS, Step, writes_of};
pub(crate) use time::START;
pub(crate) use world::World;

#[cfg(test)]
mod tests;
