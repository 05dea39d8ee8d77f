//! A large set of ids, by chunks of 65,536 ids.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::chunk::{self, Chunk};
use crate::cow::{Pages, apart};
use crate::value::{ARC, CHUNK, CHUNK_BITS, EntityId};

/// A chunk with its number.
type Numbered = (u32, Arc<Chunk>);

/// Ids by chunk. A change copies the list of chunks and of one chunk the part that changes (at
/// most 1 KiB), and only where another version still shares them; it never costs the size of the
/// set.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    /// Ascending by number; none is empty.
    chunks: Vec<Numbered>,
    len: u64,
}

/// The place of an id in its chunk.
const fn place(id: EntityId) -> u16 {
    (id.0 & (CHUNK - 1)) as u16
}

impl Chunks {
    /// The set of ascending ids.
    pub(super) fn from_sorted(ids: &[EntityId]) -> Self {
        let mut chunks = Vec::new();
        for own in ids.chunk_by(|a, b| a.chunk() == b.chunk()) {
            let places: Vec<u16> = own.iter().map(|id| place(*id)).collect();
            if let Some(first) = own.first() {
                chunks.push((first.chunk(), Arc::new(Chunk::from_sorted(&places))));
            }
        }
        let len = ids.len() as u64;
        Self { chunks, len }
    }

    /// The set of a bitmap, in time linear in its size.
    pub(super) fn from_bitmap(bitmap: &RoaringBitmap) -> Self {
        let (mut chunks, mut next) = (Vec::new(), bitmap.min());
        while let Some(id) = next {
            let (first, last) = (id & !(CHUNK - 1), id | (CHUNK - 1));
            let ids = bitmap.range(first..=last);
            let places: Vec<u16> = ids.map(|id| place(EntityId(id))).collect();
            chunks.push((id >> CHUNK_BITS, Arc::new(Chunk::from_sorted(&places))));
            next = last
                .checked_add(1)
                .and_then(|after| bitmap.range(after..).next());
        }
        let len = bitmap.len();
        Self { chunks, len }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    fn find(&self, number: u32) -> Result<usize, usize> {
        self.chunks
            .binary_search_by_key(&number, |(number, _)| *number)
    }

    fn chunk(&self, number: u32) -> Option<&Arc<Chunk>> {
        let at = self.find(number).ok()?;
        self.chunks.get(at).map(|(_, chunk)| chunk)
    }

    pub(super) fn contains(&self, id: EntityId) -> bool {
        self.chunk(id.chunk())
            .is_some_and(|chunk| chunk.contains(place(id)))
    }

    /// Adds an id that is not there.
    pub(super) fn insert(&mut self, id: EntityId) {
        let at = match self.find(id.chunk()) {
            Ok(at) => at,
            Err(at) => {
                self.chunks.insert(at, (id.chunk(), Arc::default()));
                at
            }
        };
        if let Some((_, chunk)) = self.chunks.get_mut(at) {
            Arc::make_mut(chunk).insert(place(id));
            self.len += 1;
        }
    }

    /// Removes an id that is there.
    pub(super) fn remove(&mut self, id: EntityId) {
        let Ok(at) = self.find(id.chunk()) else {
            return;
        };
        let Some((_, chunk)) = self.chunks.get_mut(at) else {
            return;
        };
        if Arc::make_mut(chunk).remove(place(id)) {
            self.chunks.remove(at);
        }
        self.len -= 1;
    }

    /// The heap that the set holds.
    pub(super) fn heap_bytes(&self) -> usize {
        let chunks = self.chunks.iter();
        let chunks = chunks.map(|(_, chunk)| ARC + size_of::<Chunk>() + chunk.heap_bytes());
        self.chunks.capacity() * size_of::<Numbered>() + chunks.sum::<usize>()
    }

    /// Counts what the set holds on the heap and the other does not share.
    pub(super) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        count.heap(self.chunks.capacity() * size_of::<Numbered>());
        for (number, own) in &self.chunks {
            let there = other.and_then(|other| other.chunk(*number));
            if let Some((own, there)) = apart(own, there) {
                own.unshared(there, count);
            }
        }
    }

    pub(super) fn union_into(&self, bitmap: &mut RoaringBitmap) {
        let mut bytes = Vec::new();
        for (number, chunk) in &self.chunks {
            *bitmap |= chunk.to_bitmap(number << CHUNK_BITS, &mut bytes);
        }
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        Iter {
            rest: self.chunks.iter(),
            current: None,
        }
    }
}

/// The ids in ascending order.
#[derive(Clone)]
pub(super) struct Iter<'a> {
    rest: std::slice::Iter<'a, Numbered>,
    /// The first id of a chunk, and what is left of it.
    current: Option<(u32, chunk::Iter<'a>)>,
}

impl Iterator for Iter<'_> {
    type Item = EntityId;

    fn next(&mut self) -> Option<EntityId> {
        loop {
            if let Some((first, places)) = &mut self.current
                && let Some(place) = places.next()
            {
                return Some(EntityId(*first | u32::from(place)));
            }
            let (number, chunk) = self.rest.next()?;
            self.current = Some((number << CHUNK_BITS, chunk.iter()));
        }
    }
}
