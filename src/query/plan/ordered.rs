//! Whether rows are best found in the order of an index: the first few of many.

use std::ops::Bound;

use super::access::Probe;
use super::condition::{Condition, Field, recognise};
use super::estimate::float;
use super::program::Planner;
use super::sets::Sets;
use super::walk::is_constant;
use crate::error::Result;
use crate::index::{Key, Postings, PropertyIndex};
use crate::model::Meta;
use crate::query::ir::{Blueprints, Expr, ExprKind, Match, Read, Slot, Type};
use crate::value::EntityId;

/// What one more entry of an index costs beside one more row that is read and sorted.
const ENTRY: f64 = 0.15;

/// The entities of one node by an index, those that fit.
pub(crate) struct Ordered<'a> {
    pub(crate) slot: Slot,
    index: &'a PropertyIndex,
    /// All have a text that begins so.
    prefix: Option<Key>,
    probes: Vec<Probe<'a>>,
    members: &'a Postings,
}

impl<'a> Planner<'_, 'a> {
    /// The way along the index of what rows are ordered by first, where the pattern is one node
    /// whose conditions indexes answer, and the first `enough` rows come soon.
    pub(crate) fn ordered(
        &mut self,
        matches: &'a [Match],
        (by, descending): (&Expr, bool),
        enough: usize,
    ) -> Option<Ordered<'a>> {
        let [part] = matches else { return None };
        let [node] = part.nodes.as_slice() else {
            return None;
        };
        let plain = part.hops.is_empty() && part.inputs.is_empty() && part.paths.is_empty();
        let Blueprints::Some(blueprints) = &node.blueprints else {
            return None;
        };
        let blueprints: Vec<_> = blueprints.iter().copied().collect();
        let [blueprint] = blueprints.as_slice() else {
            return None;
        };
        if !plain || node.bound || part.filters.iter().any(is_constant) {
            return None;
        }
        let field = field(by, node.slot)?;
        let index = match field {
            Field::Title => self.state.title_index(*blueprint)?,
            Field::Property(name) => self.state.index(*blueprint, name)?,
            Field::Identifier | Field::Team => return None,
        };
        let sets = Sets {
            state: self.state,
            blueprints: &blueprints,
        };
        let members = self.state.members(*blueprint);
        let (mut probes, mut prefix) = (Vec::new(), None);
        let mut share = 1.0;
        for filter in &part.filters {
            match recognise(filter, node.slot, self.constant)? {
                Condition::Prefix(of, text) if of == field && prefix.is_none() && !descending => {
                    prefix = Some(Key::of(&text));
                }
                condition => {
                    let set = sets.of(&condition).filter(|set| set.exact)?;
                    share *= float(set.probe.len()) / float(members.len().max(1));
                    probes.push(set.probe);
                }
            }
        }
        let found = float(members.len()) * share;
        let enough = float(u64::try_from(enough).unwrap_or(u64::MAX));
        let along = (enough / share.max(1e-9)).min(float(members.len())) * ENTRY;
        if prefix.is_none() && along > found {
            return None;
        }
        probes.sort_by_key(Probe::len);
        Some(Ordered {
            slot: node.slot,
            index,
            prefix,
            probes,
            members,
        })
    }
}

/// What of the entity of a slot an expression is, if one index orders it whole.
fn field(expr: &Expr, slot: Slot) -> Option<Field> {
    let ExprKind::Read { base, read } = &expr.kind else {
        return None;
    };
    if !matches!(base.kind, ExprKind::Slot(of) if of == slot) {
        return None;
    }
    match read {
        Read::Meta(Meta::Title) => Some(Field::Title),
        Read::Property(name) if matches!(expr.ty, Type::String | Type::Instant) => {
            Some(Field::Property(*name))
        }
        _ => None,
    }
}

impl<'a> Ordered<'a> {
    fn fits(&self, id: EntityId) -> bool {
        self.probes.iter().all(|probe| probe.contains(id))
    }

    /// Gives the entities that have the same value, in the order of values, until `take` wants no
    /// more; those without a value come last.
    pub(crate) fn each(
        &'a self,
        descending: bool,
        mut take: impl FnMut(&[EntityId]) -> Result<bool>,
    ) -> Result<()> {
        let mut same = Vec::new();
        let prefix = self.prefix.as_ref();
        let text = prefix.and_then(Key::text).unwrap_or_default();
        let from = prefix.map_or(Bound::Unbounded, Bound::Included);
        for (key, ids) in self.index.from(from, descending) {
            if prefix.is_some() && !key.text().is_some_and(|known| known.starts_with(text)) {
                return Ok(());
            }
            same.clear();
            same.extend(ids.iter().filter(|id| self.fits(*id)));
            if !same.is_empty() && !take(&same)? {
                return Ok(());
            }
        }
        if prefix.is_none() && self.index.present().len() < self.members.len() {
            let present = self.index.present();
            let without = self.members.iter().filter(|id| !present.contains(*id));
            let without: Vec<EntityId> = without.filter(|id| self.fits(*id)).collect();
            if !without.is_empty() {
                take(&without)?;
            }
        }
        Ok(())
    }
}
