//! Whether a catalog's file and memory are whole.

use super::Catalog;
use crate::commit::CheckReport;
use crate::error::Result;

impl Catalog {
    /// Checks everything that can be checked, and reports what is wrong: the pages of the file,
    /// every row and log record by checksum and form, the log for gaps; then what is in memory
    /// against a rebuild from the records and the log alone: model, entities, identifiers, indexes,
    /// relations, derived values, rules, counts, and who waits for which point in time.
    ///
    /// Costs the time and memory of opening the catalog a second time without its image. Writers
    /// wait meanwhile, readers do not. Pages that do not fit together are repaired where the
    /// storage engine can, and reported; nothing else is changed.
    ///
    /// It does not check what no record can tell: that what was written was meant, that the rows
    /// which lead back into the log (since when something holds) are complete, and what an older
    /// snapshot that is still held sees.
    ///
    /// # Errors
    /// `Busy` while a transaction or a reader of the file is open; `Closed`. What is damaged or
    /// cannot be read is in the report, not an error.
    ///
    /// ```
    /// use portolan::{Catalog, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let mut tx = catalog.write(&Viewer::system("docs"))?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
    /// tx.upsert("team", &json!({"identifier": "payments"}))?;
    /// tx.commit()?;
    /// let report = catalog.check()?;
    /// assert!(report.is_ok(), "{report}");
    /// assert_eq!((report.entities, report.log_records), (1, 1));
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn check(&self) -> Result<CheckReport> {
        let mut turn = self.turn()?;
        let version = turn.head();
        let (writer, publisher) = turn.writer()?;
        // What the file does not hold yet could not be compared.
        publisher.sync()?;
        writer.check(&version)
    }
}
