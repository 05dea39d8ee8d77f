//! From staged writes to the next version: ids, references, integrity, difference, derivation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::Version;
use super::resolve::{Ids, Relations};
use super::staging::{Staged, Staging, label};
use crate::access::Viewer;
use crate::derive::{Plan, Work};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::state::{Change, Delta, Entity, Packed, State};
use crate::value::{EntityId, Instant, NameId, Seq, Value};

/// A commit that is ready to be logged and published.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) version: Version,
    pub(super) delta: Delta,
    /// Entities that are created and not in the delta, ascending.
    pub(super) loaded: Vec<EntityId>,
    pub(super) work: Work,
    /// The model before, where the commit changes it.
    pub(super) model_before: Option<Arc<Model>>,
}

impl Prepared {
    /// A version as it is.
    pub(super) fn nothing(version: Version) -> Self {
        let (delta, loaded, work, model_before) = Default::default();
        Self {
            version,
            delta,
            loaded,
            work,
            model_before,
        }
    }

    /// The commit in which nothing happens but that time passes: what became due up to `now`, which
    /// is not before the version, flips. `None` where nothing is due.
    ///
    /// Costs what the derivation of what is due costs.
    pub(super) fn later(base: &Version, now: Instant) -> Result<Option<Self>> {
        let due = Plan::next_due(&base.state);
        if due.is_none_or(|due| due > now) {
            return Ok(None);
        }
        Self::at(base, now).map(Some)
    }

    /// The commit without changes at an instant.
    pub(super) fn at(base: &Version, now: Instant) -> Result<Self> {
        let (mut next, delta) = (State::clone(&base.state), Delta::default());
        next.set_commit(Seq(base.state.seq().0 + 1), now);
        let work = base.plan.update(&base.state, &mut next, &delta)?;
        let version = Version {
            state: Arc::new(next),
            plan: Arc::clone(&base.plan),
            results: Arc::clone(&base.results),
        };
        Ok(Self {
            version,
            delta,
            loaded: Vec::new(),
            work,
            model_before: None,
        })
    }
}

impl Staging {
    /// Makes the next version, or `None` where nothing differs from the present one.
    ///
    /// Costs O(staged writes · log entities) and what the derivation adds; a changed blueprint
    /// costs one pass over its entities, a changed model one derivation from nothing.
    ///
    /// The time of the version is `now`, or that of the present one where the clock stands before
    /// it: time never goes back.
    pub(super) fn prepare(&self, viewer: &Viewer, now: Instant) -> Result<Option<Prepared>> {
        let base = &self.base.state;
        let now = now.max(base.time());
        let mut next = State::clone(base);
        if self.changes_model() {
            next.set_model(&self.model);
        }
        let ids = self.assign_ids(&mut next)?;
        let resolved = self.resolve(&ids)?;
        let mut delta = self.delta(&ids, resolved, viewer, now);
        self.release_deleted(&ids, &mut delta, viewer, now)?;
        delta.changes.sort_unstable_by_key(|change| change.id);
        if self.changes_model() {
            self.revalidate_staged(&ids)?;
        }
        let written = ids.values().map(|id| id.0).collect();
        self.carry_out(next, (delta, Vec::new()), &written, now)
    }

    /// Whether what was declared differs from the version before.
    pub(super) fn changes_model(&self) -> bool {
        !Arc::ptr_eq(&self.model, self.base.state.model())
    }

    /// Makes the next version of a delta and of entities that are created whole, ascending by id;
    /// `None` where nothing differs. `next` has the model of the next version, and what was
    /// `written` was checked against it.
    pub(super) fn carry_out(
        &self,
        mut next: State,
        (delta, created): (Delta, Vec<(EntityId, Packed)>),
        written: &RoaringBitmap,
        now: Instant,
    ) -> Result<Option<Prepared>> {
        let base = &self.base.state;
        let model_changed = self.changes_model();
        if delta.changes.is_empty() && created.is_empty() && !model_changed {
            return Ok(None);
        }
        let commit = (Seq(base.seq().0 + 1), now);
        let loaded: Vec<EntityId> = created.iter().map(|(id, _)| *id).collect();
        let work = self
            .plan
            .carry(&self.base.plan, &mut next, commit, (&delta, created))?;
        if model_changed {
            self.revalidate(&next, written)?;
        }
        let results = if model_changed {
            let scorecards = self.model.scorecards().map(|(id, known)| (id, &**known));
            Arc::new(self.base.results.after(scorecards, next.seq()))
        } else {
            Arc::clone(&self.base.results)
        };
        let version = Version {
            state: Arc::new(next),
            plan: Arc::clone(&self.plan),
            results,
        };
        let model_before = model_changed.then(|| Arc::clone(base.model()));
        Ok(Some(Prepared {
            version,
            delta,
            loaded,
            work,
            model_before,
        }))
    }

