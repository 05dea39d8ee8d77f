//! Derived columns and planes: what the derivation engine writes and queries read.
//!
//! A blueprint that is graded has `words` words of 64 bits for every block of 64 entities: who is
//! live, every atom, every rule and level that is more than one of those. They lie side by side,
//! so that all of a block is evaluated from a few cache lines. Entities count densely within
//! their blueprint, by the chunks of ids that it has, so that planes and columns have no holes.
//!
//! Every bit of an entity that does not exist is 0, in every word.

mod memory;

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::calendar::{Calendar, Waiting};
use super::tally::Tally;
use crate::cow::{CowArray, SortedMap};
use crate::error::{Error, ErrorKind, Result};
use crate::index::PropertyIndex;
use crate::value::{BlueprintId, CHUNK, CHUNK_BITS, EntityId, Instant, NameId, ScorecardId, Value};

/// The word of a block that says which of its entities exist.
pub(crate) const LIVE: u32 = 0;
const BLOCK_BITS: u32 = 6;
const BLOCKS: u32 = CHUNK >> BLOCK_BITS;
const NULL: &Value = &Value::Null;

/// Where derived values lie; made once for every version of the model.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// By blueprint id.
    pub(crate) blueprints: Vec<Part>,
    /// By scorecard id.
    pub(crate) scorecards: Vec<Option<Grades>>,
    /// Whether each column has an index.
    pub(crate) columns: Vec<bool>,
    /// How many things read the clock.
    pub(crate) clock_readers: usize,
}

/// What one blueprint has.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The column of each derived property, ascending by name.
    pub(crate) columns: Vec<(NameId, usize)>,
    /// The column of the inherited owning teams.
    pub(crate) team: Option<usize>,
    /// How many words a block has; 0 where no scorecard grades the blueprint.
    pub(crate) words: u32,
}

/// Which words of a block hold a scorecard's results.
#[derive(Debug)]
pub(crate) struct Grades {
    pub(crate) blueprint: BlueprintId,
    /// Who takes part; `None` where nobody can.
    pub(crate) tested: Option<u32>,
    /// Who passes each rule, taking part or not; `None` where nobody can.
    pub(crate) rules: Vec<Option<u32>>,
    /// The levels that have rules, ascending by rank, with the word of who takes part and passes
    /// every rule up to there; each of these sets holds the next.
    pub(crate) levels: Vec<(u16, Option<u32>)>,
    /// How many groupings it keeps counts of.
    pub(crate) groups: usize,
}

impl Statistics {
    /// Nobody counted yet.
    pub(crate) fn new(grades: &Grades) -> Self {
        Self {
            tested: 0,
            levels: grades.ranks().map(|rank| (rank, 0)).collect(),
            rules: vec![0; grades.rules.len()],
        }
    }
}

impl Grades {
    /// The ranks that an entity can have: the first, and those with rules.
    pub(crate) fn ranks(&self) -> impl DoubleEndedIterator<Item = u16> + '_ {
        let attained = self.levels.iter().map(|(rank, _)| *rank);
        std::iter::once(0).chain(attained)
    }

    /// Who of a block has exactly this rank.
    pub(crate) fn exactly(&self, rank: u16, word: impl Fn(Option<u32>) -> u64) -> u64 {
        let after = self.levels.partition_point(|(known, _)| *known <= rank);
        let above = self.levels.get(after).map_or(0, |(_, next)| word(*next));
        match after.checked_sub(1).and_then(|at| self.levels.get(at)) {
            Some((known, reached)) if *known == rank => word(*reached) & !above,
            None if rank == 0 => word(self.tested) & !above,
            _ => 0,
        }
    }
}

/// How many entities a scorecard tests, and how they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statistics {
    /// How many take part.
    pub(crate) tested: u64,
    /// How many have exactly each rank that can be had, ascending by rank.
    pub(crate) levels: Vec<(u16, u64)>,
    /// How many take part and pass each rule.
    pub(crate) rules: Vec<u64>,
}

