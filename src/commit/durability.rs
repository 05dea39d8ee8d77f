//! When a commit is on disk: before it is acknowledged, or some time after.

/// When a commit is on disk.
///
/// ```
/// use portolan::{Catalog, Durability, Options, Viewer, model::Blueprint};
/// use serde_json::json;
///
/// let catalog = Catalog::in_memory_with(Options::default().durability(Durability::Deferred))?;
/// let viewer = Viewer::system("docs");
/// let mut tx = catalog.write(&viewer)?;
/// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
/// tx.durability(Durability::Synced); // this one at once, and whatever was deferred before it
/// tx.commit()?;
///
/// let mut tx = catalog.write(&viewer)?;
/// tx.upsert("team", &json!({"identifier": "payments"}))?;
/// tx.commit()?;
/// assert_eq!(catalog.read(&viewer).count("team")?, 1, "everybody sees it");
/// catalog.sync()?; // and from here on nothing can take it away
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Durability {
    /// When [`WriteTx::commit`](crate::WriteTx::commit) returns. Commits of many threads share a
    /// sync.
    #[default]
    Synced,
    /// With the next sync: that of a later commit, of [`Catalog::sync`](crate::Catalog::sync), of
    /// a checkpoint or of closing. It is visible at once. Should the process or the machine go
    /// down before, it is lost whole, and with it only commits that came after it and were
    /// deferred, too.
    ///
    /// How much is held back is bounded by [`Options::deferral`](crate::Options::deferral): the
    /// commit that would be too much is synced, and all those before it. So is one that comes
    /// while a synced commit of another thread is on its way to the disk, because it must not be
    /// visible before that.
    Deferred,
}
