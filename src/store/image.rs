//! What can be rebuilt from the records but is faster to load: relations, indexes, look-up tables.

use roaring::RoaringBitmap;

use super::value_codec::{decode_value, encode_value};
use crate::error::Result;
use crate::value::{BlueprintId, NameId, Seq, Value};

/// The derived structures of a catalog at one commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Image {
    /// The commit; an image of another one than the checkpoint's is not used.
    pub(crate) seq: Seq,
    /// The parts that could not be read, and why; they are in none of the lists.
    pub(crate) damaged: Vec<(Part, String)>,
    pub(crate) relations: Vec<RelationImage>,
    pub(crate) indexes: Vec<IndexImage>,
    pub(crate) identifiers: Vec<IdentifierImage>,
}

/// Which structure a section of an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Relation(NameId),
    Index(BlueprintId, Indexed),
    Identifiers(BlueprintId),
}

impl Part {
    pub(super) fn to_words(self) -> [u32; 4] {
        match self {
            Self::Relation(name) => [0, name.0, 0, 0],
            Self::Index(blueprint, indexed) => {
                let (kind, name) = indexed.to_pair();
                [1, blueprint.0, kind, name]
            }
            Self::Identifiers(blueprint) => [2, blueprint.0, 0, 0],
        }
    }

    pub(super) fn from_words(words: [u32; 4]) -> Option<Self> {
        match words {
            [0, name, 0, 0] => Some(Self::Relation(NameId(name))),
            [1, blueprint, kind, name] => {
                let indexed = Indexed::from_pair((kind, name))?;
                Some(Self::Index(BlueprintId(blueprint), indexed))
            }
            [2, blueprint, 0, 0] => Some(Self::Identifiers(BlueprintId(blueprint))),
            _ => None,
        }
    }
}

/// Who is related to whom by one relation, ascending by source and then target; both lists are as long.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RelationImage {
    pub(crate) relation: NameId,
    pub(crate) sources: Vec<u32>,
    pub(crate) targets: Vec<u32>,
}

/// What an index is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Indexed {
    Property(NameId),
    Title,
    Team,
}

/// One index of a blueprint: its values in ascending order, their entities one list after the
/// other with where each ends, and the entities that have a value at all. Without values, each is
/// what the first entity of its list has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndexImage {
    pub(crate) blueprint: BlueprintId,
    pub(crate) indexed: Indexed,
    pub(crate) values: Vec<Value>,
    pub(crate) ends: Vec<u32>,
    pub(crate) entities: Vec<u32>,
    pub(crate) present: RoaringBitmap,
}

/// The identifier look-up table of a blueprint, slot by slot: id + 1, or 0 where empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IdentifierImage {
    pub(crate) blueprint: BlueprintId,
    pub(crate) slots: Vec<u32>,
}

/// A part of an image as it is archived. Flat arrays only: they need no check of their elements.
#[derive(Clone, Debug, rkyv::Archive, rkyv::Serialize)]
pub(super) enum Section {
    Relations {
        relation: u32,
        sources: Vec<u32>,
        targets: Vec<u32>,
    },
    Index {
        blueprint: u32,
        indexed: (u32, u32),
        values: Blobs,
        ends: Vec<u32>,
        entities: Vec<u32>,
        present: Vec<u8>,
    },
    Identifiers {
        blueprint: u32,
        slots: Vec<u32>,
    },
}

/// Byte strings one after the other, and where each ends.
#[derive(Clone, Debug, Default, rkyv::Archive, rkyv::Serialize)]
pub(super) struct Blobs {
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Blobs {
    /// `None` beyond 4 GiB.
    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(u32::try_from(self.bytes.len()).ok()?);
        Some(())
    }
}

impl ArchivedBlobs {
    fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let end = usize::try_from(end.to_native()).ok()?;
            let bytes = self.bytes.get(start..end);
            start = end;
            bytes
        })
    }
}

impl Indexed {
    fn to_pair(self) -> (u32, u32) {
        match self {
            Self::Property(name) => (0, name.0),
            Self::Title => (1, 0),
            Self::Team => (2, 0),
        }
    }

