//! The set of entities that a walk has visited: one bit each, in blocks made on first use.

use petgraph::visit::VisitMap;
use roaring::RoaringBitmap;

use crate::value::{CHUNK, CHUNK_BITS, EntityId};

const WORD_BITS: usize = u64::BITS as usize;
const WORDS: usize = CHUNK as usize / WORD_BITS;

type Block = [u64; WORDS];

/// A bitset of one 8 KiB block for every chunk of ids that a member is in; all operations on one
/// id are O(1).
#[derive(Clone, Debug, Default)]
pub(crate) struct DenseSet {
    blocks: Vec<Option<Box<Block>>>,
}

/// The block, word and bit of an id.
const fn place(id: EntityId) -> (usize, usize, u64) {
    let index = id.index() % CHUNK as usize;
    (
        id.index() >> CHUNK_BITS,
        index / WORD_BITS,
        1 << (index % WORD_BITS),
    )
}

impl DenseSet {
    /// The set of a bitmap.
    pub(crate) fn from_bitmap(bitmap: &RoaringBitmap) -> Self {
        let mut set = Self::default();
        for id in bitmap {
            set.insert(EntityId(id));
        }
        set
    }

    /// Adds an id; true where it was not in the set.
    pub(crate) fn insert(&mut self, id: EntityId) -> bool {
        let (block, word, bit) = place(id);
        if self.blocks.len() <= block {
            self.blocks.resize(block + 1, None);
        }
        let Some(block) = self.blocks.get_mut(block) else {
            return false;
        };
        let block = block.get_or_insert_with(|| Box::new([0; WORDS]));
        let Some(word) = block.get_mut(word) else {
            return false;
        };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Removes an id; true where it was in the set.
    pub(super) fn remove(&mut self, id: EntityId) -> bool {
        let (block, word, bit) = place(id);
        let block = self.blocks.get_mut(block).and_then(Option::as_mut);
        let Some(word) = block.and_then(|block| block.get_mut(word)) else {
            return false;
        };
        let was = *word & bit != 0;
        *word &= !bit;
        was
    }

    /// Whether an id is in the set.
    #[inline]
    pub(crate) fn contains(&self, id: EntityId) -> bool {
        let (block, word, bit) = place(id);
        let block = self.blocks.get(block).and_then(Option::as_ref);
        block
            .and_then(|block| block.get(word))
            .is_some_and(|word| word & bit != 0)
    }

    /// The set as a bitmap, a block at a time.
    pub(super) fn to_bitmap(&self) -> RoaringBitmap {
        let mut bitmap = RoaringBitmap::new();
        let mut bytes = vec![0; WORDS * size_of::<u64>()];
        for (first, block) in (0..=u32::MAX).step_by(CHUNK as usize).zip(&self.blocks) {
            let Some(block) = block else { continue };
            for (bytes, word) in bytes.chunks_exact_mut(size_of::<u64>()).zip(block.iter()) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            bitmap |= RoaringBitmap::from_lsb0_bytes(first, &bytes);
        }
        bitmap
    }
}

impl VisitMap<EntityId> for DenseSet {
    fn visit(&mut self, id: EntityId) -> bool {
        self.insert(id)
    }

    fn is_visited(&self, id: &EntityId) -> bool {
        self.contains(*id)
    }

    fn unvisit(&mut self, id: EntityId) -> bool {
        self.remove(id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::DenseSet;
    use crate::value::EntityId;

    proptest! {
        #[test]
        fn behaves_like_a_set(
            steps in prop::collection::vec(
                (any::<bool>(), prop_oneof![0..200u32, 65_500..65_600u32, 4_294_967_200..=u32::MAX]),
                0..300,
            ),
        ) {
            let (mut set, mut model) = (DenseSet::default(), BTreeSet::new());
            for (insert, id) in steps {
                prop_assert_eq!(set.contains(EntityId(id)), model.contains(&id));
                if insert {
                    prop_assert_eq!(set.insert(EntityId(id)), model.insert(id));
                } else {
                    prop_assert_eq!(set.remove(EntityId(id)), model.remove(&id));
                }
            }
            prop_assert!(set.to_bitmap().iter().eq(model));
        }
    }
}
