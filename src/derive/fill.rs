//! Columns, planes and groups filled for all entities at once.

use super::Plan;
use super::atom::AtomOver;
use super::column::{Column, Kind};
use super::planes::Planes;
use super::reuse::Reuse;
use super::row::Row;
use super::update::{Results, groups_of};
use super::work::Work;
use crate::error::Result;
use crate::query::exec::Budget;
use crate::state::{Derived, Grades, Groups, LIVE, State, bit, block_of};
use crate::value::{EntityId, Instant, ScorecardId};

impl Plan {
    pub(super) fn fill_column(&self, state: &mut State, at: usize, work: &mut Work) -> Result<()> {
        let Some(column) = self.columns.get(at) else {
            return Ok(());
        };
        if let Kind::Aggregation(aggregate) = &column.kind {
            let outcome = aggregate.rebuild(state)?;
            work.contributions += outcome.contributions;
            work.values_evaluated += outcome.computed;
            let derived = state.derived_mut();
            for (id, value, tally) in outcome.values {
                work.values_changed += u64::from(!value.is_null());
                if !value.is_null() {
                    derived.set_column(at, id, value);
                }
                if tally.is_some() {
                    derived.set_tally(at, id, tally);
                }
            }
            if let Some(clock) = column.clock {
                for (id, due) in outcome.due {
                    derived.wait((clock, id), due);
                }
            }
            return Ok(());
        }
        fill_values(state, at, column, work)
    }

    /// Computes the scorecards of the stage of a rank.
    pub(super) fn fill_planes(
        &self,
        state: &mut State,
        planes: &Planes,
        rank: u32,
        (reuse, before): (&Reuse, &Derived),
        work: &mut Work,
    ) -> Result<()> {
        let Some(stage) = planes.stages.iter().find(|stage| stage.rank == rank) else {
            return Ok(());
        };
        let mut due = Vec::new();
        let blocks = given_words(state, planes, rank, (reuse, before), &mut due, work)?;
        for (block, mut words) in blocks {
            let mut stored = Vec::new();
            let derived = state.derived_mut();
            derived.read_block(block, &mut stored);
            planes.program.run(&mut words, stage.operations);
            derived.write_block(block, &stored, &words);
            let empty = vec![0; words.len()];
            stage.count((derived, &self.layout), (block, &empty, &words), work);
        }
        for (waiting, instant) in due {
            state.derived_mut().wait(waiting, instant);
        }
        for card in &stage.scorecards {
            self.fill_groups(
                state,
                *card,
                reuse.scorecards.contains(card).then_some(before),
            )?;
        }
        Ok(())
    }

    /// Counts the groups of a scorecard, or takes the counts over from where they are the same.
    fn fill_groups(
        &self,
        state: &mut State,
        card: ScorecardId,
        same: Option<&Derived>,
    ) -> Result<()> {
        let grades = self.layout.scorecards.get(card.index());
        let (Some(groupings), Some(Some(grades))) = (self.groupings.get(&card), grades) else {
            return Ok(());
        };
        for (at, row) in groupings.iter().enumerate() {
            let groups = if let Some(known) = same.and_then(|same| same.groups(card, at)) {
                known.clone()
            } else {
                counted(state, row, card, grades)?
            };
            let place = state.derived_mut().groups_mut(card);
            if let Some(place) = place.and_then(|all| all.get_mut(at)) {
                *place = groups;
            }
        }
        Ok(())
    }
}

fn fill_values(state: &mut State, at: usize, column: &Column, work: &mut Work) -> Result<()> {
    let budget = Budget::of_expression();
    let (mut values, mut due) = (Vec::new(), Vec::new());
    let mut row = match &column.kind {
        Kind::Calculation(row) => Some(row.over(state, &budget)),
        Kind::Mirror(_) | Kind::Aggregation(_) => None,
    };
    for id in state.members(column.blueprint).iter() {
        let Some(entity) = state.entity(id) else {
            continue;
        };
        work.values_evaluated += 1;
        let value = match (&column.kind, &mut row) {
            (Kind::Mirror(mirror), _) => mirror.value(state, entity),
            (_, Some(row)) => row.value(entity)?,
            _ => continue,
        };
        if let (Some(clock), Some(row)) = (column.clock, &row) {
            due.push(((clock, id), row.horizon()));
        }
        if !value.is_null() {
            values.push((id, value));
        }
    }
    drop(row);
    work.values_changed += values.len() as u64;
    for (id, value) in values {
        state.derived_mut().set_column(at, id, value);
    }
    for (waiting, instant) in due {
        state.derived_mut().wait(waiting, instant);
    }
    Ok(())
}

/// Who is live and every atom up to a rank, of each block that has entities, ascending.
fn given_words(
    state: &State,
    planes: &Planes,
    rank: u32,
    (reuse, before): (&Reuse, &Derived),
    due: &mut Vec<((u32, EntityId), Option<Instant>)>,
    work: &mut Work,
) -> Result<Vec<(u32, Vec<u64>)>> {
    let budget = Budget::of_expression();
    let stage = planes.stages.iter().find(|stage| stage.rank == rank);
    let own = stage.map_or(0..0, |stage| stage.atoms.clone());
    let known = |at: u32| reuse.atoms.get(&(planes.blueprint, at)).copied();
    let mut computed: Vec<(u32, Option<u32>, AtomOver<'_>)> = Vec::new();
    for (at, atom) in (0..).zip(&planes.atoms) {
        if own.contains(&at) && known(at).is_none() {
            computed.push((at, atom.clock, atom.over(state, &budget)));
        }
    }
    let mut blocks: Vec<(u32, Vec<u64>)> = Vec::new();
    for id in state.members(planes.blueprint).iter() {
        let block = block_of(id);
        if blocks.last().is_none_or(|(last, _)| *last != block) {
            let mut words = Vec::new();
            state.derived().read_block(block, &mut words);
            for at in own.clone() {
                let was = known(at).map(|was| before.word(block, Some(was + 1)));
                if let (Some(word), Some(was)) = (words.get_mut(at as usize + 1), was) {
                    *word = was;
                }
            }
            blocks.push((block, words));
        }
        let (Some((_, words)), Some(entity)) = (blocks.last_mut(), state.entity(id)) else {
            continue;
        };
        set(words, LIVE, id);
        for (at, clock, atom) in &mut computed {
            work.atoms_evaluated += 1;
            if atom.holds(entity)? {
                work.atoms_changed += 1;
                set(words, *at + 1, id);
            }
            if let Some(clock) = clock {
                due.push(((*clock, id), atom.horizon()));
            }
        }
    }
    Ok(blocks)
}

/// The counts of one grouping, from nothing.
fn counted(state: &State, row: &Row, card: ScorecardId, grades: &Grades) -> Result<Groups> {
    let budget = Budget::of_expression();
    let mut row = row.over(state, &budget);
    let mut groups = Groups::default();
    for id in state.members(grades.blueprint).iter() {
        let results = Results::of(state.derived(), card, grades, id);
        for key in groups_of(state, &mut row, card, id)? {
            results.count(&mut groups, grades, &key, true);
        }
    }
    Ok(groups)
}

fn set(words: &mut [u64], word: u32, id: EntityId) {
    if let Some(word) = words.get_mut(word as usize) {
        *word |= bit(id);
    }
}
