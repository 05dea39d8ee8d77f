//! An embedded graph database for software catalogs, with scorecards exact in every commit.

mod cow;
mod derive;
mod error;
mod graph;
mod index;
pub mod model;
mod query;
mod state;
mod store;
mod value;

pub use error::{Error, ErrorKind, Result, Span};
pub use value::{Duration, EntityId, Instant, Level, Seq, Value};
