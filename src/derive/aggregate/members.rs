//! Who aggregates whom: the ways of an aggregation walked in one version.

use roaring::RoaringBitmap;

use super::{Aggregate, Way};
use crate::query::ir::{Direction, PathStep};
use crate::state::State;
use crate::value::EntityId;

impl Aggregate {
    /// The entities that aggregate an entity, ascending. Costs O(links walked).
    pub(super) fn roots_of(&self, state: &State, target: EntityId) -> Vec<EntityId> {
        if let Way::Up(relations) = &self.way {
            let mut here = state.entity(target);
            for relation in relations {
                let next = here.and_then(|entity| entity.targets(*relation).next());
                here = next.and_then(|id| state.entity(id));
            }
            let root = here.filter(|entity| entity.blueprint() == self.root);
            return root.map(|entity| entity.id).into_iter().collect();
        }
        let mut found = RoaringBitmap::new();
        for path in &self.paths {
            let mut here = RoaringBitmap::from_iter([target.0]);
            for step in path.iter().rev() {
                here = stepped(state, &here, *step, true);
            }
            found |= here;
        }
        let of_root = |id: &EntityId| is_of(state, *id, self.root);
        found.iter().map(EntityId).filter(of_root).collect()
    }

    /// The entities that an entity aggregates, ascending. Costs O(links walked).
    pub(in crate::derive) fn targets_of(&self, state: &State, root: EntityId) -> Vec<EntityId> {
        let mut found = RoaringBitmap::new();
        for path in &self.paths {
            let mut here = RoaringBitmap::from_iter([root.0]);
            for step in path {
                here = stepped(state, &here, *step, false);
            }
            found |= here;
        }
        let of_target = |id: &EntityId| is_of(state, *id, self.target);
        found.iter().map(EntityId).filter(of_target).collect()
    }

    /// Whether one entity aggregates another that is one relation away.
    pub(super) fn linked(&self, state: &State, root: EntityId, target: EntityId) -> bool {
        let Way::Next(steps) = &self.way else {
            return false;
        };
        let linked = |step: &PathStep| {
            let graph = state.graph();
            let outgoing = || graph.outgoing(step.relation, root).contains(target);
            let incoming = || graph.incoming(step.relation, root).contains(target);
            match step.direction {
                Direction::Outgoing => outgoing(),
                Direction::Incoming => incoming(),
                Direction::Either => outgoing() || incoming(),
            }
        };
        is_of(state, root, self.root)
            && is_of(state, target, self.target)
            && steps.iter().any(linked)
    }
}

fn is_of(state: &State, id: EntityId, blueprint: crate::value::BlueprintId) -> bool {
    state
        .entity(id)
        .is_some_and(|entity| entity.blueprint() == blueprint)
}

/// Where a step leads from a set of entities, or from where it leads to them. Costs O(links
/// walked).
pub(in crate::derive) fn stepped(
    state: &State,
    from: &RoaringBitmap,
    step: PathStep,
    back: bool,
) -> RoaringBitmap {
    let graph = state.graph();
    let mut found = RoaringBitmap::new();
    for id in from.iter().map(EntityId) {
        if (step.direction != Direction::Incoming) != back || step.direction == Direction::Either {
            graph.outgoing(step.relation, id).union_into(&mut found);
        }
        if (step.direction != Direction::Outgoing) != back || step.direction == Direction::Either {
            graph.incoming(step.relation, id).union_into(&mut found);
        }
    }
    found
}
