//! Access paths: the entities that a pattern's node may be, from the indexes.

use std::collections::BTreeSet;
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::condition::{Condition, Constant, describe, recognise};
use super::sets::Sets;
use crate::index::Postings;
use crate::query::ir::{Blueprints, Expr, Node};
use crate::state::State;
use crate::value::{self, BlueprintId};

/// A set of entities as an index holds it: one of several posting lists, or made for the query.
#[derive(Clone, Debug)]
pub(crate) enum Probe<'a> {
    Postings(Vec<&'a Postings>),
    Bitmap(Rc<RoaringBitmap>),
}

impl Probe<'_> {
    pub(crate) fn contains(&self, id: value::EntityId) -> bool {
        match self {
            Self::Postings(lists) => lists.iter().any(|list| list.contains(id)),
            Self::Bitmap(bitmap) => bitmap.contains(id.0),
        }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Postings(lists) => lists.iter().map(|list| list.len()).sum(),
            Self::Bitmap(bitmap) => bitmap.len(),
        }
    }

    pub(super) fn to_bitmap(&self) -> RoaringBitmap {
        match self {
            Self::Postings(lists) => {
                let mut bitmap = RoaringBitmap::new();
                for list in lists {
                    list.union_into(&mut bitmap);
                }
                bitmap
            }
            Self::Bitmap(bitmap) => bitmap.as_ref().clone(),
        }
    }
}

/// What an entity must be to stand at a node, beside the conditions.
#[derive(Clone, Debug)]
pub(crate) enum Admit<'a> {
    All,
    Blueprints(&'a BTreeSet<BlueprintId>),
    /// Exactly these.
    Bitmap(Rc<RoaringBitmap>),
    /// Those in every one of the sets.
    Probes(Vec<Probe<'a>>),
}

/// How a node's entities are found.
#[derive(Debug)]
pub(super) struct Access<'a> {
    /// The entities of the node's blueprints.
    pub(super) label_count: u64,
    /// The entities that the indexes leave; exact where they were intersected.
    pub(super) count: u64,
    /// The intersection, where it was made.
    pub(super) candidates: Option<Rc<RoaringBitmap>>,
    /// The sets that the conditions come to, smallest first.
    pub(super) probes: Vec<Probe<'a>>,
    /// The conjuncts that the sets answer completely.
    pub(super) answered: BTreeSet<usize>,
    /// What was used, for people.
    pub(super) indexes: Vec<String>,
}

/// The blueprints of a set, those that exist.
pub(super) fn members_of(state: &State, blueprints: &Blueprints) -> Vec<BlueprintId> {
    match blueprints {
        Blueprints::All => state
            .model()
            .blueprints()
            .map(|compiled| compiled.id)
            .collect(),
        Blueprints::Some(set) => set.iter().copied().collect(),
    }
}

impl<'a> Access<'a> {
    /// Finds what the indexes know of a node. With `intersect` the sets are intersected, so that
    /// the count is exact; without, only set sizes are read.
    pub(super) fn new(
        state: &'a State,
        node: &'a Node,
        filters: &'a [Expr],
        intersect: bool,
        constant: Constant<'_, 'a>,
    ) -> Self {
        let blueprints = members_of(state, &node.blueprints);
        let label_count = blueprints.iter().map(|id| state.members(*id).len()).sum();
        let mut access = Self {
            label_count,
            count: label_count,
            candidates: None,
            probes: Vec::new(),
            answered: BTreeSet::new(),
            indexes: Vec::new(),
        };
        let sets = Sets {
            state,
            blueprints: &blueprints,
        };
        for (at, filter) in filters.iter().enumerate() {
            let Some(condition) = recognise(filter, node.slot, constant) else {
                continue;
            };
            // Without a use for the whole set a range is cheaper tested than made.
            let made = matches!(
                condition,
                Condition::Range(..)
                    | Condition::Prefix(..)
                    | Condition::Related(..)
                    | Condition::Contains(..)
                    | Condition::Like(..)
                    | Condition::Tested(_)
                    | Condition::Rule(..)
            );
            if made && !intersect {
                continue;
            }
            let Some(set) = sets.of(&condition) else {
                continue;
            };
            if set.exact {
                access.answered.insert(at);
            }
            access.probes.push(set.probe);
            access.indexes.push(describe(state, &condition));
        }
        access.probes.sort_by_key(Probe::len);
        access.count = access
            .probes
            .first()
            .map_or(label_count, Probe::len)
            .min(label_count);
        if intersect && !access.probes.is_empty() {
            let candidates = access.intersection(state, &node.blueprints);
            access.count = candidates.len();
            access.candidates = Some(Rc::new(candidates));
        }
        access
    }

    /// The entities in every set and of the node's blueprints.
    fn intersection(&self, state: &State, blueprints: &Blueprints) -> RoaringBitmap {
        let Some((first, rest)) = self.probes.split_first() else {
            return label_bitmap(state, blueprints);
        };
        let mut bitmap = first.to_bitmap();
        for probe in rest {
            // Posting lists answer single look-ups faster than they are copied.
            if bitmap.len().saturating_mul(8) < probe.len() {
                let keep = bitmap
                    .iter()
                    .filter(|id| probe.contains(value::EntityId(*id)));
                bitmap = keep.collect();
            } else {
                bitmap &= probe.to_bitmap();
            }
        }
        bitmap
    }

    /// The entities to begin with where the node is where the walk starts.
    pub(super) fn scan(&self, state: &State, blueprints: &Blueprints) -> Rc<RoaringBitmap> {
        match &self.candidates {
            Some(candidates) => Rc::clone(candidates),
            None => Rc::new(self.intersection(state, blueprints)),
        }
    }
}

/// All entities of a set of blueprints.
fn label_bitmap(state: &State, blueprints: &Blueprints) -> RoaringBitmap {
    let mut bitmap = RoaringBitmap::new();
    for id in members_of(state, blueprints) {
        state.members(id).union_into(&mut bitmap);
    }
    bitmap
}
