//! Brings derived values up to date with one commit, in proportion to what the commit changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::change::{Event, events, same};
use super::planes::Planes;
use super::trigger::TriggerId;
use super::{Plan, Work};
use crate::error::{Error, Result};
use crate::query::exec::Budget;
use crate::state::{Delta, Derived, LIVE, State, bit, block_of};
use crate::value::{BlueprintId, EntityId, Value};

impl Plan {
    /// Brings derived values up to date with a delta that has been applied to everything else.
    /// Afterwards they are what [`Plan::rebuild`] would make of the version.
    ///
    /// Costs O(entities that read what changed · their conditions that read it), plus one pass
    /// over the words of each block of 64 in which a condition changed.
    ///
    /// # Errors
    /// `Internal` where the version was derived by the plan of another model.
    pub(crate) fn update(&self, state: &mut State, delta: &Delta) -> Result<Work> {
        if !Arc::ptr_eq(state.derived().layout(), &self.layout) {
            return Err(Error::internal(
                "derived values of another version of the model",
            ));
        }
        let mut round = Round::new(self, delta);
        for (blueprint, ids) in &round.created {
            for id in ids {
                state.derived_mut().admit(*blueprint, *id)?;
            }
        }
        round.start(state.derived(), delta);
        round.forget(state.derived_mut());
        round.mirrors(state);
        round.planes(state)?;
        let mut work = round.work;
        work.level_changes.sort_unstable();
        work.levels_changed = work.level_changes.len() as u64;
        Ok(work)
    }
}

/// What one commit makes to be looked at again.
struct Round<'p> {
    plan: &'p Plan,
    created: ByBlueprint,
    deleted: ByBlueprint,
    fired: HashMap<TriggerId, Fired, FixedState>,
    /// The mirrors and atoms that read something that changed, with the triggers that say so.
    mirrors: BTreeMap<usize, Vec<TriggerId>>,
    atoms: BTreeMap<BlueprintId, BTreeMap<u32, Vec<TriggerId>>>,
    work: Work,
}

/// Entities, ascending.
type ByBlueprint = BTreeMap<BlueprintId, Vec<EntityId>>;

/// Where a trigger was fired, and who has to look again for it.
#[derive(Default)]
struct Fired {
    seeds: Vec<EntityId>,
    /// How many of the seeds `roots` accounts for.
    walked: usize,
    /// Ascending.
    roots: Vec<EntityId>,
}

/// New bits for some entities of a block in one given word.
struct Flip {
    block: u32,
    word: u32,
    mask: u64,
    bits: u64,
}

impl<'p> Round<'p> {
    fn new(plan: &'p Plan, delta: &Delta) -> Self {
        let (mut created, mut deleted) = (ByBlueprint::new(), ByBlueprint::new());
        for change in &delta.changes {
            match (&change.before, &change.after) {
                (None, Some(new)) => created.entry(new.blueprint).or_default().push(change.id),
                (Some(old), None) => deleted.entry(old.blueprint).or_default().push(change.id),
                _ => {}
            }
        }
        Self {
            plan,
            created,
            deleted,
            fired: HashMap::with_hasher(FixedState::with_seed(0)),
            mirrors: BTreeMap::new(),
            atoms: BTreeMap::new(),
            work: Work::default(),
        }
    }

    /// Fires the triggers of everything that the delta itself changed. An entity that is new has
    /// all of its own mirrors and atoms computed.
    fn start(&mut self, derived: &Derived, delta: &Delta) {
        for change in &delta.changes {
            events(change, |id, event| self.fire(derived, id, event));
        }
        for blueprint in self.created.keys() {
            for (at, _) in self.plan.mirrors_of(*blueprint) {
                self.mirrors.entry(at).or_default();
            }
            let atoms = self
                .plan
                .planes
                .get(blueprint)
                .map_or(&[][..], |planes| &planes.atoms);
            let active = self.atoms.entry(*blueprint).or_default();
            for (atom, _) in (0..).zip(atoms) {
                active.entry(atom).or_default();
            }
        }
    }

    fn is_created(&self, blueprint: BlueprintId, id: EntityId) -> bool {
        self.created
            .get(&blueprint)
            .is_some_and(|created| created.binary_search(&id).is_ok())
    }

    fn fire(&mut self, derived: &Derived, at: EntityId, event: Event) {
        let triggers = &self.plan.triggers;
        match event {
            Event::Property(name) => self.all(derived, at, triggers.property(name)),
            Event::Meta(meta) => self.all(derived, at, triggers.meta(meta)),
            Event::Outgoing(relation) => self.all(derived, at, triggers.outgoing(relation)),
            Event::Incoming(relation) => self.all(derived, at, triggers.incoming(relation)),
        }
    }

    fn all(&mut self, derived: &Derived, at: EntityId, ids: impl Iterator<Item = TriggerId>) {
        let Some(blueprint) = derived.blueprint_of(at) else {
            return;
        };
        for id in ids {
            let Some(trigger) = self.plan.triggers.get(id) else {
                continue;
            };
            if !trigger.reads_at(blueprint) {
                continue;
            }
            let fired = self.fired.entry(id).or_default();
            if fired.seeds.is_empty() {
                for mirror in &trigger.mirrors {
                    self.mirrors.entry(*mirror).or_default().push(id);
                }
                let active = self.atoms.entry(trigger.root).or_default();
                for atom in &trigger.atoms {
                    active.entry(*atom).or_default().push(id);
                }
            }
            fired.seeds.push(at);
        }
    }

