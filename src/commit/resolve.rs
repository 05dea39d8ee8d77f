//! References become ids; what leads nowhere is refused, or left out where that was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draft::{Draft, Reference, too_many};
use super::staging::{Key, Refusal, Staged, Staging, label};
use crate::error::{Error, Result};
use crate::model::{Compiled, Relation, Target};
use crate::state::{State, Targets};
use crate::value::{BlueprintId, EntityId, NameId};

/// The staged entities with their ids, old or new.
pub(super) type Ids = BTreeMap<Key, EntityId>;

/// The relations of one entity, ascending by name id.
pub(super) type Relations = Vec<(NameId, Targets)>;

impl Staging {
    /// Gives every staged entity its id: the one it has, or a new one.
    pub(super) fn assign_ids(&self, next: &mut State) -> Result<Ids> {
        let mut ids = Ids::new();
        for (key, staged) in &self.staged {
            let id = match (self.base.state.lookup(key.0, &key.1), staged) {
                (Some(id), _) => id,
                (None, Staged::Put(_)) => next.allocate(key.0)?,
                (None, Staged::Delete) => continue,
            };
            ids.insert(key.clone(), id);
        }
        Ok(ids)
    }

    /// The ids of what the transaction writes or deletes itself.
    pub(super) fn written(ids: &Ids) -> BTreeSet<EntityId> {
        ids.values().copied().collect()
    }

    /// The relations of every staged entity. A lenient staging leaves out references that lead
    /// nowhere, then entities that lack a required relation, until nothing more has to go; what
    /// had to go has no id afterwards.
    ///
    /// Every reference is looked at once, and again where what it leads to had to go.
    pub(super) fn resolve(
        &self,
        ids: &mut Ids,
        refusals: &mut Vec<Refusal>,
    ) -> Result<BTreeMap<EntityId, Relations>> {
        let deleted = self.deleted();
        let mut resolved = Resolved::default();
        let mut due: BTreeSet<Key> = self.staged.keys().cloned().collect();
        let mut referrers = None;
        loop {
            let refused = self.resolve_these(&due, ids, &deleted, &mut resolved)?;
            if refused.is_empty() {
                let left_out = resolved.left_out.into_values();
                refusals.extend(left_out.flatten());
                return Ok(resolved.relations);
            }
            let referrers = referrers.get_or_insert_with(|| self.referrers());
            let gone = refused.iter().map(|(key, _)| &key.1);
            let touched = gone.filter_map(|identifier| referrers.get(identifier));
            due = touched.flatten().cloned().collect();
            for (key, error) in refused {
                ids.remove(&key);
                resolved.left_out.remove(&key);
                let blueprint = self.blueprint_name(key.0);
                refusals.push(Refusal {
                    blueprint,
                    identifier: key.1,
                    error,
                    whole: true,
                });
            }
        }
    }

    /// Who refers to each identifier, of whatever blueprint.
    fn referrers(&self) -> BTreeMap<Arc<str>, Vec<Key>> {
        let mut referrers: BTreeMap<Arc<str>, Vec<Key>> = BTreeMap::new();
        for (key, staged) in &self.staged {
            let Staged::Put(draft) = staged else { continue };
            for reference in draft.relations.values().flatten() {
                if let Reference::Named { identifier, .. } = reference {
                    let of = referrers.entry(Arc::clone(identifier)).or_default();
                    of.push(key.clone());
                }
            }
        }
        referrers
    }

    /// The entities of the version before that a deletion took, written again since or not.
    pub(super) fn deleted(&self) -> BTreeSet<EntityId> {
        let state = &self.base.state;
        self.deletions
            .keys()
            .filter_map(|key| state.lookup(key.0, &key.1))
            .collect()
    }

    /// Resolves some of the staged entities; gives those that cannot stay.
    fn resolve_these(
        &self,
        due: &BTreeSet<Key>,
        ids: &Ids,
        deleted: &BTreeSet<EntityId>,
        outcome: &mut Resolved,
    ) -> Result<Vec<(Key, Error)>> {
        let mut refused = Vec::new();
        for key in due {
            let (Some(Staged::Put(draft)), Some(id)) = (self.staged.get(key), ids.get(key)) else {
                continue;
            };
            let Some(compiled) = self.model.blueprint(key.0) else {
                continue;
            };
            let resolver = Resolver {
                staging: self,
                ids,
                deleted,
                compiled,
            };
            let mut left_out = Vec::new();
            match resolver.relations(draft, &mut left_out) {
                Ok(relations) => _ = outcome.relations.insert(*id, relations),
                Err(error) if self.lenient => refused.push((key.clone(), error)),
                Err(error) => {
                    let name = label(&compiled.blueprint.identifier, &draft.identifier);
                    return Err(error.context(name));
                }
            }
            if !left_out.is_empty() {
                outcome.left_out.insert(key.clone(), left_out);
            }
        }
        Ok(refused)
    }
}

#[derive(Default)]
struct Resolved {
    relations: BTreeMap<EntityId, Relations>,
    /// References left out of entities that stay.
    left_out: BTreeMap<Key, Vec<Refusal>>,
}

/// Resolves the references of one staged entity.
struct Resolver<'a> {
    staging: &'a Staging,
    ids: &'a Ids,
    deleted: &'a BTreeSet<EntityId>,
    compiled: &'a Compiled,
}