/// The derived part of a version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Derived {
    layout: Arc<Layout>,
    places: Arc<Places>,
    /// By blueprint id.
    planes: Arc<Vec<CowArray<u64>>>,
    columns: Arc<Vec<CowArray<Value>>>,
    /// Of the columns that have one.
    indexes: Arc<Vec<Option<PropertyIndex>>>,
    /// Of the columns that are aggregations and need more than their value.
    tallies: Arc<Vec<CowArray<Option<Arc<Tally>>>>>,
    /// By scorecard id; each shared by itself, since a commit changes those of few.
    statistics: Arc<Vec<Arc<Statistics>>>,
    /// By scorecard id and grouping.
    groups: Arc<Vec<Arc<Vec<Groups>>>>,
    calendar: Calendar,
}

/// The counts of one grouping of a scorecard, by group.
pub(crate) type Groups = SortedMap<Value, Arc<Statistics>>;

/// Where each chunk of ids stands within its blueprint.
#[derive(Clone, Debug, Default)]
struct Places {
    chunks: Vec<Option<(BlueprintId, u32)>>,
    /// How many chunks each blueprint has.
    taken: Vec<u32>,
}

impl Derived {
    /// Nothing derived yet, with places for everything.
    pub(crate) fn new(layout: &Arc<Layout>) -> Self {
        let cards = layout.scorecards.iter();
        let statistics = cards.clone().map(|grades| {
            let grades = grades.as_ref();
            Arc::new(grades.map_or_else(Statistics::default, Statistics::new))
        });
        let groups = cards.map(|grades| {
            let count = grades.as_ref().map_or(0, |grades| grades.groups);
            Arc::new(vec![Groups::default(); count])
        });
        let columns = layout.columns.len();
        let indexes = layout.columns.iter();
        let indexes = indexes.map(|indexed| indexed.then(PropertyIndex::default));
        Self {
            layout: Arc::clone(layout),
            places: Arc::default(),
            planes: Arc::new(vec![CowArray::default(); layout.blueprints.len()]),
            statistics: Arc::new(statistics.collect()),
            groups: Arc::new(groups.collect()),
            columns: Arc::new(vec![CowArray::default(); columns]),
            indexes: Arc::new(indexes.collect()),
            tallies: Arc::new(vec![CowArray::default(); columns]),
            calendar: Calendar::new(layout.clock_readers),
        }
    }

    pub(crate) fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Makes a place for an entity; must come before anything is derived for it.
    ///
    /// # Errors
    /// `Limit` where the planes of its blueprint would grow beyond 2³² words.
    pub(crate) fn admit(&mut self, blueprint: BlueprintId, id: EntityId) -> Result<()> {
        if self.blueprint_of(id).is_some() {
            return Ok(());
        }
        let words = self
            .layout
            .blueprints
            .get(blueprint.index())
            .map_or(0, |part| part.words);
        let places = Arc::make_mut(&mut self.places);
        let (chunk, blueprint_at) = (id.chunk() as usize, blueprint.index());
        places
            .chunks
            .resize(places.chunks.len().max(chunk + 1), None);
        places
            .taken
            .resize(places.taken.len().max(blueprint_at + 1), 0);
        let (Some(place), Some(taken)) = (
            places.chunks.get_mut(chunk),
            places.taken.get_mut(blueprint_at),
        ) else {
            return Err(Error::internal("no place for a chunk of entities"));
        };
        let ordinal = *taken;
        fits(ordinal + 1, words)?;
        *place = Some((blueprint, ordinal));
        *taken += 1;
        Ok(())
    }

    fn place(&self, chunk: u32) -> Option<(BlueprintId, u32)> {
        *self.places.chunks.get(chunk as usize)?
    }

