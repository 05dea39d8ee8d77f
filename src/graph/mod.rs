//! Who is related to whom: adjacency per relation in both directions, petgraph's visit traits
//! over it, and walks.

mod adjacency;
mod dense_set;
mod neighbours;
mod path;
mod shortest;
mod view;
mod walk;

pub(crate) use adjacency::{Graph, Way};
pub(crate) use dense_set::DenseSet;
pub(crate) use neighbours::Neighbours;
pub(crate) use path::cycles;
pub(crate) use shortest::shortest_path;
pub(crate) use view::View;
pub(crate) use walk::reach;
