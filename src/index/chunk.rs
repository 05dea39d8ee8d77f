//! The ids of one chunk that are in a set: one list while they are few, else eight parts that are
//! shared each by itself.

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::cow::{Pages, apart};
use crate::value::{ARC, CHUNK};

/// The most ids in a list; as many bytes as the bits of a part.
const LIST_MAX: usize = 512;
/// Bits of so few ids become a list again: far enough below [`LIST_MAX`] that a part around the
/// border does not change its form with every step.
const LIST_AGAIN: usize = 256;
const PARTS: usize = 8;
/// The words of a part, of 64 ids each.
const WORDS: usize = CHUNK as usize / PARTS / 64;

/// The places in the chunk, ascending.
type List = Vec<u16>;

/// The ids of one chunk by their places in it. A change copies at most the pointers to eight
/// parts and one part of 1 KiB.
#[derive(Clone, Debug)]
pub(super) enum Chunk {
    /// At most [`LIST_MAX`].
    List(List),
    Parts([Part; PARTS]),
}

/// The ids of an eighth of a chunk.
#[derive(Clone, Debug, Default)]
pub(super) enum Part {
    #[default]
    Empty,
    /// At most [`LIST_MAX`], none is empty.
    List(Arc<List>),
    Bits(Arc<[u64; WORDS]>),
}

impl Default for Chunk {
    fn default() -> Self {
        Self::List(List::new())
    }
}

/// The part that a place is in.
const fn part_of(place: u16) -> usize {
    place as usize / (WORDS * 64)
}

/// The word of its part that a place is in, and its bit.
const fn bit_of(place: u16) -> (usize, u64) {
    (place as usize / 64 % WORDS, 1 << (place % 64))
}

impl Chunk {
    /// The chunk of ascending places.
    pub(super) fn from_sorted(places: &[u16]) -> Self {
        if places.len() <= LIST_MAX {
            return Self::List(places.into());
        }
        let mut parts = <[Part; PARTS]>::default();
        for own in places.chunk_by(|a, b| part_of(*a) == part_of(*b)) {
            let at = own.first().map(|place| part_of(*place));
            if let Some(part) = at.and_then(|at| parts.get_mut(at)) {
                *part = Part::from_sorted(own);
            }
        }
        Self::Parts(parts)
    }

    pub(super) fn contains(&self, place: u16) -> bool {
        match self {
            Self::List(list) => list.binary_search(&place).is_ok(),
            Self::Parts(parts) => match parts.get(part_of(place)) {
                Some(Part::List(list)) => list.binary_search(&place).is_ok(),
                Some(Part::Bits(words)) => {
                    let (word, bit) = bit_of(place);
                    words.get(word).is_some_and(|word| word & bit != 0)
                }
                Some(Part::Empty) | None => false,
            },
        }
    }

    /// Adds a place that is not there.
    pub(super) fn insert(&mut self, place: u16) {
        match self {
            Self::List(list) => {
                list.insert(list.partition_point(|other| *other < place), place);
                if list.len() > LIST_MAX {
                    *self = Self::from_sorted(list);
                }
            }
            Self::Parts(parts) => {
                if let Some(part) = parts.get_mut(part_of(place)) {
                    part.insert(place);
                }
            }
        }
    }

    /// Removes a place that is there; true where none is left.
    pub(super) fn remove(&mut self, place: u16) -> bool {
        match self {
            Self::List(list) => {
                list.retain(|other| *other != place);
                list.is_empty()
            }
            Self::Parts(parts) => {
                if let Some(part) = parts.get_mut(part_of(place)) {
                    part.remove(place);
                }
                parts.iter().all(|part| matches!(part, Part::Empty))
            }
        }
    }