    /// The blueprint of an entity that was ever admitted.
    pub(crate) fn blueprint_of(&self, id: EntityId) -> Option<BlueprintId> {
        Some(self.place(id.chunk())?.0)
    }

    /// The place of an entity among those of its blueprint.
    fn dense(&self, id: EntityId) -> Option<u32> {
        let (_, ordinal) = self.place(id.chunk())?;
        Some((ordinal << CHUNK_BITS) | (id.0 & (CHUNK - 1)))
    }

    /// The inherited owning teams of an entity; null where there are none.
    pub(crate) fn team(&self, blueprint: BlueprintId, id: EntityId) -> &Value {
        let part = self.layout.blueprints.get(blueprint.index());
        let column = part.and_then(|part| part.team);
        column.map_or(NULL, |column| self.column(column, id))
    }

    /// The value of a derived property; null for an unknown one.
    pub(crate) fn property(&self, blueprint: BlueprintId, name: NameId, id: EntityId) -> &Value {
        let column = self.column_of(blueprint, name);
        column.map_or(NULL, |column| self.column(column, id))
    }

    /// The value in a column.
    pub(crate) fn column(&self, column: usize, id: EntityId) -> &Value {
        match (self.columns.get(column), self.dense(id)) {
            (Some(column), Some(row)) => column.get(row),
            _ => NULL,
        }
    }

    pub(crate) fn set_column(&mut self, column: usize, id: EntityId, value: Value) {
        let Some(row) = self.dense(id) else {
            return;
        };
        if self.layout.columns.get(column) == Some(&true) {
            let before = self.columns.get(column).map(|column| column.get(row));
            let index = Arc::make_mut(&mut self.indexes).get_mut(column);
            if let (Some(before), Some(Some(index))) = (before, index) {
                index.replace(before, &value, id);
            }
        }
        if let Some(column) = Arc::make_mut(&mut self.columns).get_mut(column) {
            column.set(row, value);
        }
    }

    /// The column of a derived property.
    pub(crate) fn column_of(&self, blueprint: BlueprintId, name: NameId) -> Option<usize> {
        let part = self.layout.blueprints.get(blueprint.index())?;
        let at = part
            .columns
            .binary_search_by_key(&name, |(name, _)| *name)
            .ok()?;
        part.columns.get(at).map(|(_, column)| *column)
    }

    /// The index of a derived property, where it has one.
    pub(crate) fn index(&self, blueprint: BlueprintId, name: NameId) -> Option<&PropertyIndex> {
        self.indexes.get(self.column_of(blueprint, name)?)?.as_ref()
    }

    /// The index of the inherited owning teams of a blueprint.
    pub(crate) fn team_index(&self, blueprint: BlueprintId) -> Option<&PropertyIndex> {
        let part = self.layout.blueprints.get(blueprint.index())?;
        self.indexes.get(part.team?)?.as_ref()
    }

    /// What an aggregation keeps for an entity.
    pub(crate) fn tally(&self, column: usize, id: EntityId) -> Option<&Arc<Tally>> {
        let tallies = self.tallies.get(column)?;
        tallies.get(self.dense(id)?).as_ref()
    }

    pub(crate) fn set_tally(&mut self, column: usize, id: EntityId, tally: Option<Arc<Tally>>) {
        let row = self.dense(id);
        let tallies = Arc::make_mut(&mut self.tallies).get_mut(column);
        if let (Some(tallies), Some(row)) = (tallies, row) {
            tallies.set(row, tally);
        }
    }

    /// When derived values change by the passing of time.
    pub(crate) fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Notes when something that reads the clock has to look at an entity again.
    pub(crate) fn wait(&mut self, waiting: Waiting, due: Option<Instant>) {
        if let Some(place) = self.dense(waiting.1) {
            self.calendar.set(waiting, place, due);
        }
    }

