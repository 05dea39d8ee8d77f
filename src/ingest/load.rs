//! Reads entities as JSON lines into a load.

use std::io;
use std::sync::Arc;

use super::blocks::parse;
use super::report::{ImportOptions, Progress, Read};
use crate::commit::{Bulk, Staging, Writing};
use crate::error::Result;

/// Reads JSON lines against the model that there is.
pub(crate) fn read_lines(
    staging: Staging,
    source: impl io::Read + Send,
    writing: &Writing,
    options: &mut ImportOptions<'_>,
) -> Result<(Bulk, Read)> {
    let mut bulk = Bulk::new(staging, options.memory);
    let mut read = Read::default();
    read_entities(&mut bulk, source, 0, writing, &mut read, options)?;
    Ok((bulk, read))
}

/// Adds every line of a source to a load, or notes why not. `total_bytes` is for the progress
/// alone.
pub(super) fn read_entities(
    bulk: &mut Bulk,
    source: impl io::Read + Send,
    total_bytes: u64,
    writing: &Writing,
    read: &mut Read,
    options: &mut ImportOptions<'_>,
) -> Result<()> {
    let model = Arc::clone(bulk.model());
    let mut progress = Progress {
        bytes: 0,
        total_bytes,
        lines: 0,
    };
    let mut report = |progress: Progress| {
        if let Some(callback) = &mut options.progress {
            callback(progress);
        }
    };
    parse(source, &model, writing, |parsed| {
        for row in parsed.rows {
            match row {
                Ok(row) => bulk.add(row)?,
                Err(refused) => read.refused.push(refused),
            }
        }
        progress.lines += parsed.lines;
        progress.bytes += parsed.bytes;
        report(progress);
        Ok(())
    })?;
    if progress.lines == 0 {
        report(progress);
    }
    Ok(())
}
