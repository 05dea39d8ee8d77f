//! What a commit did: its number, how much changed, and the work that took.

use std::fmt;
use std::sync::Arc;

use super::prepare::Prepared;
use super::summary::find_scorecard;
use super::{GroupSummary, PagesCopied, Summary, Version};
use crate::derive::Work;
use crate::error::Result;
use crate::model::Scorecard;
use crate::state::{Change, EntityName};
use crate::value::{EntityId, Instant, ScorecardId, Seq};

/// What a commit did to an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// Something of it differs, or it was deleted and written anew.
    Updated,
    /// It is gone.
    Deleted,
}

/// One entity that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityChange {
    /// Which.
    pub entity: EntityName,
    /// How.
    pub kind: ChangeKind,
}

/// One entity whose level a commit changed; a level is `None` where the scorecard does not grade
/// the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelFlip {
    /// Which entity.
    pub entity: EntityName,
    /// Under which scorecard.
    pub scorecard: Arc<str>,
    /// The level before.
    pub from: Option<Arc<str>>,
    /// The level after.
    pub to: Option<Arc<str>>,
}

/// One entity whose result under a rule a commit changed; a result is `None` where the scorecard
/// does not grade the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFlip {
    /// Which entity.
    pub entity: EntityName,
    /// Under which scorecard.
    pub scorecard: Arc<str>,
    /// Under which of its rules.
    pub rule: Arc<str>,
    /// Whether it passed before.
    pub from: Option<bool>,
    /// Whether it passes now.
    pub to: Option<bool>,
}

/// The report of a commit, or of what a commit would do: see
/// [`WriteTx::what_if`](crate::WriteTx::what_if).
///
/// ```
/// use portolan::{Catalog, Viewer, model::Blueprint};
/// use serde_json::json;
///
/// let catalog = Catalog::in_memory()?;
/// let mut tx = catalog.write(&Viewer::system("docs"))?;
/// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
/// tx.upsert("team", &json!({"identifier": "payments"}))?;
/// let commit = tx.commit()?;
/// assert_eq!((commit.seq.0, commit.created), (1, 1));
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Commit {
    /// The number of the commit; that of the last one where nothing changed.
    pub seq: Seq,
    /// When that commit was made, by the catalog's clock.
    pub time: Instant,
    /// How many entities were created.
    pub created: usize,
    /// How many entities changed, those included that only lost a deleted target.
    pub updated: usize,
    /// How many entities were deleted.
    pub deleted: usize,
    /// What deriving took: grows with the change, not with the catalog.
    pub work: Work,
    kept: bool,
    /// Ascending by entity.
    changes: Vec<(EntityId, ChangeKind)>,
    before: Version,
    after: Version,
}

impl Commit {
    /// The report of a commit that was made.
    pub(super) fn of(prepared: Prepared, before: Version) -> Self {
        Self::report(prepared, before, true)
    }

    /// The report of a commit that could be made.
    pub(super) fn of_fork(prepared: Prepared, before: Version) -> Self {
        Self::report(prepared, before, false)
    }

    fn report(prepared: Prepared, before: Version, kept: bool) -> Self {
        let Prepared {
            version,
            delta,
            loaded,
            work,
            ..
        } = prepared;
        let listed = delta.changes.iter();
        let listed = listed.map(|change| (change.id, kind_of(change)));
        let loaded = loaded.into_iter().map(|id| (id, ChangeKind::Created));
        let mut changes: Vec<(EntityId, ChangeKind)> = listed.chain(loaded).collect();
        changes.sort_unstable_by_key(|(id, _)| *id);
        let count = |kind| changes.iter().filter(|(_, of)| *of == kind).count();
        Self {
            seq: version.state.seq(),
            time: version.state.time(),
            created: count(ChangeKind::Created),
            updated: count(ChangeKind::Updated),
            deleted: count(ChangeKind::Deleted),
            work,
            kept,
            changes,
            before,
            after: version,
        }
    }

