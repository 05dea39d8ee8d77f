//! The commands that keep a catalog: export, import, backup, check, figures.

use std::fs::{File, OpenOptions};
use std::path::Path;

use portolan::{ExportReport, ImportOptions, ImportReport, Progress};

use crate::failure::Failure;
use crate::progress::Bar;
use crate::session::Session;

/// Writes an export into a new file. One that could not be written whole is removed.
pub(crate) fn export(session: &Session, path: &str) -> Result<ExportReport, Failure> {
    let snapshot = session.snapshot();
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let file = file.map_err(|error| Failure::usage(format!("`{path}`: {error}")))?;
    let written = snapshot.export(&file).and_then(|report| {
        file.sync_all()?;
        Ok(report)
    });
    if written.is_err() {
        // What was wrong with writing is what is worth saying.
        std::fs::remove_file(path).ok();
    }
    Ok(written?)
}

/// Imports a folder of Port's forms, or an export.
pub(crate) fn import(session: &Session, path: &str) -> Result<ImportReport, Failure> {
    let (catalog, viewer, bar) = (&session.catalog, &session.viewer, Bar::new());
    let options = ImportOptions::default();
    let report = if Path::new(path).is_file() {
        let file = File::open(path);
        let file = file.map_err(|error| Failure::usage(format!("`{path}`: {error}")))?;
        let total_bytes = file.metadata().map_or(0, |metadata| metadata.len());
        let options = options.progress(|progress| {
            bar.show(Progress {
                total_bytes,
                ..progress
            });
        });
        catalog.import_export(viewer, file, options)
    } else {
        let options = options.progress(|progress| bar.show(progress));
        catalog.import(viewer, path, options)
    };
    drop(bar);
    Ok(report?)
}
