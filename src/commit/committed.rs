//! What a commit did: its number, how much changed, and the work that took.

use std::fmt;
use std::sync::Arc;

use super::Version;
use super::prepare::Prepared;
use crate::derive::Work;
use crate::state::{Change, Delta, State};
use crate::value::{EntityId, Instant, ScorecardId, Seq};

/// An entity by the names that people know it by; prints as `blueprint/identifier`.
///
/// ```
/// use portolan::EntityName;
///
/// let name = EntityName { blueprint: "team".into(), identifier: "payments".into() };
/// assert_eq!(name.to_string(), "team/payments");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityName {
    /// The blueprint's identifier.
    pub blueprint: Arc<str>,
    /// The entity's identifier.
    pub identifier: Arc<str>,
}

impl EntityName {
    /// The name of an entity of a version; empty for one that is not in it.
    pub(crate) fn of(state: &State, id: EntityId) -> Self {
        let entity = state.entity(id);
        let of = entity.and_then(|entity| state.model().blueprint(entity.blueprint));
        Self {
            blueprint: of.map_or_else(Arc::default, |of| Arc::clone(&of.blueprint.identifier)),
            identifier: entity.map_or_else(Arc::default, |entity| Arc::clone(&entity.identifier)),
        }
    }
}

impl fmt::Display for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.blueprint, self.identifier)
    }
}

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

/// The report of a commit.
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
    model_changed: bool,
    delta: Delta,
    before: Version,
    after: Version,
}

impl Commit {
    pub(super) fn of(prepared: Prepared, before: Version) -> Self {
        let Prepared {
            version,
            delta,
            work,
            model_before,
        } = prepared;
        let count = |kind| {
            delta
                .changes
                .iter()
                .filter(|change| kind_of(change) == kind)
                .count()
        };
        Self {
            seq: version.state.seq(),
            time: version.state.time(),
            created: count(ChangeKind::Created),
            updated: count(ChangeKind::Updated),
            deleted: count(ChangeKind::Deleted),
            work,
            model_changed: model_before.is_some(),
            delta,
            before,
            after: version,
        }
    }

    /// The report of a transaction that changed nothing.
    pub(super) fn nothing(version: Version) -> Self {
        let (delta, work, model_before) = Default::default();
        let prepared = Prepared {
            version: version.clone(),
            delta,
            work,
            model_before,
        };
        Self::of(prepared, version)
    }

    /// Whether nothing changed at all, neither entity nor model; an equal write changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.delta.changes.is_empty() && !self.model_changed
    }

    /// Every entity that changed, with what happened to it.
    #[must_use]
    pub fn changes(&self) -> impl ExactSizeIterator<Item = EntityChange> {
        self.delta.changes.iter().map(|change| EntityChange {
            entity: self.name(change.id),
            kind: kind_of(change),
        })
    }

    /// Every level that changed, of whatever entity; the log keeps the same list.
    #[must_use]
    pub fn level_changes(&self) -> impl ExactSizeIterator<Item = LevelFlip> {
        let model = |version: &Version| Arc::clone(version.state.model());
        let (before, after) = (model(&self.before), model(&self.after));
        self.work.level_changes.iter().map(move |change| {
            let title = |model: &crate::model::Model, id: ScorecardId, rank: Option<u16>| {
                let level = model.scorecard(id)?.levels.get(usize::from(rank?))?;
                Some(Arc::clone(&level.title))
            };
            let scorecard = after.scorecard(change.scorecard);
            let scorecard = scorecard.or_else(|| before.scorecard(change.scorecard));
            LevelFlip {
                entity: self.name(change.entity),
                scorecard: scorecard.map_or_else(Arc::default, |s| Arc::clone(&s.identifier)),
                from: title(&before, change.scorecard, change.from),
                to: title(&after, change.scorecard, change.to),
            }
        })
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
            .field("model_changed", &self.model_changed)
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
        write!(
            f,
            "commit {seq}: {created} created, {updated} updated, {deleted} deleted, \
             {levels} levels changed"
        )
    }
}
