//! Since when something is as it is, and who made it so.

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::model::Meta;
use crate::value::{EntityId, Instant, NameId, ScorecardId, Seq};

/// The commit that last changed something; prints as `commit 12, 2026-11-01T12:00:00Z, by ann`.
///
/// ```
/// use portolan::{Changed, Instant, Seq};
///
/// let time = Instant::parse("2026-11-01T12:00:00Z");
/// let changed = Changed { seq: Seq(12), time, actor: Some("ann".into()) };
/// assert_eq!(changed.to_string(), "commit 12, 2026-11-01T12:00:00Z, by ann");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its number.
    pub seq: Seq,
    /// When it was made; `None` where the log does not reach back to it any more.
    pub time: Option<Instant>,
    /// Who made it; `None` as for the time.
    pub actor: Option<Arc<str>>,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "commit {}", self.seq)?;
        if let Some(time) = self.time {
            write!(f, ", {time}")?;
        }
        match &self.actor {
            Some(actor) => write!(f, ", by {actor}"),
            None => Ok(()),
        }
    }
}

/// A part of an entity that is written, not derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Property(NameId),
    Relation(NameId),
    Meta(Meta),
}

/// What a version knows of the commits that led to it.
pub(crate) trait Past {
    /// The commit that last changed the level of an entity (where no rule is given), or its result
    /// under a rule. `None` where that is not known.
    fn result(
        &self,
        scorecard: ScorecardId,
        rule: Option<u16>,
        entity: EntityId,
    ) -> Result<Option<Changed>>;

    /// The commit that last changed a part of an entity. `None` where that is not known: the log
    /// was trimmed, or it was too many changes of the entity ago.
    fn written(&self, entity: EntityId, part: Written) -> Result<Option<Changed>>;
}

/// Knows nothing of the past.
#[cfg(test)]
pub(crate) struct NoPast;

#[cfg(test)]
impl Past for NoPast {
    fn result(&self, _: ScorecardId, _: Option<u16>, _: EntityId) -> Result<Option<Changed>> {
        Ok(None)
    }

    fn written(&self, _: EntityId, _: Written) -> Result<Option<Changed>> {
        Ok(None)
    }
}
