//! The log record of a commit, and the model changes in it, written and read back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::Version;
use super::prepare::Prepared;
use crate::access::Viewer;
use crate::error::Result;
use crate::model::{Blueprint, Model, Scorecard};
use crate::store::{Base, DefinitionChange, LevelChange, LogRecord, ModelChange, RuleChange};
use crate::value::{BlueprintId, NameId, Names, ScorecardId};

/// The record that makes a prepared commit durable.
pub(super) fn record(prepared: &Prepared, viewer: &Viewer) -> LogRecord {
    let state = &prepared.version.state;
    let model_before = prepared.model_before.as_deref();
    // Of entities that are loaded whole, the record holds nothing.
    let loaded = |entity| prepared.loaded.binary_search(&entity).is_ok();
    let levels = prepared.work.level_changes.iter();
    let levels = levels.filter(|change| !loaded(change.entity));
    LogRecord {
        seq: state.seq(),
        time: state.time(),
        actor: Arc::clone(viewer.name()),
        cause: cause(prepared),
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
        rules: rules(prepared),
    }
}

/// What a record says of entities that it does not hold.
fn cause(prepared: &Prepared) -> Option<Arc<str>> {
    let count = prepared.loaded.len();
    (count > 0).then(|| format!("a load created {count} entities").into())
}

/// The rules whose result changed while both the entity and the rule were there: what comes and
/// goes with either is told by its coming and going.
fn rules(prepared: &Prepared) -> Vec<RuleChange> {
    let Version { state, results, .. } = &prepared.version;
    let seq = state.seq();
    let changes = prepared.work.rule_changes.iter().filter(|change| {
        let entity = state.entity(change.entity);
        let rule = results.get(change.scorecard, Some(change.rule));
        entity.is_some_and(|entity| entity.head().created_in < seq)
            && rule.is_some_and(|rule| rule.declared < seq)
    });
    let changes = changes.map(|change| RuleChange {
        scorecard: change.scorecard,
        entity: change.entity,
        rule: change.rule,
        from: change.from,
        to: change.to,
    });
    changes.collect()
}

/// What differs between two models, as JSON texts.
pub(super) fn model_change(before: &Model, after: &Model) -> ModelChange {
    let changed = after.changes_since(before);
    let names = (0..)
        .map(NameId)
        .zip(after.names().iter())
        .skip(before.names().iter().len());
    let blueprints = changed.blueprints.into_iter().map(|id| {
        let of = |model: &Model| model.blueprint(id).map(|known| known.blueprint.to_json());
        definition(id, of(before).as_ref(), of(after).as_ref())
    });
    let scorecards = changed.scorecards.into_iter().map(|id| {
        let of = |model: &Model| model.scorecard(id).map(|known| known.to_json());
        definition(id, of(before).as_ref(), of(after).as_ref())
    });
    ModelChange {
        names: names.map(|(id, name)| (id, Arc::clone(name))).collect(),
        blueprints: blueprints.collect(),
        scorecards: scorecards.collect(),
    }
}

fn definition<Id>(id: Id, before: Option<&Json>, after: Option<&Json>) -> DefinitionChange<Id> {
    let either = after.or(before);
    let identifier = either
        .and_then(|json| json["identifier"].as_str())
        .unwrap_or_default();
    DefinitionChange {
        id,
        identifier: identifier.into(),
        json: after.map(|json| json.to_string().into()),
    }
}

/// The parts of a model while it is put together from a file.
#[derive(Clone, Debug, Default)]
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
        self.given.0 = self
            .given
            .0
            .max(beyond(&change.blueprints, BlueprintId::index));
        self.given.1 = self
            .given
            .1
            .max(beyond(&change.scorecards, ScorecardId::index));
        replace(
            &mut self.blueprints,
            &change.blueprints,
            Blueprint::from_json,
        )?;
        replace(
            &mut self.scorecards,
            &change.scorecards,
            Scorecard::from_json,
        )?;
        Ok(())
    }

    /// The scorecards as they are so far.
    pub(super) fn scorecards(&self) -> impl Iterator<Item = (ScorecardId, &Scorecard)> {
        self.scorecards.iter().map(|(id, known)| (*id, known))
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

/// How many ids were given, as far as these changes tell.
fn beyond<Id: Copy>(changes: &[DefinitionChange<Id>], index: fn(Id) -> usize) -> usize {
    changes
        .iter()
        .map(|change| index(change.id) + 1)
        .max()
        .unwrap_or(0)
}

/// Puts definitions in the place of earlier ones, or takes them away.
fn replace<Id: Copy + Ord, T>(
    known: &mut BTreeMap<Id, T>,
    changes: &[DefinitionChange<Id>],
    read: fn(&Json) -> Result<T>,
) -> Result<()> {
    for DefinitionChange { id, json, .. } in changes {
        match json {
            Some(json) => _ = known.insert(*id, read(&serde_json::from_str(json)?)?),
            None => _ = known.remove(id),
        }
    }
    Ok(())
}
