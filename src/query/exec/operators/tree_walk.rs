//! Walks over a pattern that is a tree: some nodes are gone through, whatever hangs off them is
//! only counted.
//!
//! The rows of a tree are the product of what hangs off each entity, summed over the entities (a
//! factorised representation: Olteanu and Závodný, Size Bounds for Factorised Representations of
//! Query Results, 2015).

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::error::Result;
use crate::graph::{DenseSet, Graph, Way};
use crate::query::exec::expand;
use crate::query::exec::limits::Budget;
use crate::query::plan::{Admit, Pair, Tree};
use crate::state::State;
use crate::value::{EntityId, NameId};

/// The way from a node to one of its children.
struct Link<'t> {
    child: usize,
    edge: usize,
    relations: &'t [NameId],
    way: Way,
    admit: Filter<'t>,
}

/// Which entities may stand at the end of a hop.
enum Filter<'t> {
    All,
    Set(DenseSet),
    Other(Admit<'t>),
}

/// A tree seen from one of its nodes.
pub(super) struct TreeWalk<'t, 's> {
    state: &'s State,
    budget: &'s Budget<'s>,
    /// Two hanging hops that may not lead to one entity.
    pair: Option<Pair>,
    /// For each node: the hops to children that are gone through, in the order of going.
    order: Vec<(usize, Link<'t>)>,
    /// For each node: the hops to children that are only counted.
    hanging: Vec<Vec<Link<'t>>>,
    /// For each node: how many rows hang off an entity, where that was counted before.
    known: Vec<HashMap<EntityId, u64, FixedState>>,
}

impl<'t, 's> TreeWalk<'t, 's> {
    /// Looks at the tree from a root; the nodes of `wanted` and those between are gone through.
    pub(super) fn new(
        state: &'s State,
        budget: &'s Budget<'s>,
        tree: &'t Tree<'t>,
        root: usize,
        wanted: &[usize],
    ) -> Self {
        let mut parents = vec![None; tree.nodes.len()];
        let (mut order, mut at) = (vec![root], 0);
        while let Some(node) = order.get(at).copied() {
            at += 1;
            for (number, edge) in tree.edges.iter().enumerate() {
                let Some((other, ..)) = edge.beyond(node) else {
                    continue;
                };
                let new = other != root && parents.get(other) == Some(&None);
                if let Some(parent) = parents.get_mut(other).filter(|_| new) {
                    *parent = Some((node, number));
                    order.push(other);
                }
            }
        }
        let mut gone_through = vec![false; tree.nodes.len()];
        for node in wanted {
            let mut at = *node;
            while let Some(place) = gone_through.get_mut(at) {
                *place = true;
                match parents.get(at) {
                    Some(Some((parent, _))) => at = *parent,
                    _ => break,
                }
            }
        }
        let mut walk = Self {
            state,
            budget,
            pair: tree.pair,
            order: Vec::new(),
            hanging: tree.nodes.iter().map(|_| Vec::new()).collect(),
            known: tree.nodes.iter().map(|_| HashMap::default()).collect(),
        };
        for child in order {
            let Some((parent, edge)) = parents.get(child).copied().flatten() else {
                continue;
            };
            let Some(link) = link(tree, child, parent, edge) else {
                continue;
            };
            if gone_through.get(child) == Some(&true) {
                walk.order.push((parent, link));
            } else if let Some(hanging) = walk.hanging.get_mut(parent) {
                hanging.push(link);
            }
        }
        walk
    }

    /// Calls `visit` with the entities of the nodes that are gone through, at their places in
    /// `row`, and with how many rows of the pattern they stand for, which is never 0.
    pub(super) fn visit(
        &mut self,
        root: usize,
        id: EntityId,
        row: &mut [EntityId],
        visit: &mut dyn FnMut(&[EntityId], u64) -> Result<()>,
    ) -> Result<()> {
        if let Some(place) = row.get_mut(root) {
            *place = id;
        }
        let count = self.hanging_of(root, id)?;
        if count == 0 {
            return Ok(());
        }
        self.descend(0, row, count, visit)
    }

    /// Recursion goes as deep as the pattern has nodes, which the planner bounds.
    fn descend(
        &mut self,
        depth: usize,
        row: &mut [EntityId],
        count: u64,
        visit: &mut dyn FnMut(&[EntityId], u64) -> Result<()>,
    ) -> Result<()> {
        let Some((parent, link)) = self.order.get(depth) else {
            return visit(row, count);
        };
        let from = row.get(*parent).copied().unwrap_or_default();
        let (child, last) = (link.child, depth + 1 == self.order.len());
        let leaf = self.hanging.get(child).is_none_or(Vec::is_empty);
        let graph = self.state.graph();
        if last && leaf {
            // The innermost loop, of which there is most.
            let mut looked = 0;
            let mut outcome = Ok(());
            each(graph, link, from, |id| {
                looked += 1;
                if outcome.is_ok() && link.admit.has(self.state, id) {
                    if let Some(place) = row.get_mut(child) {
                        *place = id;
                    }
                    outcome = visit(row, count);
                }
            });
            self.budget.spend(looked)?;
            return outcome;
        }
        let mut found = Vec::new();
        each(graph, link, from, |id| found.push(id));
        self.budget
            .spend(u64::try_from(found.len()).unwrap_or(u64::MAX))?;
        found.retain(|id| link.admit.has(self.state, *id));
        for id in found {
            let below = self.hanging_of(child, id)?;
            if below > 0 {
                if let Some(place) = row.get_mut(child) {
                    *place = id;
                }
                self.descend(depth + 1, row, count.saturating_mul(below), visit)?;
            }
        }
        Ok(())
    }

