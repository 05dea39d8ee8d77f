//! Which entities have this value: sets of ids in ordered maps, one per property.

mod chunk;
mod chunks;
mod few;
mod key;
mod postings;
mod property_index;

pub(crate) use postings::{Iter, Postings};
pub(crate) use property_index::PropertyIndex;
