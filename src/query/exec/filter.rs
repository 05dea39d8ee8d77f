//! The filter operator: which entities may stand at a node.

use crate::query::plan::Admit;
use crate::state::State;
use crate::value::EntityId;

/// Whether an entity may stand where a step would put it.
#[inline]
pub(super) fn admits(state: &State, admit: &Admit<'_>, id: EntityId) -> bool {
    match admit {
        Admit::All => true,
        // Who is related or in an index exists, so that its blueprint is that of its chunk.
        Admit::Blueprints(set) => state
            .blueprint_of(id)
            .is_some_and(|blueprint| set.contains(&blueprint)),
        Admit::Bitmap(bitmap) => bitmap.contains(id.0),
        Admit::Probes(probes) => probes.iter().all(|probe| probe.contains(id)),
    }
}
