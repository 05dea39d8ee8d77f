//! How a version becomes the next: entity changes, model changes, new ids.

use std::sync::Arc;

use super::{Change, Entity, RecordPage, State, identifier, record};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::store::LogRecord;
use crate::value::{BlueprintId, EntityId, NameId};

impl State {
    /// Hands out an id for a new entity of a blueprint. Ids are never used again.
    ///
    /// # Errors
    /// `Limit` when all 2³² ids are used up.
    pub(crate) fn allocate(&mut self, blueprint: BlueprintId) -> Result<EntityId> {
        let tables = Arc::make_mut(&mut self.tables);
        let table = tables.get_mut(blueprint.index()).map(Arc::make_mut);
        let id = table.and_then(|table| table.allocate(&mut self.next_chunk));
        id.ok_or_else(|| Error::new(ErrorKind::Limit, "the catalog has no entity ids left"))
    }

    /// Applies one entity change to members, identifiers, indexes and graph. The derived part
    /// is the derivation engine's to bring up to date afterwards.
    ///
    /// Costs O(fields + relations · log relations) to find what differs, O(log distinct values) for
    /// each field that does, and copies only the pages it touches.
    ///
    /// # Errors
    /// `Limit` where a value is nested too deeply or too large; nothing is changed then.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<()> {
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        let Some(blueprint) = before.or(after).map(|entity| entity.blueprint) else {
            return Ok(());
        };
        let id = change.id;
        let Some(table) = Arc::make_mut(&mut self.tables).get_mut(blueprint.index()) else {
            // A replayed commit of before its blueprint was removed; the id stays used.
            self.next_chunk = self.next_chunk.max(id.chunk().saturating_add(1));
            return Ok(());
        };
        let number = RecordPage::of(id);
        let page = RecordPage::with(self.records.get(number).as_ref(), id, after)?;
        let table = Arc::make_mut(table);
        let old = before.map(|entity| &entity.identifier);
        let new = after.map(|entity| &entity.identifier);
        // The table compares keys through the entities, so the old key goes before the entity
        // changes and the new one comes after.
        if let Some(old) = old.filter(|_| old != new) {
            table
                .identifiers
                .remove(old, id.0, |id| identifier(&self.records, EntityId(id)));
        }
        self.records.set(number, page);
        if let Some(new) = new.filter(|_| old != new) {
            table
                .identifiers
                .insert(new, id.0, |id| identifier(&self.records, EntityId(id)));
        }
        match (before, after) {
            (None, Some(_)) => {
                table.members.insert(id);
                table.claim(id, &mut self.next_chunk);
            }
            (Some(_), None) => _ = table.members.remove(id),
            _ => {}
        }
        table.reindex(before, after);
        self.relink(id, before, after);
        Ok(())
    }

    /// Applies a commit of the log, over whatever stands: what was true before it need not be what
    /// its record says.
    ///
    /// # Errors
    /// As for [`Self::apply`].
    pub(crate) fn replay(&mut self, record: &LogRecord) -> Result<()> {
        self.set_commit(record.seq, record.time);
        for change in &record.changes {
            let before = self.entity(change.id);
            self.apply(&Change {
                id: change.id,
                before: before.map(|entity| Arc::new(entity.unpack())),
                after: change.after.clone(),
            })?;
        }
        Ok(())
    }

    /// Changes exactly the relations that differ.
    fn relink(&mut self, id: EntityId, before: Option<&Entity>, after: Option<&Entity>) {
        let relations = |entity: Option<&'_ Entity>| -> Vec<(NameId, EntityId)> {
            let relations = entity.into_iter().flat_map(|entity| &entity.relations);
            let pairs = relations.flat_map(|(name, targets)| targets.iter().map(|id| (*name, *id)));
            let mut pairs: Vec<_> = pairs.collect();
            pairs.sort_unstable();
            pairs
        };
        let (old, new) = (relations(before), relations(after));
        for (name, target) in &old {
            if new.binary_search(&(*name, *target)).is_err() {
                self.graph.remove(*name, id, *target);
            }
        }
        for (name, target) in &new {
            if old.binary_search(&(*name, *target)).is_err() {
                self.graph.insert(*name, id, *target);
            }
        }
    }

    /// Takes over a model: every blueprint gets a table, and those whose form changed get their
    /// indexes anew, which costs one pass over their entities.
    pub(crate) fn set_model(&mut self, model: &Arc<Model>) {
        let tables = Arc::make_mut(&mut self.tables);
        for compiled in model.blueprints() {
            let at = compiled.id.index();
            if tables.len() <= at {
                tables.resize_with(at + 1, Arc::default);
            }
            let Some(table) = tables.get_mut(at) else {
                continue;
            };
            if table
                .compiled
                .as_ref()
                .is_some_and(|known| Arc::ptr_eq(known, compiled))
            {
                continue;
            }
            let table = Arc::make_mut(table);
            table.declare(compiled, model);
            let members = table.members.clone();
            for entity in members.iter().filter_map(|id| record(&self.records, id)) {
                table.reindex(None, Some(&entity.unpack()));
            }
        }
        self.model = Arc::clone(model);
    }
}
