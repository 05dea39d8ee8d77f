//! Opening and creating the file of a catalog, and refusing what is none.

use std::fs::OpenOptions;
use std::path::Path;

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Builder, ReadableDatabase as _, StorageBackend, TableError};

use super::backend::{Holder, hold};
use super::checkpoint::write_position;
use super::engine::{damaged, engine, held, io, shielded, translate};
use super::file::Store;
use super::overlay::Found;
use super::tables::{
    BLUEPRINTS, ENTITIES, FORMAT_VERSION, IMAGE, LOG, MAGIC, META, NAMES, SCORECARDS, meta,
};
use super::upgrade::{How, UPGRADES};
use crate::error::{Error, Result};
use crate::value::{Instant, Seq};

/// What redb may keep of the file in memory; the catalog itself is in memory already.
const CACHE_BYTES: usize = 16 << 20;

impl Store {
    /// Opens the catalog at a path; a new one is made where there is no file.
    ///
    /// # Errors
    /// `Busy` where another process has it open, `Corrupt` where the file is not a catalog or
    /// damaged, `Unsupported` where a newer release wrote it, `Io`. The file is unchanged then.
    pub(crate) fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let label = format!("`{}`", path.display());
        if let Ok(metadata) = std::fs::metadata(path)
            && !metadata.is_file()
        {
            let what = if metadata.is_dir() {
                "a directory"
            } else {
                "not a regular file"
            };
            return Err(Error::invalid(format!("{label} is {what}"))
                .with_help("a catalog is one file: give the path of a file"));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        Self::open_file(&options, path, &label)
    }

    fn open_file(options: &OpenOptions, path: &Path, label: &str) -> Result<Self> {
        let file = options
            .open(path)
            .map_err(|error| io(error).context(label))?;
        let backend = engine(|| FileBackend::new(file))?;
        let how = How {
            path: Some(path),
            upgrades: &UPGRADES,
        };
        let (store, found) = Self::open_backend(backend, label, &how)?;
        if found == Found::Nothing {
            sync_directory(path);
        }
        Ok(store)
    }

    /// Opens the catalog in a backend; a new one is made where the backend is empty.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub(crate) fn with_backend(backend: impl StorageBackend) -> Result<Self> {
        let how = How {
            path: None,
            upgrades: &UPGRADES,
        };
        Self::open_backend(backend, "the storage", &how).map(|(store, _)| store)
    }

    /// A new catalog that lives in memory only.
    ///
    /// # Errors
    /// Where memory does not suffice.
    pub(crate) fn in_memory() -> Result<Self> {
        Self::with_backend(InMemoryBackend::new())
    }

    pub(super) fn open_backend(
        backend: impl StorageBackend,
        label: &str,
        how: &How<'_>,
    ) -> Result<(Self, Found)> {
        let (held, holder) = hold(backend);
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        let opened = engine(|| builder.create_with_backend(held));
        let found = holder.found();
        if found == Some(Found::Foreign) {
            return Err(not_a_catalog(label));
        }
        let database = opened.map_err(|error| error.context(label))?;
        let found = found.unwrap_or(Found::Redb);
        let store = Self::around(database, holder.length());
        store.settle(found, &holder, label, how)?;
        Ok((store, found))
    }

    /// Makes sure that the database is a catalog of this format, and only then lets writes
    /// through to it.
    fn settle(&self, found: Found, holder: &Holder, label: &str, how: &How<'_>) -> Result<()> {
        match found {
            Found::Nothing => self.initialise()?,
            Found::Redb | Found::Foreign => {
                let version = self.format_version(label)?;
                self.bring_to_format(version, holder, label, how)?;
            }
        }
        let reader = self.reader()?;
        let (checkpoint, last) = reader.extent().map_err(|error| error.context(label))?;
        // A damaged record is the business of the replay, which names it.
        let unsaved = reader.stretch_after(checkpoint).unwrap_or_default();
        drop(reader);
        self.start_from(checkpoint, last, unsaved);
        holder.release().map_err(|error| io(error).context(label))
    }

    fn initialise(&self) -> Result<()> {
        self.transaction(&mut self.writing(), |transaction| {
            {
                let mut table = engine(|| transaction.open_table(META.definition))?;
                engine(|| table.insert(meta::MAGIC, MAGIC).map(drop))?;
                let version = FORMAT_VERSION.to_le_bytes();
                engine(|| table.insert(meta::VERSION, version.as_slice()).map(drop))?;
            }
            write_position(transaction, Seq(0), Instant(0), &[])?;
            for rows in [NAMES, BLUEPRINTS, SCORECARDS, ENTITIES] {
                engine(|| transaction.open_table(rows.definition).map(drop))?;
            }
            super::past::initialise(transaction)?;
            engine(|| transaction.open_table(LOG).map(drop))?;
            engine(|| transaction.open_table(IMAGE).map(drop))
        })
    }

    /// Reads magic and version, which stay where they are in every version of the format.
    fn format_version(&self, label: &str) -> Result<u32> {
        let transaction = self
            .database(|database| engine(|| database.begin_read()))
            .map_err(|error| error.context(label))?;
        let table = shielded(|| match transaction.open_table(META.definition) {
            Ok(table) => Ok(Some(table)),
            Err(TableError::Storage(error)) => Err(translate(error)),
            Err(_) => Ok(None),
        });
        let Some(table) = table.map_err(|error| error.context(label))? else {
            return Err(not_a_catalog(label));
        };
        let row = |key| -> Result<Option<Vec<u8>>> {
            let row = engine(|| table.get(key)).map_err(|error| error.context(label))?;
            row.map(|row| Ok(held(&row)?.to_vec())).transpose()
        };
        if row(meta::MAGIC)?.as_deref() != Some(MAGIC) {
            return Err(not_a_catalog(label));
        }
        let version = row(meta::VERSION)?.and_then(|row| <[u8; 4]>::try_from(row).ok());
        let version = version.map(u32::from_le_bytes);
        version.ok_or_else(|| damaged("it has no format version").context(label))
    }
}

fn not_a_catalog(label: &str) -> Error {
    Error::corrupt(format!("{label} is not a portolan catalog"))
        .with_help("check the path; the file was not changed")
}

/// Makes the name of a new file durable. Not every system lets a directory be synced, and there
/// the name needs none, so a refusal is no error.
pub(super) fn sync_directory(path: &Path) {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if let Ok(directory) = std::fs::File::open(parent.unwrap_or(Path::new("."))) {
        drop(directory.sync_all());
    }
}
