//! One immutable version of a catalog at one [`Seq`]: model, entities, indexes, graph and
//! everything derived; copy-on-write, with the [`Delta`] between two versions.
//!
//! A published version never changes. The writer clones it, which costs a handful of `Arc`s,
//! changes the clone, and publishes that; pages that no change touched stay shared, and a
//! version lives for as long as somebody reads it. A failed commit drops its clone.

mod apply;
mod calendar;
mod compare;
mod delta;
mod derived;
mod entity_name;
mod image;
mod load;
mod memory;
mod table;
mod tally;

use std::sync::Arc;

use roaring::RoaringBitmap;

pub(crate) use delta::Delta;
pub(crate) use derived::{
    Derived, Grades, Groups, LIVE, Layout, Part, Statistics, bit, block_of, entity_at,
};
pub use entity_name::EntityName;
use table::Table;
pub(crate) use tally::{Contribution, Tally};

pub(crate) use crate::store::{Change, Entity, Head, Packed, Record, RecordPage, Targets};

use crate::cow::CowArray;
use crate::graph::Graph;
use crate::index::{Postings, PropertyIndex, TextIndex};
use crate::model::Model;
use crate::value::{BlueprintId, EntityId, Instant, Level, NameId, ScorecardId, Seq, Value};

/// One version of a catalog.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    seq: Seq,
    time: Instant,
    model: Arc<Model>,
    /// By the number of the page.
    records: CowArray<Option<RecordPage>>,
    tables: Arc<Vec<Arc<Table>>>,
    graph: Graph,
    derived: Derived,
    /// The first chunk of ids that no blueprint has.
    next_chunk: u32,
}

impl State {
    /// The commit that made this version; 0 before the first.
    pub(crate) fn seq(&self) -> Seq {
        self.seq
    }

    /// When that commit was made, by the catalog's clock.
    pub(crate) fn time(&self) -> Instant {
        self.time
    }

    /// Names the commit that this version is going to be.
    pub(crate) fn set_commit(&mut self, seq: Seq, time: Instant) {
        (self.seq, self.time) = (seq, time);
    }

