//! Brings derived values up to date with one commit, in proportion to what the commit changed.

mod aggregation;
mod group;
mod stage;
mod value;

pub(super) use group::{Results, groups_of};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::aggregate::Way;
use super::change::{Event, events};
use super::column::{Kind, Output};
use super::trigger::{Reader, TriggerId};
use super::{ClockReader, Plan, Work};
use crate::error::{Error, Result};
use crate::model::Meta;
use crate::state::{Delta, Derived, State};
use crate::value::{BlueprintId, EntityId, ScorecardId, Value};

impl Plan {
    /// Brings derived values up to date with a delta that has been applied to everything else of
    /// `before`, and with the clock, which is the time of the commit. Afterwards they are what
    /// [`Plan::rebuild`] would make of the version.
    ///
    /// Costs O(entities that read what changed · what of theirs reads it), O(contributions that
    /// differ) for aggregations, plus one pass over the words of each block of 64 in which a
    /// condition changed.
    ///
    /// # Errors
    /// `Internal` where the version was derived by the plan of another model.
    pub(crate) fn update(&self, before: &State, state: &mut State, delta: &Delta) -> Result<Work> {
        for version in [before, &*state] {
            if !Arc::ptr_eq(version.derived().layout(), &self.layout) {
                return Err(Error::internal(
                    "derived values of another version of the model",
                ));
            }
        }
        let mut round = Round::new(self, before, delta);
        for (blueprint, ids) in &round.created {
            for id in ids {
                state.derived_mut().admit(*blueprint, *id)?;
            }
        }
        round.start(state.derived());
        round.forget(state.derived_mut());
        round.due(state);
        while let Some((_, unit)) = round.queue.pop_first() {
            match unit {
                Unit::Column(column) => round.column(state, column)?,
                Unit::Stage(blueprint, stage) => round.stage(state, blueprint, stage)?,
            }
        }
        let mut work = round.work;
        work.level_changes.sort_unstable();
        work.rule_changes.sort_unstable();
        work.levels_changed = work.level_changes.len() as u64;
        work.rules_changed = work.rule_changes.len() as u64;
        Ok(work)
    }
}

/// Something to be computed: a column, or the scorecards of a stage of a blueprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Column(usize),
    Stage(BlueprintId, usize),
}

/// What one commit makes to be looked at again.
struct Round<'a> {
    plan: &'a Plan,
    before: &'a State,
    delta: &'a Delta,
    created: ByBlueprint,
    deleted: ByBlueprint,
    fired: HashMap<TriggerId, Fired, FixedState>,
    /// By rank. Whoever reads something stands above it, so that nothing is read before it is
    /// final.
    queue: BTreeSet<(u32, Unit)>,
    columns: BTreeMap<usize, Again>,
    contributions: BTreeMap<usize, Again>,
    atoms: BTreeMap<(BlueprintId, u32), Again>,
    groups: BTreeMap<(ScorecardId, usize), Again>,
    /// The blocks that a stage of a blueprint has settled, which later stages settle again.
    settled: BTreeMap<BlueprintId, BTreeSet<u32>>,
    work: Work,
}

/// Entities, ascending.
type ByBlueprint = BTreeMap<BlueprintId, Vec<EntityId>>;

/// Who has to be looked at again for something: the roots of triggers, and entities whose time
/// has come.
#[derive(Debug, Default)]
struct Again {
    triggers: Vec<TriggerId>,
    due: Vec<EntityId>,
}

/// Where a trigger was fired, and who has to look again for it.
#[derive(Default)]
struct Fired {
    seeds: Vec<EntityId>,
    /// How many of the seeds `roots` accounts for.
    walked: usize,
    /// Ascending.
    roots: Vec<EntityId>,
}