    /// How many rows of what is only counted hang off an entity.
    fn hanging_of(&mut self, node: usize, id: EntityId) -> Result<u64> {
        let children = self.hanging.get(node).map_or(0, Vec::len);
        if children == 0 {
            return Ok(1);
        }
        if let Some(known) = self.known.get(node).and_then(|known| known.get(&id)) {
            return Ok(*known);
        }
        let mut product = 1_u64;
        for child in 0..children {
            product = product.saturating_mul(self.below(node, child, id)?);
            if product == 0 {
                break;
            }
        }
        let pair = self.pair.filter(|pair| pair.middle == node && product > 0);
        if let Some(Pair { hops, .. }) = pair {
            product = self.without_meeting(node, hops, id, product)?;
        }
        if let Some(known) = self.known.get_mut(node) {
            known.insert(id, product);
        }
        Ok(product)
    }

    /// The rows without those in which both hops of a pair lead to one entity.
    fn without_meeting(
        &self,
        node: usize,
        hops: [usize; 2],
        id: EntityId,
        all: u64,
    ) -> Result<u64> {
        let links = self.hanging.get(node).map_or(&[][..], Vec::as_slice);
        let find = |hop: usize| links.iter().find(|link| link.edge == hop);
        let [Some(first), Some(second)] = hops.map(find) else {
            return Ok(all);
        };
        let (mut looked, mut ends, mut others, mut both) = (0, 0_u64, 0_u64, 0_u64);
        each(self.state.graph(), first, id, |id| {
            looked += 1;
            let is_end = first.admit.has(self.state, id);
            let is_other = second.admit.has(self.state, id);
            ends += u64::from(is_end);
            others += u64::from(is_other);
            both += u64::from(is_end && is_other);
        });
        self.budget.spend(looked)?;
        let pairs = ends.saturating_mul(others);
        let each_pair = all.checked_div(pairs).unwrap_or_default();
        Ok(each_pair.saturating_mul(pairs.saturating_sub(both)))
    }

    /// How many rows begin with one hop from an entity.
    fn below(&mut self, node: usize, child: usize, id: EntityId) -> Result<u64> {
        let graph = self.state.graph();
        let Some(link) = self.hanging.get(node).and_then(|links| links.get(child)) else {
            return Ok(0);
        };
        if self.hanging.get(link.child).is_none_or(Vec::is_empty) {
            if matches!(link.admit, Filter::All) {
                self.budget.spend(1)?;
                return Ok(expand::count(graph, link.relations, link.way, id));
            }
            let (mut looked, mut count) = (0, 0);
            each(graph, link, id, |id| {
                looked += 1;
                count += u64::from(link.admit.has(self.state, id));
            });
            self.budget.spend(looked)?;
            return Ok(count);
        }
        let mut found = Vec::new();
        each(graph, link, id, |id| found.push(id));
        self.budget
            .spend(u64::try_from(found.len()).unwrap_or(u64::MAX))?;
        found.retain(|id| link.admit.has(self.state, *id));
        let (next, mut sum) = (link.child, 0_u64);
        for id in found {
            sum = sum.saturating_add(self.hanging_of(next, id)?);
        }
        Ok(sum)
    }
}

fn link<'t>(tree: &'t Tree<'t>, child: usize, parent: usize, number: usize) -> Option<Link<'t>> {
    let edge = tree.edges.get(number)?;
    let (_, way, guaranteed) = edge.beyond(parent)?;
    let admit = match tree.nodes.get(child)?.admit(guaranteed) {
        Admit::All => Filter::All,
        Admit::Bitmap(bitmap) => Filter::Set(DenseSet::from_bitmap(&bitmap)),
        other => Filter::Other(other),
    };
    Some(Link {
        child,
        edge: number,
        relations: &edge.relations,
        way,
        admit,
    })
}

impl Filter<'_> {
    #[inline]
    fn has(&self, state: &State, id: EntityId) -> bool {
        match self {
            Self::All => true,
            Self::Set(set) => set.contains(id),
            Self::Other(admit) => crate::query::exec::filter::admits(state, admit, id),
        }
    }
}

/// Every neighbour along a hop, once for each relationship.
fn each(graph: &Graph, link: &Link<'_>, from: EntityId, mut visit: impl FnMut(EntityId)) {
    for (_, reversed, neighbours) in expand::sides(graph, link.relations, link.way, from) {
        let except = expand::twice(link.way, reversed, from);
        for id in neighbours.iter() {
            if Some(id) != except {
                visit(id);
            }
        }
    }
}
