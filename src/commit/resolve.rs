//! References become ids; what leads nowhere is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draft::{Draft, Reference, too_many};
use super::staging::{Key, Staged, Staging, label};
use crate::error::{Error, Result};
use crate::model::{Compiled, Model, Relation, Target};
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

    /// The relations of every staged entity.
    ///
    /// # Errors
    /// `Invalid` where a reference leads nowhere or a required relation is missing.
    pub(super) fn resolve(&self, ids: &Ids) -> Result<BTreeMap<EntityId, Relations>> {
        let deleted = self.deleted();
        let mut resolved = BTreeMap::new();
        for (key, staged) in &self.staged {
            let (Staged::Put(draft), Some(id)) = (staged, ids.get(key)) else {
                continue;
            };
            let Some(compiled) = self.model.blueprint(key.0) else {
                continue;
            };
            let references = Resolver {
                staging: self,
                ids,
                deleted: &deleted,
                compiled,
            };
            let relations = references.relations(draft).map_err(|error| {
                error.context(label(&compiled.blueprint.identifier, &draft.identifier))
            })?;
            resolved.insert(*id, relations);
        }
        Ok(resolved)
    }

    /// The entities of the version before that a deletion took, written again since or not.
    pub(super) fn deleted(&self) -> BTreeSet<EntityId> {
        let state = &self.base.state;
        self.deletions
            .keys()
            .filter_map(|key| state.lookup(key.0, &key.1))
            .collect()
    }
}

/// Resolves the references of one staged entity.
struct Resolver<'a> {
    staging: &'a Staging,
    ids: &'a Ids,
    deleted: &'a BTreeSet<EntityId>,
    compiled: &'a Compiled,
}

impl Resolver<'_> {
    fn relations(&self, draft: &Draft) -> Result<Relations> {
        let mut relations = Relations::new();
        for (name, references) in &draft.relations {
            let Some(relation) = self.compiled.blueprint.relation(name) else {
                let message = format!("the blueprint has no relation `{name}` any more");
                return Err(Error::invalid(message).with_path(format!("/relations/{name}")));
            };
            let (mut targets, mut seen) = (Targets::new(), BTreeSet::new());
            for reference in references {
                if let Some(target) = self.target(relation, reference)?
                    && seen.insert(target)
                {
                    targets.push(target);
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
        let missing = missing_required(self.compiled, &self.staging.model, &relations);
        if let Some(relation) = missing {
            let message = format!("relation `{relation}` is required");
            let path = format!("/relations/{relation}");
            return Err(Error::invalid(message).with_path(path));
        }
        Ok(relations)
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
                Err(several_found(identifier, &names).with_path(path()))
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
        Ok(candidates(relation, model).collect())
    }

    fn find(&self, key: &Key) -> Option<EntityId> {
        match self.staging.staged.get(key) {
            Some(Staged::Delete) => None,
            Some(Staged::Put(_)) => self.ids.get(key).copied(),
            None => self.staging.base.state.lookup(key.0, &key.1),
        }
    }

    fn check_allowed(&self, relation: &Relation, id: EntityId) -> Result<()> {
        let entity = self.staging.base.state.entity(id);
        let blueprint = entity.map(|entity| self.staging.blueprint_name(entity.blueprint()));
        match blueprint {
            Some(name) if !relation.target.allows(&name) => Err(wrong_target(relation, &name)),
            _ => Ok(()),
        }
    }
}

/// The blueprints that a reference without one may mean.
pub(super) fn candidates<'a>(
    relation: &'a Relation,
    model: &'a Model,
) -> impl Iterator<Item = BlueprintId> + use<'a> {
    let (any, named) = match &relation.target {
        Target::Any => (Some(model.blueprints().map(|known| known.id)), None),
        Target::Blueprints(names) => (None, Some(names)),
    };
    let named = named.into_iter().flatten();
    let named = named.filter_map(|name| model.blueprint_id(name));
    any.into_iter().flatten().chain(named)
}

/// The first required relation that an entity lacks.
pub(super) fn missing_required<'a>(
    compiled: &'a Compiled,
    model: &Model,
    relations: &Relations,
) -> Option<&'a str> {
    let has = |name: &str| {
        let id = model.names().id(name);
        id.is_some_and(|id| relations.iter().any(|(known, _)| *known == id))
    };
    let required = compiled.blueprint.relations.iter();
    let required = required.filter(|known| known.required);
    required
        .map(|relation| &*relation.name)
        .find(|name| !has(name))
}

/// The error of a name that several blueprints have.
pub(super) fn several_found(identifier: &str, blueprints: &[Arc<str>]) -> Error {
    let message = format!("`{identifier}` may be a {}", blueprints.join(" or a "));
    let help = "say which: `{\"blueprint\": .., \"identifier\": ..}`";
    Error::invalid(message).with_help(help)
}

pub(super) fn nothing_found(relation: &Relation, identifier: &str) -> Error {
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

pub(super) fn wrong_target(relation: &Relation, blueprint: &str) -> Error {
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
