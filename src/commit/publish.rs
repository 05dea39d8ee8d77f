//! From a commit that was made to one that is read: what readers see, and what is on its way.
//!
//! The rules of [`crate::store`]'s queue, which says how threads share a sync, go on here:
//!
//! 1. A commit is made under the turn to write, on top of the last one that was made, whether that
//!    is on disk or not. With [`Publisher::add`] its record enters the queue; then its turn ends,
//!    and the next writer goes on while [`Publisher::wait`] waits for the disk.
//! 2. Readers see a synced commit once it is durable: whoever synced publishes the last version
//!    that became durable before anybody who waited goes on. So what a commit acknowledged can be
//!    read, and what can be read, but for deferred commits, cannot be lost.
//! 3. A deferred commit is published as it is added, unless another waits before it: versions are
//!    published in their order.
//! 4. Where a sync fails, none of the commits that waited is published, and the last one that was
//!    made is again the last one that was published. The store takes no more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::history::Recent;
use super::versions::{Held, Versions};
use super::{Durability, History, Version, Writer};
use crate::error::Result;
use crate::store::{Encoded, LogLimit, LogRecord, Store};
use crate::value::Seq;

/// The versions of a catalog that are read or wait to be.
#[derive(Debug)]
pub(crate) struct Publisher {
    store: Arc<Store>,
    history: Arc<History>,
    current: RwLock<Version>,
    /// The versions that are not durable yet, in order. Its lock is taken before that of the
    /// queue and that of `current`.
    waiting: Mutex<Vec<Version>>,
    versions: Versions,
}

/// What a commit has to wait for before it may be acknowledged.
#[derive(Debug)]
#[must_use = "a commit is acknowledged only after its sync"]
pub(crate) struct Pending(Option<Seq>);

impl Publisher {
    /// Around the version that was opened.
    pub(crate) fn new(writer: &Writer, version: Version) -> Self {
        let versions = Versions::default();
        versions.note(&version.state);
        Self {
            versions,
            store: Arc::clone(&writer.store),
            history: Arc::clone(&writer.history),
            current: RwLock::new(version),
            waiting: Mutex::default(),
        }
    }

    /// What readers see.
    pub(crate) fn current(&self) -> Version {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The versions that somebody still holds, and what they keep beyond what readers see.
    pub(crate) fn held(&self) -> Held {
        self.versions.held(self.current().state.seq())
    }

    /// What the next commit is made on. Only the turn to write keeps it from moving on.
    pub(crate) fn head(&self) -> Version {
        let waiting = self.waiting();
        let last = waiting.last().cloned();
        last.unwrap_or_else(|| self.current())
    }

    /// Adds the commit that made a version, under the turn to write.
    ///
    /// # Errors
    /// `Limit` for a record that is too large; `Io` where an earlier write failed. Nothing
    /// happened then.
    pub(super) fn add(
        &self,
        record: LogRecord,
        version: &Version,
        durability: Durability,
        deferral: &LogLimit,
    ) -> Result<Pending> {
        let (seq, time) = (record.seq, record.time);
        let encoded = Encoded::of(&record)?;
        let recent = Recent::of(record, &version.results);
        let mut waiting = self.waiting();
        let held = self.store.enqueue(encoded)?;
        self.history.push(recent);
        self.versions.note(&version.state);
        let defer = durability == Durability::Deferred
            && waiting.is_empty()
            && !deferral.exceeded_by(&held, time);
        if defer {
            let before = self.publish(version.clone());
            drop(waiting);
            drop(before);
            return Ok(Pending(None));
        }
        waiting.push(version.clone());
        Ok(Pending(Some(seq)))
    }

    /// What an acknowledgement that rests on a version has to wait for: that it is durable, or for
    /// a deferred one that it is published.
    pub(super) fn pending(&self, version: &Version, durability: Durability) -> Pending {
        let seq = version.state.seq();
        let deferred = durability == Durability::Deferred && seq <= self.current().state.seq();
        Pending((!deferred).then_some(seq))
    }

    /// Waits until a commit may be acknowledged, writing what waits where nobody else does.
    ///
    /// # Errors
    /// `Io` where that failed: then nothing of the commit remains.
    pub(crate) fn wait(&self, pending: &Pending) -> Result<()> {
        pending.0.map_or(Ok(()), |seq| self.sync_to(seq))
    }

    /// Makes every commit that was made durable, those that were deferred included.
    ///
    /// # Errors
    /// `Io`.
    pub(crate) fn sync(&self) -> Result<()> {
        self.sync_to(self.store.last())
    }

    fn sync_to(&self, upto: Seq) -> Result<()> {
        // Those who wait need not do so until the pages that nobody else holds are freed.
        let mut gone = Vec::new();
        self.store
            .sync(upto, |outcome| gone = self.settle(outcome.as_ref().ok()))
    }

    /// Publishes what became durable, or gives up what did not. Gives the versions that are not
    /// needed any more.
    fn settle(&self, durable: Option<&Seq>) -> Vec<Version> {
        let mut waiting = self.waiting();
        let Some(upto) = durable else {
            let current = self.current().state.seq();
            self.history.forget_after(current);
            self.store.forget_after(current);
            return std::mem::take(&mut *waiting);
        };
        let count = waiting.partition_point(|version| version.state.seq() <= *upto);
        let mut gone: Vec<Version> = waiting.drain(..count).collect();
        if let Some(last) = gone.pop() {
            gone.push(self.publish(last));
        }
        gone
    }

    /// Shows a version that became durable by itself, while nothing waited.
    pub(super) fn show(&self, version: Version) {
        self.versions.note(&version.state);
        let before = self.publish(version);
        drop(before);
    }

    /// Shows a version to readers; gives the one before.
    fn publish(&self, version: Version) -> Version {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, version)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Version>> {
        // Versions come and go whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
