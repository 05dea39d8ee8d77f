//! Which versions of a catalog somebody still holds.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::state::State;
use crate::value::Seq;

/// Every version that was made and may still be alive, in the order of commits.
///
/// Noting one costs O(1), spread over the commits: dead ones are swept when as many were noted
/// as were alive the last time.
#[derive(Debug, Default)]
pub(super) struct Versions(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    versions: Vec<Weak<State>>,
    sweep_at: usize,
}

/// The versions that are alive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// How many there are.
    pub(crate) alive: u64,
    /// The commit that made the oldest of them.
    pub(crate) oldest: Option<Seq>,
    /// What those before the last one hold alone, in bytes.
    pub(crate) bytes: u64,
}

/// How many are noted before the first sweep.
const SWEEP_MIN: usize = 32;

impl Versions {
    /// Notes a version that was made; they come in the order of commits.
    pub(super) fn note(&self, state: &Arc<State>) {
        self.with(|noted| {
            if noted.versions.len() >= noted.sweep_at {
                noted.sweep();
                noted.sweep_at = (noted.versions.len() * 2).max(SWEEP_MIN);
            }
            noted.versions.push(Arc::downgrade(state));
        });
    }

    /// Counts the versions that are alive up to the one that readers see, and what the older ones
    /// hold alone.
    ///
    /// Costs O(pages in which versions that follow each other differ).
    pub(super) fn held(&self, current: Seq) -> Held {
        let mut alive = self.alive();
        alive.retain(|state| state.seq() <= current);
        // What a version has that the next one has not, no later one has either.
        let pairs = alive.iter().zip(alive.iter().skip(1));
        let alone = pairs.flat_map(|(own, next)| own.unshared(next));
        Held {
            alive: alive.len() as u64,
            oldest: alive.first().map(|state| state.seq()),
            bytes: alone.map(|(_, pages)| pages.bytes).sum(),
        }
    }

    /// The versions that are alive, the oldest first.
    fn alive(&self) -> Vec<Arc<State>> {
        self.with(|noted| {
            noted.sweep();
            let versions = noted.versions.iter();
            versions.filter_map(Weak::upgrade).collect()
        })
    }

    fn with<T>(&self, call: impl FnOnce(&mut Noted) -> T) -> T {
        call(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Noted {
    fn sweep(&mut self) {
        self.versions.retain(|version| version.strong_count() > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Instant;

    fn version(seq: u64) -> Arc<State> {
        let mut state = State::default();
        state.set_commit(Seq(seq), Instant(0));
        Arc::new(state)
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let versions = Versions::default();
        let held: Vec<_> = [3, 70, 900].map(version).into();
        for seq in 0..1_000 {
            let found = held.iter().find(|state| state.seq() == Seq(seq));
            versions.note(&found.map_or_else(|| version(seq), Arc::clone));
        }
        assert!(versions.with(|noted| noted.versions.len()) <= SWEEP_MIN + 1);
        let seqs = || -> Vec<Seq> {
            let alive = versions.alive();
            alive.iter().map(|state| state.seq()).collect()
        };
        assert_eq!(seqs(), [3, 70, 900].map(Seq));
        drop(held);
        assert_eq!(seqs(), []);
    }
}