    fn from_pair(pair: (u32, u32)) -> Option<Self> {
        match pair {
            (0, name) => Some(Self::Property(NameId(name))),
            (1, 0) => Some(Self::Title),
            (2, 0) => Some(Self::Team),
            _ => None,
        }
    }
}

impl Image {
    /// The sections of the image one by one; `None` where one cannot be archived.
    pub(super) fn sections(&self) -> impl Iterator<Item = (Part, Option<Section>)> {
        let relations = self
            .relations
            .iter()
            .map(|relation| (Part::Relation(relation.relation), Some(relation.section())));
        let indexes = self.indexes.iter();
        let indexes =
            indexes.map(|index| (Part::Index(index.blueprint, index.indexed), index.section()));
        let identifiers = self.identifiers.iter().map(|table| {
            let section = Section::Identifiers {
                blueprint: table.blueprint.0,
                slots: table.slots.clone(),
            };
            (Part::Identifiers(table.blueprint), Some(section))
        });
        relations.chain(indexes).chain(identifiers)
    }

    /// Takes in a section; `None` where it cannot be what was written.
    pub(super) fn add(&mut self, section: &ArchivedSection) -> Option<()> {
        match section {
            ArchivedSection::Relations {
                relation,
                sources,
                targets,
            } => {
                let (sources, targets) = (words(sources), words(targets));
                if sources.len() != targets.len() {
                    return None;
                }
                self.relations.push(RelationImage {
                    relation: NameId(relation.to_native()),
                    sources,
                    targets,
                });
            }
            ArchivedSection::Index {
                blueprint,
                indexed,
                values,
                ends,
                entities,
                present,
            } => {
                let values = values.iter().map(|value| decode_value(value?).ok());
                let index = IndexImage {
                    blueprint: BlueprintId(blueprint.to_native()),
                    indexed: Indexed::from_pair((indexed.0.to_native(), indexed.1.to_native()))?,
                    values: values.collect::<Option<Vec<_>>>()?,
                    ends: words(ends),
                    entities: words(entities),
                    present: bitmap(present)?,
                };
                if !index.is_well_formed() {
                    return None;
                }
                self.indexes.push(index);
            }
            ArchivedSection::Identifiers { blueprint, slots } => {
                let blueprint = BlueprintId(blueprint.to_native());
                self.identifiers.push(IdentifierImage {
                    blueprint,
                    slots: words(slots),
                });
            }
        }
        Some(())
    }
}

impl RelationImage {
    fn section(&self) -> Section {
        let (sources, targets) = (self.sources.clone(), self.targets.clone());
        Section::Relations {
            relation: self.relation.0,
            sources,
            targets,
        }
    }
}

impl IndexImage {
    /// Whether every value has a list of entities, ascending and not empty.
    fn is_well_formed(&self) -> bool {
        let values = self.values.len();
        (values == 0 || values == self.ends.len())
            && self.ends.is_sorted_by(|a, b| a < b)
            && self.ends.last().copied().unwrap_or(0) as usize == self.entities.len()
            && self
                .lists()
                .all(|list| !list.is_empty() && list.is_sorted_by(|a, b| a < b))
    }

    /// The entities of every value.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &[u32]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let end = *end as usize;
            let list = self.entities.get(start..end).unwrap_or_default();
            start = end;
            list
        })
    }

    fn section(&self) -> Option<Section> {
        let mut values = Blobs::default();
        for value in &self.values {
            let value: Result<Vec<u8>> = encode_value(value);
            values.push(&value.ok()?)?;
        }
        let (ends, entities) = (self.ends.clone(), self.entities.clone());
        let present = bitmap_bytes(&self.present)?;
        let (blueprint, indexed) = (self.blueprint.0, self.indexed.to_pair());
        Some(Section::Index {
            blueprint,
            indexed,
            values,
            ends,
            entities,
            present,
        })
    }
}

fn words(archived: &rkyv::vec::ArchivedVec<rkyv::primitive::ArchivedU32>) -> Vec<u32> {
    archived.iter().map(|word| word.to_native()).collect()
}

fn bitmap_bytes(bitmap: &RoaringBitmap) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(bitmap.serialized_size());
    bitmap.serialize_into(&mut bytes).ok()?;
    Some(bytes)
}

fn bitmap(bytes: &[u8]) -> Option<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes).ok()
}
