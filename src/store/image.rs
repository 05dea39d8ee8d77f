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
    pub(crate) relations: Vec<RelationImage>,
    pub(crate) indexes: Vec<IndexImage>,
    pub(crate) identifiers: Vec<IdentifierImage>,
    pub(crate) members: Vec<MemberImage>,
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

/// One index of a blueprint: its values in ascending order with their entities, and the entities
/// that have a value at all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndexImage {
    pub(crate) blueprint: BlueprintId,
    pub(crate) indexed: Indexed,
    pub(crate) entries: Vec<(Value, RoaringBitmap)>,
    pub(crate) present: RoaringBitmap,
}

/// The identifier look-up table of a blueprint, slot by slot: id + 1, or 0 where empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IdentifierImage {
    pub(crate) blueprint: BlueprintId,
    pub(crate) slots: Vec<u32>,
}

/// The entities of a blueprint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MemberImage {
    pub(crate) blueprint: BlueprintId,
    pub(crate) entities: RoaringBitmap,
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
        sets: Blobs,
        present: Vec<u8>,
    },
    Identifiers {
        blueprint: u32,
        slots: Vec<u32>,
    },
    Members {
        blueprint: u32,
        entities: Vec<u8>,
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
    pub(super) fn sections(&self) -> impl Iterator<Item = Option<Section>> {
        let relations = self
            .relations
            .iter()
            .map(|relation| Some(relation.section()));
        let indexes = self.indexes.iter().map(IndexImage::section);
        let identifiers = self.identifiers.iter().map(|table| {
            Some(Section::Identifiers {
                blueprint: table.blueprint.0,
                slots: table.slots.clone(),
            })
        });
        let members = self.members.iter().map(|members| {
            let entities = bitmap_bytes(&members.entities)?;
            Some(Section::Members {
                blueprint: members.blueprint.0,
                entities,
            })
        });
        relations.chain(indexes).chain(identifiers).chain(members)
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
                sets,
                present,
            } => {
                let entries = values
                    .iter()
                    .zip(sets.iter())
                    .map(|(value, set)| Some((decode_value(value?).ok()?, bitmap(set?)?)));
                let entries = entries.collect::<Option<Vec<_>>>()?;
                if entries.len() != values.ends.len() || entries.len() != sets.ends.len() {
                    return None;
                }
                self.indexes.push(IndexImage {
                    blueprint: BlueprintId(blueprint.to_native()),
                    indexed: Indexed::from_pair((indexed.0.to_native(), indexed.1.to_native()))?,
                    entries,
                    present: bitmap(present)?,
                });
            }
            ArchivedSection::Identifiers { blueprint, slots } => {
                let blueprint = BlueprintId(blueprint.to_native());
                self.identifiers.push(IdentifierImage {
                    blueprint,
                    slots: words(slots),
                });
            }
            ArchivedSection::Members {
                blueprint,
                entities,
            } => {
                let blueprint = BlueprintId(blueprint.to_native());
                self.members.push(MemberImage {
                    blueprint,
                    entities: bitmap(entities)?,
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
    fn section(&self) -> Option<Section> {
        let (mut values, mut sets) = (Blobs::default(), Blobs::default());
        for (value, set) in &self.entries {
            let value: Result<Vec<u8>> = encode_value(value);
            values.push(&value.ok()?)?;
            sets.push(&bitmap_bytes(set)?)?;
        }
        let present = bitmap_bytes(&self.present)?;
        let (blueprint, indexed) = (self.blueprint.0, self.indexed.to_pair());
        Some(Section::Index {
            blueprint,
            indexed,
            values,
            sets,
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
