//! A write transaction: stage, then commit whole or not at all.

use std::fmt;

use serde_json::Value as Json;

use super::turn::Turn;
use crate::access::Viewer;
use crate::commit::{Commit, Refusal, Staging};
use crate::error::{Error, Result};
use crate::model::{Blueprint, Scorecard};

/// A write transaction. [`WriteTx::commit`] makes all of it durable and visible at once;
/// dropping it rolls everything back. While it lives, no other transaction can start.
///
/// ```
/// use portolan::{Catalog, Viewer, model::Blueprint};
/// use serde_json::json;
///
/// let catalog = Catalog::in_memory()?;
/// let viewer = Viewer::system("docs");
/// let mut tx = catalog.write(&viewer)?;
/// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
/// tx.upsert("team", &json!({"identifier": "payments", "title": "Payments"}))?;
/// drop(tx); // nothing happened
/// assert!(catalog.read(&viewer).get("team", "payments").is_err());
/// # Ok::<(), portolan::Error>(())
/// ```
pub struct WriteTx {
    turn: Turn,
    viewer: Viewer,
    /// `None` once the transaction has ended.
    staging: Option<Staging>,
}

impl WriteTx {
    pub(super) fn new(turn: Turn, viewer: Viewer) -> Self {
        let staging = Some(Staging::new(turn.current()));
        Self {
            turn,
            viewer,
            staging,
        }
    }

    pub(super) fn staging(&mut self) -> Result<&mut Staging> {
        self.staging.as_mut().ok_or_else(ended)
    }

    /// Adds or replaces blueprints and scorecards; they may refer to each other.
    ///
    /// # Errors
    /// `Invalid` or `Syntax` where they do not hold together: an unknown target, a mirror that
    /// leads nowhere or in a circle, a rule that does not fit. At the commit, where entities that
    /// exist, or were written before in the transaction, would break a changed blueprint.
    pub fn declare(
        &mut self,
        blueprints: impl IntoIterator<Item = Blueprint>,
        scorecards: impl IntoIterator<Item = Scorecard>,
    ) -> Result<()> {
        let blueprints = blueprints.into_iter().collect();
        self.staging()?
            .declare(blueprints, scorecards.into_iter().collect())
    }

    /// Removes a blueprint that has no entities and that nothing refers to.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` while it is in use, naming by what.
    pub fn remove_blueprint(&mut self, identifier: &str) -> Result<()> {
        self.staging()?.remove_blueprint(identifier)
    }

    /// Removes a scorecard.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn remove_scorecard(&mut self, identifier: &str) -> Result<()> {
        self.staging()?.remove_scorecard(identifier)
    }

    /// Creates an entity or replaces it: of an existing one, only what the document names
    /// survives. The document is Port's: `identifier`, `title`, `icon`, `team`, `properties`,
    /// `relations`. Relations may point to entities written later in the transaction.
    ///
    /// # Errors
    /// `Invalid` with the path of what breaks the blueprint; `NotFound` for the blueprint.
    pub fn upsert(&mut self, blueprint: &str, document: &Json) -> Result<()> {
        self.staging()?.upsert(blueprint, document)
    }

    /// Creates an entity or changes it: what the document does not name stays, null clears.
    ///
    /// # Errors
    /// As [`WriteTx::upsert`].
    pub fn merge(&mut self, blueprint: &str, document: &Json) -> Result<()> {
        self.staging()?.merge(blueprint, document)
    }

    /// Deletes an entity. Optional relations that point to it lose it; where one is required,
    /// the commit fails and says whose. Written again in the same transaction, it is a new one:
    /// what pointed to the old one does not point to it.
    ///
    /// # Errors
    /// `NotFound` for the blueprint or the entity.
    pub fn delete(&mut self, blueprint: &str, identifier: &str) -> Result<()> {
        self.staging()?.delete(blueprint, identifier)
    }

    /// Commits: validates the whole, derives, appends to the log, syncs, publishes. When it
    /// returns, the change is on disk, and every mirror, rule and level is true.
    ///
    /// # Errors
    /// `Invalid` where a relation leads nowhere or a required one is missing; `Io` where the disk
    /// refuses. In every case nothing of the transaction remains.
    pub fn commit(mut self) -> Result<Commit> {
        self.finish().map(|(commit, _)| commit)
    }

    /// Commits, and reports what a lenient staging left out.
    pub(super) fn finish(&mut self) -> Result<(Commit, Vec<Refusal>)> {
        let staging = self.staging.take().ok_or_else(ended)?;
        let now = self.turn.now();
        let (writer, publish) = self.turn.writer()?;
        writer.commit(staging, &self.viewer, now, publish)
    }
}

impl fmt::Debug for WriteTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteTx")
            .field("viewer", &self.viewer)
            .field("ended", &self.staging.is_none())
            .finish_non_exhaustive()
    }
}

fn ended() -> Error {
    Error::internal("the transaction has ended")
}
