//! Reads an export into a load on top of an empty catalog.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Cursor, Read as _};
use std::sync::Arc;

use super::blocks::{Source, parse, too_long};
use super::export_line::{self, Counts, ExportLine};
use super::lines::{Line, read_line, without_mark};
use super::report::{ImportOptions, Meter, Read};
use crate::commit::{Bulk, Row, Staging, Writing};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Blueprint, Model, Scorecard};
use crate::value::Seq;

/// The longest line of an export, in bytes: far beyond what one row of a catalog holds.
const LINE_MAX: u64 = 1 << 30;

/// Reads everything that an export holds: the model line by line, then the entities on all cores.
///
/// # Errors
/// `Invalid` where the catalog is not empty; `Invalid`, `Syntax`, `Unsupported` or `Limit` with
/// the number of the line that is wrong; `Io`.
pub(crate) fn read_export(
    mut staging: Staging,
    source: impl io::Read + Send,
    writing: &Writing,
    options: &mut ImportOptions<'_>,
) -> Result<(Bulk, Read)> {
    check_empty(&staging)?;
    let memory = options.memory;
    let mut meter = Meter::new(options, 0);
    let mut head = HeadReader::new(BufReader::new(source));
    let stated = head.header()?;
    let mut declared = head.model()?;
    let mut found = Counts {
        blueprints: declared.blueprints.len() as u64,
        scorecards: declared.scorecards.len() as u64,
        entities: 0,
    };
    let mut read = Read::default();
    declared.declare(&mut staging, &mut read)?;
    let mut bulk = Bulk::new(staging, memory).strict();
    meter.count(head.bytes, head.number);
    let (model, mut last) = (Arc::clone(bulk.model()), head.number);
    let each = |line, text: Result<&[u8]>| {
        let row = text.and_then(|text| entity(&model, line, text, writing.seq));
        row.map_err(|error| error.context(format!("line {line}")))
    };
    parse(head.rest(), each, |parsed| {
        for row in parsed.rows {
            add(&mut bulk, row?)?;
            found.entities += 1;
        }
        last += parsed.lines;
        meter.add(parsed.bytes, parsed.lines);
        Ok(())
    })
    .map_err(cannot_read)?;
    meter.finish();
    check_counts(stated, found, last)?;
    Ok((bulk, read))
}

/// Reads a line after the model.
fn entity(model: &Model, number: u64, line: &[u8], seq: Seq) -> Result<Row> {
    match export_line::line(line)? {
        ExportLine::Entity(entity) => Row::restore(model, entity, number, seq),
        ExportLine::Blueprint(_) | ExportLine::Scorecard(_) => {
            let message = "a blueprint or scorecard after an entity";
            let help = "move it before the first entity, which is read by it";
            Err(Error::invalid(message).with_help(help))
        }
    }
}

fn add(bulk: &mut Bulk, row: Row) -> Result<()> {
    let line = row.line;
    let Some(first) = bulk.add(row)? else {
        return Ok(());
    };
    let message = format!("line {line}: the entity of line {first} once more");
    Err(Error::invalid(message).with_help("keep one of the two lines"))
}

fn cannot_read(error: Error) -> Error {
    if error.kind() == ErrorKind::Io {
        error.context("the export cannot be read")
    } else {
        error
    }
}

fn check_empty(staging: &Staging) -> Result<()> {
    let Some(what) = staging.holds() else {
        return Ok(());
    };
    let message =
        format!("an export can only be imported into an empty catalog: this one has {what}");
    Err(Error::invalid(message).with_help("import it into a new file"))
}

/// Whether everything came that the header promised: a file may have been cut short.
fn check_counts(stated: Counts, found: Counts, last: u64) -> Result<()> {
    let counts = [
        ("blueprints", stated.blueprints, found.blueprints),
        ("scorecards", stated.scorecards, found.scorecards),
        ("entities", stated.entities, found.entities),
    ];
    let Some((what, stated, found)) = counts.iter().find(|(_, stated, found)| stated != found)
    else {
        return Ok(());
    };
    let message =
        format!("line {last}: the export ends after {found} {what}, but its header says {stated}");
    let help = if found < stated {
        "the file was cut short: export again, or get the whole file"
    } else {
        "correct the count in the first line if the lines were added on purpose"
    };
    Err(Error::invalid(message).with_help(help))
}

