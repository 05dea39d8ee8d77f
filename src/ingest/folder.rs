//! Reads a folder of `blueprints.json`, `scorecards.json` and `entities.jsonl` into a load.

use std::fs::File;
use std::io::{ErrorKind as IoKind, Read as _};
use std::path::Path;

use serde_json::Value as Json;

use super::lines::without_mark;
use super::load::read_entities;
use super::report::{ImportOptions, Read};
use crate::commit::{Bulk, Staging, Writing};
use crate::error::{Error, Result};
use crate::model::{Blueprint, Scorecard};

/// Reads everything that a folder holds; each of its files may be absent, but not all.
pub(crate) fn read_folder(
    mut staging: Staging,
    folder: &Path,
    writing: &Writing,
    options: &mut ImportOptions<'_>,
) -> Result<(Bulk, Read)> {
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
    let mut read = Read {
        blueprints: blueprints.len(),
        scorecards: scorecards.len(),
        ..Read::default()
    };
    staging.declare(blueprints, scorecards)?;
    let mut bulk = Bulk::new(staging, options.memory);
    if let Some(file) = entities {
        let total = file.metadata().map_or(0, |metadata| metadata.len());
        read_entities(&mut bulk, file, total, writing, &mut read, options)?;
    }
    Ok((bulk, read))
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
