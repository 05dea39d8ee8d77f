//! Who has to look again when something changes, and the way back to them.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::reads::{Input, Inputs, Place, Step};
use crate::graph::Graph;
use crate::model::Meta;
use crate::query::ir::Direction;
use crate::state::State;
use crate::value::{BlueprintId, EntityId, NameId, ScorecardId};

/// The number of a trigger within the plan.
pub(super) type TriggerId = u32;

/// What columns and atoms of one blueprint read at one place; shared by all that read the same.
#[derive(Debug)]
pub(super) struct Trigger {
    /// The blueprint of the entities that have to look again.
    pub(super) root: BlueprintId,
    /// The path from them to what is read, and the blueprints of what is there.
    pub(super) place: Place,
    pub(super) input: Input,
    /// Ascending.
    pub(super) readers: Vec<Reader>,
}

/// What has to be computed again for the entities that a trigger leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Reader {
    /// The value of a column; of an aggregation, over all that it aggregates.
    Column(usize),
    /// What the entities contribute to the aggregation in a column.
    Contribution(usize),
    /// An atom, by number within the root's planes.
    Atom(u32),
    /// Which group of a grouping of a scorecard the entities are in.
    Group(ScorecardId, usize),
}

/// All triggers, by what fires them.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    all: Vec<Trigger>,
    properties: BTreeMap<NameId, Vec<TriggerId>>,
    metas: BTreeMap<Meta, Vec<TriggerId>>,
    /// At the source of a link, by relation; `None`: of every relation.
    outgoing: BTreeMap<Option<NameId>, Vec<TriggerId>>,
    /// At the target of a link, by relation; `None`: of every relation.
    incoming: BTreeMap<Option<NameId>, Vec<TriggerId>>,
    levels: BTreeMap<ScorecardId, Vec<TriggerId>>,
    rules: BTreeMap<ScorecardId, Vec<TriggerId>>,
    columns: BTreeMap<usize, Vec<TriggerId>>,
    everything: Vec<TriggerId>,
}

/// Collects inputs into triggers.
#[derive(Debug, Default)]
pub(super) struct Builder(BTreeMap<(BlueprintId, Place, Input), Vec<Reader>>);

impl Builder {
    /// Notes what a reader of a blueprint reads.
    pub(super) fn add(&mut self, root: BlueprintId, reader: Reader, inputs: &Inputs) {
        for (place, input) in inputs {
            let key = (root, place.clone(), input.clone());
            self.0.entry(key).or_default().push(reader);
        }
    }

    pub(super) fn finish(self) -> Triggers {
        let mut triggers = Triggers::default();
        for (id, ((root, place, input), mut readers)) in (0..).zip(self.0) {
            triggers.index(id, &input);
            readers.sort_unstable();
            readers.dedup();
            triggers.all.push(Trigger {
                root,
                place,
                input,
                readers,
            });
        }
        triggers
    }
}

impl Triggers {
    fn index(&mut self, id: TriggerId, input: &Input) {
        match input {
            Input::Property(name) => self.properties.entry(*name).or_default().push(id),
            Input::Meta(meta) => self.metas.entry(*meta).or_default().push(id),
            Input::Everything => self.everything.push(id),
            Input::Level(card) => self.levels.entry(*card).or_default().push(id),
            Input::Rules(card) => self.rules.entry(*card).or_default().push(id),
            Input::Column(column) => self.columns.entry(*column).or_default().push(id),
            Input::Links(step) => {
                let names: Vec<Option<NameId>> = match &step.relations {
                    None => vec![None],
                    Some(names) => names.iter().copied().map(Some).collect(),
                };
                for name in names {
                    if step.direction != Direction::Incoming {
                        self.outgoing.entry(name).or_default().push(id);
                    }
                    if step.direction != Direction::Outgoing {
                        self.incoming.entry(name).or_default().push(id);
                    }
                }
            }
        }
    }

    pub(super) fn get(&self, id: TriggerId) -> Option<&Trigger> {
        self.all.get(id as usize)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Trigger> {
        self.all.iter()
    }

    /// Fired when a column without a name changed for an entity.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = TriggerId> + '_ {
        self.columns.get(&column).into_iter().flatten().copied()
    }

