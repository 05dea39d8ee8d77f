//! A version to and from the image that makes opening fast, and the rebuild where it is missing.

use std::sync::Arc;

use super::table::Table;
use super::{Change, RecordPage, State};
use crate::cow::HashIndex;
use crate::error::Result;
use crate::index::{Postings, PropertyIndex};
use crate::model::Model;
use crate::store::{IdentifierImage, Image, IndexImage, Indexed, MemberImage, RelationImage};
use crate::value::{BlueprintId, EntityId, Value};

impl State {
    /// The version that the entities of a file and an image of their indexes and relations make up;
    /// everything but the derived part, which is never saved.
    ///
    /// What the image does not hold is rebuilt from the entities; gives why, where that was so
    /// for more than a single index.
    pub(crate) fn restore(
        model: &Arc<Model>,
        pages: Vec<(u32, RecordPage)>,
        image: std::result::Result<Image, String>,
    ) -> Result<(Self, Option<String>)> {
        let reason = match image.and_then(|image| Self::from_image(model, &pages, image)) {
            Ok(state) => return Ok((state, None)),
            Err(reason) => reason,
        };
        let mut state = Self::default();
        state.set_model(model);
        let empty = pages.is_empty();
        for (number, page) in pages {
            for entity in page.iter(number) {
                state.apply(&Change {
                    id: entity.id,
                    before: None,
                    after: Some(Arc::new(entity.unpack())),
                })?;
            }
        }
        Ok((state, (!empty).then_some(reason)))
    }

    fn from_image(
        model: &Arc<Model>,
        pages: &[(u32, RecordPage)],
        image: Image,
    ) -> std::result::Result<Self, String> {
        let mut state = Self::default();
        state.set_model(model);
        let mut count = 0;
        for (number, page) in pages {
            count += page.iter(*number).count();
            state.records.set(*number, Some(page.clone()));
        }
        state.take_members(image.members, count)?;
        for IdentifierImage { blueprint, slots } in image.identifiers {
            let identifiers = HashIndex::from_slots(&slots)
                .ok_or_else(|| "an identifier table of the image is not well formed".to_owned())?;
            state.table_mut(blueprint)?.identifiers = identifiers;
        }
        state.check_identifiers()?;
        state.take_indexes(image.indexes)?;
        for RelationImage {
            relation,
            sources,
            targets,
        } in image.relations
        {
            let pairs: Vec<(u32, u32)> = sources.into_iter().zip(targets).collect();
            state.graph.extend_sorted(relation, &pairs);
        }
        Ok(state)
    }

    fn table_mut(&mut self, blueprint: BlueprintId) -> std::result::Result<&mut Table, String> {
        let table = Arc::make_mut(&mut self.tables).get_mut(blueprint.index());
        let table = table.filter(|table| table.compiled.is_some());
        table.map(Arc::make_mut).ok_or_else(|| {
            format!(
                "the image speaks of blueprint {}, which is not there",
                blueprint.0
            )
        })
    }

    /// Takes the members over if they are exactly the entities that the file holds.
    fn take_members(
        &mut self,
        images: Vec<MemberImage>,
        count: usize,
    ) -> std::result::Result<(), String> {
        let mut counted = 0;
        for MemberImage {
            blueprint,
            entities,
        } in images
        {
            counted += entities.len();
            let members = Postings::from_bitmap(&entities);
            for id in members.iter() {
                if self
                    .entity(id)
                    .is_none_or(|entity| entity.blueprint() != blueprint)
                {
                    return Err("the image and the entities differ".to_owned());
                }
            }
            if let Some(last) = entities.max() {
                let mut next_chunk = self.next_chunk;
                let table = self.table_mut(blueprint)?;
                table.claim(EntityId(last), &mut next_chunk);
                table.members = members;
                self.next_chunk = next_chunk;
            }
        }
        if counted == count as u64 {
            Ok(())
        } else {
            Err("the image and the entities differ".to_owned())
        }
    }

    fn check_identifiers(&self) -> std::result::Result<(), String> {
        let differs = self
            .tables
            .iter()
            .any(|table| u64::from(table.identifiers.len()) != table.members.len());
        if differs {
            Err("the image lacks identifiers".to_owned())
        } else {
            Ok(())
        }
    }

