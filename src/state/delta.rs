//! What one commit changed: entities before and after.

use super::Change;

/// Everything that one commit changed on entities, ascending by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delta {
    pub(crate) changes: Vec<Change>,
}
