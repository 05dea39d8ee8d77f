//! A large set of ids: one shared roaring bitmap per chunk of 65,536 ids.

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::value::{ARC, CHUNK, CHUNK_BITS, EntityId};

/// One chunk: its number and those of its ids that are in the set, as whole ids.
type Chunk = (u32, Arc<RoaringBitmap>);

/// Ids by chunk. A change copies the list of chunks and one chunk (at most 8 KiB), and only
/// where another version still shares them; it never costs the size of the set.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    /// Ascending by number; no bitmap is empty.
    chunks: Vec<Chunk>,
    len: u64,
}

impl Chunks {
    /// The set of ascending ids.
    pub(super) fn from_sorted(ids: &[EntityId]) -> Self {
        let chunks = ids
            .chunk_by(|a, b| a.chunk() == b.chunk())
            .filter_map(|chunk| {
                Some((
                    chunk.first()?.chunk(),
                    Arc::new(chunk.iter().map(|id| id.0).collect()),
                ))
            });
        Self::from_chunks(chunks.collect())
    }

    /// The set of a bitmap, in time linear in its size.
    pub(super) fn from_bitmap(bitmap: &RoaringBitmap) -> Self {
        let mut chunks = Vec::new();
        let mut next = bitmap.min();
        while let Some(id) = next {
            let (first, last) = (id & !(CHUNK - 1), id | (CHUNK - 1));
            chunks.push((
                id >> CHUNK_BITS,
                Arc::new(bitmap.range(first..=last).collect()),
            ));
            next = last
                .checked_add(1)
                .and_then(|after| bitmap.range(after..).next());
        }
        Self::from_chunks(chunks)
    }

    fn from_chunks(chunks: Vec<Chunk>) -> Self {
        let len = chunks.iter().map(|(_, bitmap)| bitmap.len()).sum();
        Self { chunks, len }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    fn find(&self, id: EntityId) -> Result<usize, usize> {
        self.chunks
            .binary_search_by_key(&id.chunk(), |(number, _)| *number)
    }

    pub(super) fn contains(&self, id: EntityId) -> bool {
        let chunk = self.find(id).ok().and_then(|at| self.chunks.get(at));
        chunk.is_some_and(|(_, bitmap)| bitmap.contains(id.0))
    }

    pub(super) fn insert(&mut self, id: EntityId) -> bool {
        let at = match self.find(id) {
            Ok(at) => at,
            Err(at) => {
                self.chunks.insert(at, (id.chunk(), Arc::default()));
                at
            }
        };
        let chunk = self.chunks.get_mut(at);
        let new = chunk.is_some_and(|(_, bitmap)| Arc::make_mut(bitmap).insert(id.0));
        self.len += u64::from(new);
        new
    }

    pub(super) fn remove(&mut self, id: EntityId) -> bool {
        let Ok(at) = self.find(id) else { return false };
        let Some((_, bitmap)) = self.chunks.get_mut(at) else {
            return false;
        };
        if !Arc::make_mut(bitmap).remove(id.0) {
            return false;
        }
        if bitmap.is_empty() {
            self.chunks.remove(at);
        }
        self.len -= 1;
        true
    }

    /// The heap that the set holds.
    pub(super) fn heap_bytes(&self) -> usize {
        let bitmaps = self.chunks.iter();
        let bitmaps =
            bitmaps.map(|(_, bitmap)| ARC + size_of::<RoaringBitmap>() + bitmap.serialized_size());
        self.chunks.capacity() * size_of::<Chunk>() + bitmaps.sum::<usize>()
    }

    pub(super) fn union_into(&self, bitmap: &mut RoaringBitmap) {
        for (_, chunk) in &self.chunks {
            *bitmap |= &**chunk;
        }
    }

    /// How many chunks two sets share, position by position, and how many this one has.
    #[cfg(test)]
    pub(super) fn shared_with(&self, other: &Self) -> (usize, usize) {
        let pairs = self.chunks.iter().zip(&other.chunks);
        (
            pairs.filter(|((_, a), (_, b))| Arc::ptr_eq(a, b)).count(),
            self.chunks.len(),
        )
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
    rest: std::slice::Iter<'a, Chunk>,
    current: Option<roaring::bitmap::Iter<'a>>,
}

impl Iterator for Iter<'_> {
    type Item = EntityId;

    fn next(&mut self) -> Option<EntityId> {
        loop {
            if let Some(id) = self.current.as_mut().and_then(Iterator::next) {
                return Some(EntityId(id));
            }
            let (_, bitmap) = self.rest.next()?;
            self.current = Some(bitmap.iter());
        }
    }
}