    /// Takes the indexes over that the model asks for, and builds those that the image lacks.
    fn take_indexes(&mut self, images: Vec<IndexImage>) -> std::result::Result<(), String> {
        let mut taken = std::collections::BTreeSet::new();
        for IndexImage {
            blueprint,
            indexed,
            entries,
            present,
        } in images
        {
            let index = PropertyIndex::from_entries(entries, &present);
            let table = self.table_mut(blueprint)?;
            if let Some(place) = table.index_mut(indexed) {
                *place = index;
                taken.insert((blueprint, indexed));
            }
        }
        let tables: Vec<_> = self.tables.iter().cloned().collect();
        for table in tables {
            // A removed blueprint leaves a place without a table.
            let Some(blueprint) = table.compiled.as_ref().map(|compiled| compiled.id) else {
                continue;
            };
            for indexed in table
                .indexed()
                .filter(|indexed| !taken.contains(&(blueprint, *indexed)))
            {
                let members = table.members.iter().filter_map(|id| self.entity(id));
                let rows: Vec<(Value, EntityId)> = members
                    .map(|entity| (table.index_record(indexed, entity), entity.id))
                    .collect();
                let index = PropertyIndex::from_rows(rows.iter().map(|(value, id)| (value, *id)));
                if let Some(place) = self.table_mut(blueprint)?.index_mut(indexed) {
                    *place = index;
                }
            }
        }
        Ok(())
    }

    /// Everything of this version that can be rebuilt but is faster to load.
    pub(crate) fn to_image(&self) -> Image {
        let mut image = Image {
            seq: self.seq,
            ..Image::default()
        };
        for relation in self.graph.relations() {
            let pairs = self.graph.pairs(relation).map(|(from, to)| (from.0, to.0));
            let (sources, targets) = pairs.unzip();
            image.relations.push(RelationImage {
                relation,
                sources,
                targets,
            });
        }
        for compiled in self.model.blueprints() {
            let (blueprint, table) = (compiled.id, self.table(compiled.id));
            image.members.push(MemberImage {
                blueprint,
                entities: table.members.to_bitmap(),
            });
            image.identifiers.push(IdentifierImage {
                blueprint,
                slots: table.identifiers.slots(),
            });
            for indexed in table.indexed() {
                let Some(index) = table.index(indexed) else {
                    continue;
                };
                let entries = index
                    .iter()
                    .map(|(value, ids)| (value.clone(), ids.to_bitmap()));
                let (entries, present) = (entries.collect(), index.present().to_bitmap());
                image.indexes.push(IndexImage {
                    blueprint,
                    indexed,
                    entries,
                    present,
                });
            }
        }
        image
    }

    /// Where new ids come from, for saving: how many ids of blueprints and of scorecards were
    /// given, the next chunk, then each blueprint with its next entity id.
    pub(crate) fn counters(&self) -> Vec<u64> {
        let (blueprints, scorecards) = self.model.ids_given();
        let mut counters = vec![
            blueprints as u64,
            scorecards as u64,
            u64::from(self.next_chunk),
        ];
        for (at, table) in self.tables.iter().enumerate() {
            counters.extend([at as u64, u64::from(table.next_id)]);
        }
        counters
    }

    /// Takes the saved counters of entity ids over, so that no id is used again even if its entity is gone.
    pub(crate) fn set_counters(&mut self, counters: &[u64]) {
        let [_, _, next_chunk, next_ids @ ..] = counters else {
            return;
        };
        self.next_chunk = self.next_chunk.max(u32::try_from(*next_chunk).unwrap_or(0));
        let tables = Arc::make_mut(&mut self.tables);
        for pair in next_ids.chunks_exact(2) {
            let [at, next_id] = pair else { continue };
            let table = usize::try_from(*at).ok().and_then(|at| tables.get_mut(at));
            if let (Some(table), Ok(next_id)) = (table, u32::try_from(*next_id)) {
                let table = Arc::make_mut(table);
                table.next_id = table.next_id.max(next_id);
            }
        }
    }
}

impl Table {
    /// Everything that the table indexes.
    pub(super) fn indexed(&self) -> impl Iterator<Item = Indexed> + '_ {
        let properties = self.properties.keys().copied().map(Indexed::Property);
        [Indexed::Title, Indexed::Team]
            .into_iter()
            .chain(properties)
    }

    fn index(&self, indexed: Indexed) -> Option<&PropertyIndex> {
        match indexed {
            Indexed::Title => Some(&self.titles),
            Indexed::Team => Some(&self.teams),
            Indexed::Property(name) => self.properties.get(&name),
        }
    }

    pub(super) fn index_mut(&mut self, indexed: Indexed) -> Option<&mut PropertyIndex> {
        match indexed {
            Indexed::Title => Some(&mut self.titles),
            Indexed::Team => Some(&mut self.teams),
            Indexed::Property(name) => self.properties.get_mut(&name),
        }
    }
}
