//! The entities of one blueprint: who they are, how they are found, where their ids come from.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::{Entity, Record};
use crate::cow::HashIndex;
use crate::index::{Postings, PropertyIndex, TextIndex};
use crate::model::{Compiled, Model, Ownership};
use crate::store::Indexed;
use crate::value::{CHUNK, EntityId, Instant, NameId, Value};

/// One blueprint's entities and indexes.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// What the table was made for; a changed blueprint gets its indexes anew.
    pub(super) compiled: Option<Arc<Compiled>>,
    pub(super) members: Postings,
    pub(super) identifiers: HashIndex,
    pub(super) titles: PropertyIndex,
    pub(super) teams: PropertyIndex,
    pub(super) properties: BTreeMap<NameId, PropertyIndex>,
    /// Titles and identifiers by what they contain, from the first search on: a version that comes
    /// after one that was searched has it too.
    pub(super) texts: OnceLock<TextIndex>,
    /// Stored properties whose texts are points in time.
    pub(super) instants: Vec<NameId>,
    pub(super) derived: Vec<NameId>,
    /// Whether the owning teams are derived.
    pub(super) inherits_team: bool,
    /// The next id to hand out; a multiple of the chunk size means that a chunk is needed first.
    pub(super) next_id: u32,
}

/// What an unknown blueprint has.
pub(super) fn empty() -> &'static Table {
    static EMPTY: OnceLock<Table> = OnceLock::new();
    EMPTY.get_or_init(Table::default)
}

/// The texts of an entity that a search looks into.
fn searched(entity: Option<&Entity>) -> Vec<&str> {
    let Some(entity) = entity else {
        return Vec::new();
    };
    let title = entity.title.as_deref();
    [&*entity.identifier].into_iter().chain(title).collect()
}

impl Table {
    /// Takes over a new form of the blueprint: which properties are indexed and how they are
    /// seen. The indexes come out empty: the caller fills them.
    pub(super) fn declare(&mut self, compiled: &Arc<Compiled>, model: &Model) {
        let id = |name: &str| model.names().id(name);
        let blueprint = &compiled.blueprint;
        let indexed = blueprint
            .properties
            .iter()
            .filter(|property| property.is_indexed());
        self.properties = indexed
            .filter_map(|property| Some((id(&property.name)?, PropertyIndex::default())))
            .collect();
        let instants = blueprint
            .properties
            .iter()
            .filter(|property| property.is_instant());
        self.instants = instants.filter_map(|property| id(&property.name)).collect();
        self.derived = compiled.derived().filter_map(|name| id(name)).collect();
        self.inherits_team = matches!(blueprint.ownership, Some(Ownership::Inherited { .. }));
        (self.titles, self.teams) = Default::default();
        self.texts = OnceLock::new();
        self.compiled = Some(Arc::clone(compiled));
    }

    /// A stored value as the language sees it.
    pub(super) fn as_seen(&self, name: NameId, stored: Value) -> Value {
        if self.instants.contains(&name)
            && let Some(instant) = stored.as_str().and_then(Instant::parse)
        {
            return instant.into();
        }
        stored
    }

    /// Notes that an id is in use, so that it is not handed out.
    pub(super) fn claim(&mut self, id: EntityId, next_chunk: &mut u32) {
        self.next_id = self.next_id.max(id.0.saturating_add(1));
        *next_chunk = (*next_chunk).max(id.chunk().saturating_add(1));
    }

    /// Hands out an id, from a new chunk where the last one is used up.
    pub(super) fn allocate(&mut self, next_chunk: &mut u32) -> Option<EntityId> {
        if self.next_id.is_multiple_of(CHUNK) {
            self.next_id = next_chunk.checked_mul(CHUNK)?;
            *next_chunk = next_chunk.checked_add(1)?;
        }
        let id = EntityId(self.next_id);
        self.next_id = self.next_id.checked_add(1)?;
        Some(id)
    }

    /// What an index over an entity holds for it.
    pub(super) fn index_value(&self, indexed: Indexed, entity: &Entity) -> Value {
        match indexed {
            Indexed::Title => Value::from(entity.title.clone()),
            Indexed::Team => Value::list(entity.team.iter().cloned().map(Value::String)),
            Indexed::Property(name) => self.as_seen(name, entity.property(name).clone()),
        }
    }

    /// As [`Self::index_value`], read in place.
    pub(super) fn index_record(&self, indexed: Indexed, entity: Record<'_>) -> Value {
        match indexed {
            Indexed::Title => entity.title().map_or(Value::Null, Value::from),
            Indexed::Team => Value::list(entity.team().iter().map(Value::from)),
            Indexed::Property(name) => self.as_seen(name, entity.property(name)),
        }
    }

    /// Adds an entity to, or takes it from, every index; members and identifiers are separate.
    pub(super) fn reindex(&mut self, before: Option<&Entity>, after: Option<&Entity>) {
        let Some(id) = before.or(after).map(|entity| entity.id) else {
            return;
        };
        let value = |table: &Self, indexed: Indexed, entity: Option<&Entity>| {
            entity.map_or(Value::Null, |entity| table.index_value(indexed, entity))
        };
        let replace = |index: &mut PropertyIndex, table: &Self, indexed: Indexed| {
            index.replace(
                &value(table, indexed, before),
                &value(table, indexed, after),
                id,
            );
        };
        let mut titles = std::mem::take(&mut self.titles);
        let mut teams = std::mem::take(&mut self.teams);
        let mut properties = std::mem::take(&mut self.properties);
        replace(&mut titles, self, Indexed::Title);
        replace(&mut teams, self, Indexed::Team);
        for (name, index) in &mut properties {
            replace(index, self, Indexed::Property(*name));
        }
        (self.titles, self.teams, self.properties) = (titles, teams, properties);
        if let Some(index) = self.texts.get_mut() {
            index.replace(&searched(before), &searched(after), id);
        }
    }
}
