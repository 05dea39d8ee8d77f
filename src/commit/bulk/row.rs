//! One entity of a load: packed without its relations, beside the names it refers to.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde_json::{Map, Value as Json};

use super::super::draft::{self, Draft, Reference, too_many};
use super::super::staging::label;
use super::restore::Stamps;
use crate::access::Viewer;
use crate::error::{Error, Result};
use crate::model::{Compiled, Model};
use crate::state::{Entity, Packed};
use crate::value::{BlueprintId, EntityId, Instant, NameId, Seq, Value};

/// What the relations of a row point to, in the order of their names.
pub(super) type References = Box<[(NameId, Box<[RowReference]>)]>;

/// Who writes the rows, when, and in which commit.
#[derive(Clone, Debug)]
pub(crate) struct Writing {
    pub(crate) seq: Seq,
    stamps: Stamps,
}

impl Writing {
    pub(crate) fn new(seq: Seq, now: Instant, viewer: &Viewer) -> Self {
        let stamps = Stamps {
            created_at: now,
            created_by: Arc::clone(viewer.name()),
            updated_at: now,
            updated_by: Arc::clone(viewer.name()),
        };
        Self { seq, stamps }
    }
}

/// Where a row comes from, and what it is stamped with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) line: u64,
    /// The commit that creates the entity, if there is none of the name.
    pub(super) seq: Seq,
    pub(super) stamps: &'a Stamps,
}

/// One entity of a load.
#[derive(Debug)]
pub(crate) struct Row {
    /// Where it came from, for people.
    pub(crate) line: u64,
    pub(super) packed: Packed,
    pub(super) references: References,
}

/// What a relation of a row points to.
#[derive(Debug)]
pub(super) struct RowReference {
    pub(super) blueprint: Option<BlueprintId>,
    pub(super) identifier: Box<str>,
}

/// What a row is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowKey<'a> {
    pub(super) blueprint: BlueprintId,
    pub(super) identifier: &'a str,
}

impl RowKey<'_> {
    /// The same in every run.
    pub(super) fn hash(&self) -> u64 {
        FixedState::with_seed(0).hash_one((self.blueprint.0, self.identifier))
    }
}

impl Row {
    /// Reads an entity's document, which must name its blueprint, as an upsert does: checked
    /// against the blueprint, but for what its relations lead to.
    ///
    /// # Errors
    /// `Invalid`, `NotFound`, `Limit`; named after the entity.
    pub(crate) fn read(
        model: &Model,
        (blueprint, document): (&str, &Map<String, Json>),
        line: u64,
        writing: &Writing,
    ) -> Result<Self> {
        let compiled = model.find_blueprint(blueprint)?;
        let identifier = draft::identifier(document)?;
        let mut draft = Draft {
            identifier: Arc::clone(&identifier),
            ..Draft::default()
        };
        let place = Place {
            line,
            seq: writing.seq,
            stamps: &writing.stamps,
        };
        let row = draft
            .write(document, &compiled.blueprint, 0)
            .and_then(|()| {
                draft.fill_defaults(document, &compiled.blueprint);
                Self::of(model, compiled, draft, &place)
            });
        row.map_err(|error| error.context(label(blueprint, &identifier)))
    }

    /// Checks and packs what was written.
    pub(super) fn of(
        model: &Model,
        compiled: &Compiled,
        draft: Draft,
        place: &Place<'_>,
    ) -> Result<Self> {
        compiled.schema.validate(&draft.properties)?;
        let stamps = place.stamps;
        let references = references(model, compiled, draft.relations)?;
        let names = model.names();
        let properties = draft.properties.iter();
        let properties =
            properties.filter_map(|(name, value)| Some((names.id(name)?, Value::from_json(value))));
        let mut properties: Vec<(NameId, Value)> = properties.collect();
        properties.sort_unstable_by_key(|(name, _)| *name);
        let entity = Entity {
            id: EntityId(0),
            blueprint: compiled.id,
            identifier: draft.identifier,
            title: draft.title,
            icon: draft.icon,
            team: draft.team.into(),
            properties,
            relations: Vec::new(),
            created_at: stamps.created_at,
            updated_at: stamps.updated_at,
            created_by: Arc::clone(&stamps.created_by),
            updated_by: Arc::clone(&stamps.updated_by),
            created_in: place.seq,
        };
        Ok(Self {
            line: place.line,
            packed: Packed::of(&entity)?,
            references,
        })
    }

    pub(super) fn key(&self) -> RowKey<'_> {
        let record = self.packed.record(EntityId(0));
        RowKey {
            blueprint: record.map_or_else(BlueprintId::default, |record| record.blueprint()),
            identifier: record.map_or("", |record| record.identifier()),
        }
    }

    /// About how many bytes the row takes.
    pub(super) fn bytes(&self) -> usize {
        let each = self.references.iter().map(|(_, references)| {
            let texts = references.iter().map(|it| it.identifier.len() + 48);
            32 + texts.sum::<usize>()
        });
        // Itself, its place in the table of names, and what the allocator adds.
        size_of::<Self>() + 24 + self.packed.len() + each.sum::<usize>()
    }
}

/// The references of a row, with blueprints as ids.
fn references(
    model: &Model,
    compiled: &Compiled,
    written: BTreeMap<Arc<str>, Vec<Reference>>,
) -> Result<References> {
    let mut all = Vec::with_capacity(written.len());
    for (name, references) in written {
        let relation = compiled.blueprint.relation(&name);
        if let Some(relation) = relation.filter(|relation| !relation.many)
            && references.len() > 1
        {
            return Err(too_many(relation, references.len()));
        }
        let Some(id) = model.names().id(&name) else {
            return Err(Error::internal("a relation without a name"));
        };
        let references = references.into_iter().map(|reference| match reference {
            Reference::Named {
                blueprint,
                identifier,
                ..
            } => Ok(RowReference {
                blueprint: match blueprint {
                    Some(blueprint) => Some(model.find_blueprint(&blueprint)?.id),
                    None => None,
                },
                identifier: (&*identifier).into(),
            }),
            Reference::Known(_) => Err(Error::internal("a document that refers by id")),
        });
        all.push((id, references.collect::<Result<_>>()?));
    }
    all.sort_unstable_by_key(|(name, _)| *name);
    Ok(all.into())
}
