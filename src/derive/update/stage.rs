//! The scorecards of a stage: atoms that read something that changed, then each block of 64
//! entities in which one did.

use std::collections::BTreeSet;

use super::Round;
use crate::derive::planes::{Planes, Stage};
use crate::error::Result;
use crate::query::exec::Budget;
use crate::state::{LIVE, State, bit, block_of};
use crate::value::{BlueprintId, EntityId};

/// New bits for some entities of a block in one given word.
pub(super) struct Flip {
    block: u32,
    word: u32,
    mask: u64,
    bits: u64,
}

impl Round<'_> {
    pub(super) fn stage(
        &mut self,
        state: &mut State,
        blueprint: BlueprintId,
        at: usize,
    ) -> Result<()> {
        let plan = self.plan;
        let Some(planes) = plan.planes.get(&blueprint) else {
            return Ok(());
        };
        let Some(stage) = planes.stages.get(at) else {
            return Ok(());
        };
        let mut flips = self.live_flips(blueprint);
        self.atoms(state, planes, stage, &mut flips)?;
        self.clear_deleted(planes, &mut flips);
        flips.sort_by_key(|flip| flip.block);
        let (levels, rules) = (self.work.level_changes.len(), self.work.rule_changes.len());
        self.settle(state, planes, at, stage, &flips);
        self.tell(state, levels, rules);
        self.regroup(state, stage, levels, rules)
    }

    /// Computes the atoms of a stage that have to be looked at again.
    fn atoms(
        &mut self,
        state: &mut State,
        planes: &Planes,
        stage: &Stage,
        flips: &mut Vec<Flip>,
    ) -> Result<()> {
        let blueprint = planes.blueprint;
        if self.created.contains_key(&blueprint) {
            for atom in stage.atoms.clone() {
                self.atoms.entry((blueprint, atom)).or_default();
            }
        }
        let active = self
            .atoms
            .range((blueprint, stage.atoms.start)..(blueprint, stage.atoms.end));
        let active: Vec<u32> = active.map(|((_, atom), _)| *atom).collect();
        for atom in active {
            self.atom(state, planes, atom, flips)?;
        }
        Ok(())
    }

    fn atom(
        &mut self,
        state: &mut State,
        planes: &Planes,
        number: u32,
        flips: &mut Vec<Flip>,
    ) -> Result<()> {
        let again = self.atoms.remove(&(planes.blueprint, number));
        let Some(atom) = planes.atoms.get(number as usize) else {
            return Ok(());
        };
        let rows = self.rows_and_created(state, planes.blueprint, again);
        let budget = Budget::of_expression();
        let mut over = atom.over(state, &budget);
        let (mut last, mut due): (Option<Flip>, _) = (None, Vec::new());
        for id in rows {
            let Some(entity) = state.entity(id) else {
                continue;
            };
            self.work.atoms_evaluated += 1;
            let block = block_of(id);
            if last.as_ref().is_none_or(|flip| flip.block != block) {
                let (word, mask, bits) = (number + 1, 0, 0);
                flips.extend(last.replace(Flip {
                    block,
                    word,
                    mask,
                    bits,
                }));
            }
            if let Some(flip) = &mut last {
                flip.mask |= bit(id);
                flip.bits |= if over.holds(entity)? { bit(id) } else { 0 };
            }
            if let Some(clock) = atom.clock {
                due.push(((clock, id), over.horizon()));
            }
        }
        flips.extend(last);
        drop(over);
        for (waiting, instant) in due {
            state.derived_mut().wait(waiting, instant);
        }
        Ok(())
    }

    fn live_flips(&self, blueprint: BlueprintId) -> Vec<Flip> {
        let created = self.created.get(&blueprint).into_iter().flatten();
        created
            .map(|id| Flip {
                block: block_of(*id),
                word: LIVE,
                mask: bit(*id),
                bits: bit(*id),
            })
            .collect()
    }

    fn clear_deleted(&self, planes: &Planes, flips: &mut Vec<Flip>) {
        let deleted = self.deleted.get(&planes.blueprint).into_iter().flatten();
        for id in deleted.copied() {
            let clear = |word| Flip {
                block: block_of(id),
                word,
                mask: bit(id),
                bits: 0,
            };
            flips.extend((LIVE..planes.program.given).map(clear));
        }
    }

    /// Writes the flips, ascending by block, and settles every block that differs from what it
    /// was before the commit.
    fn settle(
        &mut self,
        state: &mut State,
        planes: &Planes,
        at: usize,
        stage: &Stage,
        flips: &[Flip],
    ) {
        let plan = self.plan;
        let later = at + 1 < planes.stages.len();
        let mut blocks: BTreeSet<u32> = flips.iter().map(|flip| flip.block).collect();
        if at > 0 {
            blocks.extend(self.settled.get(&planes.blueprint).into_iter().flatten());
        }
        let (mut before, mut stored, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for block in blocks {
            state.derived().read_block(block, &mut stored);
            self.before.derived().read_block(block, &mut before);
            before.resize(stored.len(), 0);
            after.clone_from(&stored);
            let start = flips.partition_point(|flip| flip.block < block);
            let own = flips.iter().skip(start);
            for flip in own.take_while(|flip| flip.block == block) {
                if let Some(word) = after.get_mut(flip.word as usize) {
                    let flipped = (*word & !flip.mask) | flip.bits;
                    if flip.word != LIVE {
                        let changed = (*word ^ flipped).count_ones();
                        self.work.atoms_changed += u64::from(changed);
                    }
                    *word = flipped;
                }
            }
            if after == before {
                continue;
            }
            planes.program.run(&mut after, stage.operations);
            let derived = state.derived_mut();
            derived.write_block(block, &stored, &after);
            let words = (block, &*before, &*after);
            stage.count((derived, &plan.layout), words, &mut self.work);
            if later {
                self.settled
                    .entry(planes.blueprint)
                    .or_default()
                    .insert(block);
                self.await_stages(planes.blueprint, at + 1);
            }
        }
    }

    /// Tells who reads the levels and rules that this stage changed.
    fn tell(&mut self, state: &State, levels: usize, rules: usize) {
        let derived = state.derived();
        let triggers = &self.plan.triggers;
        for at in levels..self.work.level_changes.len() {
            let Some(change) = self.work.level_changes.get(at).copied() else {
                continue;
            };
            if self.stays(change.entity) {
                self.all(derived, change.entity, triggers.level(change.scorecard));
            }
        }
        let mut last = None;
        for at in rules..self.work.rule_changes.len() {
            let Some(change) = self.work.rule_changes.get(at).copied() else {
                continue;
            };
            let who = (change.scorecard, change.entity);
            if last.replace(who) != Some(who) {
                self.all(derived, change.entity, triggers.rules(change.scorecard));
            }
        }
    }

    fn stays(&self, id: EntityId) -> bool {
        self.before.entity(id).is_some()
    }
}
