//! Tests of exports: docs/export.md says what is written, and what is wrong is refused by its line.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test may panic"
)]

mod page;
mod wrong;

use std::sync::Arc;

use crate::access::Viewer;
use crate::commit::{By, Durability, Policy, Publisher, Staging, Version, Writer, Writing};
use crate::error::Result;
use crate::store::Store;
use crate::value::{Instant, Seq};

/// A catalog that an export was imported into, at an instant.
fn import(lines: &str, now: Instant) -> Result<Version> {
    let (mut writer, version, _) = Writer::open(Store::in_memory()?)?;
    let viewer = Viewer::system("import");
    let writing = Writing::new(Seq(1), now, &viewer);
    let mut options = super::ImportOptions::default();
    let staging = Staging::new(version.clone());
    let (bulk, _) = super::read_export(staging, lines.as_bytes(), &writing, &mut options)?;
    let publisher = Publisher::new(&writer, version);
    let by = By {
        viewer: &viewer,
        now,
        durability: Durability::Synced,
        policy: &Policy::default(),
    };
    let (_, pending) = writer.load(&publisher, bulk, &by)?;
    publisher.wait(&pending)?;
    Ok(publisher.current())
}

fn export(version: &Version) -> String {
    let mut lines = Vec::new();
    let report = super::write_export(&Arc::clone(&version.state), &mut lines).unwrap();
    assert_eq!(report.bytes, lines.len() as u64);
    String::from_utf8(lines).unwrap()
}
