//! Writes a version of the catalog as lines of JSON: a header, the model, every entity.
//!
//! docs/export.md says field by field what stands there; it may not change for version 1.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::report::counted;
use crate::error::{Error, Result};
use crate::model::{Compiled, Target};
use crate::state::{Record, State};
use crate::value::{EntityId, Instant, Seq, Value};

/// What the first line says the file is.
pub(super) const KIND: &str = "export";
/// The version of the form; see docs/export.md for when it goes up.
pub(crate) const EXPORT_VERSION: u64 = 1;

/// What an export wrote; prints as a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportReport {
    /// The commit that made the exported version.
    pub seq: Seq,
    /// When it was made.
    pub time: Instant,
    /// How many blueprints were written.
    pub blueprints: u64,
    /// How many scorecards were written.
    pub scorecards: u64,
    /// How many entities of all blueprints were written.
    pub entities: u64,
    /// How many bytes were written.
    pub bytes: u64,
}

impl fmt::Display for ExportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exported {}, {}, {} as of commit {}: {} bytes",
            counted(self.blueprints, "blueprint", "blueprints"),
            counted(self.scorecards, "scorecard", "scorecards"),
            counted(self.entities, "entity", "entities"),
            self.seq,
            self.bytes
        )
    }
}

/// The first line, with its keys in the order in which they are written.
#[derive(Serialize)]
struct Header {
    portolan: &'static str,
    version: u64,
    seq: u64,
    time: String,
    blueprints: u64,
    scorecards: u64,
    entities: u64,
}

/// An entity as it was written, with its keys in the order in which they are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntityLine<'a> {
    blueprint: &'a str,
    identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    team: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<&'a str, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    relations: BTreeMap<&'a str, Json>,
    created_at: String,
    created_by: &'a str,
    updated_at: String,
    updated_by: &'a str,
}

/// Writes a version. Costs O(entities · log entities) and holds the ids of one blueprint's
/// entities.
pub(crate) fn write_export(state: &State, out: impl Write) -> Result<ExportReport> {
    let model = state.model();
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut report = ExportReport {
        seq: state.seq(),
        time: state.time(),
        blueprints: count(model.blueprints().count()),
        scorecards: count(model.scorecards().count()),
        entities: count(state.entity_count()),
        bytes: 0,
    };
    let mut out = Lines {
        out: BufWriter::new(out),
        buffer: Vec::new(),
        bytes: 0,
    };
    out.line(&Header {
        portolan: KIND,
        version: EXPORT_VERSION,
        seq: report.seq.0,
        time: report.time.to_string(),
        blueprints: report.blueprints,
        scorecards: report.scorecards,
        entities: report.entities,
    })?;
    for compiled in model.blueprints() {
        out.line(&json!({"blueprint": compiled.blueprint.to_json()}))?;
    }
    for (_, scorecard) in model.scorecards() {
        out.line(&json!({"scorecard": scorecard.to_json()}))?;
    }
    for compiled in model.blueprints() {
        let mut members: Vec<EntityId> = state.members(compiled.id).iter().collect();
        members.sort_by_key(|id| state.identifier(*id));
        for entity in members.into_iter().filter_map(|id| state.entity(id)) {
            let line = entity_line(state, compiled, entity);
            out.line(&BTreeMap::from([("entity", line)]))?;
        }
    }
    out.out.flush().map_err(cannot_write)?;
    report.bytes = out.bytes;
    Ok(report)
}

/// The entity as it was written: nothing derived is in it.
fn entity_line<'a>(state: &'a State, compiled: &'a Compiled, entity: Record<'a>) -> EntityLine<'a> {
    let names = state.model().names();
    let properties = entity.properties();
    let properties = properties.map(|(name, value)| (names.text(name), value));
    let relations = entity.relations().map(|(name, targets)| {
        let name = names.text(name);
        (name, relation(state, compiled, name, &targets))
    });
    let head = entity.head();
    EntityLine {
        blueprint: &compiled.blueprint.identifier,
        identifier: head.identifier,
        title: head.title,
        icon: head.icon,
        team: head.team.iter().collect(),
        properties: properties.collect(),
        relations: relations.collect(),
        created_at: head.created_at.to_string(),
        created_by: head.created_by,
        updated_at: head.updated_at.to_string(),
        updated_by: head.updated_by,
    }
}

/// The targets of a relation: identifiers, with their blueprints where it may point to several.
fn relation(state: &State, compiled: &Compiled, name: &str, targets: &[EntityId]) -> Json {
    let declared = compiled.blueprint.relation(name);
    let single = declared.is_some_and(
        |relation| matches!(&relation.target, Target::Blueprints(targets) if targets.len() == 1),
    );
    let mut targets = targets.iter().map(|id| {
        let identifier = state.identifier(*id);
        if single {
            return Json::from(identifier);
        }
        let of = state.derived().blueprint_of(*id);
        let of = of.and_then(|of| state.model().blueprint(of));
        let of: Option<&Arc<str>> = of.map(|of| &of.blueprint.identifier);
        json!({"blueprint": of.map(|of| &**of), "identifier": identifier})
    });
    if declared.is_some_and(|relation| relation.many) {
        return targets.collect();
    }
    targets.next().unwrap_or(Json::Null)
}

/// Writes one value a line.
struct Lines<W: Write> {
    out: BufWriter<W>,
    buffer: Vec<u8>,
    bytes: u64,
}

impl<W: Write> Lines<W> {
    fn line(&mut self, value: &impl Serialize) -> Result<()> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, value)?;
        self.buffer.push(b'\n');
        self.out.write_all(&self.buffer).map_err(cannot_write)?;
        self.bytes += self.buffer.len() as u64;
        Ok(())
    }
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::from(error).context("the export cannot be written")
}
