//! Which versions of a catalog somebody still holds.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::state::State;
use crate::value::Seq;

/// Every version that was published and may still be alive, in the order of commits.
///
/// Noting one costs O(1), spread over the commits: dead ones are swept when as many were noted
/// as were alive the last time.
#[derive(Debug, Default)]
pub(super) struct Versions(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    versions: Vec<(Seq, Weak<State>)>,
    sweep_at: usize,
}

/// How many are noted before the first sweep.
const SWEEP_MIN: usize = 32;

impl Versions {
    /// Notes a version that is about to be published.
    pub(super) fn note(&self, state: &Arc<State>) {
        self.with(|noted| {
            if noted.versions.len() >= noted.sweep_at {
                noted.sweep();
                noted.sweep_at = (noted.versions.len() * 2).max(SWEEP_MIN);
            }
            noted.versions.push((state.seq(), Arc::downgrade(state)));
        });
    }

    /// The versions that are alive, the oldest first.
    pub(super) fn alive(&self) -> Vec<Seq> {
        self.with(|noted| {
            noted.sweep();
            noted.versions.iter().map(|(seq, _)| *seq).collect()
        })
    }

    fn with<T>(&self, call: impl FnOnce(&mut Noted) -> T) -> T {
        call(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Noted {
    fn sweep(&mut self) {
        self.versions
            .retain(|(_, version)| version.strong_count() > 0);
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
        assert_eq!(versions.alive(), [3, 70, 900].map(Seq));
        drop(held);
        assert_eq!(versions.alive(), []);
    }
}
