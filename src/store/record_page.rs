//! A page of packed entities with neighbouring ids: the unit in which versions share and copy them.

use std::sync::Arc;

use super::bytes::Reader;
use super::packed::{Packed, Record, pack};
use super::record::Entity;
use crate::cow::Pages;
use crate::error::{Error, ErrorKind, Result};
use crate::value::{ARC, EntityId};

/// How many ids a page has room for, as a power of two.
///
/// A commit copies the page of every entity it changes, so pages are small; what a page adds to its
/// entities is about 80 bytes.
pub(crate) const PAGE_BITS: u32 = 4;
const ENTITIES: usize = 1 << PAGE_BITS;

/// The entities of sixteen neighbouring ids: a byte that says how wide the ends are, the end of
/// each record, and the records; a missing entity is an empty one.
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

    /// How many bytes of heap the page takes.
    pub(crate) fn heap_bytes(&self) -> usize {
        ARC + self.bytes.len()
    }

    /// Counts the page where it is not the other one.
    pub(crate) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        if !other.is_some_and(|other| Arc::ptr_eq(&self.bytes, &other.bytes)) {
            count.page(self.heap_bytes());
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

    /// The bytes of an entity of the page, for the file.
    pub(crate) fn packed(&self, id: EntityId) -> Option<&[u8]> {
        Some(self.body(slot(id))).filter(|body| !body.is_empty())
    }

    /// An entity of the page.
    pub(crate) fn get(&self, id: EntityId) -> Option<Record<'_>> {
        self.record_at(slot(id), id).ok()
    }

    /// The ids of the entities of the page whose number this is, ascending.
    pub(crate) fn ids(&self, number: u32) -> impl Iterator<Item = EntityId> {
        let present = (0..ENTITIES).filter(|at| !self.body(*at).is_empty());
        present.map(move |at| entity(number, at))
    }

    /// Every entity of the page whose number this is, ascending.
    #[cfg(test)]
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

/// A page that is being read from the file, entity by entity.
#[derive(Debug, Default)]
pub(super) struct OpenPage {
    number: u32,
    packed: Vec<u8>,
    ends: [usize; ENTITIES],
}

impl OpenPage {
    /// Adds the next entity, ascending by id; everything of it but its values is checked. Gives the
    /// page before where the entity is not of it.
    pub(super) fn add(&mut self, id: EntityId, packed: &[u8]) -> Result<Option<(u32, RecordPage)>> {
        Record::parse(id, packed)?.check()?;
        let number = RecordPage::of(id);
        let done = if number == self.number {
            None
        } else {
            self.close()?
        };
        self.number = number;
        self.packed.extend_from_slice(packed);
        if let Some(rest) = self.ends.get_mut(slot(id)..) {
            rest.fill(self.packed.len());
        }
        Ok(done)
    }

    /// The page as it is, unless nothing is in it.
    pub(super) fn close(&mut self) -> Result<Option<(u32, RecordPage)>> {
        let starts = [0].into_iter().chain(self.ends);
        let bodies = starts.zip(self.ends);
        let body = |(start, end)| self.packed.get(start..end).unwrap_or_default();
        let page = RecordPage::build(bodies.map(body))?;
        self.packed.clear();
        self.ends = [0; ENTITIES];
        Ok(page.map(|page| (self.number, page)))
    }
}

const fn entity(page: u32, at: usize) -> EntityId {
    EntityId((page << PAGE_BITS) | low(at))
}

/// A place within a page as the lowest bits of an id.
#[expect(clippy::cast_possible_truncation, reason = "a page has sixteen places")]
const fn low(at: usize) -> u32 {
    (at & (ENTITIES - 1)) as u32
}