    /// The report of a transaction that changed nothing.
    pub(super) fn nothing(version: Version) -> Self {
        Self::of(Prepared::nothing(version.clone()), version)
    }

    /// Whether nothing changed at all, so that no commit was made: neither entity nor model nor,
    /// because time had passed, anything derived. An equal write changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.before.state.seq() == self.after.state.seq()
    }

    /// The pages of memory that the commit made anew, because it changed something in them; every
    /// other page the version shares with the one before. Nothing where nothing changed.
    ///
    /// Costs O(pages in which the versions before and after differ): it is counted when asked for.
    ///
    /// ```
    /// use portolan::{Catalog, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let (catalog, viewer) = (Catalog::in_memory()?, Viewer::system("docs"));
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
    /// let declared = tx.commit()?;
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.upsert("team", &json!({"identifier": "payments"}))?;
    /// let copied = tx.commit()?.pages_copied();
    /// let entities = copied.structures.iter().find(|(name, _)| *name == "entities");
    /// assert!(entities.is_some_and(|(_, copied)| copied.pages > 0));
    /// println!("{copied}");
    /// # Ok::<(), portolan::Error>(())
    /// ```
    #[must_use]
    pub fn pages_copied(&self) -> PagesCopied {
        let structures = self.after.state.unshared(&self.before.state);
        PagesCopied {
            structures: structures.into(),
        }
    }

    /// Whether this is only what a commit would do.
    #[must_use]
    pub fn is_what_if(&self) -> bool {
        !self.kept
    }

    /// Every entity that changed, with what happened to it.
    #[must_use]
    pub fn changes(&self) -> impl ExactSizeIterator<Item = EntityChange> {
        self.changes.iter().map(|(id, kind)| EntityChange {
            entity: self.name(*id),
            kind: *kind,
        })
    }

    /// Every level that changed, of whatever entity; the log keeps the same list.
    #[must_use]
    pub fn level_changes(&self) -> impl ExactSizeIterator<Item = LevelFlip> {
        self.work.level_changes.iter().map(|change| {
            let title = |version: &Version, rank: Option<u16>| {
                let scorecard = version.state.model().scorecard(change.scorecard)?;
                let level = scorecard.levels.get(usize::from(rank?))?;
                Some(Arc::clone(&level.title))
            };
            LevelFlip {
                entity: self.name(change.entity),
                scorecard: self.scorecard(change.scorecard, |s| Some(Arc::clone(&s.identifier))),
                from: title(&self.before, change.from),
                to: title(&self.after, change.to),
            }
        })
    }

    /// Every result under a rule that changed, of whatever entity that was there before and is
    /// there after: what comes or goes with an entity, or with a rule, is not listed.
    ///
    /// ```
    /// use portolan::{Catalog, Viewer, model::{Blueprint, Scorecard}};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let service = json!({
    ///     "identifier": "service", "title": "Service",
    ///     "schema": {"properties": {"tier": {"type": "number"}}, "required": []}
    /// });
    /// let ready = json!({
    ///     "identifier": "ready", "title": "Ready", "blueprint": "service",
    ///     "rules": [{"identifier": "tiered", "level": "Bronze", "when": "tier >= 1"}]
    /// });
    /// let mut tx = catalog.write(&Viewer::system("docs"))?;
    /// tx.declare([Blueprint::from_json(&service)?], [Scorecard::from_json(&ready)?])?;
    /// tx.upsert("service", &json!({"identifier": "cart"}))?;
    /// tx.commit()?;
    /// let mut tx = catalog.write(&Viewer::system("docs"))?;
    /// tx.merge("service", &json!({"identifier": "cart", "properties": {"tier": 2}}))?;
    /// let commit = tx.commit()?;
    /// for flip in commit.rule_changes() {
    ///     assert_eq!((&*flip.rule, flip.from, flip.to), ("tiered", Some(false), Some(true)));
    /// }
    /// # Ok::<(), portolan::Error>(())
    /// ```
    #[must_use]
    pub fn rule_changes(&self) -> impl ExactSizeIterator<Item = RuleFlip> {
        self.work.rule_changes.iter().map(|change| {
            let place = usize::from(change.rule);
            let rule =
                |s: &'_ Scorecard| s.rules.get(place).map(|rule| Arc::clone(&rule.identifier));
            RuleFlip {
                entity: self.name(change.entity),
                scorecard: self.scorecard(change.scorecard, |s| Some(Arc::clone(&s.identifier))),
                rule: self.scorecard(change.scorecard, rule),
                from: change.from,
                to: change.to,
            }
        })
    }

    /// How a scorecard stood before the commit.
    ///
    /// # Errors
    /// `NotFound` where there was no such scorecard.
    pub fn summary_before(&self, scorecard: &str) -> Result<Summary> {
        summary(&self.before, scorecard)
    }

    /// How a scorecard stands after the commit.
    ///
    /// # Errors
    /// `NotFound` where there is no such scorecard.
    pub fn summary_after(&self, scorecard: &str) -> Result<Summary> {
        summary(&self.after, scorecard)
    }

    /// How a scorecard stood over each group before the commit; see
    /// [`Snapshot::scorecard_groups`](crate::Snapshot::scorecard_groups).
    ///
    /// # Errors
    /// `NotFound` where there was no such scorecard, or it kept no counts by the path.
    pub fn groups_before(&self, scorecard: &str, path: &str) -> Result<Vec<GroupSummary>> {
        groups(&self.before, scorecard, path)
    }

    /// How a scorecard stands over each group after the commit; see
    /// [`Snapshot::scorecard_groups`](crate::Snapshot::scorecard_groups).
    ///
    /// # Errors
    /// `NotFound` where there is no such scorecard, or it keeps no counts by the path.
    pub fn groups_after(&self, scorecard: &str, path: &str) -> Result<Vec<GroupSummary>> {
        groups(&self.after, scorecard, path)
    }

    /// Something of a scorecard as it is after the commit, or was before it.
    fn scorecard(&self, id: ScorecardId, of: impl Fn(&Scorecard) -> Option<Arc<str>>) -> Arc<str> {
        let versions = [&self.after, &self.before].into_iter();
        let mut known = versions.filter_map(|version| version.state.model().scorecard(id));
        known
            .find_map(|scorecard| of(scorecard))
            .unwrap_or_default()
    }

    fn name(&self, id: EntityId) -> EntityName {
        let present = self.after.state.entity(id).is_some();
        EntityName::of(
            if present {
                &self.after.state
            } else {
                &self.before.state
            },
            id,
        )
    }
}