    /// Fired when the level of an entity changed.
    pub(super) fn level(&self, card: ScorecardId) -> impl Iterator<Item = TriggerId> + '_ {
        self.levels.get(&card).into_iter().flatten().copied()
    }

    /// Fired when which rules an entity passes, or whether it takes part, changed.
    pub(super) fn rules(&self, card: ScorecardId) -> impl Iterator<Item = TriggerId> + '_ {
        self.rules.get(&card).into_iter().flatten().copied()
    }

    /// Fired when a stored or derived property of an entity changed.
    pub(super) fn property(&self, name: NameId) -> impl Iterator<Item = TriggerId> + '_ {
        let named = self.properties.get(&name).into_iter().flatten();
        named.chain(&self.everything).copied()
    }

    /// Fired when a meta-property of an entity changed.
    pub(super) fn meta(&self, meta: Meta) -> impl Iterator<Item = TriggerId> + '_ {
        let named = self.metas.get(&meta).into_iter().flatten();
        named.chain(&self.everything).copied()
    }

    /// Fired when the targets of a relation of an entity, or their order, changed.
    pub(super) fn outgoing(&self, relation: NameId) -> impl Iterator<Item = TriggerId> + '_ {
        let named = [Some(relation), None].into_iter();
        let links = named.filter_map(|name| self.outgoing.get(&name)).flatten();
        links.chain(&self.everything).copied()
    }

    /// Fired when an entity came to be, or ceased to be, the target of a relation.
    pub(super) fn incoming(&self, relation: NameId) -> impl Iterator<Item = TriggerId> + '_ {
        let named = [Some(relation), None].into_iter();
        named
            .filter_map(|name| self.incoming.get(&name))
            .flatten()
            .copied()
    }
}

impl Trigger {
    /// Whether a change at an entity of this blueprint can matter.
    pub(super) fn reads_at(&self, blueprint: BlueprintId) -> bool {
        self.place.blueprints.contains(&blueprint)
    }

    /// The entities that have to look again after changes at `seeds`, ascending: the path walked
    /// backwards over the graph as it is after the commit.
    ///
    /// The graph before the commit need not be looked at. Take a path of the old graph that led
    /// from an entity to what changed. If all of its links are still there, the walk finds the
    /// entity. If not, look at its first link that is gone: the path up to the near end of that
    /// link is still there, and the link's own change, which is a seed of the trigger for that
    /// step, leads back along it. So every entity that saw the change is found, by one of its
    /// triggers. The same holds for paths that only the new graph has, as all of it is there.
    ///
    /// Costs O(links walked): sets of entities are walked, so what many seeds share is walked once.
    pub(super) fn roots(&self, state: &State, seeds: &[EntityId]) -> Vec<EntityId> {
        let mut here: Vec<u32> = seeds.iter().map(|id| id.0).collect();
        for step in self.place.path.iter().rev() {
            here = back(state.graph(), step, &here);
        }
        let derived = state.derived();
        let roots = here.into_iter().map(EntityId);
        let mut roots: Vec<EntityId> = roots
            .filter(|id| derived.blueprint_of(*id) == Some(self.root))
            .collect();
        if self.place.path.is_empty() {
            roots.sort_unstable();
            roots.dedup();
        }
        roots
    }
}

/// The entities from which a step leads to any of the given ones, ascending.
fn back(graph: &Graph, step: &Step, to: &[u32]) -> Vec<u32> {
    let relations: BTreeSet<NameId> = match &step.relations {
        Some(names) => names.clone(),
        None => graph.relations().collect(),
    };
    let directions: &[Direction] = match step.direction {
        Direction::Either => &[Direction::Outgoing, Direction::Incoming],
        Direction::Outgoing => &[Direction::Outgoing],
        Direction::Incoming => &[Direction::Incoming],
    };
    let neighbours = |relation, direction: Direction, id| match direction {
        Direction::Incoming => graph.outgoing(relation, EntityId(id)),
        Direction::Outgoing | Direction::Either => graph.incoming(relation, EntityId(id)),
    };
    // One entity's neighbours of one relation come ascending and need no set.
    if let ([id], Some(relation), [direction]) = (to, relations.first(), directions)
        && relations.len() == 1
    {
        return neighbours(*relation, *direction, *id)
            .iter()
            .map(|id| id.0)
            .collect();
    }
    let mut found = RoaringBitmap::new();
    for (relation, direction) in relations
        .iter()
        .flat_map(|r| directions.iter().map(move |d| (r, d)))
    {
        for id in to {
            neighbours(*relation, *direction, *id).union_into(&mut found);
        }
    }
    found.iter().collect()
}
