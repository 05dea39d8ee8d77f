//! A snapshot: one version of the catalog, asked.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::statements::{Checked, Statements};
use super::{Bound, Candidate, Card, Parameters, Prepared, QueryOptions, Rows, Stats, clock};
use crate::access::Viewer;
use crate::commit::{History, PastOf, Version};
use crate::derive::Plan;
use crate::error::{Error, Result, did_you_mean};
use crate::model::{Compiled, Model, Target};
use crate::query::Cancel;
use crate::state::{Record, State};
use crate::value::{EntityId, Instant, Seq};

/// One version of a catalog. It never changes, and holding it never blocks a writer; while it is
/// held, the pages that later commits replace stay in memory.
///
/// ```
/// use portolan::{Catalog, Viewer, model::Blueprint};
/// use serde_json::json;
///
/// let catalog = Catalog::in_memory()?;
/// let viewer = Viewer::system("docs");
/// let service = json!({
///     "identifier": "service", "title": "Service",
///     "relations": {"on": {"target": "service", "many": true, "required": false}}
/// });
/// let mut tx = catalog.write(&viewer)?;
/// tx.declare([Blueprint::from_json(&service)?], [])?;
/// tx.upsert("service", &json!({"identifier": "cart", "relations": {"on": ["ledger"]}}))?;
/// tx.upsert("service", &json!({"identifier": "ledger", "relations": {"on": ["cart"]}}))?;
/// tx.commit()?;
///
/// let snapshot = catalog.read(&viewer);
/// assert_eq!(snapshot.count("service")?, 2);
/// assert_eq!(snapshot.get("service", "cart")?["relations"]["on"], json!(["ledger"]));
/// let path = snapshot.shortest_path(("service", "cart"), ("service", "ledger"), "on")?;
/// assert_eq!(path.unwrap().len(), 2);
/// assert_eq!(snapshot.cycles("on")?.len(), 1, "they need each other");
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    version: Version,
    viewer: Viewer,
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    history: Arc<History>,
    statements: Arc<Statements>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("seq", &self.seq())
            .field("viewer", &self.viewer)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(super) fn new(
        version: Version,
        viewer: Viewer,
        clock: Arc<dyn Fn() -> Instant + Send + Sync>,
        history: Arc<History>,
        statements: Arc<Statements>,
    ) -> Self {
        Self {
            version,
            viewer,
            clock,
            history,
            statements,
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.version.plan
    }

    /// What led to this version.
    pub(super) fn past(&self) -> PastOf<'_> {
        PastOf {
            history: &self.history,
            version: &self.version,
        }
    }

    pub(super) fn state(&self) -> &State {
        &self.version.state
    }

    /// The commit that made this version; 0 for a catalog without any.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.state().seq()
    }

    /// When that commit was made, by the catalog's clock; 1970 for a catalog without any.
    #[must_use]
    pub fn time(&self) -> Instant {
        self.state().time()
    }

    /// Who reads.
    #[must_use]
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The blueprints and scorecards.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.state().model()
    }

    /// Answers a query, within the default limits. Its `now()` is what the catalog's clock says,
    /// or the time of this version where the clock stands before that.
    ///
    /// # Errors
    /// `Syntax` with the place of what is wrong in the text; `Unsupported` with the place of what
    /// this release cannot do; `Limit`; `Invalid` for a parameter or a value that does not fit.
    ///
    /// ```
    /// # use portolan::{Catalog, Viewer, params};
    /// let snapshot = Catalog::in_memory()?.read(&Viewer::system("docs"));
    /// let rows = snapshot.query("RETURN $x * 2 AS twice", params! { "x" => 21 })?;
    /// assert_eq!(rows.json().next().unwrap()["twice"], 42);
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn query(&self, text: &str, parameters: impl Into<Parameters>) -> Result<Rows> {
        self.query_with(text, parameters, &QueryOptions::default())
    }

    /// Answers a query within given limits, cancellable from another thread.
    ///
    /// # Errors
    /// As [`Snapshot::query`]; `Closed` when cancelled.
    pub fn query_with(
        &self,
        text: &str,
        parameters: impl Into<Parameters>,
        options: &QueryOptions,
    ) -> Result<Rows> {
        self.bound(text, parameters)?.options(options.clone()).all()
    }

    /// How a query would be answered: the plan with its estimates, a line for each step.
    ///
    /// # Errors
    /// As [`Snapshot::query`].
    pub fn explain(&self, text: &str, parameters: impl Into<Parameters>) -> Result<String> {
        self.bound(text, parameters)?.explain()
    }

    /// Checks a query, to be run on this or any other snapshot of the catalog; see [`Prepared`].
    ///
    /// # Errors
    /// As [`Catalog::prepare`](crate::Catalog::prepare).
    pub fn prepare(&self, text: &str) -> Result<Prepared> {
        Prepared::new(&self.statements, self.state().model(), text)
    }

    fn bound(&self, text: &str, parameters: impl Into<Parameters>) -> Result<Bound<'_>> {
        Bound::new(self, self.check(text)?, parameters.into())
    }

    /// The checked form of a statement for the model of this version.
    pub(super) fn check(&self, text: &str) -> Result<Checked> {
        self.statements.check(self.state().model(), text)
    }

    /// The limits that a run has from now on, and its `now()`: never before what is derived, which
    /// a clock that stands still has not kept up with.
    pub(super) fn start(&self, options: &QueryOptions) -> (Cancel, Instant) {
        let cancel = match options.limits.time {
            Some(limit) => options.cancel.clone().until(clock::deadline(limit)),
            None => options.cancel.clone(),
        };
        (cancel, (self.clock)().max(self.time()))
    }

    /// What can stand at a place of an unfinished query text, a byte of it, best first.
    #[must_use]
    pub fn complete(&self, text: &str, cursor: usize) -> Vec<Candidate> {
        super::complete::candidates(self.model(), text, cursor)
    }

    /// One entity as a document: what was written, `blueprint`, who wrote it and when, and what is
    /// derived: mirrors, calculations and aggregations under `properties`, inherited teams, and
    /// `scorecards`.
    ///
    /// # Errors
    /// `NotFound` for the blueprint or the entity.
    pub fn get(&self, blueprint: &str, identifier: &str) -> Result<Json> {
        let id = self.find(blueprint, identifier)?;
        let entity = self.entity(id)?;
        self.document(entity)
    }

    /// How many entities a blueprint has.
    ///
    /// # Errors
    /// `NotFound` for the blueprint.
    pub fn count(&self, blueprint: &str) -> Result<u64> {
        Ok(self.state().members(self.blueprint(blueprint)?.id).len())
    }

    /// Counts, sizes and indexes.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats::of(self.state())
    }

    pub(super) fn blueprint(&self, identifier: &str) -> Result<&Arc<Compiled>> {
        let model = self.state().model();
        let id = model.blueprint_id(identifier);
        id.and_then(|id| model.blueprint(id)).ok_or_else(|| {
            let known = model.blueprints().map(|known| &*known.blueprint.identifier);
            suggest(
                format!("there is no blueprint `{identifier}`"),
                identifier,
                known,
            )
        })
    }

    pub(super) fn find(&self, blueprint: &str, identifier: &str) -> Result<EntityId> {
        let compiled = self.blueprint(blueprint)?;
        let found = self.state().lookup(compiled.id, identifier);
        found.ok_or_else(|| Error::not_found(format!("there is no {blueprint} `{identifier}`")))
    }

    pub(super) fn entity(&self, id: EntityId) -> Result<Record<'_>> {
        let found = self.state().entity(id);
        found.ok_or_else(|| Error::internal("an identifier leads to an entity that is not there"))
    }

    fn document(&self, entity: Record<'_>) -> Result<Json> {
        let (state, model) = (self.state(), self.state().model());
        let names = model.names();
        let mut properties: Map<String, Json> = entity
            .properties()
            .map(|(name, value)| (names.text(name).to_owned(), value.to_json()))
            .collect();
        let head = entity.head();
        let Some(compiled) = model.blueprint(head.blueprint) else {
            return Ok(Json::Null);
        };
        let blueprint = &compiled.blueprint;
        for derived in compiled.derived() {
            let value = names.id(derived).map(|name| state.value(entity.id, name));
            if let Some(value) = value.filter(|value| !value.is_null()) {
                properties.insert(derived.to_string(), value.to_json());
            }
        }
        let team = Some(state.team(entity)).filter(|team| !team.is_null());
        let team = team.map_or_else(|| json!([]), |team| team.to_json());
        Ok(json!({
            "identifier": head.identifier,
            "title": head.title,
            "icon": head.icon,
            "team": team,
            "blueprint": &*blueprint.identifier,
            "properties": properties,
            "relations": self.relation_document(entity, compiled),
            "scorecards": self.scorecard_document(entity)?,
            "createdAt": head.created_at.to_string(),
            "createdBy": head.created_by,
            "updatedAt": head.updated_at.to_string(),
            "updatedBy": head.updated_by,
        }))
    }

    /// Every declared relation: an identifier or null, or a list; with the blueprint where the
    /// relation may point to several.
    fn relation_document(&self, entity: Record<'_>, compiled: &Compiled) -> Map<String, Json> {
        let (state, model) = (self.state(), self.state().model());
        let mut relations = Map::new();
        for relation in &compiled.blueprint.relations {
            let single = matches!(&relation.target, Target::Blueprints(one) if one.len() == 1);
            let targets = model
                .names()
                .id(&relation.name)
                .map(|name| entity.targets(name));
            let mut targets = targets.into_iter().flatten().map(|target| {
                let identifier = state.identifier(target);
                let of = state
                    .entity(target)
                    .and_then(|target| model.blueprint(target.blueprint()));
                match of {
                    Some(of) if !single => {
                        json!({"blueprint": &*of.blueprint.identifier, "identifier": identifier})
                    }
                    _ => Json::from(identifier),
                }
            });
            let value = if relation.many {
                targets.collect()
            } else {
                targets.next().unwrap_or(Json::Null)
            };
            relations.insert(relation.name.to_string(), value);
        }
        relations
    }

    fn scorecard_document(&self, entity: Record<'_>) -> Result<Map<String, Json>> {
        let model = self.state().model();
        let of = model
            .blueprint(entity.blueprint())
            .map(|known| &known.blueprint.identifier);
        let own = model
            .scorecards()
            .filter(|(_, known)| Some(&known.blueprint) == of);
        own.map(|(id, scorecard)| {
            let card = Card::of(self.state(), None, (id, scorecard), entity)?;
            Ok((scorecard.identifier.to_string(), card.to_json()))
        })
        .collect()
    }
}

/// More names than this are not listed in an error.
const NAMES_LISTED_MAX: usize = 20;

/// A `NotFound` that suggests the nearest of the known names, or lists them where they are few.
pub(super) fn suggest<'a>(
    message: String,
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Error {
    let error = Error::not_found(message);
    let known: Vec<&str> = known.into_iter().collect();
    let few = (1..=NAMES_LISTED_MAX).contains(&known.len());
    let help = did_you_mean(wrong, known.iter().copied())
        .or_else(|| few.then(|| format!("use one of `{}`", known.join("`, `"))));
    match help {
        Some(help) => error.with_help(help),
        None => error,
    }
}