    /// Takes over a column with all that belongs to it from another version's derived part, whose
    /// entities lie in the same places.
    pub(crate) fn adopt_column(&mut self, column: usize, from: &Self, other: usize) {
        fn take<T: Clone>(to: &mut Arc<Vec<T>>, at: usize, from: &Arc<Vec<T>>, other: usize) {
            if let (Some(place), Some(value)) = (Arc::make_mut(to).get_mut(at), from.get(other)) {
                place.clone_from(value);
            }
        }
        take(&mut self.columns, column, &from.columns, other);
        take(&mut self.indexes, column, &from.indexes, other);
        take(&mut self.tallies, column, &from.tallies, other);
    }

    /// Takes over the places of another version's entities.
    ///
    /// # Errors
    /// `Limit` where the planes of a blueprint would grow beyond 2³² words.
    pub(crate) fn adopt_places(&mut self, from: &Self) -> Result<()> {
        for (part, taken) in self.layout.blueprints.iter().zip(&from.places.taken) {
            fits(*taken, part.words)?;
        }
        self.places = Arc::clone(&from.places);
        Ok(())
    }

    /// The counts of a grouping of a scorecard, by group, ascending.
    pub(crate) fn groups(&self, scorecard: ScorecardId, grouping: usize) -> Option<&Groups> {
        self.groups.get(scorecard.index())?.get(grouping)
    }

    pub(crate) fn groups_mut(&mut self, scorecard: ScorecardId) -> Option<&mut Vec<Groups>> {
        let groups = Arc::make_mut(&mut self.groups);
        groups.get_mut(scorecard.index()).map(Arc::make_mut)
    }

