//! A write transaction: stage, then commit whole or not at all.

use std::fmt;

use serde_json::Value as Json;

use super::turn::Turn;
use crate::access::Viewer;
use crate::commit::{By, Commit, Durability, Staging};
use crate::error::Result;
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
    durability: Durability,
    staging: Staging,
}

impl WriteTx {
    pub(super) fn new(turn: Turn, viewer: Viewer) -> Self {
        Self {
            staging: Staging::new(turn.head()),
            durability: turn.policy().durability,
            turn,
            viewer,
        }
    }

    /// When the commit is on disk; what [`Options::durability`](crate::Options::durability) says
    /// if nothing is said here. See [`Durability`] for an example.
    pub fn durability(&mut self, durability: Durability) {
        self.durability = durability;
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
        self.staging
            .declare(blueprints, scorecards.into_iter().collect())
    }

    /// Removes a blueprint that has no entities and that nothing refers to.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` while it is in use, naming by what.
    pub fn remove_blueprint(&mut self, identifier: &str) -> Result<()> {
        self.staging.remove_blueprint(identifier)
    }

    /// Removes a scorecard.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn remove_scorecard(&mut self, identifier: &str) -> Result<()> {
        self.staging.remove_scorecard(identifier)
    }

    /// Creates an entity or replaces it: of an existing one, only what the document names
    /// survives. The document is Port's: `identifier`, `title`, `icon`, `team`, `properties`,
    /// `relations`. Relations may point to entities written later in the transaction.
    ///
    /// # Errors
    /// `Invalid` with the path of what breaks the blueprint; `NotFound` for the blueprint.
    pub fn upsert(&mut self, blueprint: &str, document: &Json) -> Result<()> {
        self.staging.upsert(blueprint, document)
    }

    /// Creates an entity or changes it: what the document does not name stays, null clears.
    ///
    /// # Errors
    /// As [`WriteTx::upsert`].
    pub fn merge(&mut self, blueprint: &str, document: &Json) -> Result<()> {
        self.staging.merge(blueprint, document)
    }

    /// Deletes an entity. Optional relations that point to it lose it; where one is required,
    /// the commit fails and says whose. Written again in the same transaction, it is a new one:
    /// what pointed to the old one does not point to it.
    ///
    /// # Errors
    /// `NotFound` for the blueprint or the entity.
    pub fn delete(&mut self, blueprint: &str, identifier: &str) -> Result<()> {
        self.staging.delete(blueprint, identifier)
    }

    /// Commits: validates the whole, derives, appends to the log, syncs, publishes. When it
    /// returns, the change is on disk, and everything derived is true: mirrors, rules, levels,
    /// and what the passing of time changed since the commit before. A deferred commit is on disk
    /// later: see [`Durability`].
    ///
    /// The next transaction may begin before this one is on disk, and share its sync.
    ///
    /// # Errors
    /// `Invalid` where a relation leads nowhere or a required one is missing; `Io` where the disk
    /// refuses. In every case nothing of the transaction remains.
    pub fn commit(self) -> Result<Commit> {
        let Self {
            mut turn,
            viewer,
            durability,
            staging,
        } = self;
        let policy = turn.policy();
        let by = By {
            viewer: &viewer,
            now: turn.now(),
            durability,
            policy: &policy,
        };
        let (writer, publisher) = turn.writer()?;
        let (commit, pending) = writer.commit(publisher, &staging, &by)?;
        drop(staging);
        turn.end(&pending)?;
        Ok(commit)
    }

    /// What [`WriteTx::commit`] would do, without doing it: which entities would change level or
    /// result, how every scorecard would stand, and with what work. Nothing is logged or
    /// published, and the transaction goes on as if this had not been asked.
    ///
    /// Costs what the commit costs, without the log.
    ///
    /// # Errors
    /// As [`WriteTx::commit`], but for the disk.
    ///
    /// ```
    /// use portolan::{Catalog, Viewer, model::{Blueprint, Scorecard}};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let viewer = Viewer::system("docs");
    /// let service = json!({
    ///     "identifier": "service", "title": "Service",
    ///     "schema": {"properties": {"tier": {"type": "number"}}, "required": []}
    /// });
    /// let ready = |rules| Scorecard::from_json(&json!({
    ///     "identifier": "ready", "title": "Ready", "blueprint": "service", "rules": rules
    /// }));
    /// let tiered = json!({"identifier": "tiered", "level": "Bronze", "when": "tier IS NOT NULL"});
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([Blueprint::from_json(&service)?], [ready(json!([tiered]))?])?;
    /// tx.upsert("service", &json!({"identifier": "cart", "properties": {"tier": 1}}))?;
    /// tx.upsert("service", &json!({"identifier": "mail", "properties": {"tier": 3}}))?;
    /// tx.commit()?;
    ///
    /// // Who would lose Bronze if it asked for more?
    /// let strict = json!({"identifier": "strict", "level": "Bronze", "when": "tier <= 2"});
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([], [ready(json!([tiered, strict]))?])?;
    /// let answer = tx.what_if()?;
    /// let lost: Vec<_> = answer.level_changes().map(|flip| flip.entity.to_string()).collect();
    /// assert_eq!(lost, ["service/mail"]);
    /// assert_eq!(answer.summary_before("ready")?.levels[1], ("Bronze".into(), 2));
    /// assert_eq!(answer.summary_after("ready")?.levels[1], ("Bronze".into(), 1));
    ///
    /// drop(tx); // and nothing happened
    /// assert_eq!(catalog.read(&viewer).scorecard_summary("ready")?.rules.len(), 1);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn what_if(&self) -> Result<Commit> {
        self.staging.what_if(&self.viewer, self.turn.now())
    }
}

impl fmt::Debug for WriteTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteTx")
            .field("viewer", &self.viewer)
            .field("durability", &self.durability)
            .finish_non_exhaustive()
    }
}
