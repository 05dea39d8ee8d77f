//! Who is acting: every read and write names its viewer.

use std::fmt;
use std::sync::Arc;

/// Who reads or writes. What a viewer writes carries its name in `$createdBy`, `$updatedBy` and
/// the log.
///
/// ```
/// use portolan::Viewer;
///
/// let viewer = Viewer::system("nightly import");
/// assert_eq!(viewer.to_string(), "nightly import");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    name: Arc<str>,
}

impl Viewer {
    /// The host itself, acting for a reason that is recorded with everything it writes. It may
    /// do everything.
    #[must_use]
    pub fn system(reason: &str) -> Self {
        Self {
            name: reason.into(),
        }
    }

    /// The name that is recorded.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }
}

impl fmt::Display for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
