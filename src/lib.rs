//! An embedded graph database for software catalogs, with scorecards exact in every commit.

mod cow;
mod error;
pub mod model;
mod store;
mod value;

pub use error::{Error, ErrorKind, Result, Span};
pub use value::{Duration, EntityId, Instant, Level, Seq, Value};