    /// What the staged writes change; equal writes change nothing.
    fn delta(
        &self,
        ids: &Ids,
        mut resolved: BTreeMap<EntityId, Relations>,
        viewer: &Viewer,
        now: Instant,
    ) -> Delta {
        let (mut changes, name) = (Vec::new(), viewer.name());
        let seq = Seq(self.base.state.seq().0 + 1);
        for (key, staged) in &self.staged {
            let Some(id) = ids.get(key).copied() else {
                continue;
            };
            let before = self.base.state.entity(id);
            let before = before.map(|entity| Arc::new(entity.unpack()));
            // What was deleted and written again is a new entity, even if it looks the same.
            let anew = self.deletions.contains_key(key);
            let created = before.as_deref().filter(|_| !anew);
            let after = match staged {
                Staged::Delete => None,
                Staged::Put(draft) => Some(Entity {
                    id,
                    blueprint: key.0,
                    identifier: Arc::clone(&draft.identifier),
                    title: draft.title.clone(),
                    icon: draft.icon.clone(),
                    team: draft.team.as_slice().into(),
                    properties: self.properties(&draft.properties),
                    relations: resolved.remove(&id).unwrap_or_default(),
                    created_at: created.map_or(now, |created| created.created_at),
                    created_by: Arc::clone(created.map_or(name, |created| &created.created_by)),
                    updated_at: now,
                    updated_by: Arc::clone(name),
                    created_in: created.map_or(seq, |created| created.created_in),
                }),
            };
            if anew || !same_content(before.as_deref(), after.as_ref()) {
                changes.push(Change {
                    id,
                    before,
                    after: after.map(Arc::new),
                });
            }
        }
        Delta { changes }
    }

    fn properties(
        &self,
        properties: &serde_json::Map<String, serde_json::Value>,
    ) -> Vec<(NameId, Value)> {
        let names = self.model.names();
        let value = |(name, value): (&String, &serde_json::Value)| {
            Some((names.id(name)?, Value::from_json(value)))
        };
        let mut values: Vec<_> = properties.iter().filter_map(value).collect();
        values.sort_unstable_by_key(|(name, _)| *name);
        values
    }

    /// Takes deleted entities out of the relations of those that stay: an optional relation is
    /// cleared, a required one forbids the deletion.
    fn release_deleted(
        &self,
        ids: &Ids,
        delta: &mut Delta,
        viewer: &Viewer,
        now: Instant,
    ) -> Result<()> {
        let deleted = self.deleted();
        if deleted.is_empty() {
            return Ok(());
        }
        // What the transaction itself writes was resolved without the deleted ones.
        let written = Self::written(ids);
        let graph = self.base.state.graph();
        let mut released: BTreeMap<EntityId, BTreeSet<NameId>> = BTreeMap::new();
        for relation in graph.relations() {
            for id in &deleted {
                for source in graph.incoming(relation, *id).iter() {
                    if !written.contains(&source) {
                        released.entry(source).or_default().insert(relation);
                    }
                }
            }
        }
        for (source, relations) in released {
            let Some(before) = self.base.state.entity(source) else {
                continue;
            };
            let before = Arc::new(before.unpack());
            let mut kept = before.relations.clone();
            for relation in relations {
                self.release(&before, relation, &mut kept, &deleted)?;
            }
            let mut after = Entity::clone(&before);
            after.relations = kept;
            after.updated_at = now;
            after.updated_by = Arc::clone(viewer.name());
            delta.changes.push(Change {
                id: source,
                before: Some(before),
                after: Some(Arc::new(after)),
            });
        }
        Ok(())
    }

    fn release(
        &self,
        entity: &Entity,
        relation: NameId,
        kept: &mut Relations,
        deleted: &BTreeSet<EntityId>,
    ) -> Result<()> {
        let name = self.model.names().text(relation);
        let compiled = self.model.blueprint(entity.blueprint);
        let declared = compiled.and_then(|compiled| compiled.blueprint.relation(name));
        let target = entity
            .targets(relation)
            .iter()
            .find(|target| deleted.contains(target));
        if let (true, Some(target)) = (declared.is_some_and(|known| known.required), target) {
            let blueprint = self.blueprint_name(entity.blueprint);
            let who = label(&blueprint, &entity.identifier);
            let gone = self.label_of(*target);
            let message = format!("{gone} cannot be deleted: {who} requires it as `{name}`");
            let help = format!("delete {who} in the same transaction, or point it elsewhere");
            return Err(Error::invalid(message).with_help(help));
        }
        for (_, targets) in kept.iter_mut().filter(|(known, _)| *known == relation) {
            targets.retain(|target| !deleted.contains(target));
        }
        kept.retain(|(_, targets)| !targets.is_empty());
        Ok(())
    }
}

/// Whether two forms of an entity differ in nothing but who wrote them and when.
pub(super) fn same_content(before: Option<&Entity>, after: Option<&Entity>) -> bool {
    match (before, after) {
        (Some(a), Some(b)) => {
            a.title == b.title
                && a.icon == b.icon
                && a.team == b.team
                && a.properties == b.properties
                && a.relations == b.relations
                && a.identifier == b.identifier
        }
        (None, None) => true,
        _ => false,
    }
}
