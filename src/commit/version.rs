//! What readers hold: one version of the catalog and the plan that keeps it derived.

use std::fmt;
use std::sync::Arc;

use super::Results;
use crate::derive::Plan;
use crate::state::State;

/// A version, its plan, and what its results are known under. Cloning costs three `Arc`s.
#[derive(Clone)]
pub(crate) struct Version {
    pub(crate) state: Arc<State>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) results: Arc<Results>,
}

impl fmt::Debug for Version {
    /// Without what is in it, which is the whole catalog.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Version")
            .field("seq", &self.state.seq())
            .finish_non_exhaustive()
    }
}
