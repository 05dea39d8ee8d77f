//! The hop operator: from an entity to its neighbours, or to the one that is bound already.

use std::rc::Rc;

use roaring::RoaringBitmap;

use super::cursor::{Cursor, Found, Hub};
use crate::graph::{Graph, Neighbours, Way};
use crate::query::plan::Admit;
use crate::value::{EntityId, NameId};

/// Above this many neighbours they are not copied at once: the first may be enough.
const HUB: usize = 256;

/// The neighbour sets of an entity: relation, whether against its direction, neighbours.
pub(super) fn sides<'a>(
    graph: &'a Graph,
    relations: &[NameId],
    way: Way,
    from: EntityId,
) -> impl Iterator<Item = (NameId, bool, &'a Neighbours)> {
    relations.iter().flat_map(move |relation| {
        let outgoing = (way != Way::Incoming).then(|| graph.outgoing(*relation, from));
        let incoming = (way != Way::Outgoing).then(|| graph.incoming(*relation, from));
        let outgoing = outgoing.map(|neighbours| (*relation, false, neighbours));
        outgoing
            .into_iter()
            .chain(incoming.map(|neighbours| (*relation, true, neighbours)))
    })
}

/// The entity that the second direction of `Either` leaves out: a relationship of an entity with
/// itself is one, seen from either end.
pub(super) fn twice(way: Way, reversed: bool, from: EntityId) -> Option<EntityId> {
    (way == Way::Either && reversed).then_some(from)
}

/// All neighbours of an entity.
pub(super) fn neighbours(
    graph: &Graph,
    relations: &[NameId],
    way: Way,
    from: EntityId,
) -> Vec<Found> {
    let sides = sides(graph, relations, way, from);
    let found = sides.flat_map(|(relation, reversed, neighbours)| {
        let except = twice(way, reversed, from);
        let ids = neighbours.iter().filter(move |id| Some(*id) != except);
        ids.map(move |id| Found {
            id,
            relation,
            reversed,
        })
    });
    found.collect()
}

/// Fills the cursor with the neighbours of an entity.
pub(super) fn open<'a>(
    cursor: &mut Cursor<'a>,
    graph: &'a Graph,
    relations: &[NameId],
    way: Way,
    from: EntityId,
    admit: &Admit<'_>,
) {
    for (relation, reversed, neighbours) in sides(graph, relations, way, from) {
        let except = twice(way, reversed, from);
        let count = neighbours.len();
        match admit {
            // The smaller of the two sets is gone through, the other one asked.
            Admit::Bitmap(wanted) if smaller(wanted, count) => {
                let ids = wanted.iter().map(EntityId);
                let ids = ids.filter(|id| neighbours.contains(*id) && Some(*id) != except);
                for id in ids {
                    cursor.push(Found {
                        id,
                        relation,
                        reversed,
                    });
                }
            }
            _ if count > HUB => {
                let hub = Hub {
                    neighbours: neighbours.iter(),
                    relation,
                    reversed,
                };
                cursor.give_hub(hub, except);
            }
            _ => {
                let ids = neighbours.iter().filter(|id| Some(*id) != except);
                for id in ids {
                    cursor.push(Found {
                        id,
                        relation,
                        reversed,
                    });
                }
            }
        }
    }
}

fn smaller(wanted: &Rc<RoaringBitmap>, count: usize) -> bool {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    wanted.len().saturating_mul(4) < count
}

/// Fills the cursor with the relationships between two entities.
pub(super) fn open_between(
    cursor: &mut Cursor<'_>,
    graph: &Graph,
    relations: &[NameId],
    way: Way,
    (from, to): (EntityId, EntityId),
) {
    for (relation, reversed, neighbours) in sides(graph, relations, way, from) {
        if neighbours.contains(to) && twice(way, reversed, from) != Some(to) {
            cursor.push(Found {
                id: to,
                relation,
                reversed,
            });
        }
    }
}

/// How many neighbours [`open`] would give, where all are admitted.
pub(super) fn count(graph: &Graph, relations: &[NameId], way: Way, from: EntityId) -> u64 {
    let counts = sides(graph, relations, way, from).map(|(_, reversed, neighbours)| {
        let except = twice(way, reversed, from).filter(|id| neighbours.contains(*id));
        neighbours.len() - usize::from(except.is_some())
    });
    u64::try_from(counts.sum::<usize>()).unwrap_or(u64::MAX)
}
