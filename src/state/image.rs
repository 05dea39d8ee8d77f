//! A version to and from the image that makes opening fast, and the rebuild of what it lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::table::Table;
use super::{RecordPage, State};
use crate::cow::HashIndex;
use crate::index::{Postings, PropertyIndex};
use crate::model::{Compiled, Model, PropertyType};
use crate::store::{IdentifierImage, Image, IndexImage, Indexed, Part, RelationImage};
use crate::value::{BlueprintId, EntityId, NameId, Value};

/// The entities of each blueprint, ascending.
type Members = BTreeMap<BlueprintId, Vec<EntityId>>;

impl State {
    /// The version that the entities of a file and an image of their indexes and relations make up;
    /// everything but the derived part, which is never saved.
    ///
    /// What the image does not hold is rebuilt from the entities; gives what that was and why.
    pub(crate) fn restore(
        model: &Arc<Model>,
        pages: Vec<(u32, RecordPage)>,
        image: Result<Image, String>,
    ) -> (Self, Vec<String>) {
        let mut state = Self::default();
        state.set_model(model);
        let members = state.take_pages(pages);
        for (blueprint, ids) in &members {
            state.set_members(*blueprint, ids);
        }
        let mut reasons = Vec::new();
        match image {
            Ok(image) => state.take_image(image, &members, &mut reasons),
            Err(reason) => {
                state.build_all(&members);
                if !members.is_empty() {
                    reasons.push(format!("identifiers, indexes and relations: {reason}"));
                }
            }
        }
        (state, reasons)
    }

    /// Takes over the pages of a file; gives who is in them. A chunk of ids is of one blueprint.
    fn take_pages(&mut self, pages: Vec<(u32, RecordPage)>) -> Members {
        let mut members = Members::new();
        let mut of_chunk: Option<(u32, BlueprintId)> = None;
        for (number, page) in pages {
            for id in page.ids(number) {
                let known = of_chunk.filter(|(chunk, _)| *chunk == id.chunk());
                let blueprint = match known {
                    Some((_, blueprint)) => blueprint,
                    None => page
                        .get(id)
                        .map_or_else(BlueprintId::default, |it| it.blueprint()),
                };
                of_chunk = Some((id.chunk(), blueprint));
                members.entry(blueprint).or_default().push(id);
            }
            self.records.set(number, Some(page));
        }
        members
    }

    fn build_all(&mut self, members: &Members) {
        for (blueprint, ids) in members {
            self.add_identifiers(*blueprint, ids);
            self.add_to_indexes(*blueprint, ids, |_| true);
        }
        for ids in members.values() {
            self.relate(ids, |_| true);
        }
    }

    fn take_image(&mut self, image: Image, members: &Members, reasons: &mut Vec<String>) {
        let Image {
            damaged,
            relations,
            indexes,
            identifiers,
            ..
        } = image;
        let found = identifiers
            .into_iter()
            .filter_map(|table| self.take_identifiers(&table));
        let found: BTreeSet<BlueprintId> = found.collect();
        let lost = members
            .iter()
            .filter(|(blueprint, _)| !found.contains(blueprint));
        for (blueprint, ids) in lost.collect::<Vec<_>>() {
            self.add_identifiers(*blueprint, ids);
            reasons.push(format!(
                "the identifiers of {}: {}",
                self.blueprint_name(*blueprint),
                why(&damaged, Part::Identifiers(*blueprint))
            ));
        }
        let found = indexes
            .into_iter()
            .filter_map(|index| self.take_index(&index));
        let found: BTreeSet<(BlueprintId, Indexed)> = found.collect();
        for (blueprint, ids) in members {
            self.add_to_indexes(*blueprint, ids, |indexed| {
                !found.contains(&(*blueprint, indexed))
            });
        }
        for RelationImage {
            relation,
            sources,
            targets,
        } in relations
        {
            let pairs: Vec<(u32, u32)> = sources.into_iter().zip(targets).collect();
            self.graph.extend_sorted(relation, &pairs);
        }
        for (part, reason) in damaged {
            match part {
                Part::Relation(name) => self.relate_again(name, members, reasons, &reason),
                Part::Index(blueprint, _) => reasons.push(format!(
                    "an index of {}: {reason}",
                    self.blueprint_name(blueprint)
                )),
                Part::Identifiers(_) => {}
            }
        }
    }

