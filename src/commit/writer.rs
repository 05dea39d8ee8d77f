//! The one writer of a catalog: makes commits durable, checkpoints, and opens what it wrote.

use std::sync::Arc;
use std::time::Duration;

use roaring::RoaringBitmap;

use super::history::Recent;
use super::prepare::Prepared;
use super::record::{model_change, record};
use super::staging::Staging;
use super::{Commit, Durability, History, Pending, Publisher, Results, Version};
use crate::access::Viewer;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::store::{Checkpoint, Encoded, LogLimit, Store};
use crate::value::{EntityId, Instant, Seq};

/// How the commits of a catalog get into its file, and what is kept of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Where the commit does not say.
    pub(crate) durability: Durability,
    /// How much deferred commits may hold back.
    pub(crate) deferral: LogLimit,
    /// How much of the log the tables may lack.
    pub(crate) checkpoint: LogLimit,
    /// How much of the log is kept.
    pub(crate) retention: LogLimit,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            durability: Durability::Synced,
            deferral: LogLimit {
                commits: Some(1_000),
                bytes: Some(1 << 20),
                age: Some(Duration::from_secs(1)),
            },
            checkpoint: LogLimit {
                commits: Some(10_000),
                bytes: Some(64 << 20),
                age: None,
            },
            retention: LogLimit::default(),
        }
    }
}

/// The store and what it does not hold in its tables yet.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) store: Arc<Store>,
    /// What the commits since the checkpoint changed; snapshots look into it too.
    pub(super) history: Arc<History>,
    /// Entities that differ from the tables.
    pub(super) dirty: RoaringBitmap,
    /// The model that the tables hold.
    pub(super) saved_model: Arc<Model>,
    /// What results the tables know.
    pub(super) saved_results: Arc<Results>,
    /// Whether the file has no image that fits its tables, so that opening it takes longer.
    pub(super) image_missing: bool,
}

/// Who commits, when, and how durably.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By<'a> {
    pub(crate) viewer: &'a Viewer,
    pub(crate) now: Instant,
    pub(crate) durability: Durability,
    pub(crate) policy: &'a Policy,
}

impl Writer {
    /// Commits what was staged. What it gives may be acknowledged after it was waited for.
    pub(crate) fn commit(
        &mut self,
        publisher: &Publisher,
        staging: &Staging,
        by: &By<'_>,
    ) -> Result<(Commit, Pending)> {
        let base = staging.base.clone();
        let Some(prepared) = staging.prepare(by.viewer, by.now)? else {
            // That nothing differs is true once what it does not differ from is durable.
            let pending = publisher.pending(&base, by.durability);
            return Ok((Commit::nothing(base), pending));
        };
        let pending = self.make(publisher, &prepared, by)?;
        Ok((Commit::of(prepared, base), pending))
    }

    /// Commits what becomes due between the time of a version and now. Where nothing does,
    /// nothing is logged.
    ///
    /// # Errors
    /// `Conflict` for an instant before the version, else as for [`Self::commit`].
    pub(crate) fn advance(
        &mut self,
        publisher: &Publisher,
        by: &By<'_>,
    ) -> Result<(Commit, Pending)> {
        let (base, now) = (publisher.head(), by.now);
        let time = base.state.time();
        if now < time {
            let message = format!("{now} is before the last commit, which was made at {time}");
            return Err(Error::new(ErrorKind::Conflict, message)
                .with_help("time only goes forward: give an instant that is not before it"));
        }
        let Some(prepared) = Prepared::later(&base, now)? else {
            let pending = publisher.pending(&base, by.durability);
            return Ok((Commit::nothing(base), pending));
        };
        let pending = self.make(publisher, &prepared, by)?;
        Ok((Commit::of(prepared, base), pending))
    }

    /// Sends a commit on its way to the disk and the readers.
    pub(super) fn make(
        &mut self,
        publisher: &Publisher,
        prepared: &Prepared,
        by: &By<'_>,
    ) -> Result<Pending> {
        let record = record(prepared, by.viewer);
        let version = &prepared.version;
        let pending = publisher.add(record, version, by.durability, &by.policy.deferral)?;
        let changed = prepared.delta.changes.iter();
        self.dirty.extend(changed.map(|change| change.id.0));
        Ok(pending)
    }