impl Resolver<'_> {
    fn relations(&self, draft: &Draft, left_out: &mut Vec<Refusal>) -> Result<Relations> {
        let mut relations = Relations::new();
        for (name, references) in &draft.relations {
            let Some(relation) = self.compiled.blueprint.relation(name) else {
                let message = format!("the blueprint has no relation `{name}` any more");
                return Err(Error::invalid(message).with_path(format!("/relations/{name}")));
            };
            let (mut targets, mut seen) = (Targets::new(), BTreeSet::new());
            for reference in references {
                match self.target(relation, reference) {
                    Ok(Some(target)) if seen.insert(target) => targets.push(target),
                    Ok(_) => {}
                    Err(error) if self.staging.lenient => left_out.push(Refusal {
                        blueprint: Arc::clone(&self.compiled.blueprint.identifier),
                        identifier: Arc::clone(&draft.identifier),
                        error,
                        whole: false,
                    }),
                    Err(error) => return Err(error),
                }
            }
            // Several were fine when they were written, if the relation became single since.
            if targets.len() > 1 && !relation.many {
                return Err(too_many(relation, targets.len()));
            }
            if let Some(name) = self.staging.model.names().id(name)
                && !targets.is_empty()
            {
                relations.push((name, targets));
            }
        }
        relations.sort_unstable_by_key(|(name, _)| *name);
        let missing = self.missing_required(&relations);
        if let Some(relation) = missing {
            // The reference that led nowhere is the reason, and is reported as such.
            let reason = left_out.drain(..).next().map(|refusal| refusal.error);
            return Err(reason.unwrap_or_else(|| {
                let message = format!("relation `{relation}` is required");
                Error::invalid(message).with_path(format!("/relations/{relation}"))
            }));
        }
        Ok(relations)
    }

    fn missing_required(&self, relations: &Relations) -> Option<&str> {
        let names = self.staging.model.names();
        let has = |name: &str| {
            names
                .id(name)
                .is_some_and(|id| relations.iter().any(|(known, _)| *known == id))
        };
        let required = self
            .compiled
            .blueprint
            .relations
            .iter()
            .filter(|known| known.required);
        required
            .map(|relation| &*relation.name)
            .find(|name| !has(name))
    }

    /// The entity that a reference means; `None` where a later deletion took it back.
    fn target(&self, relation: &Relation, reference: &Reference) -> Result<Option<EntityId>> {
        let path = || format!("/relations/{}", relation.name);
        let (blueprint, identifier, written) = match reference {
            Reference::Known(id) if self.deleted.contains(id) => return Ok(None),
            Reference::Known(id) => return self.check_allowed(relation, *id).map(|()| Some(*id)),
            Reference::Named {
                blueprint,
                identifier,
                written,
            } => (blueprint, identifier, *written),
        };
        let (mut found, mut taken_back) = (Vec::new(), false);
        for candidate in self.candidates(relation, blueprint.as_ref())? {
            let key = (candidate, Arc::clone(identifier));
            if self
                .staging
                .deletions
                .get(&key)
                .is_some_and(|deletion| *deletion > written)
            {
                taken_back = true;
            } else if let Some(id) = self.find(&key) {
                found.push((candidate, id));
            }
        }
        match found.as_slice() {
            [(_, id)] => Ok(Some(*id)),
            [] if taken_back => Ok(None),
            [] => Err(nothing_found(relation, identifier).with_path(path())),
            several => {
                let name = |(id, _): &(BlueprintId, EntityId)| self.staging.blueprint_name(*id);
                let names: Vec<_> = several.iter().map(name).collect();
                let message = format!("`{identifier}` may be a {}", names.join(" or a "));
                let help = "say which: `{\"blueprint\": .., \"identifier\": ..}`";
                Err(Error::invalid(message).with_path(path()).with_help(help))
            }
        }
    }

    fn candidates(
        &self,
        relation: &Relation,
        blueprint: Option<&Arc<str>>,
    ) -> Result<Vec<BlueprintId>> {
        let model = &self.staging.model;
        if let Some(blueprint) = blueprint {
            let id = self.staging.compiled(blueprint)?.id;
            if !relation.target.allows(blueprint) {
                return Err(wrong_target(relation, blueprint));
            }
            return Ok(vec![id]);
        }
        Ok(match &relation.target {
            Target::Any => model.blueprints().map(|known| known.id).collect(),
            Target::Blueprints(names) => names
                .iter()
                .filter_map(|name| model.blueprint_id(name))
                .collect(),
        })
    }

    fn find(&self, key: &Key) -> Option<EntityId> {
        match self.staging.staged.get(key) {
            Some(Staged::Delete) => None,
            // Of a write that had to go, what was there before stays.
            Some(Staged::Put(_)) | None => self
                .ids
                .get(key)
                .copied()
                .or_else(|| self.staging.base.state.lookup(key.0, &key.1)),
        }
    }

    fn check_allowed(&self, relation: &Relation, id: EntityId) -> Result<()> {
        let entity = self.staging.base.state.entity(id);
        let blueprint = entity.map(|entity| self.staging.blueprint_name(entity.blueprint));
        match blueprint {
            Some(name) if !relation.target.allows(&name) => Err(wrong_target(relation, &name)),
            _ => Ok(()),
        }
    }
}

fn nothing_found(relation: &Relation, identifier: &str) -> Error {
    let what = match &relation.target {
        Target::Any => "entity".to_owned(),
        Target::Blueprints(names) => names.join(" or "),
    };
    let message = format!(
        "relation `{}` points to {what} `{identifier}`",
        relation.name
    );
    Error::invalid(format!("{message}, which does not exist"))
        .with_help("write the target first, or in the same transaction")
}

fn wrong_target(relation: &Relation, blueprint: &str) -> Error {
    let targets = match &relation.target {
        Target::Any => "anything".to_owned(),
        Target::Blueprints(names) => format!("`{}`", names.join("` or `")),
    };
    let message = format!(
        "relation `{}` points to {targets}, not to `{blueprint}`",
        relation.name
    );
    Error::invalid(message).with_path(format!("/relations/{}", relation.name))
}