/// The blueprints and scorecards until the first entity, with the lines they came from.
#[derive(Debug, Default)]
struct DeclaredModel {
    blueprints: Vec<Blueprint>,
    scorecards: Vec<Scorecard>,
    /// By kind and identifier.
    lines: BTreeMap<(&'static str, Arc<str>), u64>,
}

impl DeclaredModel {
    /// Adds what a line says, unless it is an entity: then `false`.
    fn add(&mut self, line: ExportLine, number: u64) -> Result<bool> {
        match line {
            ExportLine::Entity(_) => return Ok(false),
            ExportLine::Blueprint(blueprint) => {
                self.note("blueprint", &blueprint.identifier, number)?;
                self.blueprints.push(blueprint);
            }
            ExportLine::Scorecard(scorecard) => {
                self.note("scorecard", &scorecard.identifier, number)?;
                self.scorecards.push(scorecard);
            }
        }
        Ok(true)
    }

    fn note(&mut self, kind: &'static str, identifier: &Arc<str>, line: u64) -> Result<()> {
        let key = (kind, Arc::clone(identifier));
        let Some(first) = self.lines.insert(key, line) else {
            return Ok(());
        };
        let message = format!("{kind} `{identifier}` stands on line {first} already");
        Err(Error::invalid(message).with_help("keep one of the two lines"))
    }

    /// Declares all of it at once, since each may refer to any other.
    fn declare(&mut self, staging: &mut Staging, read: &mut Read) -> Result<()> {
        (read.blueprints, read.scorecards) = (self.blueprints.len(), self.scorecards.len());
        let (first, last) = (self.lines.values().min(), self.lines.values().max());
        let (first, last) = (first.copied(), last.copied());
        let blueprints = std::mem::take(&mut self.blueprints);
        let scorecards = std::mem::take(&mut self.scorecards);
        let declared = staging.declare(blueprints, scorecards);
        declared.map_err(|error| match (first, last) {
            (Some(first), Some(last)) if first < last => {
                error.context(format!("the model of lines {first} to {last}"))
            }
            (Some(line), _) => error.context(format!("line {line}")),
            (None, _) => error,
        })
    }
}

/// The lines of an export up to the first entity, one after the other.
#[derive(Debug)]
struct HeadReader<R> {
    reader: R,
    /// The line that was read last.
    buffer: Vec<u8>,
    /// How many lines were read, without the first entity, and their bytes.
    number: u64,
    bytes: u64,
}

impl<R: BufRead> HeadReader<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            number: 0,
            bytes: 0,
        }
    }

    fn header(&mut self) -> Result<Counts> {
        self.advance()?;
        self.pass();
        let header = export_line::header(without_mark(&self.buffer));
        header.map_err(|error| error.context("line 1"))
    }

    /// Reads the blueprints and scorecards; the first entity stays in the buffer.
    fn model(&mut self) -> Result<DeclaredModel> {
        let mut model = DeclaredModel::default();
        while self.advance()? {
            let number = self.number + 1;
            if !self.buffer.trim_ascii().is_empty() {
                let line = export_line::line(&self.buffer);
                let added = line.and_then(|line| model.add(line, number));
                if !added.map_err(|error| error.context(format!("line {number}")))? {
                    return Ok(model);
                }
            }
            self.pass();
        }
        Ok(model)
    }

    /// The lines from the first entity on.
    fn rest(self) -> Source<impl io::Read + use<R>> {
        Source {
            reader: Cursor::new(self.buffer).chain(self.reader),
            first: self.number + 1,
            longest: LINE_MAX,
        }
    }

    /// Reads one line, blank or not.
    fn advance(&mut self) -> Result<bool> {
        self.buffer.clear();
        let line = read_line(&mut self.reader, &mut self.buffer, LINE_MAX).map_err(cannot_read)?;
        match line {
            Line::End => Ok(false),
            Line::Read(_) => Ok(true),
            Line::TooLong(_) => {
                let number = self.number + 1;
                Err(too_long(LINE_MAX).context(format!("line {number}")))
            }
        }
    }

    /// Is done with the line that was read last.
    fn pass(&mut self) {
        self.number += 1;
        self.bytes += self.buffer.len() as u64;
    }
}
