//! What a transaction has written so far, on top of the version it started from.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::draft::{self, Draft};
use super::prepare::Prepared;
use super::{Commit, Version};
use crate::access::Viewer;
use crate::derive::Plan;
use crate::error::{Error, Result};
use crate::model::{Blueprint, Compiled, Model, Scorecard};
use crate::value::{BlueprintId, EntityId, Instant};

/// An entity by blueprint and identifier.
pub(super) type Key = (BlueprintId, Arc<str>);

/// A staged write of one entity.
#[derive(Clone, Debug)]
pub(super) enum Staged {
    /// The entity as it will be.
    Put(Draft),
    /// The entity goes.
    Delete,
}

/// The writes of one transaction.
///
/// Writes see those before them. Nothing of it touches the version it started from; dropping it
/// rolls it back.
#[derive(Debug)]
pub(crate) struct Staging {
    pub(super) base: Version,
    /// The model as it will be; the base's own where nothing was declared.
    pub(super) model: Arc<Model>,
    pub(super) plan: Arc<Plan>,
    pub(super) staged: BTreeMap<Key, Staged>,
    /// How many writes there were: they are numbered from 1.
    writes: u32,
    /// The last deletion of each name, by its number: it takes back what referred to the entity
    /// before it, also where the name was written again since.
    pub(super) deletions: BTreeMap<Key, u32>,
}

impl Staging {
    /// Nothing staged yet, on top of a version.
    pub(crate) fn new(base: Version) -> Self {
        let (model, plan) = (Arc::clone(base.state.model()), Arc::clone(&base.plan));
        Self {
            base,
            model,
            plan,
            staged: BTreeMap::new(),
            writes: 0,
            deletions: BTreeMap::new(),
        }
    }

    /// Adds or replaces blueprints and scorecards.
    ///
    /// # Errors
    /// `Invalid` or `Syntax` where the model would not hold together; nothing is staged then.
    pub(crate) fn declare(
        &mut self,
        blueprints: Vec<Blueprint>,
        scorecards: Vec<Scorecard>,
    ) -> Result<()> {
        let model = self.model.with(blueprints, scorecards)?;
        self.take_model(model)
    }

    /// Removes a blueprint that no entity has and nothing refers to.
    pub(crate) fn remove_blueprint(&mut self, identifier: &str) -> Result<()> {
        let id = self.compiled(identifier)?.id;
        let kept = self.base.state.members(id);
        let staged_deletes = self
            .staged
            .iter()
            .filter(|((of, _), s)| *of == id && matches!(s, Staged::Delete));
        let staged_puts = self
            .staged
            .iter()
            .any(|((of, _), s)| *of == id && matches!(s, Staged::Put(_)));
        if staged_puts || kept.len() > staged_deletes.count() as u64 {
            let message = format!("blueprint `{identifier}` still has entities");
            return Err(Error::invalid(message).with_help("delete its entities first"));
        }
        let model = self.model.without_blueprint(identifier)?;
        self.take_model(model)
    }

    /// Removes a scorecard.
    pub(crate) fn remove_scorecard(&mut self, identifier: &str) -> Result<()> {
        let model = self.model.without_scorecard(identifier)?;
        self.take_model(model)
    }

    /// A declaration of what is there already changes nothing.
    fn take_model(&mut self, model: Model) -> Result<()> {
        if model.changes_since(&self.model).is_empty() {
            return Ok(());
        }
        let model = Arc::new(model);
        self.plan = Arc::new(Plan::compile(&model)?);
        self.model = model;
        Ok(())
    }

    /// Creates an entity or replaces it: only what the document names survives.
    pub(crate) fn upsert(&mut self, blueprint: &str, document: &Json) -> Result<()> {
        self.put(blueprint, document, false)
    }

    /// Creates an entity or changes it: what the document does not name stays.
    pub(crate) fn merge(&mut self, blueprint: &str, document: &Json) -> Result<()> {
        self.put(blueprint, document, true)
    }

