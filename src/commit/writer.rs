//! The one writer of a catalog: makes commits durable, checkpoints, and opens what it wrote.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::history::Recent;
use super::prepare::Prepared;
use super::record::{model_change, record};
use super::staging::{Refusal, Staging};
use super::{Commit, History, Results, Version};
use crate::access::Viewer;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::store::{Checkpoint, Store};
use crate::value::{EntityId, Instant, Seq};

/// After how many commits the tables are brought up to date, so that an open never replays more.
const CHECKPOINT_EVERY: u64 = 10_000;

/// The store and what it does not hold in its tables yet.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) store: Arc<Store>,
    /// What the commits since the checkpoint changed; snapshots look into it too.
    pub(super) history: Arc<History>,
    /// Entities that differ from the tables.
    pub(super) dirty: BTreeSet<EntityId>,
    /// The model that the tables hold.
    pub(super) saved_model: Arc<Model>,
    /// What results the tables know.
    pub(super) saved_results: Arc<Results>,
    /// Whether the file has no image that fits its tables, so that opening it takes longer.
    pub(super) image_missing: bool,
}

impl Writer {
    /// Commits what was staged. `publish` is called once the commit is on disk.
    pub(crate) fn commit(
        &mut self,
        staging: &Staging,
        viewer: &Viewer,
        now: Instant,
        publish: impl FnOnce(Version),
    ) -> Result<(Commit, Vec<Refusal>)> {
        let base = staging.base.clone();
        let (prepared, refusals) = staging.prepare(viewer, now)?;
        let Some(prepared) = prepared else {
            return Ok((Commit::nothing(base), refusals));
        };
        self.make(&prepared, viewer, publish)?;
        Ok((Commit::of(prepared, base), refusals))
    }

    /// Commits what becomes due between the time of a version and `now`. Where nothing does,
    /// nothing is logged.
    ///
    /// # Errors
    /// `Conflict` for an instant before the version, else as for [`Self::commit`].
    pub(crate) fn advance(
        &mut self,
        base: Version,
        viewer: &Viewer,
        now: Instant,
        publish: impl FnOnce(Version),
    ) -> Result<Commit> {
        let time = base.state.time();
        if now < time {
            let message = format!("{now} is before the last commit, which was made at {time}");
            return Err(Error::new(ErrorKind::Conflict, message)
                .with_help("time only goes forward: give an instant that is not before it"));
        }
        let Some(prepared) = Prepared::later(&base, now)? else {
            return Ok(Commit::nothing(base));
        };
        self.make(&prepared, viewer, publish)?;
        Ok(Commit::of(prepared, base))
    }

    /// Makes a commit durable, then visible.
    pub(super) fn make(
        &mut self,
        prepared: &Prepared,
        viewer: &Viewer,
        publish: impl FnOnce(Version),
    ) -> Result<()> {
        let record = record(prepared, viewer);
        self.store.append(&record)?;
        self.dirty
            .extend(prepared.delta.changes.iter().map(|change| change.id));
        self.history
            .push(Recent::of(record, &prepared.version.results));
        publish(prepared.version.clone());
        if self.store.last().0 - self.store.checkpointed().0 >= CHECKPOINT_EVERY {
            // The commit is durable; should the checkpoint fail, the store refuses the next write
            // and says why.
            drop(self.checkpoint(&prepared.version));
        }
        Ok(())
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
            past: &self.history.to_save(version, &self.saved_results),
            image: Some(&state.to_image()),
        })?;
        self.dirty.clear();
        self.history.saved(state.seq());
        self.saved_model = Arc::clone(state.model());
        self.saved_results = Arc::clone(&version.results);
        self.image_missing = false;
        Ok(())
    }

    /// Checkpoints and closes the file. Even where the checkpoint fails, the file is closed and
    /// its log holds everything.
    pub(crate) fn close(mut self, version: &Version) -> Result<()> {
        let saved = self.checkpoint(version);
        saved.and(self.store.close())
    }

    /// Which commit last changed what.
    pub(crate) fn history(&self) -> &Arc<History> {
        &self.history
    }

    /// Forgets the log up to a commit; see [`Store::trim`].
    pub(crate) fn trim(&self, upto: Seq) -> Result<u64> {
        self.store.trim(upto)
    }

    /// Gives unused room of the file back; see [`Store::compact`].
    pub(crate) fn compact(&self) -> Result<()> {
        self.store.compact()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use super::*;
    use crate::store::fault::Disk;

    /// A commit in which nothing happens but that time passes is one like any other: the log has
    /// it, and every way of opening the file gives its time back.
    #[test]
    fn the_passing_of_time_is_replayed() {
        let open = |disk: &Disk| Writer::open(Store::with_backend(disk.clone()).unwrap()).unwrap();
        let disk = Disk::default();
        let (mut writer, version, _) = open(&disk);
        let viewer = Viewer::system("clock");
        let prepared = Prepared::at(&version, Instant(5)).unwrap();
        let mut published = None;
        writer
            .make(&prepared, &viewer, |version| published = Some(version))
            .unwrap();
        let published = published.unwrap();
        let commit = Commit::of(prepared, version);
        assert!(!commit.is_empty() && commit.changes().len() == 0);
        let replayed = open(&disk.after_kill());
        assert_eq!(replayed.2.replayed, 1);
        writer.close(&published).unwrap();
        let loaded = open(&disk);
        assert_eq!(loaded.2.replayed, 0);
        for version in [published, replayed.1, loaded.1] {
            let state = &version.state;
            assert_eq!((state.seq(), state.time()), (Seq(1), Instant(5)));
        }
    }
}
