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
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use catalog::equivalence;
pub use catalog::{
    Bound, Candidate, Card, CardRule, Catalog, CatalogStats, Hit, Match, MemoryStats, NextLevel,
    Options, Parameters, Prepared, QueryOptions, Row, Rows, SearchOptions, Snapshot, Stats,
    VersionStats, WriteTx,
};
pub use commit::{
    ChangeKind, CheckReport, Commit, Durability, EntityChange, Finding, GroupSummary, LevelFlip,
    OpenReport, PagesCopied, RuleFlip, Summary,
};
pub use cow::Pages;
pub use derive::{
    Changed, Contribution, Contributions, Input, Leaf, Origin, RuleState, WayStep, Why,
    WhyProperty, Work,
};
pub use error::{Error, ErrorKind, Result, Span};
pub use ingest::{ExportReport, ImportOptions, ImportReport, Progress, Refused};
pub use query::{Cancel, Class, Limits, highlight};
pub use state::EntityName;
pub use store::{DiskStats, LogLimit, LogStats, TableStats};
pub use value::{Date, Duration, EntityId, Instant, Level, Offset, Path, Relationship, Seq, Value};
