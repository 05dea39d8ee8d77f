//! Which entities have this value, or this in a text: sets of ids in ordered maps.

mod chunk;
mod chunks;
mod few;
mod key;
mod postings;
mod property_index;
mod text_index;

pub(crate) use key::Key;
pub(crate) use postings::{Iter, Postings};
pub(crate) use property_index::PropertyIndex;
pub(crate) use text_index::{TextIndex, folded};
