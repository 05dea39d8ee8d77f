//! The walk operator: the set of entities that walks of certain lengths lead to.

use std::rc::Rc;

use roaring::RoaringBitmap;

use super::cursor::Cursor;
use super::limits::Budget;
use crate::error::Result;
use crate::graph::{Graph, Way, reach};
use crate::query::ir::Range;
use crate::value::{EntityId, NameId};

/// The entities reached from one, kept for the next row that goes on from the same entity.
pub(super) fn reached(
    cursor: &mut Cursor<'_>,
    graph: &Graph,
    (relations, way, range): (&[NameId], Way, Range),
    from: EntityId,
    budget: &Budget<'_>,
) -> Result<Rc<RoaringBitmap>> {
    if let Some((known, walk)) = &cursor.walk
        && *known == from
    {
        return Ok(Rc::clone(walk));
    }
    let mut before = 0;
    let mut spend = |visited: u64| {
        let new = visited.saturating_sub(before);
        before = visited;
        budget.spend(new)
    };
    let Range { min, max } = range;
    let walk = Rc::new(reach(graph, relations, way, [from], min, max, &mut spend)?);
    cursor.walk = Some((from, Rc::clone(&walk)));
    Ok(walk)
}
