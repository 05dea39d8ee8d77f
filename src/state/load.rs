//! Many new entities put in place together.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::{Packed, RecordPage, State, identifier, record};
use crate::error::Result;
use crate::index::PropertyIndex;
use crate::store::Indexed;
use crate::value::{BlueprintId, EntityId, NameId, Value};

impl State {
    /// Adds entities that are not there yet, ascending by id, to members, identifiers, indexes
    /// and graph. The derived part is the derivation engine's to build anew afterwards.
    ///
    /// Costs O(n log n) in what is added; the index of a blueprint that had no entities is built
    /// by one sort.
    ///
    /// # Errors
    /// `Limit` where entities with neighbouring ids are beyond 4 GiB.
    pub(crate) fn load(&mut self, packed: Vec<(EntityId, Packed)>) -> Result<()> {
        let number = |entry: &(EntityId, Packed)| RecordPage::of(entry.0);
        for page in packed.chunk_by(|a, b| number(a) == number(b)) {
            let Some(number) = page.first().map(number) else {
                continue;
            };
            let loaded = RecordPage::with_packed(self.records.get(number).as_ref(), page)?;
            self.records.set(number, loaded);
        }
        let ids: Vec<EntityId> = packed.into_iter().map(|(id, _)| id).collect();
        // An id lies in a chunk of its blueprint, so those of one blueprint follow each other.
        let blueprint = |id: &EntityId| self.entity(*id).map(|entity| entity.blueprint());
        let mut of: BTreeMap<BlueprintId, Vec<EntityId>> = BTreeMap::new();
        for ids in ids.chunk_by(|a, b| a.chunk() == b.chunk()) {
            if let Some(blueprint) = ids.first().and_then(blueprint) {
                of.entry(blueprint).or_default().extend(ids);
            }
        }
        for (blueprint, ids) in of {
            self.add_members(blueprint, &ids);
        }
        self.relate(&ids, |_| true);
        Ok(())
    }

    fn add_members(&mut self, blueprint: BlueprintId, ids: &[EntityId]) {
        if let Some(table) = Arc::make_mut(&mut self.tables).get_mut(blueprint.index()) {
            let table = Arc::make_mut(table);
            table.members.extend(ids);
            // Cheaper built anew, by the next search, than brought up to date with so many.
            table.texts = OnceLock::new();
            if let Some(last) = ids.last() {
                table.claim(*last, &mut self.next_chunk);
            }
        }
        self.add_identifiers(blueprint, ids);
        self.add_to_indexes(blueprint, ids, |_| true);
    }

    /// Makes entities found by their identifiers.
    pub(super) fn add_identifiers(&mut self, blueprint: BlueprintId, ids: &[EntityId]) {
        let Some(table) = Arc::make_mut(&mut self.tables).get_mut(blueprint.index()) else {
            return;
        };
        let (table, records) = (Arc::make_mut(table), &self.records);
        let identifier = |id| identifier(records, EntityId(id));
        let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        table.identifiers.reserve(count, identifier);
        for id in ids {
            table.identifiers.insert(identifier(id.0), id.0, identifier);
        }
    }

    /// Adds entities to the indexes of their blueprint that are chosen; one that is empty is built
    /// by one sort.
    pub(super) fn add_to_indexes(
        &mut self,
        blueprint: BlueprintId,
        ids: &[EntityId],
        chosen: impl Fn(Indexed) -> bool,
    ) {
        let Some(table) = Arc::make_mut(&mut self.tables).get_mut(blueprint.index()) else {
            return;
        };
        let (table, records) = (Arc::make_mut(table), &self.records);
        let indexed: Vec<_> = table.indexed().filter(|indexed| chosen(*indexed)).collect();
        for indexed in indexed {
            let values = ids.iter().filter_map(|id| {
                let value = table.index_record(indexed, record(records, *id)?);
                (!value.is_null()).then_some((value, *id))
            });
            let values: Vec<(Value, EntityId)> = values.collect();
            let Some(index) = table.index_mut(indexed) else {
                continue;
            };
            if index.present().is_empty() {
                *index = PropertyIndex::from_rows(values.iter().map(|(value, id)| (value, *id)));
            } else {
                for (value, id) in &values {
                    index.replace(&Value::Null, value, *id);
                }
            }
        }
    }

    /// Adds those relations of entities to the graph that are chosen.
    pub(super) fn relate(&mut self, ids: &[EntityId], chosen: impl Fn(NameId) -> bool) {
        let mut pairs: BTreeMap<NameId, Vec<(u32, u32)>> = BTreeMap::new();
        for entity in ids.iter().filter_map(|id| record(&self.records, *id)) {
            for (name, targets) in entity.relations().filter(|(name, _)| chosen(*name)) {
                let targets = targets.iter().map(|target| (entity.id.0, target.0));
                pairs.entry(name).or_default().extend(targets);
            }
        }
        for (name, pairs) in pairs {
            self.graph.extend_sorted(name, &pairs);
        }
    }
}
