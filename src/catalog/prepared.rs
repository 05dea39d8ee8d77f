//! Prepared statements: a text checked once, run with many parameters on many snapshots.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::statements::{Checked, Statements};
use super::{Parameters, QueryOptions, Row, Rows, Snapshot};
use crate::error::Result;
use crate::model::Model;
use crate::query::{self, Answer, Prefix, Query};
use crate::value::Value;

/// A query that was checked, made by [`Catalog::prepare`](crate::Catalog::prepare); share it
/// freely between threads. On a snapshot with another version of the model it checks itself anew,
/// once for each.
///
/// A text given to [`Snapshot::query`] is looked up among those that were asked lately, so that a
/// prepared statement saves little but that look-up.
///
/// ```
/// use portolan::{Catalog, Viewer, model::Blueprint, params};
/// use serde_json::json;
///
/// #[derive(serde::Deserialize)]
/// struct Service {
///     id: String,
///     tier: Option<u8>,
/// }
///
/// let (catalog, viewer) = (Catalog::in_memory()?, Viewer::system("docs"));
/// let mut tx = catalog.write(&viewer)?;
/// let service = json!({"identifier": "service", "title": "Service",
///     "schema": {"properties": {"tier": {"type": "number"}}, "required": []}});
/// tx.declare([Blueprint::from_json(&service)?], [])?;
/// tx.upsert("service", &json!({"identifier": "cart", "properties": {"tier": 2}}))?;
/// tx.commit()?;
///
/// let by_name = catalog.prepare(
///     "MATCH (s:service {$identifier: $id}) RETURN s.$identifier AS id, s.tier AS tier",
/// )?;
/// let snapshot = catalog.read(&viewer);
/// let found: Vec<Service> = by_name.bind(&snapshot, params! { "id" => "cart" })?.rows()?;
/// assert_eq!((found[0].id.as_str(), found[0].tier), ("cart", Some(2)));
/// assert_eq!(by_name.bind(&snapshot, params! { "id" => "till" })?.count()?, 0);
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone)]
pub struct Prepared(Checked);

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.text()).finish()
    }
}

impl Prepared {
    pub(super) fn new(statements: &Statements, model: &Arc<Model>, text: &str) -> Result<Self> {
        statements.check(model, text).map(Self)
    }

    /// The text that was prepared.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// The names of the parameters, without their `$`, in the order in which the text first has
    /// them.
    #[must_use]
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = &str> {
        let query = self.0.query();
        query.parameters.iter().map(|name| &**name)
    }

    /// Gives the parameters their values, to run the query on a snapshot.
    ///
    /// # Errors
    /// `Invalid` for a parameter without a value or a value without its parameter; `Syntax` or
    /// `Unsupported` where the model changed such that the text does not fit it any more.
    pub fn bind<'s>(
        &self,
        snapshot: &'s Snapshot,
        parameters: impl Into<Parameters>,
    ) -> Result<Bound<'s>> {
        let checked = if self.0.is_for(snapshot.state().model()) {
            self.0.clone()
        } else {
            snapshot.check(self.text())?
        };
        Bound::new(snapshot, checked, parameters.into())
    }
}

/// A prepared query with the values of its parameters and the snapshot that it asks; see
/// [`Prepared::bind`]. It can be run more than once, and every run answers alike but for its
/// `now()`.
#[derive(Clone)]
pub struct Bound<'s> {
    snapshot: &'s Snapshot,
    statement: Checked,
    parameters: Vec<Value>,
    options: QueryOptions,
}

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound")
            .field("text", self.statement.text())
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

impl<'s> Bound<'s> {
    pub(super) fn new(
        snapshot: &'s Snapshot,
        statement: Checked,
        parameters: Parameters,
    ) -> Result<Self> {
        Ok(Self {
            parameters: query::bind(statement.query(), parameters.0)?,
            snapshot,
            statement,
            options: QueryOptions::default(),
        })
    }

    /// Runs within other limits than the default ones, cancellable from another thread.
    #[must_use]
    pub fn options(mut self, options: QueryOptions) -> Self {
        self.options = options;
        self
    }

    /// The whole answer.
    ///
    /// # Errors
    /// `Limit`; `Closed` when cancelled; `Invalid` for a value that does not fit where it is used.
    pub fn all(&self) -> Result<Rows> {
        self.run(self.statement.query()).map(Rows::new)
    }

    fn run(&self, query: &Query) -> Result<Answer> {
        let (cancel, now) = self.snapshot.start(&self.options);
        let (state, limits) = (self.snapshot.state(), &self.options.limits);
        let answer = query::run(state, query, &self.parameters, now, limits, &cancel);
        answer.map_err(|error| error.with_text(self.statement.text()))
    }

    /// The whole answer, each row as a value of a type of the caller's; see [`Row::to`].
    ///
    /// # Errors
    /// As [`Bound::all`]; `Invalid` at the first row that does not fit the type.
    pub fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        self.all()?.to()
    }

    /// Gives the rows one by one, in the order of the answer, until there is no more or `visit`
    /// breaks off; gives what it broke off with. What it does not see of the answer is not made.
    ///
    /// # Errors
    /// As [`Bound::all`], also after some rows were seen.
    ///
    /// ```
    /// # use portolan::{Catalog, Viewer};
    /// use std::ops::ControlFlow;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let snapshot = catalog.read(&Viewer::system("docs"));
    /// let statement = catalog.prepare("RETURN 6 * 7 AS answer")?;
    /// let first = statement.bind(&snapshot, ())?.for_each(|row| match row.to::<i64>() {
    ///     Ok(answer) if answer < 100 => ControlFlow::Continue(()),
    ///     large => ControlFlow::Break(large),
    /// })?;
    /// assert!(first.is_none());
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn for_each<B>(
        &self,
        mut visit: impl FnMut(Row<'_>) -> ControlFlow<B>,
    ) -> Result<Option<B>> {
        let query = self.statement.query();
        let columns = query::columns(query);
        let mut with = None;
        let visit = &mut |values: Vec<Value>| {
            if let ControlFlow::Break(value) = visit(Row::new(&columns, &values)) {
                with = Some(value);
            }
            Ok(with.is_none())
        };
        let (cancel, now) = self.snapshot.start(&self.options);
        let (state, within) = (self.snapshot.state(), (&self.options.limits, &cancel));
        let done = query::each(state, query, &self.parameters, now, within, visit);
        done.map_err(|error| error.with_text(self.statement.text()))?;
        Ok(with)
    }

    /// How many rows the answer has. They are not made where their number follows from less, and
    /// need not keep to [`Limits::rows`](crate::Limits::rows).
    ///
    /// # Errors
    /// As [`Bound::all`], but for what only making the rows would find.
    pub fn count(&self) -> Result<u64> {
        let (cancel, now) = self.snapshot.start(&self.options);
        let (state, within) = (self.snapshot.state(), (&self.options.limits, &cancel));
        let query = self.statement.query();
        let count = query::count(state, query, &self.parameters, now, within);
        count.map_err(|error| error.with_text(self.statement.text()))
    }

    /// How the query would be answered: the plan with its estimates, a line for each step.
    ///
    /// # Errors
    /// As [`Bound::all`].
    pub fn explain(&self) -> Result<String> {
        let mut query = Query::clone(self.statement.query());
        query.prefix = Some(Prefix::Explain);
        let lines: Vec<String> = Rows::new(self.run(&query)?).to()?;
        Ok(lines.join("\n"))
    }
}
