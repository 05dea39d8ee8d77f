//! A page of packed entities with neighbouring ids: the unit in which they are shared, copied,
//! written and read.

use std::sync::Arc;

use super::bytes::Reader;
use super::packed::{Packed, Record, pack};
use super::record::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::value::{ARC, EntityId};

/// How many ids a page has room for, as a power of two.
///
/// A commit copies the page of every entity it changes, and a checkpoint writes it: sixteen
/// entities of a few hundred bytes are about one page of the file.
pub(crate) const PAGE_BITS: u32 = 4;
const ENTITIES: usize = 1 << PAGE_BITS;

/// The entities of sixteen neighbouring ids, as they lie in the file: a byte that says how wide
/// the ends are, the end of each record, and the records; a missing entity is an empty one.
#[derive(Clone, Debug)]
pub(crate) struct RecordPage {
    bytes: Arc<[u8]>,
}

const fn slot(id: EntityId) -> usize {
    id.0 as usize & (ENTITIES - 1)
}

impl RecordPage {
    /// The number of the page that an entity is in.
    pub(crate) const fn of(id: EntityId) -> u32 {
        id.0 >> PAGE_BITS
    }

    /// A page of the file, checked but for the values in it.
    pub(super) fn read(number: u32, bytes: &[u8]) -> Result<Self> {
        let page = Self {
            bytes: bytes.into(),
        };
        if page.wide().is_none() || page.end(ENTITIES) != Some(page.records().len()) {
            return Err(Error::corrupt("its records are not where they should be"));
        }
        let mut start = 0;
        for at in 0..ENTITIES {
            let end = page.end(at + 1).unwrap_or(0);
            if end < start {
                return Err(Error::corrupt("its records overlap"));
            }
            if end > start {
                page.record_at(at, entity(number, at))?.check()?;
            }
            start = end;
        }
        Ok(page)
    }

    /// Whether every value of the page can be read.
    pub(super) fn check_values(&self, number: u32) -> Result<()> {
        self.iter(number).try_for_each(Record::check_values)
    }

    /// How many bytes of heap the page takes.
    pub(crate) fn heap_bytes(&self) -> usize {
        ARC + self.bytes.len()
    }

    /// The bytes for the file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the ends are wide; `None` where the first byte does not say.
    fn wide(&self) -> Option<bool> {
        match self.bytes.first()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn width(&self) -> usize {
        if self.bytes.first() == Some(&0) { 2 } else { 4 }
    }

    fn records(&self) -> &[u8] {
        self.bytes
            .get(1 + ENTITIES * self.width()..)
            .unwrap_or_default()
    }

    /// Where the record before a place ends, from the start of the records.
    fn end(&self, place: usize) -> Option<usize> {
        let Some(at) = place.checked_sub(1) else {
            return Some(0);
        };
        let width = self.width();
        let mut reader = Reader::new(self.bytes.get(1 + at * width..)?);
        if width == 2 {
            return Some(usize::from(u16::from_le_bytes(reader.array().ok()?)));
        }
        usize::try_from(u32::from_le_bytes(reader.array().ok()?)).ok()
    }

    fn body(&self, at: usize) -> &[u8] {
        let body = self.end(at).zip(self.end(at + 1));
        body.and_then(|(start, end)| self.records().get(start..end))
            .unwrap_or_default()
    }

    fn record_at(&self, at: usize, id: EntityId) -> Result<Record<'_>> {
        Record::parse(id, self.body(at))
    }

    /// An entity of the page.
    pub(crate) fn get(&self, id: EntityId) -> Option<Record<'_>> {
        self.record_at(slot(id), id).ok()
    }

    /// Every entity of the page whose number this is, ascending.
    pub(crate) fn iter(&self, number: u32) -> impl Iterator<Item = Record<'_>> {
        (0..ENTITIES).filter_map(move |at| self.record_at(at, entity(number, at)).ok())
    }

    /// The page with one entity put in or taken out; `None` where nothing is left.
    ///
    /// # Errors
    /// `Limit` where the page would be beyond 4 GiB or a value is nested too deeply.
    pub(crate) fn with(
        before: Option<&Self>,
        id: EntityId,
        entity: Option<&Entity>,
    ) -> Result<Option<Self>> {
        let mut packed = Vec::new();
        if let Some(entity) = entity {
            packed.reserve(512);
            pack(entity, &mut packed)?;
        }
        let bodies = (0..ENTITIES).map(|at| match before {
            _ if at == slot(id) => &packed,
            Some(page) => page.body(at),
            None => &[],
        });
        Self::build(bodies)
    }

    /// The page of these entities, whose ids ascend and are all of it; `None` where there is none.
    ///
    /// # Errors
    /// As for [`Self::with`].
    #[cfg(test)]
    pub(crate) fn pack(entities: &[&Entity]) -> Result<Option<Self>> {
        let mut packed = Vec::with_capacity(entities.len() * 256);
        let mut ends = [0; ENTITIES];
        for entity in entities {
            pack(entity, &mut packed)?;
            if let Some(rest) = ends.get_mut(slot(entity.id)..) {
                rest.fill(packed.len());
            }
        }
        let starts = [0].into_iter().chain(ends);
        Self::build(
            starts
                .zip(ends)
                .map(|(start, end)| packed.get(start..end).unwrap_or_default()),
        )
    }

    /// The page with packed entities put in, whose ids ascend and are all of it.
    ///
    /// # Errors
    /// `Limit` where the page would be beyond 4 GiB.
    pub(crate) fn with_packed(
        before: Option<&Self>,
        packed: &[(EntityId, Packed)],
    ) -> Result<Option<Self>> {
        let mut bodies: [&[u8]; ENTITIES] =
            std::array::from_fn(|at| before.map_or(&[][..], |page| page.body(at)));
        for (id, packed) in packed {
            if let Some(body) = bodies.get_mut(slot(*id)) {
                *body = packed.bytes();
            }
        }
        Self::build(bodies.into_iter())
    }

    fn build<'b>(bodies: impl Iterator<Item = &'b [u8]> + Clone) -> Result<Option<Self>> {
        let total: usize = bodies.clone().map(<[u8]>::len).sum();
        if total == 0 {
            return Ok(None);
        }
        let too_large = |_| {
            Error::new(
                ErrorKind::Limit,
                "entities with neighbouring ids are larger than 4 GiB",
            )
        };
        u32::try_from(total).map_err(too_large)?;
        let wide = u16::try_from(total).is_err();
        let mut bytes = Vec::with_capacity(1 + ENTITIES * 4 + total);
        bytes.push(u8::from(wide));
        let mut end = 0_usize;
        for body in bodies.clone() {
            end += body.len();
            let all = end.to_le_bytes();
            bytes.extend_from_slice(all.get(..if wide { 4 } else { 2 }).unwrap_or(&all));
        }
        bodies.for_each(|body| bytes.extend_from_slice(body));
        Ok(Some(Self {
            bytes: bytes.into(),
        }))
    }
}

const fn entity(page: u32, at: usize) -> EntityId {
    EntityId((page << PAGE_BITS) | (at & (ENTITIES - 1)) as u32)
}
