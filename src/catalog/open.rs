//! Opening, sharing and closing a catalog.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::turn::{Shared, Turn};
use super::{Options, Prepared, Snapshot, WriteTx};
use crate::access::Viewer;
use crate::commit::{Bulk, By, Commit, OpenReport, Staging, Writer, Writing};
use crate::error::Result;
use crate::ingest::{ImportOptions, ImportReport};
use crate::store::Store;
use crate::value::{Instant, Seq};

/// A catalog: one file, or memory. Cloning gives another handle to the same catalog; share it
/// freely between threads. It is closed when the last handle is dropped, or by
/// [`Catalog::close`], which also tells whether that went well.
///
/// ```
/// use portolan::{Catalog, Viewer, model::Blueprint};
/// use serde_json::json;
///
/// let catalog = Catalog::in_memory()?;
/// let viewer = Viewer::system("docs");
/// let mut tx = catalog.write(&viewer)?;
/// let service = json!({
///     "identifier": "service",
///     "title": "Service",
///     "schema": {"properties": {"tier": {"type": "number"}}, "required": []},
///     "relations": {"dependsOn": {"target": "service", "many": true, "required": false}}
/// });
/// tx.declare([Blueprint::from_json(&service)?], [])?;
/// tx.upsert("service", &json!({"identifier": "ledger", "properties": {"tier": 1}}))?;
/// tx.upsert("service", &json!({"identifier": "cart", "relations": {"dependsOn": ["ledger"]}}))?;
/// tx.commit()?;
///
/// let snapshot = catalog.read(&viewer);
/// let rows = snapshot.query(
///     "MATCH (s:service)-[:dependsOn]->+(d:service) WHERE d.tier = 1 RETURN s.$identifier AS id",
///     (),
/// )?;
/// assert_eq!(rows.iter().next().unwrap()[0].as_str(), Some("cart"));
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone)]
pub struct Catalog {
    pub(super) shared: Arc<Shared>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog")
            .field("seq", &self.shared.publisher.current().state.seq())
            .finish_non_exhaustive()
    }
}