    /// Every block of the chunks of ids that a blueprint has, ascending.
    pub(crate) fn blocks_of(&self, blueprint: BlueprintId) -> impl Iterator<Item = u32> + '_ {
        let chunks = (0..).zip(&self.places.chunks);
        let own = chunks.filter(move |(_, place)| place.is_some_and(|place| place.0 == blueprint));
        own.flat_map(|(chunk, _): (u32, _)| {
            let first = chunk << (CHUNK_BITS - BLOCK_BITS);
            first..first + BLOCKS
        })
    }

    /// The blueprint of a block (64 entities; its number is that of its first, shifted) and the
    /// place of the block's first word.
    fn block(&self, block: u32) -> Option<(BlueprintId, u32, u32)> {
        let (blueprint, ordinal) = self.place(block >> (CHUNK_BITS - BLOCK_BITS))?;
        let words = self.layout.blueprints.get(blueprint.index())?.words;
        // `admit` made sure that this does not overflow.
        Some((
            blueprint,
            (ordinal * BLOCKS + (block & (BLOCKS - 1))) * words,
            words,
        ))
    }

    /// Copies the words of a block; nothing where its blueprint is not graded.
    pub(crate) fn read_block(&self, block: u32, into: &mut Vec<u64>) {
        into.clear();
        let Some((blueprint, first, words)) = self.block(block) else {
            return;
        };
        if let Some(plane) = self.planes.get(blueprint.index()) {
            into.extend((first..first + words).map(|at| *plane.get(at)));
        }
    }

    /// Writes those words of a block that differ.
    pub(crate) fn write_block(&mut self, block: u32, before: &[u64], after: &[u64]) {
        let Some((blueprint, first, words)) = self.block(block) else {
            return;
        };
        let Some(plane) = Arc::make_mut(&mut self.planes).get_mut(blueprint.index()) else {
            return;
        };
        for (at, (before, after)) in (first..first + words).zip(before.iter().zip(after)) {
            if before != after {
                plane.set(at, *after);
            }
        }
    }

    pub(crate) fn statistics_mut(&mut self, scorecard: ScorecardId) -> Option<&mut Statistics> {
        let statistics = Arc::make_mut(&mut self.statistics);
        statistics.get_mut(scorecard.index()).map(Arc::make_mut)
    }

    /// How many entities a scorecard tests, and how they do. Costs nothing: it is kept, not counted.
    pub(crate) fn statistics(&self, scorecard: ScorecardId) -> Option<&Statistics> {
        self.grades(scorecard)?;
        self.statistics.get(scorecard.index()).map(|of| &**of)
    }

    pub(crate) fn grades(&self, scorecard: ScorecardId) -> Option<&Grades> {
        self.layout.scorecards.get(scorecard.index())?.as_ref()
    }

    /// One word of a block; 0 where there is none.
    pub(crate) fn word(&self, block: u32, word: Option<u32>) -> u64 {
        let (Some((blueprint, first, words)), Some(word)) = (self.block(block), word) else {
            return 0;
        };
        let plane = self.planes.get(blueprint.index()).filter(|_| word < words);
        plane.map_or(0, |plane| *plane.get(first + word))
    }

    fn bit(&self, id: EntityId, word: Option<u32>) -> bool {
        self.word(id.0 >> BLOCK_BITS, word) & bit(id) != 0
    }

    fn tested(&self, grades: &Grades, id: EntityId) -> bool {
        self.blueprint_of(id) == Some(grades.blueprint) && self.bit(id, grades.tested)
    }

    /// The rank of an entity's level; `None` where the scorecard is of another blueprint or its
    /// filter leaves the entity out.
    pub(crate) fn level(&self, scorecard: ScorecardId, id: EntityId) -> Option<u16> {
        let grades = self
            .grades(scorecard)
            .filter(|grades| self.tested(grades, id))?;
        let mut reached = grades.levels.iter().rev();
        Some(
            reached
                .find(|(_, word)| self.bit(id, *word))
                .map_or(0, |(rank, _)| *rank),
        )
    }

    /// Whether an entity takes part and passes a rule.
    pub(crate) fn rule_passes(&self, scorecard: ScorecardId, rule: u16, id: EntityId) -> bool {
        let grades = self
            .grades(scorecard)
            .filter(|grades| self.tested(grades, id));
        let word = grades.and_then(|grades| grades.rules.get(usize::from(rule)));
        word.is_some_and(|word| self.bit(id, *word))
    }

    /// The entities at exactly one level.
    pub(crate) fn at_level(&self, scorecard: ScorecardId, rank: u16) -> RoaringBitmap {
        self.of_words(scorecard, |grades, word| grades.exactly(rank, word))
    }

    /// The entities of the words that `pick` makes of the words of each block of a scorecard.
    pub(crate) fn of_words(
        &self,
        scorecard: ScorecardId,
        pick: impl Fn(&Grades, &dyn Fn(Option<u32>) -> u64) -> u64,
    ) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        let Some(grades) = self.grades(scorecard) else {
            return found;
        };
        let mut bytes = Vec::with_capacity(CHUNK as usize / 8);
        let blocks: Vec<u32> = self.blocks_of(grades.blueprint).collect();
        for chunk in blocks.chunks(BLOCKS as usize) {
            bytes.clear();
            for block in chunk {
                let word = pick(grades, &|word| self.word(*block, word));
                bytes.extend(word.to_le_bytes());
            }
            let first = chunk.first().map_or(0, |block| block << BLOCK_BITS);
            found |= RoaringBitmap::from_lsb0_bytes(first, &bytes);
        }
        found
    }
}

/// Whether so many chunks of entities with so many words a block can be addressed.
fn fits(chunks: u32, words: u32) -> Result<()> {
    let blocks = chunks.checked_mul(BLOCKS);
    if blocks
        .and_then(|blocks| blocks.checked_mul(words))
        .is_some()
    {
        return Ok(());
    }
    let what = "too many entities for the scorecards of one blueprint";
    Err(Error::new(ErrorKind::Limit, what))
}

/// The block of 64 entities that an entity is in.
pub(crate) const fn block_of(id: EntityId) -> u32 {
    id.0 >> BLOCK_BITS
}

