//! The container of records: a sorted table of (field, tag, end) in front of the values.

use super::bytes::Reader;
use crate::error::{Error, Result};

/// The version of the record layout; readers refuse any other.
pub(crate) const RECORD_VERSION: u8 = 1;

/// Set where ids or offsets need 32 bits.
const WIDE: u8 = 1;
/// Narrow tables hold ids below this; the two bits above are the space.
const NARROW_IDS: u32 = 1 << NARROW_ID_BITS;
const NARROW_ID_BITS: u32 = 14;
const NARROW_ENTRY: usize = 5;
const WIDE_ENTRY: usize = 10;

/// What the id of a field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    /// The fixed fields of an entity.
    System = 0,
    /// Property names.
    Property = 1,
    /// Relation names.
    Relation = 2,
}

impl Space {
    const ALL: [Self; 3] = [Self::System, Self::Property, Self::Relation];

    fn of(number: u8) -> Result<Self> {
        let space = Self::ALL.get(usize::from(number));
        space
            .copied()
            .ok_or_else(|| Error::corrupt("the record has a field of unknown space"))
    }
}

/// Which field; records hold their fields in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FieldKey {
    pub(super) space: Space,
    pub(super) id: u32,
}

impl FieldKey {
    pub(super) const fn new(space: Space, id: u32) -> Self {
        Self { space, id }
    }
}

/// One field of a record, its value not decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) key: FieldKey,
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
}

/// A record being written; fields must come in ascending order.
#[derive(Debug, Default)]
pub(super) struct FieldWriter {
    entries: Vec<(FieldKey, u8, u32)>,
    body: Vec<u8>,
}

impl FieldWriter {
    /// Adds a field whose body `write` appends and whose tag it gives.
    pub(super) fn add(
        &mut self,
        key: FieldKey,
        write: impl FnOnce(&mut Vec<u8>) -> Result<u8>,
    ) -> Result<()> {
        if self.entries.last().is_some_and(|(last, ..)| *last >= key) {
            return Err(Error::internal("the fields of a record are out of order"));
        }
        let tag = write(&mut self.body)?;
        let end = u32::try_from(self.body.len()).map_err(|_| too_large())?;
        self.entries.push((key, tag, end));
        Ok(())
    }

    /// Appends the record.
    pub(super) fn finish(self, out: &mut Vec<u8>) -> Result<()> {
        let wide = self.body.len() > usize::from(u16::MAX)
            || self.entries.len() > usize::from(u16::MAX)
            || self.entries.iter().any(|(key, ..)| key.id >= NARROW_IDS);
        out.push(RECORD_VERSION);
        if wide {
            let count = u32::try_from(self.entries.len()).map_err(|_| too_large())?;
            out.push(WIDE);
            out.extend_from_slice(&count.to_le_bytes());
            for (key, tag, end) in &self.entries {
                out.extend_from_slice(&key.id.to_le_bytes());
                out.push(key.space as u8);
                out.push(*tag);
                out.extend_from_slice(&end.to_le_bytes());
            }
        } else {
            let narrow = |number: u32| u16::try_from(number).map_err(|_| too_large());
            let count = u16::try_from(self.entries.len()).map_err(|_| too_large())?;
            out.push(0);
            out.extend_from_slice(&count.to_le_bytes());
            for (key, tag, end) in &self.entries {
                let key = ((key.space as u32) << NARROW_ID_BITS) | key.id;
                out.extend_from_slice(&narrow(key)?.to_le_bytes());
                out.push(*tag);
                out.extend_from_slice(&narrow(*end)?.to_le_bytes());
            }
        }
        out.extend_from_slice(&self.body);
        Ok(())
    }
}

fn too_large() -> Error {
    Error::new(
        crate::error::ErrorKind::Limit,
        "a record is larger than 4 GiB",
    )
}

/// The fields of a record in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldTable<'a> {
    wide: bool,
    count: usize,
    table: &'a [u8],
    body: &'a [u8],
}

impl<'a> FieldTable<'a> {
    /// Finds the parts of a record; the fields themselves are checked when they are read.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        if version != RECORD_VERSION {
            let message = format!(
                "a record has version {version}, and this release reads version {RECORD_VERSION}"
            );
            return Err(Error::corrupt(message));
        }
        let (wide, count, entry) = match reader.byte()? {
            0 => (
                false,
                u32::from(u16::from_le_bytes(reader.array()?)),
                NARROW_ENTRY,
            ),
            WIDE => (true, u32::from_le_bytes(reader.array()?), WIDE_ENTRY),
            _ => return Err(Error::corrupt("a record has unknown flags")),
        };
        let size = (count as usize).checked_mul(entry);
        let size = size.ok_or_else(|| Error::corrupt("the record ends too early"))?;
        let table = reader.take(size)?;
        Ok(Self {
            wide,
            count: count as usize,
            table,
            body: reader.rest(),
        })
    }

    /// The key, tag and end of a field.
    fn entry(&self, index: usize) -> Result<(FieldKey, u8, usize)> {
        let size = if self.wide { WIDE_ENTRY } else { NARROW_ENTRY };
        let at = index.saturating_mul(size).min(self.table.len());
        let (_, from) = self.table.split_at(at);
        let mut reader = Reader::new(from);
        if self.wide {
            let id = u32::from_le_bytes(reader.array()?);
            let space = Space::of(reader.byte()?)?;
            let tag = reader.byte()?;
            let end = u32::from_le_bytes(reader.array()?) as usize;
            return Ok((FieldKey { space, id }, tag, end));
        }
        let key = u32::from(u16::from_le_bytes(reader.array()?));
        let space = Space::of(u8::try_from(key >> NARROW_ID_BITS).unwrap_or(u8::MAX))?;
        let tag = reader.byte()?;
        let end = usize::from(u16::from_le_bytes(reader.array()?));
        Ok((
            FieldKey {
                space,
                id: key & (NARROW_IDS - 1),
            },
            tag,
            end,
        ))
    }

    /// Every field; fails unless keys ascend and the bodies fill the record.
    pub(super) fn all(&self) -> Result<Vec<Field<'a>>> {
        let mut fields: Vec<Field<'a>> = Vec::with_capacity(self.count);
        let mut start = 0;
        for index in 0..self.count {
            let (key, tag, end) = self.entry(index)?;
            if fields.last().is_some_and(|last| last.key >= key) {
                return Err(Error::corrupt("the fields of a record are out of order"));
            }
            let body = self.body.get(start..end);
            let body =
                body.ok_or_else(|| Error::corrupt("the offsets of a record are out of order"))?;
            fields.push(Field { key, tag, body });
            start = end;
        }
        if start != self.body.len() {
            return Err(Error::corrupt("the record is longer than its content"));
        }
        Ok(fields)
    }
}
