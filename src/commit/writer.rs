//! The one writer of a catalog: makes commits durable, checkpoints, and opens what it wrote.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::record::{model_change, record};
use super::staging::{Refusal, Staging};
use super::{Commit, Version};
use crate::access::Viewer;
use crate::error::Result;
use crate::model::Model;
use crate::store::{Checkpoint, Store};
use crate::value::{EntityId, Instant, Seq};

/// After how many commits the tables are brought up to date, so that an open never replays more.
const CHECKPOINT_EVERY: u64 = 10_000;

/// The store and what it does not hold in its tables yet.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) store: Store,
    /// Entities that differ from the tables.
    pub(super) dirty: BTreeSet<EntityId>,
    /// The model that the tables hold.
    pub(super) saved_model: Arc<Model>,
    /// Whether the file has no image that fits its tables, so that opening it takes longer.
    pub(super) image_missing: bool,
}

impl Writer {
    /// Commits what was staged. `publish` is called once the commit is on disk.
    pub(crate) fn commit(
        &mut self,
        staging: Staging,
        viewer: &Viewer,
        now: Instant,
        publish: impl FnOnce(Version),
    ) -> Result<(Commit, Vec<Refusal>)> {
        let base = staging.base.clone();
        let (prepared, refusals) = staging.prepare(viewer, now)?;
        let Some(prepared) = prepared else {
            return Ok((Commit::nothing(base), refusals));
        };
        self.store.append(&record(&prepared, viewer))?;
        self.dirty
            .extend(prepared.delta.changes.iter().map(|change| change.id));
        publish(prepared.version.clone());
        if self.store.last().0 - self.store.checkpointed().0 >= CHECKPOINT_EVERY {
            // The commit is durable; should the checkpoint fail, the store refuses the next write
            // and says why.
            drop(self.checkpoint(&prepared.version));
        }
        Ok((Commit::of(prepared, base), refusals))
    }

    /// Writes what only the log holds into the tables, and the image. Nothing to do where nothing
    /// was committed since the last time and the image is there.
    pub(crate) fn checkpoint(&mut self, version: &Version) -> Result<()> {
        let state = &version.state;
        if state.seq() == self.store.checkpointed() && !self.image_missing {
            return Ok(());
        }
        let change = model_change(&self.saved_model, state.model());
        let (blueprints, scorecards) = (change.blueprints, change.scorecards);
        let blueprints = blueprints.into_iter().map(|it| (it.id, it.json));
        let scorecards = scorecards.into_iter().map(|it| (it.id, it.json));
        let (blueprints, scorecards): (Vec<_>, Vec<_>) =
            (blueprints.collect(), scorecards.collect());
        let dirty = self
            .dirty
            .iter()
            .map(|id| (*id, state.entity(*id).map(|entity| &**entity)));
        self.store.checkpoint(Checkpoint {
            seq: state.seq(),
            time: state.time(),
            counters: &state.counters(),
            names: &change.names,
            blueprints: &blueprints,
            scorecards: &scorecards,
            changed: dirty,
            image: Some(&state.to_image()),
        })?;
        self.dirty.clear();
        self.saved_model = Arc::clone(state.model());
        self.image_missing = false;
        Ok(())
    }

    /// Checkpoints and closes the file. Even where the checkpoint fails, the file is closed and
    /// its log holds everything.
    pub(crate) fn close(mut self, version: &Version) -> Result<()> {
        let saved = self.checkpoint(version);
        saved.and(self.store.close())
    }

    /// Forgets the log up to a commit; see [`Store::trim`].
    pub(crate) fn trim(&self, upto: Seq) -> Result<u64> {
        self.store.trim(upto)
    }

    /// Gives unused room of the file back; see [`Store::compact`].
    pub(crate) fn compact(&mut self) -> Result<()> {
        self.store.compact()
    }
}
