//! How many entities a hop is expected to lead to, and of which blueprints they can be.

use std::collections::BTreeSet;

use super::access::members_of;
use crate::graph::Way;
use crate::model::Target;
use crate::query::ir::{Blueprints, Direction, Hop, Relations};
use crate::state::State;
use crate::value::{BlueprintId, NameId};

/// A count as a float, which is all the precision that an estimate has.
pub(super) fn float(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let float = count as f64;
    float
}

/// The relation names of a hop, those that have edges.
pub(super) fn names(state: &State, relations: &Relations) -> Vec<NameId> {
    match relations {
        Relations::All => state.graph().relations().collect(),
        Relations::Some(names) => names.iter().copied().collect(),
    }
}

/// Which way a hop is walked, from its written start or, `reversed`, from its end.
pub(super) const fn way(hop: &Hop, reversed: bool) -> Way {
    match (hop.direction, reversed) {
        (Direction::Either, _) => Way::Either,
        (Direction::Outgoing, false) | (Direction::Incoming, true) => Way::Outgoing,
        (Direction::Outgoing, true) | (Direction::Incoming, false) => Way::Incoming,
    }
}

/// The mean number of neighbours over so many entities; for a walk, of entities reached.
pub(super) fn fan(state: &State, hop: &Hop, from: u64, to: u64) -> f64 {
    let edges: u64 = names(state, &hop.relations)
        .iter()
        .map(|name| state.graph().edge_count(*name))
        .sum();
    let both = if hop.direction == Direction::Either {
        2.0
    } else {
        1.0
    };
    let one = float(edges) * both / float(from.max(1));
    if hop.is_single() {
        return one;
    }
    // Three levels stand for a walk of unknown length: catalogs are shallow.
    let reached = one + one * one + one * one * one + f64::from(u8::from(hop.range.min == 0));
    reached.min(float(to)).max(1.0)
}

/// Whether a plain hop can only lead to entities of the wanted blueprints, as the model declares
/// its relations.
pub(super) fn guarantees(
    state: &State,
    hop: &Hop,
    reversed: bool,
    from: &Blueprints,
    wanted: &BTreeSet<BlueprintId>,
) -> bool {
    if !hop.is_single() {
        return false;
    }
    let names = names(state, &hop.relations);
    let outgoing = || targets(state, &names, from).is_some_and(|ids| ids.is_subset(wanted));
    let incoming = || sources(state, &names).is_subset(wanted);
    match way(hop, reversed) {
        Way::Outgoing => outgoing(),
        Way::Incoming => incoming(),
        Way::Either => outgoing() && incoming(),
    }
}

/// The blueprints that relations of these names of these blueprints point to; `None` for any.
fn targets(state: &State, names: &[NameId], from: &Blueprints) -> Option<BTreeSet<BlueprintId>> {
    let model = state.model();
    let mut targets = BTreeSet::new();
    for compiled in members_of(state, from)
        .into_iter()
        .filter_map(|id| model.blueprint(id))
    {
        for name in names {
            match compiled
                .blueprint
                .relation(model.names().text(*name))
                .map(|r| &r.target)
            {
                None => {}
                Some(Target::Any) => return None,
                Some(Target::Blueprints(known)) => {
                    targets.extend(known.iter().filter_map(|name| model.blueprint_id(name)));
                }
            }
        }
    }
    Some(targets)
}

/// The blueprints that declare relations of these names.
fn sources(state: &State, names: &[NameId]) -> BTreeSet<BlueprintId> {
    let model = state.model();
    let declares = |blueprint: &crate::model::Blueprint| {
        names
            .iter()
            .any(|name| blueprint.relation(model.names().text(*name)).is_some())
    };
    let all = model
        .blueprints()
        .filter(|compiled| declares(&compiled.blueprint));
    all.map(|compiled| compiled.id).collect()
}
