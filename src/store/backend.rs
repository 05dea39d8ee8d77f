//! Holds back every write to a file until it has proved to be a catalog.
//!
//! redb repairs and marks a file as it opens it. A file that turns out to be somebody else's, of
//! another format or beyond repair must come out of that unchanged, so writes go to memory until
//! [`Holder::release`].

use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use redb::{BackendError, StorageBackend};

use super::overlay::{Found, Overlay};

/// How much of the file is read at once.
const ORIGINAL_BYTES: usize = 1 << 20;

/// A backend that holds writes back until its [`Holder`] releases them.
#[derive(Debug)]
pub(super) struct HeldBackend(Arc<Shared>);

/// The other end of a [`HeldBackend`].
#[derive(Debug)]
pub(super) struct Holder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inner: Box<dyn StorageBackend>,
    /// Set once; after that the overlay is not looked at any more.
    released: AtomicBool,
    overlay: Mutex<Option<Overlay>>,
}

/// The backend to hand to redb and the means to release its writes.
pub(super) fn hold(inner: impl StorageBackend) -> (HeldBackend, Holder) {
    let overlay = Mutex::new(None);
    let shared = Arc::new(Shared {
        inner: Box::new(inner),
        released: AtomicBool::new(false),
        overlay,
    });
    (HeldBackend(Arc::clone(&shared)), Holder(shared))
}

/// How long the file is, for as long as it is open.
#[derive(Debug)]
pub(super) struct Length(Weak<Shared>);

impl Length {
    /// `None` once the file was closed.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.0.upgrade()?.inner.len().ok()
    }
}

impl Holder {
    /// The length of the file; does not keep it open.
    pub(super) fn length(&self) -> Length {
        Length(Arc::downgrade(&self.0))
    }

    /// What the file was when redb first looked at it; `None` where it never came so far.
    pub(super) fn found(&self) -> Option<Found> {
        self.0.overlay().as_ref().map(Overlay::found)
    }

    /// Reads the file as it is without the held writes, from its beginning to its end.
    pub(super) fn original(
        &self,
        mut visit: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let inner = self.0.inner.as_ref();
        let (len, mut at) = (inner.len()?, 0);
        let mut buffer = vec![0; ORIGINAL_BYTES];
        while at < len {
            let count = usize::try_from(len - at).unwrap_or(ORIGINAL_BYTES);
            let (part, _) = buffer.split_at_mut(count.min(ORIGINAL_BYTES));
            inner.read(at, part)?;
            visit(part)?;
            at += part.len() as u64;
        }
        Ok(())
    }

    /// Brings the held writes to the file; from here on writes go straight through. Once they do,
    /// there is nothing to bring, and what was known of the file is outdated.
    pub(super) fn release(&self) -> io::Result<()> {
        if self.0.through() {
            return Ok(());
        }
        let mut guard = self.0.overlay();
        let overlay = guard
            .as_mut()
            .ok_or_else(|| io::Error::other("nothing was opened"))?;
        overlay.bring_down(self.0.inner.as_ref())?;
        self.0.released.store(true, Ordering::Release);
        Ok(())
    }
}

impl Shared {
    fn overlay(&self) -> MutexGuard<'_, Option<Overlay>> {
        // The overlay is consistent between statements, and a failed open drops it anyway.
        self.overlay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn through(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }

    /// Runs `with` on the overlay, which is made when redb first asks: after it took its lock.
    fn held<T>(&self, with: impl FnOnce(&mut Overlay) -> io::Result<T>) -> io::Result<T> {
        let mut guard = self.overlay();
        let overlay = match guard.as_mut() {
            Some(overlay) => overlay,
            None => guard.insert(Overlay::new(self.inner.as_ref())?),
        };
        if overlay.found() == Found::Foreign {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a catalog"));
        }
        with(overlay)
    }
}

impl StorageBackend for HeldBackend {
    fn len(&self) -> io::Result<u64> {
        let shared = &self.0;
        if shared.through() {
            shared.inner.len()
        } else {
            shared.held(|overlay| Ok(overlay.len()))
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let shared = &self.0;
        if shared.through() {
            return shared.inner.read(offset, out);
        }
        shared.held(|overlay| overlay.read(shared.inner.as_ref(), offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let shared = &self.0;
        if shared.through() {
            return shared.inner.set_len(len);
        }
        shared.held(|overlay| {
            overlay.set_len(len);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        let shared = &self.0;
        if shared.through() {
            shared.inner.sync_data()
        } else {
            Ok(())
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let shared = &self.0;
        if shared.through() {
            return shared.inner.write(offset, data);
        }
        shared.held(|overlay| overlay.write(shared.inner.as_ref(), offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.0.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.query_lock_range(start, end)
    }
}
