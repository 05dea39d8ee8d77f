//! Everything derived from nothing: when a catalog opens, and when its model changes.

use std::collections::BTreeSet;

use super::atom::AtomOver;
use super::planes::{Planes, level_changes};
use super::{LevelChange, Plan, Work};
use crate::error::Result;
use crate::query::exec::Budget;
use crate::state::{Derived, LIVE, State, bit, block_of};
use crate::value::{EntityId, ScorecardId};

impl Plan {
    /// Derives everything anew from the rest of the version.
    ///
    /// The level changes are those against what the version held before; a version that held
    /// nothing derived yet, as on opening, has none. Costs O(entities · (mirrors + conditions)).
    ///
    /// # Errors
    /// `Limit` where planes grow beyond what can be addressed.
    pub(crate) fn rebuild(&self, state: &mut State) -> Result<Work> {
        let mut work = Work::default();
        let mut derived = Derived::new(&self.layout);
        for compiled in self.model.blueprints() {
            for id in state.members(compiled.id).iter() {
                derived.admit(compiled.id, id)?;
            }
        }
        let before = std::mem::replace(state.derived_mut(), derived);
        for column in 0..self.mirrors.len() {
            self.fill_column(state, column, &mut work);
        }
        for planes in self.planes.values() {
            for (block, mut words) in given_words(state, planes, &mut work)? {
                let empty = vec![0; planes.program.words as usize];
                let derived = state.derived_mut();
                planes.settle(derived, &self.layout, block, &empty, &mut words, &mut work);
            }
        }
        work.level_changes.clear();
        if !before.layout().blueprints.is_empty() {
            for (scorecard, _) in self.model.scorecards() {
                compare(scorecard, &before, state.derived(), &mut work.level_changes);
            }
            work.level_changes.sort_unstable();
        }
        work.levels_changed = work.level_changes.len() as u64;
        Ok(work)
    }

    fn fill_column(&self, state: &mut State, column: usize, work: &mut Work) {
        let Some(mirror) = self.mirrors.get(column) else {
            return;
        };
        let mut values = Vec::new();
        for id in state.members(mirror.blueprint).iter() {
            let Some(entity) = state.entity(id) else {
                continue;
            };
            work.mirrors_evaluated += 1;
            let value = mirror.value(state, entity);
            if !value.is_null() {
                values.push((id, value));
            }
        }
        work.mirrors_changed += values.len() as u64;
        for (id, value) in values {
            state.derived_mut().set_column(column, id, value);
        }
    }
}

/// Lists the entities whose level under a scorecard differs between two versions.
fn compare(
    scorecard: ScorecardId,
    before: &Derived,
    after: &Derived,
    changes: &mut Vec<LevelChange>,
) {
    let Some(grades) = after.grades(scorecard) else {
        return;
    };
    let was = before
        .grades(scorecard)
        .filter(|was| was.blueprint == grades.blueprint);
    let blocks = before
        .blocks_of(grades.blueprint)
        .chain(after.blocks_of(grades.blueprint));
    for block in blocks.collect::<BTreeSet<u32>>() {
        let from = |word| before.word(block, word);
        let to = |word| after.word(block, word);
        level_changes(scorecard, block, (was, &from), (Some(grades), &to), changes);
    }
}

/// Who is live and every atom of each block that has entities, ascending.
fn given_words(state: &State, planes: &Planes, work: &mut Work) -> Result<Vec<(u32, Vec<u64>)>> {
    let budget = Budget::of_expression();
    let atoms = planes.atoms.iter();
    let mut atoms: Vec<AtomOver<'_>> = atoms.map(|atom| atom.over(state, &budget)).collect();
    let mut blocks: Vec<(u32, Vec<u64>)> = Vec::new();
    for id in state.members(planes.blueprint).iter() {
        let Some(entity) = state.entity(id) else {
            continue;
        };
        if blocks
            .last()
            .is_none_or(|(block, _)| *block != block_of(id))
        {
            blocks.push((block_of(id), vec![0; planes.program.words as usize]));
        }
        let Some((_, words)) = blocks.last_mut() else {
            continue;
        };
        set(words, LIVE, id);
        for (word, atom) in (1..).zip(&mut atoms) {
            work.atoms_evaluated += 1;
            if atom.holds(entity)? {
                work.atoms_changed += 1;
                set(words, word, id);
            }
        }
    }
    Ok(blocks)
}

fn set(words: &mut [u64], word: u32, id: EntityId) {
    if let Some(word) = words.get_mut(word as usize) {
        *word |= bit(id);
    }
}
