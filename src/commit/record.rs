//! The log record of a commit, and the model changes in it, written and read back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::prepare::Prepared;
use crate::access::Viewer;
use crate::error::Result;
use crate::model::{Blueprint, Model, Scorecard};
use crate::store::{Base, DefinitionChange, LevelChange, LogRecord, ModelChange};
use crate::value::{BlueprintId, NameId, Names, ScorecardId};

/// The record that makes a prepared commit durable.
pub(super) fn record(prepared: &Prepared, viewer: &Viewer) -> LogRecord {
    let state = &prepared.version.state;
    let model_before = prepared.model_before.as_deref();
    let levels = prepared.work.level_changes.iter();
    LogRecord {
        seq: state.seq(),
        time: state.time(),
        actor: Arc::clone(viewer.name()),
        cause: None,
        model: model_before.map(|before| model_change(before, state.model())),
        changes: prepared.delta.changes.clone(),
        levels: levels
            .map(|change| LevelChange {
                scorecard: change.scorecard,
                entity: change.entity,
                from: change.from,
                to: change.to,
            })
            .collect(),
    }
}

/// What differs between two models, as JSON texts.
pub(super) fn model_change(before: &Model, after: &Model) -> ModelChange {
    let changed = after.changes_since(before);
    let names = (0..)
        .map(NameId)
        .zip(after.names().iter())
        .skip(before.names().iter().len());
    let blueprints = changed.blueprints.into_iter().map(|id| {
        let now = after.blueprint(id).map(|known| &known.blueprint);
        let was = before.blueprint(id).map(|known| &known.blueprint);
        let identifier = now.or(was).map(|known| Arc::clone(&known.identifier));
        let json = now.map(|known| known.to_json().to_string().into());
        DefinitionChange {
            id,
            identifier: identifier.unwrap_or_default(),
            json,
        }
    });
    let scorecards = changed.scorecards.into_iter().map(|id| {
        let (now, was) = (after.scorecard(id), before.scorecard(id));
        let identifier = now.or(was).map(|known| Arc::clone(&known.identifier));
        let json = now.map(|known| known.to_json().to_string().into());
        DefinitionChange {
            id,
            identifier: identifier.unwrap_or_default(),
            json,
        }
    });
    ModelChange {
        names: names.map(|(id, name)| (id, Arc::clone(name))).collect(),
        blueprints: blueprints.collect(),
        scorecards: scorecards.collect(),
    }
}

/// The parts of a model while it is put together from a file.
#[derive(Debug, Default)]
pub(super) struct ModelParts {
    names: Names,
    blueprints: BTreeMap<BlueprintId, Blueprint>,
    scorecards: BTreeMap<ScorecardId, Scorecard>,
    /// How many ids of blueprints and of scorecards were given, those of removed ones included.
    given: (usize, usize),
}

impl ModelParts {
    /// The parts as of the checkpoint.
    pub(super) fn of(base: &Base) -> Result<Self> {
        let mut parts = Self::default();
        for (_, name) in &base.names {
            parts.names.intern(name);
        }
        if let [blueprints, scorecards, ..] = base.counters.as_slice() {
            let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
            parts.given = (count(*blueprints), count(*scorecards));
        }
        for (id, json) in &base.blueprints {
            parts.blueprints.insert(*id, Blueprint::from_json(json)?);
        }
        for (id, json) in &base.scorecards {
            parts.scorecards.insert(*id, Scorecard::from_json(json)?);
        }
        Ok(parts)
    }

    /// Takes over what a later commit changed.
    pub(super) fn apply(&mut self, change: &ModelChange) -> Result<()> {
        for (_, name) in &change.names {
            self.names.intern(name);
        }
        for DefinitionChange { id, json, .. } in &change.blueprints {
            self.given.0 = self.given.0.max(id.index() + 1);
            match json {
                Some(json) => {
                    let blueprint = Blueprint::from_json(&serde_json::from_str(json)?)?;
                    self.blueprints.insert(*id, blueprint);
                }
                None => _ = self.blueprints.remove(id),
            }
        }
        for DefinitionChange { id, json, .. } in &change.scorecards {
            self.given.1 = self.given.1.max(id.index() + 1);
            match json {
                Some(json) => {
                    let scorecard = Scorecard::from_json(&serde_json::from_str(json)?)?;
                    self.scorecards.insert(*id, scorecard);
                }
                None => _ = self.scorecards.remove(id),
            }
        }
        Ok(())
    }

    pub(super) fn model(self) -> Result<Model> {
        let Self {
            names,
            blueprints,
            scorecards,
            given,
        } = self;
        let (blueprints, scorecards) = (
            blueprints.into_iter().collect(),
            scorecards.into_iter().collect(),
        );
        let mut model = Model::from_parts(names, blueprints, scorecards)?;
        model.keep_ids(given)?;
        Ok(model)
    }
}
