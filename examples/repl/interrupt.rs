//! Ctrl-C: cancels the query that runs, and leaves the shell only where none does.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portolan::Cancel;

use crate::failure::Failure;

/// The exit code of a process that was interrupted, by custom.
const INTERRUPTED: i32 = 130;

/// Knows the query that runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupts(Arc<Mutex<Option<Cancel>>>);

impl Interrupts {
    /// Takes over Ctrl-C. At the prompt the editor reads the key itself.
    pub(crate) fn install() -> Result<Self, Failure> {
        let interrupts = Self::default();
        let handled = interrupts.clone();
        ctrlc::set_handler(move || match handled.running().as_ref() {
            Some(cancel) => cancel.cancel(),
            None => std::process::exit(INTERRUPTED),
        })
        .map_err(|error| Failure::Input(io::Error::other(error)))?;
        Ok(interrupts)
    }

    /// Runs a query that Ctrl-C cancels.
    pub(crate) fn guard<T>(&self, query: impl FnOnce(Cancel) -> T) -> T {
        let cancel = Cancel::new();
        *self.running() = Some(cancel.clone());
        let answer = query(cancel);
        *self.running() = None;
        answer
    }

    fn running(&self) -> MutexGuard<'_, Option<Cancel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