impl Catalog {
    /// Opens the catalog in a file, which is made where there is none.
    ///
    /// # Errors
    /// `Corrupt` where the file is damaged or not a catalog, which leaves it as it is; `Busy`
    /// while another process has it open; `Unsupported` for the format of a newer release; `Io`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, Options::default())
    }

    /// As [`Catalog::open`], with options.
    ///
    /// # Errors
    /// As [`Catalog::open`].
    pub fn open_with(path: impl AsRef<Path>, options: Options) -> Result<Self> {
        Self::from_store(Store::open(path.as_ref())?, options)
    }

    /// A new catalog in memory, gone when the last handle is dropped.
    ///
    /// # Errors
    /// `Internal` only.
    pub fn in_memory() -> Result<Self> {
        Self::in_memory_with(Options::default())
    }

    /// As [`Catalog::in_memory`], with options.
    ///
    /// # Errors
    /// As [`Catalog::in_memory`].
    pub fn in_memory_with(options: Options) -> Result<Self> {
        Self::from_store(Store::in_memory()?, options)
    }

    pub(crate) fn from_store(store: Store, options: Options) -> Result<Self> {
        let (writer, version, report) = Writer::open(store)?;
        Ok(Self {
            shared: Arc::new(Shared::new(writer, version, options, report)),
        })
    }

    /// What opening found: how many commits were replayed, and which structures had to be
    /// rebuilt because their saved form was missing or did not fit.
    #[must_use]
    pub fn open_report(&self) -> &OpenReport {
        &self.shared.report
    }

    /// The catalog as of the last commit. Costs a few `Arc` clones, never blocks on a writer's
    /// sync, and never changes afterwards. A catalog that was closed can still be read.
    #[must_use]
    pub fn read(&self, viewer: &Viewer) -> Snapshot {
        Snapshot::new(
            self.shared.publisher.current(),
            viewer.clone(),
            Arc::clone(&self.shared.options.clock),
            Arc::clone(&self.shared.history),
            Arc::clone(&self.shared.statements),
        )
    }

    /// Checks a query against the model as it is now, to be run on any snapshot; see [`Prepared`].
    ///
    /// # Errors
    /// `Syntax` with the place of what is wrong in the text; `Unsupported` with the place of what
    /// this release cannot do.
    pub fn prepare(&self, text: &str) -> Result<Prepared> {
        let version = self.shared.publisher.current();
        Prepared::new(&self.shared.statements, version.state.model(), text)
    }

    /// Starts a write transaction, after the one before it ended; see [`WriteTx`].
    ///
    /// # Errors
    /// `Busy` where the transaction before did not end within [`Options::write_timeout`];
    /// `Closed`.
    pub fn write(&self, viewer: &Viewer) -> Result<WriteTx> {
        Ok(WriteTx::new(self.turn()?, viewer.clone()))
    }

    /// Lets time pass: one commit, without changes of entities, in which everything flips that
    /// depends on the time and becomes due up to `now`. Where nothing does, no commit is made, and
    /// the report is empty. [`Snapshot::next_due`] tells for when the next call is needed.
    ///
    /// Every other commit does the same up to its own time, which is that of the catalog's clock,
    /// or of the commit before it where the clock stands before that.
    ///
    /// # Errors
    /// `Conflict` for an instant before the last commit; `Io`; as [`Catalog::write`].
    ///
    /// ```
    /// use portolan::{Catalog, Duration, ErrorKind, Instant, Options, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let noon = Instant::parse("2026-11-01T12:00:00Z").unwrap();
    /// let catalog = Catalog::in_memory_with(Options::default().clock(move || noon))?;
    /// let viewer = Viewer::system("docs");
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
    /// tx.commit()?;
    ///
    /// // Nothing here depends on the time.
    /// let later = noon.checked_add(Duration::parse("30d").unwrap()).unwrap();
    /// assert_eq!(catalog.read(&viewer).next_due(), None);
    /// assert!(catalog.advance(&viewer, later)?.is_empty());
    ///
    /// let earlier = Instant::parse("2026-10-31T12:00:00Z").unwrap();
    /// assert_eq!(catalog.advance(&viewer, earlier).unwrap_err().kind(), ErrorKind::Conflict);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn advance(&self, viewer: &Viewer, now: Instant) -> Result<Commit> {
        let mut turn = self.turn()?;
        let policy = turn.policy();
        let by = By {
            viewer,
            now,
            durability: policy.durability,
            policy: &policy,
        };
        let (writer, publisher) = turn.writer()?;
        let (commit, pending) = writer.advance(publisher, &by)?;
        turn.end(&pending)?;
        Ok(commit)
    }

    pub(super) fn turn(&self) -> Result<Turn> {
        Turn::wait(&self.shared)
    }

    /// Imports a folder of `blueprints.json`, `scorecards.json` and `entities.jsonl` in Port's
    /// forms, each of them optional, as one commit. An entity that breaks its blueprint, and a
    /// reference that leads nowhere, is left out and reported by its line.
    ///
    /// # Errors
    /// `Io` where a file cannot be read; `NotFound` where the folder has none of them; `Limit` for
    /// a line of more than 16 MiB; `Invalid` or `Syntax` where the model does not hold together, or
    /// where entities that exist would break a changed blueprint; as [`Catalog::write`] and
    /// [`WriteTx::commit`]. Then nothing is imported.
    pub fn import(
        &self,
        viewer: &Viewer,
        folder: impl AsRef<Path>,
        mut options: ImportOptions<'_>,
    ) -> Result<ImportReport> {
        self.bulk(viewer, |staging, writing| {
            crate::ingest::read_folder(staging, folder.as_ref(), writing, &mut options)
        })
    }

    /// Loads entities from JSON lines, one document a line that names its `blueprint`, as one
    /// commit: the fast way in for many. Lines are parsed and checked on all cores; what is new
    /// goes straight into the tables, not through the log. Each document is written as
    /// [`WriteTx::upsert`] does, and may refer to what comes later. An entity that breaks its
    /// blueprint, and a reference that leads nowhere, is left out and reported by its line.
    ///
    /// # Errors
    /// `Io` where the source cannot be read; `Limit` where it needs more memory than
    /// [`ImportOptions::memory`] allows; as [`Catalog::write`] and [`WriteTx::commit`]. Then
    /// nothing is loaded.
    ///
    /// ```
    /// use portolan::{Catalog, ImportOptions, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let viewer = Viewer::system("docs");
    /// let mut tx = catalog.write(&viewer)?;
    /// let team = json!({
    ///     "identifier": "team",
    ///     "relations": {"parent": {"target": "team"}}
    /// });
    /// tx.declare([Blueprint::from_json(&team)?], [])?;
    /// tx.commit()?;
    ///
    /// let lines = r#"
    ///     {"blueprint": "team", "identifier": "checkout", "relations": {"parent": "payments"}}
    ///     {"blueprint": "team", "identifier": "payments"}
    ///     {"blueprint": "team", "identifier": "payments", "properties": {"colour": "red"}}
    /// "#;
    /// let report = catalog.load(&viewer, lines.as_bytes(), ImportOptions::default())?;
    /// assert_eq!((report.entity_count(), report.commit.created), (2, 2));
    /// assert_eq!(report.refused[0].line, 4);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn load(
        &self,
        viewer: &Viewer,
        source: impl std::io::Read + Send,
        mut options: ImportOptions<'_>,
    ) -> Result<ImportReport> {
        self.bulk(viewer, |staging, writing| {
            crate::ingest::read_lines(staging, source, writing, &mut options)
        })
    }

    /// Commits what is read during one turn of the writer.
    fn bulk(
        &self,
        viewer: &Viewer,
        read: impl FnOnce(Staging, &Writing) -> Result<(Bulk, crate::ingest::Read)>,
    ) -> Result<ImportReport> {
        let mut turn = self.turn()?;
        let version = turn.head();
        let policy = turn.policy();
        let by = By {
            viewer,
            now: turn.now().max(version.state.time()),
            durability: policy.durability,
            policy: &policy,
        };
        let writing = Writing::new(Seq(version.state.seq().0 + 1), by.now, viewer);
        let (bulk, read) = read(Staging::new(version), &writing)?;
        let (writer, publisher) = turn.writer()?;
        let (outcome, pending) = writer.load(publisher, bulk, &by)?;
        turn.end(&pending)?;
        Ok(read.finish(outcome))
    }

    /// Makes every commit durable that was made before this is called, those of other threads
    /// included. Nothing to do, and no error, where they are.
    ///
    /// # Errors
    /// `Io`: what was deferred can be read, but may be gone after the catalog is opened again.
    ///
    /// ```
    /// use portolan::{Catalog, Durability, Options, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let options = Options::default().durability(Durability::Deferred);
    /// let catalog = Catalog::in_memory_with(options)?;
    /// for name in ["team", "service"] {
    ///     let mut tx = catalog.write(&Viewer::system("docs"))?;
    ///     tx.declare([Blueprint::from_json(&json!({"identifier": name, "title": name}))?], [])?;
    ///     tx.commit()?;
    /// }
    /// catalog.sync()?; // one write, one sync
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn sync(&self) -> Result<()> {
        self.shared.publisher.sync()
    }

    /// Imports an export, as [`Snapshot::export`] wrote it, into an empty catalog, as one commit:
    /// the model, and every entity with who created and last changed it, and when. An export of
    /// the outcome equals what was imported, but for the number and time of the commit. It goes
    /// the way of [`Catalog::load`], but nothing is left out: anything wrong refuses the whole.
    ///
    /// # Errors
    /// `Invalid` where the catalog has blueprints, scorecards or entities; `Invalid`, `Syntax`,
    /// `NotFound` or `Limit` with the number of the line that is wrong; `Unsupported` for the
    /// export of a newer release; `Limit` where it needs more memory than
    /// [`ImportOptions::memory`] allows; `Io`; as [`Catalog::write`]. Then nothing is imported.
    ///
    /// ```
    /// use portolan::{Catalog, ImportOptions, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let (catalog, viewer) = (Catalog::in_memory()?, Viewer::system("docs"));
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
    /// tx.upsert("team", &json!({"identifier": "payments"}))?;
    /// tx.commit()?;
    /// let mut lines = Vec::new();
    /// let report = catalog.read(&viewer).export(&mut lines)?;
    /// assert_eq!((report.blueprints, report.entities), (1, 1));
    ///
    /// let copy = Catalog::in_memory()?;
    /// let report = copy.import_export(&viewer, lines.as_slice(), ImportOptions::default())?;
    /// assert_eq!(report.entity_count(), 1);
    /// let of = |catalog: &Catalog| catalog.read(&viewer).get("team", "payments");
    /// assert_eq!(of(&copy)?, of(&catalog)?);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn import_export(
        &self,
        viewer: &Viewer,
        source: impl std::io::Read + Send,
        mut options: ImportOptions<'_>,
    ) -> Result<ImportReport> {
        self.bulk(viewer, |staging, writing| {
            crate::ingest::read_export(staging, source, writing, &mut options)
        })
    }

    /// Writes what the log holds into the tables and saves the image that makes the next open
    /// fast; then forgets what of the log is not kept ([`Options::retention`]).
    ///
    /// # Errors
    /// `Io`; the log still holds everything. `Busy` while a transaction is open; `Closed`.
    ///
    /// ```
    /// use portolan::{Catalog, Seq, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let mut tx = catalog.write(&Viewer::system("docs"))?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?], [])?;
    /// tx.commit()?;
    /// // What a checkpoint holds, the log need not hold any more.
    /// assert_eq!(catalog.trim_log(Seq(1))?, 0);
    /// catalog.checkpoint()?;
    /// assert_eq!(catalog.trim_log(Seq(1))?, 1);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn checkpoint(&self) -> Result<()> {
        self.turn()?.checkpoint()
    }

    /// Forgets the log up to and including a commit; never what the tables do not hold yet. Gives
    /// how many commits were forgotten. The catalog itself does not change: since which commit a
    /// rule or level holds is still known, but not when that was and by whom.
    ///
    /// # Errors
    /// `Io`; `Busy` while a transaction is open; `Closed`.
    pub fn trim_log(&self, upto: Seq) -> Result<u64> {
        self.turn()?.writer()?.0.trim(upto)
    }

    /// Gives room in the file that is not used any more back to the file system.
    ///
    /// # Errors
    /// `Io`; `Busy` while a transaction is open, or somebody asks what changed when; `Closed`.
    pub fn compact(&self) -> Result<()> {
        self.turn()?.writer()?.0.compact()
    }

    /// Checkpoints and closes the file. Snapshots stay readable; writing is refused from here
    /// on, through every handle.
    ///
    /// # Errors
    /// `Io`; what was committed is in the log and will be there at the next open. `Busy` while a
    /// transaction is open, and the file stays open for the other handles; `Closed` where another
    /// handle closed it before.
    pub fn close(self) -> Result<()> {
        self.turn()?.close()
    }
}
