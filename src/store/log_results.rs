//! The bytes of the results that a commit changed: levels and rules of entities, by scorecard.

use super::bytes::{Reader, put_varint};
use crate::error::{Error, Result};
use crate::value::{EntityId, ScorecardId};

/// An entity that changed level; `None` where the scorecard does not apply to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LevelChange {
    pub(crate) scorecard: ScorecardId,
    pub(crate) entity: EntityId,
    pub(crate) from: Option<u16>,
    pub(crate) to: Option<u16>,
}

/// An entity whose result under one rule changed; `None` where the scorecard does not apply to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RuleChange {
    pub(crate) scorecard: ScorecardId,
    pub(crate) entity: EntityId,
    /// By its place among the rules that the scorecard has after the commit.
    pub(crate) rule: u16,
    pub(crate) from: Option<bool>,
    pub(crate) to: Option<bool>,
}

/// One of the two kinds of results.
pub(super) trait ResultChange: Sized {
    fn scorecard(&self) -> ScorecardId;
    fn entity(&self) -> EntityId;
    /// What changed, without of whom.
    fn put(&self, out: &mut Vec<u8>);
    fn read(reader: &mut Reader<'_>, scorecard: ScorecardId, entity: EntityId) -> Result<Self>;
}

/// Appends changes: a count of groups of one scorecard each, and in a group each entity as what
/// it is more than the one before, modulo 2³². Sorted lists are small, and all come back.
pub(super) fn put_results<T: ResultChange>(out: &mut Vec<u8>, changes: &[T]) {
    let groups = || changes.chunk_by(|a, b| a.scorecard() == b.scorecard());
    put_varint(out, groups().count() as u64);
    for group in groups() {
        let scorecard = group.first().map_or(0, |first| first.scorecard().0);
        put_varint(out, u64::from(scorecard));
        put_varint(out, group.len() as u64);
        let mut before = 0_u32;
        for change in group {
            let entity = change.entity().0;
            put_varint(out, u64::from(entity.wrapping_sub(before)));
            change.put(out);
            before = entity;
        }
    }
}

pub(super) fn read_results<T: ResultChange>(reader: &mut Reader<'_>) -> Result<Vec<T>> {
    let mut changes = Vec::new();
    // A group takes at least its scorecard and its count, a change its entity and what changed.
    for _ in 0..reader.count(2)? {
        let scorecard = ScorecardId(reader.id()?);
        let mut before = 0_u32;
        for _ in 0..reader.count(2)? {
            before = before.wrapping_add(reader.id()?);
            changes.push(T::read(reader, scorecard, EntityId(before))?);
        }
    }
    Ok(changes)
}

impl ResultChange for LevelChange {
    fn scorecard(&self) -> ScorecardId {
        self.scorecard
    }

    fn entity(&self) -> EntityId {
        self.entity
    }

    fn put(&self, out: &mut Vec<u8>) {
        for rank in [self.from, self.to] {
            put_varint(out, rank.map_or(0, |rank| u64::from(rank) + 1));
        }
    }

    fn read(reader: &mut Reader<'_>, scorecard: ScorecardId, entity: EntityId) -> Result<Self> {
        let rank = |number: u64| match number.checked_sub(1) {
            None => Ok(None),
            Some(rank) => u16::try_from(rank)
                .map(Some)
                .map_err(|_| Error::corrupt("the rank of a level is out of range")),
        };
        Ok(Self {
            scorecard,
            entity,
            from: rank(reader.varint()?)?,
            to: rank(reader.varint()?)?,
        })
    }
}

/// What can be said of an entity under a rule; the place of each is its number in the file.
const OUTCOMES: [Option<bool>; 3] = [None, Some(false), Some(true)];

impl ResultChange for RuleChange {
    fn scorecard(&self) -> ScorecardId {
        self.scorecard
    }

    fn entity(&self) -> EntityId {
        self.entity
    }

    fn put(&self, out: &mut Vec<u8>) {
        let number = |outcome: Option<bool>| outcome.map_or(0, |passed| 1 + u64::from(passed));
        let outcomes = number(self.from) * 3 + number(self.to);
        put_varint(out, u64::from(self.rule) * 9 + outcomes);
    }

    fn read(reader: &mut Reader<'_>, scorecard: ScorecardId, entity: EntityId) -> Result<Self> {
        let number = reader.varint()?;
        let outcome = |number: u64| {
            let place = usize::try_from(number).unwrap_or_default();
            OUTCOMES.get(place).copied().flatten()
        };
        Ok(Self {
            scorecard,
            entity,
            rule: u16::try_from(number / 9)
                .map_err(|_| Error::corrupt("the place of a rule is out of range"))?,
            from: outcome(number % 9 / 3),
            to: outcome(number % 3),
        })
    }
}