fn summary(version: &Version, scorecard: &str) -> Result<Summary> {
    let (id, scorecard) = find_scorecard(version.state.model(), scorecard)?;
    Ok(Summary::of(&version.state, id, scorecard))
}

fn groups(version: &Version, scorecard: &str, path: &str) -> Result<Vec<GroupSummary>> {
    let (id, scorecard) = find_scorecard(version.state.model(), scorecard)?;
    GroupSummary::all(&version.state, id, scorecard, path)
}

fn kind_of(change: &Change) -> ChangeKind {
    match (&change.before, &change.after) {
        (None, _) => ChangeKind::Created,
        (Some(_), Some(_)) => ChangeKind::Updated,
        (Some(_), None) => ChangeKind::Deleted,
    }
}

impl fmt::Debug for Commit {
    /// Without the changes, which are as many as were written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commit")
            .field("seq", &self.seq)
            .field("time", &self.time)
            .field("created", &self.created)
            .field("updated", &self.updated)
            .field("deleted", &self.deleted)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seq,
            created,
            updated,
            deleted,
            ..
        } = self;
        let levels = self.work.level_changes.len();
        if self.kept {
            write!(f, "commit {seq}: ")?;
        } else {
            f.write_str("not committed: ")?;
        }
        write!(
            f,
            "{created} created, {updated} updated, {deleted} deleted, {levels} levels changed"
        )
    }
}
