//! What an import reads, how far it is, and what it left out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::commit::{BulkOutcome, BulkRefusal, Commit};
use crate::error::Error;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of JSON lines read so far.
    pub bytes: u64,
    /// Bytes of JSON lines in all; 0 where the source does not say.
    pub total_bytes: u64,
    /// Lines read so far.
    pub lines: u64,
}

/// How entities are loaded, and folders and exports imported; see [`ImportReport`] for an example.
pub struct ImportOptions<'a> {
    pub(super) memory: usize,
    pub(super) progress: Option<Box<dyn FnMut(Progress) + 'a>>,
}

impl<'a> ImportOptions<'a> {
    /// How many bytes of memory what was read may take before it is put in place, above the
    /// catalog itself; 1 GiB if nothing else is said. About 300 bytes an entity.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Calls back for every few hundred kilobytes of JSON lines, and at their end. A panic in it
    /// rolls the import back.
    #[must_use]
    pub fn progress(mut self, progress: impl FnMut(Progress) + 'a) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }
}

impl Default for ImportOptions<'_> {
    fn default() -> Self {
        Self {
            memory: 1 << 30,
            progress: None,
        }
    }
}

impl fmt::Debug for ImportOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportOptions").finish_non_exhaustive()
    }
}

/// Counts what was read, and tells the callback of an import.
pub(super) struct Meter<'o, 'a> {
    progress: Progress,
    callback: Option<&'o mut (dyn FnMut(Progress) + 'a)>,
    told: bool,
}

impl<'o, 'a> Meter<'o, 'a> {
    pub(super) fn new(options: &'o mut ImportOptions<'a>, total_bytes: u64) -> Self {
        Self {
            progress: Progress {
                bytes: 0,
                total_bytes,
                lines: 0,
            },
            callback: options.progress.as_deref_mut(),
            told: false,
        }
    }

    /// Counts without telling.
    pub(super) fn count(&mut self, bytes: u64, lines: u64) {
        self.progress.bytes += bytes;
        self.progress.lines += lines;
    }

    pub(super) fn add(&mut self, bytes: u64, lines: u64) {
        self.count(bytes, lines);
        self.tell();
    }

    /// The end is told even where nothing was read.
    pub(super) fn finish(mut self) {
        if !self.told {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.told = true;
        if let Some(callback) = &mut self.callback {
            callback(self.progress);
        }
    }
}

/// Something that an import left out: a whole entity, or one reference of an entity.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The line, from 1.
    pub line: u64,
    /// The blueprint and identifier, as far as the line told them.
    pub name: String,
    /// Why.
    pub error: Error,
    /// Whether the whole entity was left out.
    pub whole: bool,
}

/// The summary of a load or an import; prints as a list.
///
/// ```no_run
/// use portolan::{Catalog, ImportOptions, Viewer};
///
/// let catalog = Catalog::open("acme.portolan")?;
/// let options = ImportOptions::default()
///     .progress(|progress| println!("{} of {} bytes", progress.bytes, progress.total_bytes));
/// let report = catalog.import(&Viewer::system("nightly import"), "export", options)?;
/// for refused in &report.refused {
///     println!("line {}: {}: {}", refused.line, refused.name, refused.error);
/// }
/// println!("{} entities in commit {}", report.entity_count(), report.commit.seq);
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ImportReport {
    /// The commit that holds the import.
    pub commit: Commit,
    /// How many blueprints were declared.
    pub blueprints: usize,
    /// How many scorecards were declared.
    pub scorecards: usize,
    /// How many entities of each blueprint were written; equal ones that were already there count.
    pub entities: BTreeMap<Arc<str>, u64>,
    /// What was left out, by line; of an export nothing is.
    pub refused: Vec<Refused>,
}

impl ImportReport {
    /// How many entities of all blueprints were written.
    #[must_use]
    pub fn entity_count(&self) -> u64 {
        self.entities.values().sum()
    }
}

/// A count with its noun.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How many refusals the printed form lists.
const SHOWN: usize = 20;

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "imported {}, {}, {} in commit {}",
            counted(self.blueprints as u64, "blueprint", "blueprints"),
            counted(self.scorecards as u64, "scorecard", "scorecards"),
            counted(self.entity_count(), "entity", "entities"),
            self.commit.seq
        )?;
        for (blueprint, count) in &self.entities {
            write!(f, "\n  {count:>8}  {blueprint}")?;
        }
        if self.refused.is_empty() {
            return Ok(());
        }
        let whole = self.refused.iter().filter(|refused| refused.whole).count();
        let references = self.refused.len() - whole;
        let whole = counted(whole as u64, "entity", "entities");
        let references = counted(references as u64, "reference", "references");
        write!(f, "\nleft out {whole} and {references}")?;
        for Refused {
            line, name, error, ..
        } in self.refused.iter().take(SHOWN)
        {
            write!(f, "\n  line {line}: ")?;
            // What the write path refused names the entity already.
            if !error.message().starts_with(name.as_str()) {
                write!(f, "{name}: ")?;
            }
            write!(f, "{error}")?;
        }
        if self.refused.len() > SHOWN {
            write!(f, "\n  and {} more", self.refused.len() - SHOWN)?;
        }
        Ok(())
    }
}

/// What reading found, before the commit.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(super) blueprints: usize,
    pub(super) scorecards: usize,
    pub(super) refused: Vec<Refused>,
}

impl Read {
    /// The report, once the commit told what else was left out.
    pub(crate) fn finish(mut self, outcome: BulkOutcome) -> ImportReport {
        let refusals = outcome.refusals.into_iter();
        self.refused
            .extend(refusals.map(|refusal: BulkRefusal| Refused {
                line: refusal.line,
                name: format!("{} `{}`", refusal.blueprint, refusal.identifier),
                error: refusal.error,
                whole: refusal.whole,
            }));
        self.refused.sort_by_key(|refused| refused.line);
        let Self {
            blueprints,
            scorecards,
            refused,
        } = self;
        ImportReport {
            commit: outcome.commit,
            blueprints,
            scorecards,
            entities: outcome.written,
            refused,
        }
    }
}