    /// Who has to look again: the roots of the triggers, and every new entity of the blueprint.
    /// Ascending; those that are gone are left out.
    fn rows(&mut self, state: &State, blueprint: BlueprintId, ids: &[TriggerId]) -> Vec<EntityId> {
        let mut rows = self.created.get(&blueprint).cloned().unwrap_or_default();
        let sources = usize::from(!rows.is_empty()) + ids.len();
        for id in ids {
            let (Some(trigger), Some(fired)) =
                (self.plan.triggers.get(*id), self.fired.get_mut(id))
            else {
                continue;
            };
            if fired.walked < fired.seeds.len() {
                fired.walked = fired.seeds.len();
                fired.roots = trigger.roots(state, &fired.seeds);
            }
            rows.extend(&fired.roots);
        }
        if sources > 1 {
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    /// Empties the mirrors of deleted entities.
    fn forget(&self, derived: &mut Derived) {
        for (blueprint, ids) in &self.deleted {
            for (at, _) in self.plan.mirrors_of(*blueprint) {
                for id in ids {
                    if !derived.column(at, *id).is_null() {
                        derived.set_column(at, *id, Value::Null);
                    }
                }
            }
        }
    }

    /// Computes the mirrors that read something that changed, dependencies first. Whoever reads a
    /// mirror comes after it, so that nothing is read before it is final.
    fn mirrors(&mut self, state: &mut State) {
        while let Some((at, triggers)) = self.mirrors.pop_first() {
            let Some(mirror) = self.plan.mirrors.get(at) else {
                continue;
            };
            let mut changed = Vec::new();
            for id in self.rows(state, mirror.blueprint, &triggers) {
                let Some(entity) = state.entity(id) else {
                    continue;
                };
                self.work.mirrors_evaluated += 1;
                let value = mirror.value(state, entity);
                if !same(state.derived().column(at, id), &value) {
                    changed.push((id, value));
                }
            }
            self.work.mirrors_changed += changed.len() as u64;
            for (id, value) in changed {
                state.derived_mut().set_column(at, id, value);
                // Nobody saw a new entity but through new links, which fired themselves.
                if !self.is_created(mirror.blueprint, id) {
                    self.fire(state.derived(), id, Event::Property(mirror.name));
                }
            }
        }
    }

    /// Computes the atoms that read something that changed, then each block in which one did.
    fn planes(&mut self, state: &mut State) -> Result<()> {
        for blueprint in self.deleted.keys() {
            self.atoms.entry(*blueprint).or_default();
        }
        while let Some((blueprint, active)) = self.atoms.pop_first() {
            let Some(planes) = self.plan.planes.get(&blueprint) else {
                continue;
            };
            let mut flips = Vec::new();
            for id in self.created.get(&blueprint).into_iter().flatten().copied() {
                flips.push(Flip {
                    block: block_of(id),
                    word: LIVE,
                    mask: bit(id),
                    bits: bit(id),
                });
            }
            for (atom, triggers) in active {
                self.atom(state, planes, atom, &triggers, &mut flips)?;
            }
            for id in self.deleted.get(&blueprint).into_iter().flatten().copied() {
                let words = LIVE..planes.program.given;
                let clear = |word| Flip {
                    block: block_of(id),
                    word,
                    mask: bit(id),
                    bits: 0,
                };
                flips.extend(words.map(clear));
            }
            flips.sort_by_key(|flip| flip.block);
            self.settle(state.derived_mut(), planes, &flips);
        }
        Ok(())
    }

    fn atom(
        &mut self,
        state: &State,
        planes: &Planes,
        number: u32,
        triggers: &[TriggerId],
        flips: &mut Vec<Flip>,
    ) -> Result<()> {
        let Some(atom) = planes.atoms.get(number as usize) else {
            return Ok(());
        };
        let word = number + 1;
        let budget = Budget::of_expression();
        let mut atom = atom.over(state, &budget);
        let mut last: Option<Flip> = None;
        for id in self.rows(state, planes.blueprint, triggers) {
            let Some(entity) = state.entity(id) else {
                continue;
            };
            self.work.atoms_evaluated += 1;
            let block = block_of(id);
            if last.as_ref().is_none_or(|flip| flip.block != block) {
                flips.extend(last.replace(Flip {
                    block,
                    word,
                    mask: 0,
                    bits: 0,
                }));
            }
            if let Some(flip) = &mut last {
                flip.mask |= bit(id);
                flip.bits |= if atom.holds(entity)? { bit(id) } else { 0 };
            }
        }
        flips.extend(last);
        Ok(())
    }

    /// Writes the flips, ascending by block, and settles every block that differs.
    fn settle(&mut self, derived: &mut Derived, planes: &Planes, flips: &[Flip]) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for flips in flips.chunk_by(|a, b| a.block == b.block) {
            let Some(block) = flips.first().map(|flip| flip.block) else {
                continue;
            };
            derived.read_block(block, &mut before);
            after.clone_from(&before);
            for flip in flips {
                if let Some(word) = after.get_mut(flip.word as usize) {
                    *word = (*word & !flip.mask) | flip.bits;
                }
            }
            let atoms = before.iter().zip(&after).skip(1);
            let changed: u32 = atoms
                .map(|(before, after)| (before ^ after).count_ones())
                .sum();
            self.work.atoms_changed += u64::from(changed);
            if before != after {
                let layout = &self.plan.layout;
                planes.settle(derived, layout, block, &before, &mut after, &mut self.work);
            }
        }
    }
}
