//! What a commit copied: pages of memory, by structure.

use std::fmt;

use crate::cow::Pages;
use crate::value::ByteCount;

/// The pages that a commit made anew, with their bytes; prints as a table. See
/// [`Commit::pages_copied`](crate::Commit::pages_copied).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PagesCopied {
    /// Each structure with what was copied of it; `roots` is what points to the structures of
    /// each blueprint, relation, derived property and scorecard.
    pub structures: Vec<(&'static str, Pages)>,
}

impl PagesCopied {
    /// The pages of all structures.
    #[must_use]
    pub fn total(&self) -> Pages {
        self.structures.iter().map(|(_, pages)| *pages).sum()
    }
}

impl fmt::Display for PagesCopied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pages copied")?;
        let mut row = |name: &str, of: Pages| {
            let bytes = ByteCount(of.bytes).to_string();
            write!(f, "\n  {name:<18} {bytes:>10}  {:>9} pages", of.pages)
        };
        let copied = self.structures.iter().filter(|(_, of)| of.pages > 0);
        copied.clone().try_for_each(|(name, of)| row(name, *of))?;
        row("in all", self.total())
    }
}