    /// What is declared.
    pub(crate) fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// An entity; `None` where it was deleted or never made.
    pub(crate) fn entity(&self, id: EntityId) -> Option<Record<'_>> {
        record(&self.records, id)
    }

    /// The blueprint of an entity that exists, read off its id where there is a place for what is
    /// derived of it.
    #[inline]
    pub(crate) fn blueprint_of(&self, id: EntityId) -> Option<BlueprintId> {
        let placed = self.derived.blueprint_of(id);
        placed.or_else(|| self.entity(id).map(|entity| entity.blueprint()))
    }

    /// The pages of entities with their numbers, ascending.
    #[cfg(test)]
    pub(crate) fn pages(&self) -> Vec<(u32, RecordPage)> {
        let leaves = self.records.pages();
        let pages = leaves.flat_map(|(first, leaf)| (first..).zip(leaf));
        pages
            .filter_map(|(number, page)| Some((number, page.clone()?)))
            .collect()
    }

    /// The bytes of an entity for the file; `None` where it was deleted or never made.
    pub(crate) fn packed(&self, id: EntityId) -> Option<&[u8]> {
        self.records.get(RecordPage::of(id)).as_ref()?.packed(id)
    }

    fn table(&self, blueprint: BlueprintId) -> &Table {
        self.tables
            .get(blueprint.index())
            .map_or(table::empty(), |table| table)
    }

    /// The id of an entity by blueprint and identifier.
    pub(crate) fn lookup(&self, blueprint: BlueprintId, identifier: &str) -> Option<EntityId> {
        let is = |id| self.identifier(EntityId(id)) == identifier;
        self.table(blueprint)
            .identifiers
            .find(identifier, is)
            .map(EntityId)
    }

    /// The identifier of an entity; empty for one that does not exist.
    pub(crate) fn identifier(&self, id: EntityId) -> &str {
        identifier(&self.records, id)
    }

    /// How many identifiers of a blueprint are known.
    fn identifier_count(&self, blueprint: BlueprintId) -> u64 {
        self.table(blueprint).identifiers.len().into()
    }

    /// The entities of a blueprint.
    pub(crate) fn members(&self, blueprint: BlueprintId) -> &Postings {
        &self.table(blueprint).members
    }

    /// How many entities there are, of all blueprints.
    pub(crate) fn entity_count(&self) -> usize {
        let counts = self.tables.iter().map(|table| table.members.len());
        counts.fold(0, |sum, count| {
            sum.saturating_add(usize::try_from(count).unwrap_or(usize::MAX))
        })
    }

    /// All entities of all blueprints.
    pub(crate) fn all_members(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        for table in self.tables.iter() {
            table.members.union_into(&mut all);
        }
        all
    }

    /// A stored or derived property as the language sees it: date-times as instants, mirrors
    /// from their column. Null where missing.
    pub(crate) fn value(&self, id: EntityId, name: NameId) -> Value {
        let Some(entity) = self.entity(id) else {
            return Value::Null;
        };
        let blueprint = entity.blueprint();
        let table = self.table(blueprint);
        let stored = entity.property(name);
        if stored.is_null() && table.derived.contains(&name) {
            return self.derived.property(blueprint, name, id).clone();
        }
        table.as_seen(name, stored)
    }

    /// The owning teams of an entity as the language sees them: a list of identifiers, written on
    /// the entity or inherited; null where there are none.
    pub(crate) fn team(&self, entity: Record<'_>) -> Value {
        let Head {
            blueprint, team, ..
        } = entity.head();
        if self.table(blueprint).inherits_team {
            return self.derived.team(blueprint, entity.id).clone();
        }
        if team.is_empty() {
            return Value::Null;
        }
        Value::list(team.iter().map(Value::from))
    }

    /// The weight of the rules of a scorecard that an entity passes, in hundredths of all; null
    /// where its filter leaves the entity out or it has no rules.
    pub(crate) fn score(&self, scorecard: ScorecardId, id: EntityId) -> Value {
        let Some(declared) = self.model.scorecard(scorecard) else {
            return Value::Null;
        };
        if self.derived.level(scorecard, id).is_none() {
            return Value::Null;
        }
        let (mut passed, mut all) = (0u64, 0u64);
        for (place, rule) in (0u16..).zip(&declared.rules) {
            let weight = u64::from(rule.weight.unwrap_or(1));
            all += weight;
            if self.rule_passes(scorecard, place, id) {
                passed += weight;
            }
        }
        passed
            .saturating_mul(100)
            .checked_div(all)
            .and_then(|score| i64::try_from(score).ok())
            .map_or(Value::Null, Value::Int)
    }

    /// The index of a stored or derived property, where it has one.
    pub(crate) fn index(&self, blueprint: BlueprintId, name: NameId) -> Option<&PropertyIndex> {
        let stored = self.table(blueprint).properties.get(&name);
        stored.or_else(|| self.derived.index(blueprint, name))
    }

    /// The index of the titles of a blueprint.
    pub(crate) fn title_index(&self, blueprint: BlueprintId) -> Option<&PropertyIndex> {
        self.tables
            .get(blueprint.index())
            .map(|table| &table.titles)
    }

    /// The titles and identifiers of a blueprint by what they contain. The first call on a version
    /// makes it, in O(n log n) of its entities, unless the version before had it; from then on
    /// commits keep it.
    pub(crate) fn text_index(&self, blueprint: BlueprintId) -> Option<&TextIndex> {
        let table = self.tables.get(blueprint.index())?;
        let row = |id: EntityId| {
            let entity = self.entity(id)?;
            let title = entity.title().into_iter();
            Some((id, [entity.identifier()].into_iter().chain(title).collect()))
        };
        let build = || TextIndex::build(table.members.iter().filter_map(row));
        Some(table.texts.get_or_init(build))
    }

    /// As [`Self::text_index`], where it is there already.
    pub(crate) fn known_text_index(&self, blueprint: BlueprintId) -> Option<&TextIndex> {
        self.tables.get(blueprint.index())?.texts.get()
    }

    /// The index of the owning teams of a blueprint.
    pub(crate) fn team_index(&self, blueprint: BlueprintId) -> Option<&PropertyIndex> {
        let table = self.tables.get(blueprint.index())?;
        if table.inherits_team {
            return self.derived.team_index(blueprint);
        }
        Some(&table.teams)
    }

    /// Who is related to whom.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Mirrors, planes and statistics.
    pub(crate) fn derived(&self) -> &Derived {
        &self.derived
    }

    /// The derived part for the derivation engine, which alone writes it.
    pub(crate) fn derived_mut(&mut self) -> &mut Derived {
        &mut self.derived
    }

    /// The level of an entity; `None` where the scorecard is of another blueprint or its filter
    /// leaves the entity out.
    pub(crate) fn level(&self, scorecard: ScorecardId, id: EntityId) -> Option<Level> {
        let rank = self.derived.level(scorecard, id)?;
        let level = self
            .model
            .scorecard(scorecard)?
            .levels
            .get(usize::from(rank))?;
        Some(Level {
            rank,
            title: Arc::clone(&level.title),
        })
    }

    /// Whether an entity passes a rule, by the rule's place in the scorecard.
    pub(crate) fn rule_passes(&self, scorecard: ScorecardId, rule: u16, id: EntityId) -> bool {
        self.derived.rule_passes(scorecard, rule, id)
    }

    /// The entities that take part in a scorecard.
    pub(crate) fn tested(&self, scorecard: ScorecardId) -> RoaringBitmap {
        self.derived
            .of_words(scorecard, |grades, word| word(grades.tested))
    }

    /// The entities that take part in a scorecard and pass, or do not pass, a rule of it.
    pub(crate) fn by_rule(
        &self,
        scorecard: ScorecardId,
        rule: u16,
        passing: bool,
    ) -> RoaringBitmap {
        self.derived.of_words(scorecard, |grades, word| {
            let passes = word(grades.rules.get(usize::from(rule)).copied().flatten());
            word(grades.tested) & if passing { passes } else { !passes }
        })
    }

    /// The entities at exactly one level.
    pub(crate) fn at_level(&self, scorecard: ScorecardId, rank: u16) -> RoaringBitmap {
        self.derived.at_level(scorecard, rank)
    }
}

fn record(records: &CowArray<Option<RecordPage>>, id: EntityId) -> Option<Record<'_>> {
    records.get(RecordPage::of(id)).as_ref()?.get(id)
}

fn identifier(records: &CowArray<Option<RecordPage>>, id: EntityId) -> &str {
    record(records, id).map_or("", |entity| entity.identifier())
}
