//! The ids that entities, blueprints, names and commits are known by inside a catalog.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many bits of an entity id count within one chunk of ids.
pub(crate) const CHUNK_BITS: u32 = 16;
/// How many ids a chunk holds; a chunk belongs to one blueprint, so that one roaring container
/// never mixes blueprints and a blueprint's columns are dense.
pub(crate) const CHUNK: u32 = 1 << CHUNK_BITS;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl $name {
            /// The id as an index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// An entity within a catalog, for as long as it exists. Handed out in chunks of 65,536 to one
    /// blueprint each.
    EntityId(u32)
}
id! {
    /// A blueprint within a catalog, stable when the blueprint changes.
    BlueprintId(u32)
}
id! {
    /// An interned property or relation name.
    NameId(u32)
}
id! {
    /// A scorecard within a catalog.
    ScorecardId(u32)
}

impl EntityId {
    /// The chunk of ids that this one lies in.
    #[must_use]
    pub(crate) const fn chunk(self) -> u32 {
        self.0 >> CHUNK_BITS
    }
}

/// The number of a commit: 1 for the first of a catalog, one more for each after it, and 0 for
/// the catalog before any.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
