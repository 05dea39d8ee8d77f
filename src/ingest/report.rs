//! What an import reads, how far it is, and what it left out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::commit::{Commit, Refusal};
use crate::error::Error;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of `entities.jsonl` read so far.
    pub bytes: u64,
    /// Bytes of `entities.jsonl` in all.
    pub total_bytes: u64,
    /// Lines read so far.
    pub lines: u64,
}

/// How a folder is imported; see [`ImportReport`] for an example.
#[derive(Default)]
pub struct ImportOptions<'a> {
    pub(super) progress: Option<Box<dyn FnMut(Progress) + 'a>>,
}

impl<'a> ImportOptions<'a> {
    /// Calls back once per thousand lines of `entities.jsonl`, and at its end. A panic in it rolls
    /// the import back.
    #[must_use]
    pub fn progress(mut self, progress: impl FnMut(Progress) + 'a) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }
}

impl fmt::Debug for ImportOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportOptions").finish_non_exhaustive()
    }
}

/// Something that an import left out: a whole entity, or one reference of an entity.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The line of `entities.jsonl`, from 1.
    pub line: u64,
    /// The blueprint and identifier, as far as the line told them.
    pub name: String,
    /// Why.
    pub error: Error,
    /// Whether the whole entity was left out.
    pub whole: bool,
}

/// The summary of an import; prints as a list.
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
    /// What was left out, by line.
    pub refused: Vec<Refused>,
}

impl ImportReport {
    /// How many entities of all blueprints were written.
    #[must_use]
    pub fn entity_count(&self) -> u64 {
        self.entities.values().sum()
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
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

/// What reading a folder found, before the commit.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(super) blueprints: usize,
    pub(super) scorecards: usize,
    /// The line on which each entity was last written.
    pub(super) lines: BTreeMap<(Arc<str>, Arc<str>), u64>,
    pub(super) refused: Vec<Refused>,
}

impl Folder {
    /// Notes an entity that is left out.
    pub(super) fn refuse(&mut self, line: u64, name: &str, error: Error) {
        let name = name.to_owned();
        self.refused.push(Refused {
            line,
            name,
            error,
            whole: true,
        });
    }

    /// The report, once the commit told what else was left out.
    pub(crate) fn finish(mut self, commit: Commit, refusals: Vec<Refusal>) -> ImportReport {
        for refusal in refusals {
            let name = format!("{} `{}`", refusal.blueprint, refusal.identifier);
            let key = (refusal.blueprint, refusal.identifier);
            let line = self.lines.get(&key).copied().unwrap_or_default();
            if refusal.whole {
                self.lines.remove(&key);
            }
            self.refused.push(Refused {
                line,
                name,
                error: refusal.error,
                whole: refusal.whole,
            });
        }
        self.refused.sort_by_key(|refused| refused.line);
        let mut entities: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for (blueprint, _) in self.lines.into_keys() {
            *entities.entry(blueprint).or_default() += 1;
        }
        let Self {
            blueprints,
            scorecards,
            refused,
            ..
        } = self;
        ImportReport {
            commit,
            blueprints,
            scorecards,
            entities,
            refused,
        }
    }
}
