//! A copy of a catalog in a second file, while it is in use.

use std::path::Path;

use super::Catalog;
use crate::error::Result;
use crate::value::Seq;

impl Catalog {
    /// Copies the catalog into a new file, which can be opened like any other: the same entities,
    /// model, log and numbers, as of one commit, whose number it gives. Readers and writers go on
    /// meanwhile. The copy is compact.
    ///
    /// The file is written under its name and `.partial`, and gets its name when it is whole and
    /// on disk: what has the name is a backup.
    ///
    /// # Errors
    /// `Invalid` where the file exists, or that of another backup that is being written; `Corrupt`
    /// where something in this catalog's file is damaged; `Io`, `Closed`.
    ///
    /// ```
    /// use portolan::{Catalog, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let (catalog, viewer) = (Catalog::in_memory()?, Viewer::system("docs"));
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
    /// tx.upsert("team", &json!({"identifier": "payments"}))?;
    /// tx.commit()?;
    /// let path = folder.path().join("acme.backup");
    /// assert_eq!(catalog.backup(&path)?.0, 1);
    ///
    /// let copy = Catalog::open(&path)?;
    /// let of = |catalog: &Catalog| catalog.read(&viewer).get("team", "payments");
    /// assert_eq!(of(&copy)?, of(&catalog)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn backup(&self, path: impl AsRef<Path>) -> Result<Seq> {
        self.sync()?;
        self.shared.store().backup(path.as_ref())
    }
}
