//! A changed blueprint is checked against the entities that are or will be there.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::draft::{Draft, too_many};
use super::resolve::Ids;
use super::staging::{Staged, Staging, label};
use crate::error::{Error, Result};
use crate::model::Compiled;
use crate::state::{Record, State};

impl Staging {
    /// Refuses a model under which an entity would break its blueprint. Costs one pass over the
    /// entities of the blueprints that changed.
    pub(super) fn revalidate(&self, next: &State, written: &RoaringBitmap) -> Result<()> {
        let before = self.base.state.model();
        for compiled in self.model.blueprints() {
            let known = before.blueprint(compiled.id);
            if known.is_none_or(|known| Arc::ptr_eq(known, compiled)) {
                continue;
            }
            let members = next.members(compiled.id);
            let mut broken = members
                .iter()
                .filter(|id| !written.contains(id.0))
                .filter_map(|id| {
                    let entity = next.entity(id)?;
                    let error = self.check(next, entity, compiled).err()?;
                    Some(error.context(label(&compiled.blueprint.identifier, entity.identifier())))
                });
            if let Some(first) = broken.next() {
                return Err(would_break(first, 1 + broken.count(), compiled));
            }
        }
        Ok(())
    }

    /// Checks the properties of what was written before its blueprint was declared anew.
    pub(super) fn revalidate_staged(&self, ids: &Ids) -> Result<()> {
        for (key, staged) in self.staged.iter().filter(|(key, _)| ids.contains_key(*key)) {
            let (Staged::Put(draft), Some(compiled)) = (staged, self.model.blueprint(key.0)) else {
                continue;
            };
            let checked = draft.checked.as_ref();
            if !checked.is_some_and(|checked| Arc::ptr_eq(checked, compiled)) {
                let name = label(&compiled.blueprint.identifier, &draft.identifier);
                let valid = compiled.schema.validate(&draft.properties);
                valid.map_err(|error| error.context(name))?;
            }
        }
        Ok(())
    }

    fn check(&self, next: &State, entity: Record<'_>, compiled: &Compiled) -> Result<()> {
        let draft = Draft::of(entity, &self.model);
        compiled.schema.validate(&draft.properties)?;
        let blueprint = &compiled.blueprint;
        for declared in blueprint.relations.iter().filter(|known| known.required) {
            if !draft.relations.contains_key(&declared.name) {
                let message = format!("relation `{}` is required", declared.name);
                return Err(Error::invalid(message));
            }
        }
        for (name, targets) in entity.relations() {
            let name = self.model.names().text(name);
            let Some(relation) = blueprint.relation(name) else {
                return Err(Error::invalid(format!("it uses relation `{name}`")));
            };
            if targets.len() > 1 && !relation.many {
                return Err(too_many(relation, targets.len()));
            }
            for target in targets {
                let target = next.entity(target);
                let of = target.map(|target| self.blueprint_name(target.blueprint()));
                if let Some(of) = of.filter(|name| !relation.target.allows(name)) {
                    let message = format!("relation `{name}` points to a `{of}`");
                    return Err(Error::invalid(message));
                }
            }
        }
        Ok(())
    }
}

/// The first of the entities that a changed blueprint would break, as an error about all of them.
fn would_break(first: Error, count: usize, compiled: &Compiled) -> Error {
    let entities = if count == 1 {
        "1 entity".to_owned()
    } else {
        format!("{count} entities")
    };
    let name = &compiled.blueprint.identifier;
    let help = "change those entities in the same transaction, or keep the blueprint as lenient \
                as they need";
    first
        .context(format!("the new blueprint `{name}` would break {entities}"))
        .with_help(help)
}