    fn put(&mut self, blueprint: &str, document: &Json, merge: bool) -> Result<()> {
        let compiled = Arc::clone(self.compiled(blueprint)?);
        let document = draft::object(document, "")?;
        let identifier = draft::identifier(document)?;
        let named = |error: Error| error.context(label(blueprint, &identifier));
        let kept = if merge {
            self.current(compiled.id, &identifier)
        } else {
            None
        };
        let whole = kept.is_none();
        let mut next = kept.unwrap_or_else(|| Draft {
            identifier: Arc::clone(&identifier),
            ..Draft::default()
        });
        let written = self.writes + 1;
        next.write(document, &compiled.blueprint, written)
            .map_err(named)?;
        // A replaced entity is written whole, as a new one is: the same document gives the same.
        if whole {
            next.fill_defaults(document, &compiled.blueprint);
        }
        compiled.schema.validate(&next.properties).map_err(named)?;
        let key = (compiled.id, Arc::clone(&identifier));
        next.checked = Some(compiled);
        self.staged.insert(key, Staged::Put(next));
        self.writes = written;
        Ok(())
    }

    /// Deletes an entity.
    ///
    /// # Errors
    /// `NotFound` where there is none. Whether others still need it is checked at the commit.
    pub(crate) fn delete(&mut self, blueprint: &str, identifier: &str) -> Result<()> {
        let id = self.compiled(blueprint)?.id;
        let key = (id, Arc::from(identifier));
        let stored = self.base.state.lookup(id, identifier).is_some();
        match self.staged.get(&key) {
            Some(Staged::Put(_)) if !stored => _ = self.staged.remove(&key),
            Some(Staged::Put(_)) => _ = self.staged.insert(key.clone(), Staged::Delete),
            None if stored => _ = self.staged.insert(key.clone(), Staged::Delete),
            _ => {
                let message = format!("there is no {}", label(blueprint, identifier));
                return Err(Error::not_found(message));
            }
        }
        self.writes += 1;
        self.deletions.insert(key, self.writes);
        Ok(())
    }

    /// What committing would do. The version that it would make is dropped with the report.
    pub(crate) fn what_if(&self, viewer: &Viewer, now: Instant) -> Result<Commit> {
        let base = self.base.clone();
        let prepared = self.prepare(viewer, now)?;
        let prepared = prepared.unwrap_or_else(|| Prepared::nothing(base.clone()));
        Ok(Commit::of_fork(prepared, base))
    }

    /// The entity as the transaction sees it.
    fn current(&self, blueprint: BlueprintId, identifier: &Arc<str>) -> Option<Draft> {
        match self.staged.get(&(blueprint, Arc::clone(identifier))) {
            Some(Staged::Put(draft)) => Some(draft.clone()),
            Some(Staged::Delete) => None,
            None => {
                let state = &self.base.state;
                let entity = state.entity(state.lookup(blueprint, identifier)?)?;
                Some(Draft::of(entity, &self.model))
            }
        }
    }

    /// A blueprint of the model as it will be.
    pub(super) fn compiled(&self, identifier: &str) -> Result<&Arc<Compiled>> {
        self.model.find_blueprint(identifier)
    }

    /// The blueprint identifier of an id, that of one which the transaction removes included.
    pub(super) fn blueprint_name(&self, id: BlueprintId) -> Arc<str> {
        let before = self.base.state.model();
        let compiled = self.model.blueprint(id).or_else(|| before.blueprint(id));
        compiled.map_or_else(Arc::default, |known| {
            Arc::clone(&known.blueprint.identifier)
        })
    }

    /// How a stored entity is called in messages.
    pub(super) fn label_of(&self, id: EntityId) -> String {
        self.base
            .state
            .entity(id)
            .map_or_else(String::new, |entity| {
                label(
                    &self.blueprint_name(entity.blueprint()),
                    entity.identifier(),
                )
            })
    }
}

/// How an entity is called in messages.
pub(super) fn label(blueprint: &str, identifier: &str) -> String {
    format!("{blueprint} `{identifier}`")
}
