//! Files of earlier format versions are brought to the present one as they are opened.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use redb::WriteTransaction;

use super::backend::Holder;
use super::backup::Place;
use super::engine::{engine, io};
use super::file::Store;
use super::tables::{FORMAT_VERSION, META, meta};
use crate::error::{Error, ErrorKind, Result};

/// Brings the tables from one format version to the next, within the transaction of all steps.
pub(super) type Step = fn(&WriteTransaction) -> Result<()>;

/// Which versions are read, and how older ones become the present one.
pub(super) struct Upgrades {
    pub(super) current: u32,
    /// By the version that a step starts from; each leads to the next.
    pub(super) steps: &'static [(u32, Step)],
}

/// Version 1 is the first: nothing leads to it.
pub(super) const UPGRADES: Upgrades = Upgrades {
    current: FORMAT_VERSION,
    steps: &[],
};

/// How a file is opened.
pub(super) struct How<'a> {
    /// Where it is, to put a backup beside it; `None` for what is no file.
    pub(super) path: Option<&'a Path>,
    pub(super) upgrades: &'a Upgrades,
}

impl Upgrades {
    /// The steps from a version to the present one, none for that itself.
    fn from(&self, version: u32, label: &str) -> Result<Vec<Step>> {
        if version > self.current {
            let message = format!(
                "{label} was written by a newer release: it has format {version}, and this \
                 release reads format {}",
                self.current
            );
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_help("upgrade portolan to open it; the file was not changed"));
        }
        let step = |from: u32| self.steps.iter().find(|(known, _)| *known == from);
        let steps = (version..self.current).map(|from| step(from).map(|(_, step)| *step));
        steps.collect::<Option<_>>().ok_or_else(|| {
            Error::corrupt(format!(
                "{label} has format {version}, which no release ever wrote"
            ))
            .with_help("restore it from a backup; the file was not changed")
        })
    }
}

impl Store {
    /// Brings the file to the present format. A file of an earlier one is copied first, as
    /// `<name>.v<version>.backup` beside it; then all steps are one transaction, so that a file
    /// has one format or the other, never something between.
    ///
    /// # Errors
    /// `Unsupported` for a later format, `Corrupt` for one that never was; the file is unchanged
    /// then. `Invalid` where no name is left for the backup; `Io`.
    pub(super) fn bring_to_format(
        &self,
        version: u32,
        holder: &Holder,
        label: &str,
        how: &How<'_>,
    ) -> Result<()> {
        let steps = how.upgrades.from(version, label)?;
        if steps.is_empty() {
            return Ok(());
        }
        if let Some(path) = how.path {
            let before = format!("{label} cannot be brought from format {version}");
            keep_original(path, version, holder).map_err(|error| error.context(before))?;
        }
        // What an upgrade writes may be as large as the file: too much to be held back.
        holder.release().map_err(|error| io(error).context(label))?;
        let upgraded = self.transaction(&mut self.writing(), |transaction| {
            for step in steps {
                step(transaction)?;
            }
            let mut table = engine(|| transaction.open_table(META.definition))?;
            let version = how.upgrades.current.to_le_bytes();
            engine(|| table.insert(meta::VERSION, version.as_slice()).map(drop))
        });
        upgraded.map_err(|error| {
            error.context(format!("{label} cannot be brought from format {version}"))
        })
    }
}

/// Copies the file as it is, byte by byte, so that the release which wrote it can open the copy.
///
/// The copy of an upgrade that was cut short does where the file is still the same. Where opening
/// it has written to it since, or another file has the name, the copy gets the next name.
fn keep_original(path: &Path, version: u32, holder: &Holder) -> Result<()> {
    for attempt in 1..=ATTEMPTS {
        let copy = backup_path(path, version, attempt);
        let Ok(file) = File::open(&copy) else {
            return Place::beside(&copy)?.fill(|mut file| {
                let written = holder.original(|part| file.write_all(part));
                written.and_then(|()| file.sync_all()).map_err(io)
            });
        };
        if same(file, holder).map_err(io)? {
            return Ok(());
        }
    }
    let first = backup_path(path, version, 1);
    let message = format!("there are {ATTEMPTS} backups such as `{}`", first.display());
    Err(Error::invalid(message).with_help("move those away that are not needed"))
}

/// How many backups of one version may stand beside each other.
const ATTEMPTS: u32 = 99;

/// Where the file goes as it was before an upgrade.
pub(super) fn backup_path(path: &Path, version: u32, attempt: u32) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(format!(".v{version}.backup"));
    if attempt > 1 {
        name.push(format!(".{attempt}"));
    }
    name.into()
}

fn same(copy: File, holder: &Holder) -> std::io::Result<bool> {
    let (mut copy, mut same, mut buffer) = (BufReader::new(copy), true, Vec::new());
    holder.original(|part| {
        buffer.resize(part.len(), 0);
        same = same && copy.read_exact(&mut buffer).is_ok() && buffer == part;
        Ok(())
    })?;
    Ok(same && copy.read(&mut [0])? == 0)
}