    /// Whether the tables lack more of the log than they may.
    pub(crate) fn checkpoint_is_due(&self, publisher: &Publisher, policy: &Policy) -> bool {
        let unsaved = self.store.unsaved();
        // Mostly the answer is no, and needs no version.
        let now = match policy.checkpoint.age {
            Some(_) => publisher.head().state.time(),
            None => Instant::default(),
        };
        policy.checkpoint.exceeded_by(&unsaved, now)
    }

    /// Makes every commit durable, writes what only the log holds into the tables, saves the
    /// image, and forgets what of the log is not kept. Of that, nothing is done that is not to do.
    pub(crate) fn checkpoint(&mut self, publisher: &Publisher, policy: &Policy) -> Result<()> {
        self.store.start_unsaved();
        publisher.sync()?;
        let version = publisher.current();
        self.save_if_due(&version)?;
        let retained = self.store.retain(&policy.retention, version.state.time());
        retained.map(drop)
    }

    /// Makes a commit with entities that its log record does not hold durable, together with the
    /// tables, which hold them, then visible. Everything before it is synced first.
    pub(super) fn make_whole(
        &mut self,
        publisher: &Publisher,
        prepared: &Prepared,
        viewer: &Viewer,
    ) -> Result<()> {
        publisher.sync()?;
        let record = record(prepared, viewer);
        let encoded = Encoded::of(&record)?;
        let changed = prepared.delta.changes.iter().map(|change| change.id);
        let changed = changed.chain(prepared.loaded.iter().copied());
        self.dirty.extend(changed.map(|id| id.0));
        let before = publisher.current().state.seq();
        let version = &prepared.version;
        self.history.push(Recent::of(record, &version.results));
        let written = self.save(version, Some(&encoded));
        if written.is_ok() {
            publisher.show(version.clone());
            // The file grew in steps, for a while with what the load replaced in it. Where somebody
            // reads it just now it stays as it is, which does no harm.
            drop(self.store.compact());
        } else {
            self.history.forget_after(before);
        }
        written
    }

    /// Writes what only the log holds into the tables, and the image. Nothing to do where nothing
    /// was committed since the last time and the image is there.
    fn save_if_due(&mut self, version: &Version) -> Result<()> {
        let state = &version.state;
        if state.seq() == self.store.checkpointed() && !self.image_missing {
            return Ok(());
        }
        self.save(version, None)
    }

    /// Writes a version into the tables, and the log record of its commit where that is not in
    /// the log yet.
    fn save(&mut self, version: &Version, record: Option<&Encoded>) -> Result<()> {
        let state = &version.state;
        let change = model_change(&self.saved_model, state.model());
        let (blueprints, scorecards) = (change.blueprints, change.scorecards);
        let blueprints = blueprints.into_iter().map(|it| (it.id, it.json));
        let scorecards = scorecards.into_iter().map(|it| (it.id, it.json));
        let (blueprints, scorecards): (Vec<_>, Vec<_>) =
            (blueprints.collect(), scorecards.collect());
        let dirty = self
            .dirty
            .iter()
            .map(|id| (EntityId(id), state.packed(EntityId(id))));
        self.store.checkpoint(Checkpoint {
            record,
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
    pub(crate) fn close(mut self, publisher: &Publisher, policy: &Policy) -> Result<()> {
        let saved = self.checkpoint(publisher, policy);
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
        let publisher = Publisher::new(&writer, version.clone());
        let (viewer, policy) = (Viewer::system("clock"), Policy::default());
        let by = By {
            viewer: &viewer,
            now: Instant(5),
            durability: Durability::Synced,
            policy: &policy,
        };
        let prepared = Prepared::at(&version, Instant(5)).unwrap();
        let pending = writer.make(&publisher, &prepared, &by).unwrap();
        assert_eq!(
            publisher.current().state.seq(),
            Seq(0),
            "not durable, not seen"
        );
        publisher.wait(&pending).unwrap();
        let after = publisher.current();
        let commit = Commit::of(prepared, version);
        assert!(!commit.is_empty() && commit.changes().len() == 0);
        let replayed = open(&disk.after_kill());
        assert_eq!(replayed.2.replayed, 1);
        writer.close(&publisher, &policy).unwrap();
        let loaded = open(&disk);
        assert_eq!(loaded.2.replayed, 0);
        for version in [after, replayed.1, loaded.1] {
            let state = &version.state;
            assert_eq!((state.seq(), state.time()), (Seq(1), Instant(5)));
        }
    }
}
