//! An embedded graph database for software catalogs, with scorecards exact in every commit.
#![doc = include_str!("../README.md")]

pub mod model;

mod access;
mod catalog;
mod commit;
mod cow;
mod derive;
mod error;
mod graph;
mod index;
mod ingest;
mod query;
mod state;
mod store;
mod value;

pub use access::Viewer;
pub use catalog::{
    Candidate, Card, CardRule, Catalog, Options, Parameters, QueryOptions, Rows, Snapshot, Stats,
    Summary, WriteTx,
};
pub use commit::{ChangeKind, Commit, EntityChange, EntityName, LevelFlip, OpenReport};
pub use derive::{Leaf, Why, Work};
pub use error::{Error, ErrorKind, Result, Span};
pub use ingest::{ImportOptions, ImportReport, Progress, Refused};
pub use query::{Cancel, Class, Limits, highlight};
pub use value::{Duration, EntityId, Instant, Level, Seq, Value};
