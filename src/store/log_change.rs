//! The bytes of one changed entity in a log record: its images before and after.

use std::sync::Arc;

use super::bytes::{Reader, prefix_length, put_varint};
use super::fields::{Field, FieldTable, FieldWriter};
use super::record::Entity;
use super::value_codec::tag;
use crate::error::{Error, Result};
use crate::value::EntityId;

/// One entity before and after a commit; created where `before` is absent, deleted where `after` is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) id: EntityId,
    pub(crate) before: Option<Arc<Entity>>,
    pub(crate) after: Option<Arc<Entity>>,
}

/// What happened to the entity; see docs/format.md.
const CREATED: u8 = 1;
const DELETED: u8 = 2;
const UPDATED: u8 = 3;

impl Change {
    /// Appends id and kind, then the whole image that remains and, for an update, a patch: a
    /// record of those earlier fields that differ.
    pub(super) fn encode_into(&self, out: &mut Vec<u8>) -> Result<()> {
        put_varint(out, u64::from(self.id.0));
        match (self.before.as_deref(), self.after.as_deref()) {
            (None, Some(after)) => {
                out.push(CREATED);
                put_record(out, after)
            }
            (Some(before), None) => {
                out.push(DELETED);
                put_record(out, before)
            }
            (Some(before), Some(after)) => {
                out.push(UPDATED);
                let (before, after) = (before.encode()?, after.encode()?);
                put_varint(out, after.len() as u64);
                out.extend_from_slice(&after);
                let start = out.len();
                patch(
                    &FieldTable::parse(&before)?.all()?,
                    &FieldTable::parse(&after)?.all()?,
                )?
                .finish(out)?;
                prefix_length(out, start);
                Ok(())
            }
            (None, None) => Err(Error::internal("a change without images")),
        }
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        let id = EntityId(reader.id()?);
        Self::decode_rest(reader, id)
    }

    /// The change at hand where it is of this entity; one of another is passed over.
    pub(super) fn decode_if(reader: &mut Reader<'_>, wanted: EntityId) -> Result<Option<Self>> {
        let id = EntityId(reader.id()?);
        if id == wanted {
            return Self::decode_rest(reader, id).map(Some);
        }
        let kind = reader.byte()?;
        reader.bytes()?;
        if kind == UPDATED {
            reader.bytes()?;
        }
        Ok(None)
    }

    fn decode_rest(reader: &mut Reader<'_>, id: EntityId) -> Result<Self> {
        let kind = reader.byte()?;
        let image = FieldTable::parse(reader.bytes()?)?.all()?;
        let record = |fields: &[Field<'_>]| {
            Entity::from_fields(id, fields.iter().copied()).map(|record| Some(Arc::new(record)))
        };
        let (before, after) = match kind {
            CREATED => (None, record(&image)?),
            DELETED => (record(&image)?, None),
            UPDATED => {
                let patch = FieldTable::parse(reader.bytes()?)?.all()?;
                (record(&patched(&image, &patch))?, record(&image)?)
            }
            unknown => {
                return Err(Error::corrupt(format!(
                    "a change of unknown kind {unknown}"
                )));
            }
        };
        Ok(Self { id, before, after })
    }
}

fn put_record(out: &mut Vec<u8>, record: &Entity) -> Result<()> {
    let start = out.len();
    record.encode_into(out)?;
    prefix_length(out, start);
    Ok(())
}

/// Pairs up two ascending lists of fields by key.
fn merge<'f, 'a>(
    left: &'f [Field<'a>],
    right: &'f [Field<'a>],
) -> impl Iterator<Item = (Option<Field<'a>>, Option<Field<'a>>)> + use<'f, 'a> {
    let mut left = left.iter().copied().peekable();
    let mut right = right.iter().copied().peekable();
    std::iter::from_fn(move || {
        let keys = (
            left.peek().map(|field| field.key),
            right.peek().map(|field| field.key),
        );
        let (take_left, take_right) = match keys {
            (None, None) => return None,
            (Some(_), None) => (true, false),
            (None, Some(_)) => (false, true),
            (Some(left), Some(right)) => (left <= right, right <= left),
        };
        let left = if take_left { left.next() } else { None };
        let right = if take_right { right.next() } else { None };
        Some((left, right))
    })
}

/// The fields of `before` that `after` does not hold just so; absent ones are marked.
fn patch(before: &[Field<'_>], after: &[Field<'_>]) -> Result<FieldWriter> {
    let mut writer = FieldWriter::default();
    for pair in merge(before, after) {
        match pair {
            (Some(before), after) if after != Some(before) => writer.add(before.key, |body| {
                body.extend_from_slice(before.body);
                Ok(before.tag)
            })?,
            (None, Some(after)) => writer.add(after.key, |_| Ok(tag::ABSENT))?,
            _ => {}
        }
    }
    Ok(writer)
}

/// The fields of the earlier image: those of the patch, and of `after` where the patch has none.
fn patched<'a>(after: &[Field<'a>], patch: &[Field<'a>]) -> Vec<Field<'a>> {
    merge(after, patch)
        .filter_map(|(after, patch)| patch.or(after))
        .filter(|field| field.tag != tag::ABSENT)
        .collect()
}
