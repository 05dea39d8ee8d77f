//! Collections that are cheap to copy: a copy shares its pages until one side changes them.
//!
//! Every version of a catalog is made of these. Cloning one costs the clone of one `Arc`;
//! changing one element afterwards copies the path of pages down to it and nothing else, and
//! where nobody holds an older version nothing is copied at all.

mod array;
mod pages;
mod sorted;
mod table;

pub(crate) use array::CowArray;
pub use pages::Pages;
pub(crate) use pages::apart;
pub(crate) use sorted::SortedMap;
pub(crate) use table::HashIndex;
