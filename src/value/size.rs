//! How much memory values hold beyond themselves.

use std::sync::Arc;

use super::{Fields, Path, Value};

/// The two counts in front of what an `Arc` shares.
pub(crate) const ARC: usize = 2 * size_of::<usize>();

impl Value {
    /// An estimate of the heap that the value holds. What is shared counts wherever it is held.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::String(text) => ARC + text.len(),
            Self::Level(level) => ARC + level.title.len(),
            Self::List(values) => {
                let values = values.iter();
                ARC + values
                    .map(|value| size_of::<Self>() + value.heap_bytes())
                    .sum::<usize>()
            }
            Self::Map(fields) => ARC + size_of::<Fields>() + map_bytes(fields),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Instant(..)
            | Self::Date(_)
            | Self::Duration(_)
            | Self::Entity(_)
            | Self::Relation(_) => 0,
            Self::Path(path) => {
                ARC + size_of::<Path>()
                    + size_of_val(&*path.entities)
                    + size_of_val(&*path.relations)
            }
        }
    }
}

impl Value {
    /// Whether the heap that the value holds is that of the other, or it holds none.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String(own), Self::String(other)) => Arc::ptr_eq(own, other),
            (Self::Level(own), Self::Level(other)) => Arc::ptr_eq(&own.title, &other.title),
            (Self::List(own), Self::List(other)) => Arc::ptr_eq(own, other),
            (Self::Map(own), Self::Map(other)) => Arc::ptr_eq(own, other),
            (Self::Path(own), Self::Path(other)) => Arc::ptr_eq(own, other),
            _ => self.heap_bytes() == 0,
        }
    }
}

fn map_bytes(fields: &Fields) -> usize {
    let entry = size_of::<Arc<str>>() + size_of::<Value>() + ARC;
    let fields = fields.iter();
    fields
        .map(|(key, value)| entry + key.len() + value.heap_bytes())
        .sum()
}
