//! Reads a folder of `blueprints.json`, `scorecards.json` and `entities.jsonl` into a staging.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind as IoKind, Read as _};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::report::{Folder, ImportOptions, Progress};
use crate::commit::{Staging, json_kind};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Blueprint, Scorecard};

/// The longest line of `entities.jsonl`, in bytes.
const LINE_MAX: u64 = 16 << 20;
/// How many lines pass between two calls of the progress callback.
const PROGRESS_EVERY: u64 = 1_000;

/// Stages everything that a folder holds; each of its files may be absent, but not all.
pub(crate) fn read_folder(
    staging: &mut Staging,
    folder: &Path,
    options: &mut ImportOptions<'_>,
) -> Result<Folder> {
    if !folder.is_dir() {
        let what = if folder.exists() {
            "is not a folder"
        } else {
            "does not exist"
        };
        return Err(Error::not_found(format!("`{}` {what}", folder.display()))
            .with_help("give the path of a folder to import"));
    }
    let blueprints = read_json(&folder.join("blueprints.json"))?;
    let scorecards = read_json(&folder.join("scorecards.json"))?;
    let entities = open(&folder.join("entities.jsonl"))?;
    if blueprints.is_none() && scorecards.is_none() && entities.is_none() {
        let message = format!("`{}` holds nothing to import", folder.display());
        let help = "a folder to import has `blueprints.json`, `scorecards.json` or \
                    `entities.jsonl`";
        return Err(Error::not_found(message).with_help(help));
    }
    let blueprints = match blueprints {
        Some(json) => Blueprint::list_from_json(&json).map_err(in_file("blueprints.json"))?,
        None => Vec::new(),
    };
    let scorecards = match scorecards {
        Some(json) => Scorecard::list_from_json(&json).map_err(in_file("scorecards.json"))?,
        None => Vec::new(),
    };
    let mut read = Folder {
        blueprints: blueprints.len(),
        scorecards: scorecards.len(),
        ..Folder::default()
    };
    staging.declare(blueprints, scorecards)?;
    staging.leave_out_dangling();
    if let Some(file) = entities {
        read_entities(staging, file, &mut read, options)?;
    }
    Ok(read)
}

fn in_file(name: &'static str) -> impl Fn(Error) -> Error {
    move |error| error.context(name)
}

fn open(path: &Path) -> Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == IoKind::NotFound => Ok(None),
        Err(error) => Err(Error::from(error).context(format!("`{}`", path.display()))),
    }
}

fn read_json(path: &Path) -> Result<Option<Json>> {
    let Some(mut file) = open(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|error| Error::from(error).context(format!("`{}`", path.display())))?;
    let json = serde_json::from_slice(without_mark(&bytes)).map_err(|error| {
        let message = format!("`{}` is not JSON in UTF-8: {error}", path.display());
        Error::invalid(message).with_source(error)
    })?;
    Ok(Some(json))
}

/// A text without the byte-order mark that some editors put before it.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

fn read_entities(
    staging: &mut Staging,
    file: File,
    read: &mut Folder,
    options: &mut ImportOptions<'_>,
) -> Result<()> {
    let total_bytes = file.metadata().map_or(0, |metadata| metadata.len());
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
    let (mut reader, mut line) = (BufReader::new(file), Vec::new());
    loop {
        line.clear();
        let bytes = reader
            .by_ref()
            .take(LINE_MAX + 1)
            .read_until(b'\n', &mut line)?;
        if bytes == 0 {
            break;
        }
        progress.lines += 1;
        progress.bytes += bytes as u64;
        if line.len() as u64 > LINE_MAX {
            progress.bytes += reader.skip_until(b'\n')? as u64;
            let error = format!("the line is longer than {LINE_MAX} bytes");
            read.refuse(
                progress.lines,
                "entity",
                Error::new(ErrorKind::Limit, error),
            );
            continue;
        }
        let text = if progress.lines == 1 {
            without_mark(&line)
        } else {
            &line
        };
        if !text.trim_ascii().is_empty() {
            stage_line(staging, text, progress.lines, read);
        }
        if progress.lines.is_multiple_of(PROGRESS_EVERY) {
            report(progress);
        }
    }
    report(progress);
    Ok(())
}

/// Stages one line, or notes why not.
fn stage_line(staging: &mut Staging, line: &[u8], number: u64, read: &mut Folder) {
    let mut name = "entity".to_owned();
    match stage(staging, line, &mut name) {
        Ok(key) => _ = read.lines.insert(key, number),
        Err(error) => read.refuse(number, &name, error),
    }
}

fn stage(staging: &mut Staging, line: &[u8], name: &mut String) -> Result<(Arc<str>, Arc<str>)> {
    let document: Json = serde_json::from_slice(line).map_err(|error| {
        Error::invalid(format!("not JSON: {error}"))
            .with_help("write one entity a line, as a JSON object")
            .with_source(error)
    })?;
    let Some(fields) = document.as_object() else {
        let message = format!("an entity must be an object, not {}", json_kind(&document));
        return Err(Error::invalid(message));
    };
    let text = |key: &str| fields.get(key).and_then(Json::as_str);
    let Some(blueprint) = text("blueprint") else {
        let message = "an imported entity names its `blueprint`";
        return Err(Error::invalid(message).with_path("/blueprint"));
    };
    let identifier = text("identifier").unwrap_or_default();
    *name = format!("{blueprint} `{identifier}`");
    staging.upsert(blueprint, &document)?;
    Ok((blueprint.into(), identifier.into()))
}