/// The bit of an entity within the words of its block.
pub(crate) const fn bit(id: EntityId) -> u64 {
    1 << (id.0 & 63)
}

/// The entity of a bit of a block.
pub(crate) const fn entity_at(block: u32, bit: u32) -> EntityId {
    EntityId((block << BLOCK_BITS) | bit)
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    reason = "a test that is wrong about its fixture must fail"
)]
mod tests {
    use std::sync::Arc;

    use super::{Derived, Grades, Layout, Part, bit, block_of, entity_at};
    use crate::error::ErrorKind;
    use crate::value::{BlueprintId, CHUNK, EntityId, NameId, ScorecardId, Value};

    const CARD: ScorecardId = ScorecardId(0);

    /// Blueprint 1 has a mirror and a scorecard of one rule at level 2; `words` words a block.
    fn layout(words: u32) -> Arc<Layout> {
        let part = Part {
            columns: vec![(NameId(7), 0)],
            team: None,
            words,
        };
        let grades = Grades {
            blueprint: BlueprintId(1),
            tested: Some(0),
            rules: vec![Some(1)],
            levels: vec![(2, Some(1))],
            groups: 0,
        };
        Arc::new(Layout {
            blueprints: vec![Part::default(), part],
            scorecards: vec![Some(grades)],
            columns: vec![false],
            clock_readers: 0,
        })
    }

    /// Lets an entity live, with its atom or without.
    fn put(derived: &mut Derived, id: EntityId, atom: bool) {
        let (mut before, block) = (Vec::new(), block_of(id));
        derived.read_block(block, &mut before);
        let flips = [bit(id), if atom { bit(id) } else { 0 }];
        let after: Vec<u64> = before
            .iter()
            .zip(flips)
            .map(|(word, flip)| word | flip)
            .collect();
        derived.write_block(block, &before, &after);
    }

    #[test]
    fn chunks_of_one_blueprint_lie_side_by_side_and_apart_from_others() {
        let mut derived = Derived::new(&layout(2));
        let ids = [5, 64, 3 * CHUNK, 3 * CHUNK + 5, 9 * CHUNK - 1].map(EntityId);
        for id in ids {
            derived.admit(BlueprintId(1), id).unwrap();
            derived.set_column(0, id, Value::from(id.0));
        }
        derived.admit(BlueprintId(0), EntityId(CHUNK)).unwrap();
        for (at, id) in ids.into_iter().enumerate() {
            put(&mut derived, id, at % 2 == 0);
        }
        let of = |rank| derived.at_level(CARD, rank).iter().collect::<Vec<_>>();
        assert_eq!(of(2), [5, 3 * CHUNK, 9 * CHUNK - 1]);
        assert_eq!(of(0), [64, 3 * CHUNK + 5]);
        assert!(of(1).is_empty() && of(3).is_empty());
        for id in ids {
            let value = derived.property(BlueprintId(1), NameId(7), id);
            assert_eq!(*value, Value::from(id.0));
            assert_eq!(
                derived.level(CARD, id),
                Some(if of(2).contains(&id.0) { 2 } else { 0 })
            );
            assert_eq!(entity_at(block_of(id), id.0 % 64), id);
        }
        assert_eq!(derived.level(CARD, EntityId(6)), None, "not live");
        assert_eq!(
            derived.level(CARD, EntityId(CHUNK)),
            None,
            "of another blueprint"
        );
        assert_eq!(
            derived.level(CARD, EntityId(2 * CHUNK)),
            None,
            "never admitted"
        );
    }

    #[test]
    fn planes_beyond_what_can_be_addressed_are_refused() {
        let mut derived = Derived::new(&layout(1 << 21));
        derived.admit(BlueprintId(1), EntityId(0)).unwrap();
        let error = derived.admit(BlueprintId(1), EntityId(CHUNK)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(derived.blueprint_of(EntityId(CHUNK)), None);
    }
}
