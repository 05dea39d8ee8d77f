//! Reads an export into the staging of an empty catalog.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

use super::export_line::{self, Counts, ExportLine};
use super::lines::{Line, read_line, without_mark};
use super::report::Read;
use crate::commit::Staging;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Blueprint, Scorecard};

/// The longest line of an export, in bytes: far beyond what one row of a catalog holds.
const LINE_MAX: u64 = 1 << 30;

/// How many entities of each blueprint were staged.
pub(crate) type Written = BTreeMap<Arc<str>, u64>;

/// Stages everything that an export holds.
///
/// # Errors
/// `Invalid` where the catalog is not empty; `Invalid`, `Syntax`, `Unsupported` or `Limit` with
/// the number of the line that is wrong; `Io`. Nothing of the staging may be committed then.
pub(crate) fn read_export(staging: &mut Staging, reader: impl BufRead) -> Result<(Read, Written)> {
    check_empty(staging)?;
    let mut lines = ExportReader::new(reader);
    let stated = lines.header()?;
    let (mut model, mut read) = (DeclaredModel::default(), Read::default());
    let (mut found, mut declared) = (Counts::default(), false);
    let mut seen: BTreeMap<(Arc<str>, Arc<str>), u64> = BTreeMap::new();
    let mut written = Written::new();
    while let Some((number, line)) = lines.next()? {
        let at_line = |error: Error| error.context(format!("line {number}"));
        match line {
            ExportLine::Entity(entity) => {
                if !declared {
                    model.declare(staging, &mut read)?;
                    declared = true;
                }
                let key = staging.restore(entity).map_err(at_line)?;
                *written.entry(Arc::clone(&key.0)).or_default() += 1;
                if let Some(first) = seen.insert(key, number) {
                    let message = format!("the entity of line {first} once more");
                    let help = "keep one of the two lines";
                    return Err(at_line(Error::invalid(message).with_help(help)));
                }
                found.entities += 1;
            }
            ExportLine::Blueprint(_) | ExportLine::Scorecard(_) if declared => {
                let message = "a blueprint or scorecard after an entity";
                let help = "move it before the first entity, which is read by it";
                return Err(at_line(Error::invalid(message).with_help(help)));
            }
            ExportLine::Blueprint(blueprint) => {
                model.add_blueprint(blueprint, number).map_err(at_line)?;
                found.blueprints += 1;
            }
            ExportLine::Scorecard(scorecard) => {
                model.add_scorecard(scorecard, number).map_err(at_line)?;
                found.scorecards += 1;
            }
        }
    }
    if !declared {
        model.declare(staging, &mut read)?;
    }
    check_counts(stated, found, lines.number)?;
    Ok((read, written))
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
    fn add_blueprint(&mut self, blueprint: Blueprint, line: u64) -> Result<()> {
        self.note("blueprint", &blueprint.identifier, line)?;
        self.blueprints.push(blueprint);
        Ok(())
    }

    fn add_scorecard(&mut self, scorecard: Scorecard, line: u64) -> Result<()> {
        self.note("scorecard", &scorecard.identifier, line)?;
        self.scorecards.push(scorecard);
        Ok(())
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

/// The lines of an export, one after the other.
#[derive(Debug)]
struct ExportReader<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The line that was read last, from 1.
    number: u64,
}

impl<R: BufRead> ExportReader<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            number: 0,
        }
    }

    fn header(&mut self) -> Result<Counts> {
        let present = self.advance()?;
        let line = if present {
            without_mark(&self.buffer)
        } else {
            &[]
        };
        export_line::header(line).map_err(|error| error.context("line 1"))
    }

    /// The next line that is not blank, with its number.
    fn next(&mut self) -> Result<Option<(u64, ExportLine)>> {
        while self.advance()? {
            if !self.buffer.trim_ascii().is_empty() {
                let number = self.number;
                let line = export_line::line(&self.buffer, number);
                let line = line.map_err(|error| error.context(format!("line {number}")))?;
                return Ok(Some((number, line)));
            }
        }
        Ok(None)
    }

    /// Reads one line, blank or not.
    fn advance(&mut self) -> Result<bool> {
        self.buffer.clear();
        let line = read_line(&mut self.reader, &mut self.buffer, LINE_MAX);
        let line = line.map_err(|error| error.context("the export cannot be read"))?;
        match line {
            Line::End => Ok(false),
            Line::Read(_) => {
                self.number += 1;
                Ok(true)
            }
            Line::TooLong(_) => {
                let number = self.number + 1;
                let message = format!("line {number}: longer than {LINE_MAX} bytes");
                let help = "no catalog holds so large an entity: check the file";
                Err(Error::new(ErrorKind::Limit, message).with_help(help))
            }
        }
    }
}
