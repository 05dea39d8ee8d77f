//! A snapshot as lines of JSON.

use std::io::Write;

use super::Snapshot;
use crate::error::Result;
use crate::ingest::{self, ExportReport};

impl Snapshot {
    /// Writes the whole version as lines of JSON: a header, the model as it was declared, and
    /// every entity as it was written, with who created and last changed it. The form is
    /// documented in `docs/export.md` and stays readable for ever;
    /// [`Catalog::import_export`](crate::Catalog::import_export) reads it, which has an example.
    ///
    /// The same catalog gives the same bytes. What is derived is not written, nor is the log.
    /// Writers and other readers go on meanwhile.
    ///
    /// # Errors
    /// `Io` where the writer fails; what it took until then is not an export.
    pub fn export(&self, out: impl Write) -> Result<ExportReport> {
        ingest::write_export(self.state(), out)
    }
}