    fn relate_again(
        &mut self,
        name: NameId,
        members: &Members,
        reasons: &mut Vec<String>,
        reason: &str,
    ) {
        for ids in members.values() {
            self.relate(ids, |other| other == name);
        }
        let name = self.model.names().text(name);
        reasons.push(format!("relation `{name}`: {reason}"));
    }

    fn blueprint_name(&self, blueprint: BlueprintId) -> String {
        let compiled = self.model.blueprint(blueprint);
        compiled.map_or_else(String::new, |known| {
            format!("`{}`", known.blueprint.identifier)
        })
    }

    fn table_mut(&mut self, blueprint: BlueprintId) -> Option<&mut Table> {
        let table = Arc::make_mut(&mut self.tables).get_mut(blueprint.index())?;
        let table = Some(table).filter(|table| table.compiled.is_some());
        table.map(Arc::make_mut)
    }

    fn set_members(&mut self, blueprint: BlueprintId, ids: &[EntityId]) {
        let mut next_chunk = self.next_chunk;
        if let (Some(table), Some(last)) = (self.table_mut(blueprint), ids.last()) {
            table.members = Postings::from_sorted(ids);
            table.claim(*last, &mut next_chunk);
        }
        self.next_chunk = next_chunk;
    }

    /// Takes a table over if it has as many identifiers as there are entities.
    fn take_identifiers(&mut self, image: &IdentifierImage) -> Option<BlueprintId> {
        let identifiers = HashIndex::from_slots(&image.slots)?;
        let table = self.table_mut(image.blueprint)?;
        if u64::from(identifiers.len()) != table.members.len() {
            return None;
        }
        table.identifiers = identifiers;
        Some(image.blueprint)
    }

    /// Takes an index over that the model asks for.
    fn take_index(&mut self, image: &IndexImage) -> Option<(BlueprintId, Indexed)> {
        let (blueprint, indexed) = (image.blueprint, image.indexed);
        let table = self.table(blueprint);
        let own = |ids: &[u32]| {
            let first = ids.first().and_then(|id| self.entity(EntityId(*id)));
            first.map_or(Value::Null, |first| table.index_record(indexed, first))
        };
        let mut values = image.values.iter();
        let entries = image.lists().map(|ids| {
            let value = values.next().cloned().unwrap_or_else(|| own(ids));
            let ids: Vec<EntityId> = ids.iter().copied().map(EntityId).collect();
            (value, Postings::from_sorted(&ids))
        });
        let index = PropertyIndex::from_entries(entries, &image.present)?;
        *self.table_mut(blueprint)?.index_mut(indexed)? = index;
        Some((blueprint, indexed))
    }

    /// Whether an entity has one value at most under an index, not a list of them.
    fn holds_one_value(&self, compiled: &Compiled, indexed: Indexed) -> bool {
        match indexed {
            Indexed::Title => true,
            Indexed::Team => false,
            Indexed::Property(name) => {
                let property = compiled.blueprint.property(self.model.names().text(name));
                property.is_some_and(|property| property.kind != PropertyType::Array)
            }
        }
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
            image.identifiers.push(IdentifierImage {
                blueprint,
                slots: table.identifiers.slots(),
            });
            for indexed in table.indexed() {
                let Some(index) = table.index(indexed) else {
                    continue;
                };
                let single = self.holds_one_value(compiled, indexed);
                image
                    .indexes
                    .push(index_image((blueprint, indexed), index, single));
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

/// Why a part of an image was not used.
fn why(damaged: &[(Part, String)], part: Part) -> &str {
    let found = damaged.iter().find(|(other, _)| *other == part);
    found.map_or("they do not fit the entities", |(_, reason)| reason)
}

/// The image of an index. Where every entity has a single value, values are not saved again.
fn index_image(
    (blueprint, indexed): (BlueprintId, Indexed),
    index: &PropertyIndex,
    single: bool,
) -> IndexImage {
    let values = index.iter().map(|(value, _)| value);
    let values = values.filter(|_| !single).collect();
    let (mut ends, mut entities) = (Vec::new(), Vec::new());
    for ids in index.lists() {
        entities.extend(ids.iter().map(|id| id.0));
        ends.push(u32::try_from(entities.len()).unwrap_or(u32::MAX));
    }
    IndexImage {
        blueprint,
        indexed,
        values,
        ends,
        entities,
        present: index.present().to_bitmap(),
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
