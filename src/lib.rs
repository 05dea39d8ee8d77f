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
    Candidate, Card, CardRule, Catalog, NextLevel, Options, Parameters, QueryOptions, Rows,
    Snapshot, Stats, WriteTx,
};
pub use commit::{
    ChangeKind, Commit, Durability, EntityChange, GroupSummary, LevelFlip, OpenReport, RuleFlip,
    Summary,
};
pub use derive::{
    Changed, Contribution, Contributions, Input, Leaf, Origin, RuleState, WayStep, Why,
    WhyProperty, Work,
};
pub use error::{Error, ErrorKind, Result, Span};
pub use ingest::{ImportOptions, ImportReport, Progress, Refused};
pub use query::{Cancel, Class, Limits, highlight};
pub use state::EntityName;
pub use store::LogLimit;
pub use value::{Duration, EntityId, Instant, Level, Seq, Value};