    /// The places in ascending order.
    pub(super) fn iter(&self) -> Iter<'_> {
        match self {
            Self::List(list) => Iter::new(list, &[], 0),
            Self::Parts(parts) => Iter::new(&[], parts, 0),
        }
    }

    /// The chunk whose first id this is as a bitmap; `bytes` is room for it.
    pub(super) fn to_bitmap(&self, first: u32, bytes: &mut Vec<u8>) -> RoaringBitmap {
        let Self::Parts(parts) = self else {
            let ids = self.iter().map(|place| first | u32::from(place));
            return RoaringBitmap::from_sorted_iter(ids).unwrap_or_default();
        };
        bytes.clear();
        for part in parts {
            let words = match part {
                Part::Empty => [0; WORDS],
                Part::List(list) => bits(list),
                Part::Bits(words) => **words,
            };
            bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        }
        RoaringBitmap::from_lsb0_bytes(first, bytes)
    }

    /// The heap that the chunk holds.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::List(list) => list.capacity() * size_of::<u16>(),
            Self::Parts(parts) => parts.iter().map(Part::heap_bytes).sum(),
        }
    }

    /// Counts what the chunk, which is not the other, holds and does not share with it.
    pub(super) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        let Self::Parts(parts) = self else {
            return count.page(ARC + size_of::<Self>() + self.heap_bytes());
        };
        count.page(ARC + size_of::<Self>());
        for (at, part) in parts.iter().enumerate() {
            let there = match other {
                Some(Self::Parts(parts)) => parts.get(at),
                Some(Self::List(_)) | None => None,
            };
            let shared = match (part, there) {
                (Part::List(own), Some(Part::List(there))) => apart(own, Some(there)).is_none(),
                (Part::Bits(own), Some(Part::Bits(there))) => apart(own, Some(there)).is_none(),
                (own, _) => matches!(own, Part::Empty),
            };
            if !shared {
                count.page(part.heap_bytes());
            }
        }
    }
}

/// The bits of places that are all in one part.
fn bits(list: &[u16]) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for place in list {
        let (word, bit) = bit_of(*place);
        if let Some(word) = words.get_mut(word) {
            *word |= bit;
        }
    }
    words
}

impl Part {
    /// The part of ascending places, which are all in it.
    fn from_sorted(places: &[u16]) -> Self {
        match places.len() {
            0 => Self::Empty,
            1..=LIST_MAX => Self::List(Arc::new(places.into())),
            _ => Self::Bits(Arc::new(bits(places))),
        }
    }

    fn insert(&mut self, place: u16) {
        match self {
            Self::Empty => *self = Self::from_sorted(&[place]),
            Self::List(list) => {
                let at = list.partition_point(|other| *other < place);
                let (before, after) = list.split_at(at);
                *self = Self::from_sorted(&[before, &[place], after].concat());
            }
            Self::Bits(words) => {
                let (word, bit) = bit_of(place);
                if let Some(word) = Arc::make_mut(words).get_mut(word) {
                    *word |= bit;
                }
            }
        }
    }

    fn remove(&mut self, place: u16) {
        match self {
            Self::Empty => {}
            Self::List(list) => {
                let rest: List = list
                    .iter()
                    .copied()
                    .filter(|other| *other != place)
                    .collect();
                *self = Self::from_sorted(&rest);
            }
            Self::Bits(words) => {
                let (word, bit) = bit_of(place);
                let words = Arc::make_mut(words);
                if let Some(word) = words.get_mut(word) {
                    *word &= !bit;
                }
                let left: u32 = words.iter().map(|word| word.count_ones()).sum();
                if left as usize <= LIST_AGAIN {
                    let first = part_of(place) * WORDS;
                    let rest: List = Iter::new(&[], std::slice::from_ref(self), first).collect();
                    *self = Self::from_sorted(&rest);
                }
            }
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::List(list) => ARC + size_of::<List>() + list.capacity() * size_of::<u16>(),
            Self::Bits(_) => ARC + size_of::<[u64; WORDS]>(),
        }
    }
}

/// Places in ascending order.
#[derive(Clone)]
pub(super) struct Iter<'a> {
    list: std::slice::Iter<'a, u16>,
    /// What is left of the bits of a part.
    words: std::slice::Iter<'a, u64>,
    parts: std::slice::Iter<'a, Part>,
    /// What is left of one word, and which it is, from the start of the chunk.
    word: u64,
    at: usize,
    /// Which word comes next.
    next: usize,
}

impl<'a> Iter<'a> {
    /// Over a list, and parts that begin with this word.
    fn new(list: &'a [u16], parts: &'a [Part], next: usize) -> Self {
        Self {
            list: list.iter(),
            words: [].iter(),
            parts: parts.iter(),
            word: 0,
            at: 0,
            next,
        }
    }
}

impl Iterator for Iter<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        loop {
            if let Some(place) = self.list.next() {
                return Some(*place);
            }
            if self.word != 0 {
                let bit = self.word.trailing_zeros() as usize;
                self.word &= self.word - 1;
                return u16::try_from(self.at * 64 + bit).ok();
            }
            if let Some(word) = self.words.next() {
                (self.word, self.at) = (*word, self.next);
                self.next += 1;
                continue;
            }
            match self.parts.next()? {
                Part::Bits(words) => self.words = words.iter(),
                Part::List(list) => {
                    self.list = list.iter();
                    self.next += WORDS;
                }
                Part::Empty => self.next += WORDS,
            }
        }
    }
}
