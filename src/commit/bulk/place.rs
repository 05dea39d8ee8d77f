//! From the rows of a load to the next version.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::prepare::{Prepared, same_content};
use super::resolve::Resolved;
use super::{Bulk, BulkRefusal};
use crate::error::Result;
use crate::state::{Change, Delta, Packed, State};
use crate::value::{EntityId, Instant};

/// What a load comes to, before it is durable.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// `None` where nothing differs from the version before.
    pub(super) prepared: Option<Prepared>,
    /// Whether the entities that are new are not in the delta, so that they have to be written
    /// into the tables together with the log record.
    pub(super) whole: bool,
    pub(super) refusals: Vec<BulkRefusal>,
    pub(super) written: BTreeMap<Arc<str>, u64>,
}

/// A load that creates one entity for so many that were there, or more, is put in place as a
/// whole: then rebuilding indexes and everything derived costs less than following each change.
const LARGE: usize = 4;

impl Bulk {
    /// Makes the next version, of a time that is not before the present one.
    ///
    /// Costs O(rows + references) and what the indexes and the derivation add; a load that is
    /// large beside the catalog rebuilds both.
    pub(super) fn place(mut self, now: Instant) -> Result<Loaded> {
        let base = Arc::clone(&self.staging.base.state);
        let mut next = State::clone(&base);
        if self.staging.changes_model() {
            next.set_model(&self.staging.model);
        }
        let ids = self.assign_ids(&mut next)?;
        let Resolved {
            ids,
            relations,
            refusals,
        } = self.resolve(ids)?;
        let (mut created, mut changes) = (Vec::new(), Vec::new());
        let mut written: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        let rows = std::mem::take(&mut self.rows).into_iter();
        for ((row, id), relations) in rows.zip(ids).zip(relations) {
            let Some(id) = id else { continue };
            let blueprint = row.key().blueprint;
            *written
                .entry(self.staging.blueprint_name(blueprint))
                .or_default() += 1;
            let packed = if relations.is_empty() {
                row.packed
            } else {
                row.packed.with_relations(&relations)?
            };
            match base.entity(id) {
                None => created.push((id, packed)),
                Some(_) => changes.extend(changed(&base, id, &packed)),
            }
        }
        drop(std::mem::take(&mut self.known));
        created.sort_unstable_by_key(|(id, _)| *id);
        let whole = created.len().saturating_mul(LARGE) > base.entity_count();
        if !whole {
            changes.extend(created.drain(..).map(|(id, packed)| Change {
                id,
                before: None,
                after: packed.record(id).map(|record| Arc::new(record.unpack())),
            }));
        }
        changes.sort_unstable_by_key(|change| change.id);
        let all = changes.iter().map(|change| change.id.0);
        let all = all.chain(created.iter().map(|(id, _)| id.0)).collect();
        let delta = Delta { changes };
        let prepared = self.staging.carry_out(next, (delta, created), &all, now)?;
        Ok(Loaded {
            prepared,
            whole,
            refusals,
            written,
        })
    }

    /// Gives every row its id: the one that its name has, or a new one.
    fn assign_ids(&self, next: &mut State) -> Result<Vec<EntityId>> {
        let base = &self.staging.base.state;
        let ids = self.rows.iter().map(|row| {
            let key = row.key();
            match base.lookup(key.blueprint, key.identifier) {
                Some(id) => Ok(id),
                None => next.allocate(key.blueprint),
            }
        });
        ids.collect()
    }
}

/// The change of an entity that was there before; none where nothing differs but who wrote it.
fn changed(base: &State, id: EntityId, packed: &Packed) -> Option<Change> {
    let before = base.entity(id)?.unpack();
    let mut after = packed.record(id)?.unpack();
    if same_content(Some(&before), Some(&after)) {
        return None;
    }
    after.created_at = before.created_at;
    after.created_by = Arc::clone(&before.created_by);
    after.created_in = before.created_in;
    Some(Change {
        id,
        before: Some(Arc::new(before)),
        after: Some(Arc::new(after)),
    })
}