impl<'a> Round<'a> {
    fn new(plan: &'a Plan, before: &'a State, delta: &'a Delta) -> Self {
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
            before,
            delta,
            created,
            deleted,
            fired: HashMap::with_hasher(FixedState::with_seed(0)),
            queue: BTreeSet::new(),
            columns: BTreeMap::new(),
            contributions: BTreeMap::new(),
            atoms: BTreeMap::new(),
            groups: BTreeMap::new(),
            settled: BTreeMap::new(),
            work: Work::default(),
        }
    }

    /// Fires the triggers of everything that the delta itself changed. An entity that is new has
    /// everything of its own computed, one that came or went its contributions exchanged.
    fn start(&mut self, derived: &Derived) {
        for change in &self.delta.changes {
            events(change, |id, event| self.fire(derived, id, event));
        }
        let came: Vec<BlueprintId> = self.created.keys().copied().collect();
        for blueprint in &came {
            for (at, _) in self.plan.columns_of(*blueprint) {
                self.await_column(at);
            }
        }
        let went = self.deleted.keys().copied();
        for blueprint in came.into_iter().chain(went).collect::<BTreeSet<_>>() {
            for (at, _) in self.plan.aggregates_over(blueprint) {
                self.await_column(at);
            }
            self.await_stages(blueprint, 0);
        }
        self.await_pairs();
    }

    /// Aggregations over entities one relation away look at the links that changed.
    fn await_pairs(&mut self) {
        if self.delta.changes.is_empty() {
            return;
        }
        for (at, column) in self.plan.columns.iter().enumerate() {
            if let Kind::Aggregation(aggregate) = &column.kind
                && let Way::Next(steps) = &aggregate.way
                && steps.iter().any(|step| self.changes_links(step.relation))
            {
                self.await_column(at);
            }
        }
    }

    /// Looks up in the calendar whose time has come.
    fn due(&mut self, state: &mut State) {
        let due: Vec<_> = state.derived().calendar().due(state.time()).collect();
        self.work.due += due.len() as u64;
        for (reader, id) in due {
            match self.plan.clock.get(reader as usize) {
                Some(ClockReader::Column(column)) => {
                    self.columns.entry(*column).or_default().due.push(id);
                    self.await_column(*column);
                }
                Some(ClockReader::Contribution(column)) => {
                    self.contributions.entry(*column).or_default().due.push(id);
                    self.await_column(*column);
                }
                Some(ClockReader::Atom(blueprint, atom)) => {
                    let key = (*blueprint, *atom);
                    self.atoms.entry(key).or_default().due.push(id);
                    self.await_atom(*blueprint, *atom);
                }
                None => {}
            }
        }
    }

    fn await_column(&mut self, column: usize) {
        let rank = self.plan.ranks.columns.get(column).copied().unwrap_or(1);
        self.queue.insert((rank, Unit::Column(column)));
    }

    /// Puts the stages of a blueprint from one on in the queue.
    fn await_stages(&mut self, blueprint: BlueprintId, from: usize) {
        if let Some(planes) = self.plan.planes.get(&blueprint) {
            for (at, stage) in planes.stages.iter().enumerate().skip(from) {
                self.queue.insert((stage.rank, Unit::Stage(blueprint, at)));
            }
        }
    }

    fn await_atom(&mut self, blueprint: BlueprintId, atom: u32) {
        if let Some(planes) = self.plan.planes.get(&blueprint) {
            let mut stages = planes.stages.iter().enumerate();
            if let Some((at, stage)) = stages.find(|(_, stage)| stage.atoms.contains(&atom)) {
                self.queue.insert((stage.rank, Unit::Stage(blueprint, at)));
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

    /// Fires what reads a column that changed for an entity.
    fn fire_column(&mut self, derived: &Derived, column: usize, at: EntityId) {
        let Some(known) = self.plan.columns.get(column) else {
            return;
        };
        // Nobody saw a new entity but through new links, which fired themselves.
        if self.is_created(known.blueprint, at) {
            return;
        }
        match &known.output {
            Output::Property(name) => self.fire(derived, at, Event::Property(*name)),
            Output::Team => self.fire(derived, at, Event::Meta(Meta::Team)),
            Output::Hidden(_) => self.all(derived, at, self.plan.triggers.column(column)),
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
            let first = fired.seeds.is_empty();
            fired.seeds.push(at);
            if first {
                for reader in &trigger.readers {
                    self.wake(id, trigger.root, *reader);
                }
            }
        }
    }

    fn wake(&mut self, id: TriggerId, root: BlueprintId, reader: Reader) {
        let again = match reader {
            Reader::Column(column) => {
                self.await_column(column);
                self.columns.entry(column).or_default()
            }
            Reader::Contribution(column) => {
                self.await_column(column);
                self.contributions.entry(column).or_default()
            }
            Reader::Atom(atom) => {
                self.await_atom(root, atom);
                self.atoms.entry((root, atom)).or_default()
            }
            Reader::Group(card, grouping) => {
                self.await_card(root, card);
                self.groups.entry((card, grouping)).or_default()
            }
        };
        again.triggers.push(id);
    }

    fn await_card(&mut self, blueprint: BlueprintId, card: ScorecardId) {
        if let Some(planes) = self.plan.planes.get(&blueprint) {
            let mut stages = planes.stages.iter().enumerate();
            if let Some((at, stage)) = stages.find(|(_, stage)| stage.scorecards.contains(&card)) {
                self.queue.insert((stage.rank, Unit::Stage(blueprint, at)));
            }
        }
    }

    /// Who has to look again, ascending; those that are gone may be among them.
    fn rows(&mut self, state: &State, again: Option<Again>) -> Vec<EntityId> {
        let Again { triggers, due } = again.unwrap_or_default();
        let sources = usize::from(!due.is_empty()) + triggers.len();
        let mut rows = due;
        for id in &triggers {
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
        if sources > 1 || triggers.is_empty() {
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    /// The same, and every new entity of a blueprint.
    fn rows_and_created(
        &mut self,
        state: &State,
        blueprint: BlueprintId,
        again: Option<Again>,
    ) -> Vec<EntityId> {
        let mut rows = self.rows(state, again);
        if let Some(created) = self.created.get(&blueprint) {
            rows.extend(created);
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    /// Empties the columns of deleted entities, and what they wait for.
    fn forget(&self, derived: &mut Derived) {
        for (blueprint, ids) in &self.deleted {
            for (at, _) in self.plan.columns_of(*blueprint) {
                for id in ids {
                    if !derived.column(at, *id).is_null() {
                        derived.set_column(at, *id, Value::Null);
                    }
                    if derived.tally(at, *id).is_some() {
                        derived.set_tally(at, *id, None);
                    }
                }
            }
            for (number, reader) in (0u32..).zip(&self.plan.clock) {
                let of = self.plan.waiting_for(*reader);
                for id in ids.iter().filter(|_| of == Some(*blueprint)) {
                    derived.wait((number, *id), None);
                }
            }
        }
    }
}
