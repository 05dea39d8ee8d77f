//! What the lines of an export say: header, blueprint, scorecard, entity.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::export::{EXPORT_VERSION, KIND};
use crate::commit::{Restored, Stamps, json_kind};
use crate::error::{Error, ErrorKind, Result, did_you_mean};
use crate::model::{Blueprint, Scorecard};
use crate::value::Instant;

/// How many of everything an export says that it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) blueprints: u64,
    pub(super) scorecards: u64,
    pub(super) entities: u64,
}

/// A line after the first.
#[derive(Debug)]
pub(super) enum ExportLine {
    Blueprint(Blueprint),
    Scorecard(Scorecard),
    Entity(Restored),
}

/// What a line can be, by its one key.
const LINES: [&str; 3] = ["blueprint", "scorecard", "entity"];

/// The keys of the header.
const HEADER: [&str; 7] = [
    "portolan",
    "version",
    "seq",
    "time",
    "blueprints",
    "scorecards",
    "entities",
];

/// The keys of an entity that are not part of what a caller may write.
const STAMPS: [&str; 4] = ["createdAt", "createdBy", "updatedAt", "updatedBy"];

/// Reads the first line.
///
/// # Errors
/// `Unsupported` for a later version; `Invalid` for anything else that is not a header.
pub(super) fn header(line: &[u8]) -> Result<Counts> {
    let not_ours = |message: &str| {
        Error::invalid(message)
            .with_help("give a file that `Snapshot::export` wrote, from its first line on")
    };
    let parsed: Option<Json> = serde_json::from_slice(line).ok();
    let Some(Json::Object(fields)) = parsed else {
        return Err(not_ours("this is not the header of an export"));
    };
    if fields.get("portolan").and_then(Json::as_str) != Some(KIND) {
        return Err(not_ours("this is not the header of an export"));
    }
    let version = number(&fields, "version")?;
    if version > EXPORT_VERSION {
        let message = format!(
            "a newer release wrote this export: it has version {version}, and this release reads \
             version {EXPORT_VERSION}"
        );
        return Err(
            Error::new(ErrorKind::Unsupported, message).with_help("upgrade portolan to import it")
        );
    }
    if version == 0 {
        return Err(not_ours("no release ever wrote an export of version 0"));
    }
    known_keys(&fields, &HEADER, "the header of an export")?;
    Ok(Counts {
        blueprints: number(&fields, "blueprints")?,
        scorecards: number(&fields, "scorecards")?,
        entities: number(&fields, "entities")?,
    })
}

/// Reads a line after the first.
///
/// # Errors
/// `Invalid` or `Syntax` for what is not a line of an export.
pub(super) fn line(line: &[u8]) -> Result<ExportLine> {
    let document: Json = serde_json::from_slice(line).map_err(|error| {
        Error::invalid(format!("not JSON: {error}"))
            .with_help("write one JSON object a line")
            .with_source(error)
    })?;
    let one = if let Json::Object(fields) = document
        && fields.len() == 1
    {
        fields.into_iter().next()
    } else {
        None
    };
    let Some((kind, content)) = one else {
        let message = "a line is an object with one key that says what it is";
        let help = format!("the key is one of `{}`", LINES.join("`, `"));
        return Err(Error::invalid(message).with_help(help));
    };
    match kind.as_str() {
        "blueprint" => Blueprint::from_json(&content).map(ExportLine::Blueprint),
        "scorecard" => Scorecard::from_json(&content).map(ExportLine::Scorecard),
        "entity" => entity(content).map(ExportLine::Entity),
        unknown => {
            let help = did_you_mean(unknown, LINES)
                .unwrap_or_else(|| format!("the kinds are `{}`", LINES.join("`, `")));
            let message = format!("an export has no line of kind `{}`", unknown.escape_debug());
            Err(Error::invalid(message).with_help(help))
        }
    }
}

/// Takes an entity apart into what was written of it and the stamps it got.
fn entity(content: Json) -> Result<Restored> {
    let Json::Object(mut fields) = content else {
        let message = format!("an entity must be an object, not {}", json_kind(&content));
        return Err(Error::invalid(message));
    };
    let blueprint = text(&fields, "blueprint")?;
    let stamps = Stamps {
        created_at: instant(&fields, "createdAt")?,
        created_by: text(&fields, "createdBy")?,
        updated_at: instant(&fields, "updatedAt")?,
        updated_by: text(&fields, "updatedBy")?,
    };
    for key in STAMPS {
        fields.remove(key);
    }
    let team = fields.remove("team").map(teams).transpose()?;
    Ok(Restored {
        blueprint,
        team: team.unwrap_or_default(),
        document: fields,
        stamps,
    })
}

/// Teams are taken as they are, whatever the blueprint says of ownership by now.
fn teams(value: Json) -> Result<Vec<Arc<str>>> {
    let wrong = || {
        Error::invalid("must be a list of teams")
            .with_path("/team")
            .with_help("write `[\"a team\"]`, or leave `team` out")
    };
    let Json::Array(teams) = value else {
        return Err(wrong());
    };
    let team = |team: &Json| team.as_str().map(Arc::from).ok_or_else(wrong);
    teams.iter().map(team).collect()
}

fn missing(key: &str, what: &str) -> Error {
    let help = "every entity of an export has `blueprint`, `identifier`, `createdAt`, \
                `createdBy`, `updatedAt` and `updatedBy`";
    Error::invalid(format!("expected {what}"))
        .with_path(format!("/{key}"))
        .with_help(help)
}

fn text(fields: &Map<String, Json>, key: &str) -> Result<Arc<str>> {
    let text = fields.get(key).and_then(Json::as_str);
    text.map(Arc::from).ok_or_else(|| missing(key, "a string"))
}

fn instant(fields: &Map<String, Json>, key: &str) -> Result<Instant> {
    let text = fields.get(key).and_then(Json::as_str);
    text.and_then(read_instant)
        .ok_or_else(|| missing(key, "a point in time, such as `2026-11-01T12:00:00Z`"))
}

/// An instant as it prints: those that no calendar holds are microseconds.
fn read_instant(text: &str) -> Option<Instant> {
    let micros = || text.strip_suffix("us")?.parse().ok().map(Instant);
    Instant::parse(text).or_else(micros)
}

fn number(fields: &Map<String, Json>, key: &str) -> Result<u64> {
    fields.get(key).and_then(Json::as_u64).ok_or_else(|| {
        Error::invalid("expected a whole number")
            .with_path(format!("/{key}"))
            .with_help("the header is as `Snapshot::export` wrote it")
    })
}

fn known_keys(fields: &Map<String, Json>, known: &[&str], of: &str) -> Result<()> {
    let Some(key) = fields.keys().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let help = did_you_mean(key, known.iter().copied())
        .unwrap_or_else(|| format!("the keys are `{}`", known.join("`, `")));
    let message = format!("unknown key `{}` in {of}", key.escape_debug());
    Err(Error::invalid(message)
        .with_path(format!("/{key}"))
        .with_help(help))
}
