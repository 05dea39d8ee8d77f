//! Which entities have this value: roaring bitmaps in ordered maps, one per property.

mod chunks;
mod few;
mod key;
mod postings;
mod property_index;

pub(crate) use postings::{Iter, Postings};
pub(crate) use property_index::PropertyIndex;
