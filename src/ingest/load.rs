//! Reads entities as JSON lines into a load.

use std::io;
use std::sync::Arc;

use serde_json::Value as Json;

use super::blocks::{Source, parse};
use super::report::{ImportOptions, Meter, Read, Refused};
use crate::commit::{Bulk, Row, Staging, Writing, json_kind};
use crate::error::{Error, Result};
use crate::model::Model;

/// The longest line, in bytes.
const LINE_MAX: u64 = 16 << 20;

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
    reader: impl io::Read + Send,
    total_bytes: u64,
    writing: &Writing,
    read: &mut Read,
    options: &mut ImportOptions<'_>,
) -> Result<()> {
    let model = Arc::clone(bulk.model());
    let mut meter = Meter::new(options, total_bytes);
    let source = Source {
        reader,
        first: 1,
        longest: LINE_MAX,
    };
    let each = |line, text: Result<&[u8]>| read_row(&model, line, text, writing);
    parse(source, each, |parsed| {
        for row in parsed.rows {
            match row {
                Ok(row) => _ = bulk.add(row)?,
                Err(refused) => read.refused.push(refused),
            }
        }
        meter.add(parsed.bytes, parsed.lines);
        Ok(())
    })?;
    meter.finish();
    Ok(())
}

fn read_row(
    model: &Model,
    line: u64,
    text: Result<&[u8]>,
    writing: &Writing,
) -> std::result::Result<Row, Refused> {
    let mut name = "entity".to_owned();
    text.and_then(|text| read_document(model, line, text, writing, &mut name))
        .map_err(|error| Refused {
            line,
            name,
            error,
            whole: true,
        })
}

/// Reads one document; its name is noted where it is wrong.
fn read_document(
    model: &Model,
    line: u64,
    text: &[u8],
    writing: &Writing,
    name: &mut String,
) -> Result<Row> {
    let document: Json = serde_json::from_slice(text).map_err(|error| {
        Error::invalid(format!("not JSON: {error}"))
            .with_help("write one entity a line, as a JSON object")
            .with_source(error)
    })?;
    let Some(fields) = document.as_object() else {
        let message = format!("an entity must be an object, not {}", json_kind(&document));
        return Err(Error::invalid(message));
    };
    let field = |key: &str| fields.get(key).and_then(Json::as_str);
    let Some(blueprint) = field("blueprint") else {
        let message = "an imported entity names its `blueprint`";
        return Err(Error::invalid(message).with_path("/blueprint"));
    };
    Row::read(model, (blueprint, fields), line, writing).inspect_err(|_| {
        let identifier = field("identifier").unwrap_or_default();
        *name = format!("{blueprint} `{identifier}`");
    })
}
