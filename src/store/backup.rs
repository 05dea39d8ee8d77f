//! A copy of the catalog in a second file, made while it is being read and written.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind as IoKind;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{
    Builder, Durability, Key, ReadTransaction, ReadableTable as _, TableDefinition, Value,
    WriteTransaction,
};

use super::engine::{damaged, engine, held, io, shielded};
use super::file::Store;
use super::log_record::LogHead;
use super::open::sync_directory;
use super::past;
use super::tables::{
    BLUEPRINTS, ENTITIES, IMAGE, LOG, META, NAMES, RESULTS, Rows, SCORECARDS, meta,
};
use crate::error::{Error, Result};
use crate::value::Seq;

/// What redb may keep of the copy in memory: it is written once, in order.
const CACHE_BYTES: usize = 16 << 20;

/// The tables whose rows carry a checksum at their end, in the order in which they are copied.
const SEALED: [Rows; 5] = [NAMES, BLUEPRINTS, SCORECARDS, ENTITIES, RESULTS];

impl Store {
    /// Copies the catalog as it is at one commit, log and image included, into a new file, and
    /// gives that commit. Readers and writers go on meanwhile.
    ///
    /// The file appears under its name only once it is whole and synced. Rows are copied in order,
    /// so that the copy is as compact as a file can be. Costs one pass over the file, whose
    /// overwritten room is kept until the end.
    ///
    /// # Errors
    /// `Invalid` where the file exists; `Corrupt` where a row is damaged; `Closed`, `Io`.
    pub(crate) fn backup(&self, path: &Path) -> Result<Seq> {
        let place = Place::beside(path)?;
        // What is in the file is what is copied, and of what is held back the file knows nothing.
        let reader = self.reader()?;
        let (_, last) = reader.extent()?;
        place.fill(|file| copy_all(reader.transaction(), file))?;
        Ok(last)
    }
}

/// A new file that gets its name when it is whole.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    partial: PathBuf,
}

impl Place {
    /// # Errors
    /// `Invalid` where there is something already.
    pub(super) fn beside(path: &Path) -> Result<Self> {
        let taken = std::fs::symlink_metadata(path);
        if taken.is_ok() {
            return Err(exists(path));
        }
        let mut partial = path.to_path_buf().into_os_string();
        partial.push(".partial");
        Ok(Self {
            path: path.to_path_buf(),
            partial: partial.into(),
        })
    }

    /// Writes the file, syncs it and gives it its name. Where that fails, nothing is left behind.
    ///
    /// # Errors
    /// `Invalid` where another file has one of the names; `Io`, and what `write` gives.
    pub(super) fn fill(&self, write: impl FnOnce(File) -> Result<()>) -> Result<()> {
        let label = |error: Error| error.context(format!("`{}`", self.path.display()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = match options.open(&self.partial) {
            Ok(file) => file,
            Err(error) if error.kind() == IoKind::AlreadyExists => {
                let message = format!("`{}` exists already", self.partial.display());
                let help = "somebody is writing it, or was cut short doing so: if nobody is, \
                            remove it";
                return Err(Error::invalid(message).with_help(help));
            }
            Err(error) => return Err(label(io(error))),
        };
        let written = write(file)
            .and_then(|()| self.give_name())
            .inspect_err(|_| drop(std::fs::remove_file(&self.partial)));
        written.map_err(label)
    }

    /// A hard link refuses a name that is taken meanwhile, which renaming would overwrite. Where
    /// the file system has no links, that is looked at first.
    fn give_name(&self) -> Result<()> {
        match std::fs::hard_link(&self.partial, &self.path) {
            Ok(()) => std::fs::remove_file(&self.partial).map_err(io)?,
            Err(error) if error.kind() == IoKind::AlreadyExists => return Err(exists(&self.path)),
            Err(_) => {
                if std::fs::symlink_metadata(&self.path).is_ok() {
                    return Err(exists(&self.path));
                }
                std::fs::rename(&self.partial, &self.path).map_err(io)?;
            }
        }
        sync_directory(&self.path);
        Ok(())
    }
}

fn exists(path: &Path) -> Error {
    Error::invalid(format!("`{}` exists already", path.display()))
        .with_help("give the path of a new file, or move that one away")
}

/// Copies every table into a new file and syncs it.
fn copy_all(from: &ReadTransaction, file: File) -> Result<()> {
    shielded(|| {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        let backend = engine(|| FileBackend::new(file))?;
        let database = engine(|| builder.create_with_backend(backend))?;
        let mut to = engine(|| database.begin_write())?;
        engine(|| to.set_durability(Durability::Immediate))?;
        copy(from, &to, META.definition, |key, row| {
            // Magic and version carry no checksum.
            let plain = [meta::MAGIC, meta::VERSION].contains(&key);
            if plain {
                Ok(())
            } else {
                META.unseal(key, row).map(drop)
            }
        })?;
        for rows in SEALED {
            copy(from, &to, rows.definition, |key, row| {
                rows.unseal(key, row).map(drop)
            })?;
        }
        past::copy(from, &to)?;
        copy(from, &to, LOG, |seq, row| match LogHead::decode(row) {
            Ok(_) => Ok(()),
            Err(error) => Err(damaged(&format!("log record {seq}: {}", error.message()))),
        })?;
        // A page of the image that is damaged is found at the next open, and rebuilt.
        copy(from, &to, IMAGE, |_, _| Ok(()))?;
        engine(|| to.commit())?;
        engine(|| database.close())
    })
}

/// Copies one table in the order of its keys, after a look at each row.
pub(super) fn copy<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    table: TableDefinition<'static, K, V>,
    mut check: impl FnMut(K::SelfType<'_>, V::SelfType<'_>) -> Result<()>,
) -> Result<()> {
    let source = engine(|| from.open_table(table))?;
    let mut target = engine(|| to.open_table(table))?;
    let mut cursor = engine(|| target.upper_bound_mut(Bound::<K::SelfType<'_>>::Unbounded))?;
    let mut rows = engine(|| source.iter())?;
    while let Some((key, value)) = engine(|| rows.next().transpose())? {
        check(held(&key)?, held(&value)?)?;
        engine(|| cursor.insert_before(key.value(), value.value()))?;
    }
    engine(|| cursor.close())
}
