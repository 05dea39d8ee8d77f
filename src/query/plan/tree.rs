//! Patterns as trees: what can be counted without going through the rows.

use std::rc::Rc;

use roaring::RoaringBitmap;

use super::access::{Access, Admit, members_of};
use super::estimate::{fan, float, guarantees, names, way};
use super::program::{Planner, overlap};
use super::walk::is_constant;
use crate::graph::Way;
use crate::query::ir::{Blueprints, Hop, Match, Node, Relations, Slot};
use crate::state::State;
use crate::value::NameId;

/// A connected pattern without circles whose conditions are each on one node and are all answered
/// by indexes, and whose hops cannot meet in one relationship.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(crate) nodes: Vec<TreeNode<'a>>,
    pub(crate) edges: Vec<TreeEdge>,
    /// Two hops from one node along one relation, which may not meet in one relationship; nothing
    /// goes on at their ends.
    pub(crate) pair: Option<Pair>,
}

/// The hops of a pair, and the node that they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) hops: [usize; 2],
    pub(crate) middle: usize,
}

#[derive(Debug)]
pub(crate) struct TreeNode<'a> {
    pub(crate) slot: Slot,
    pub(crate) blueprints: &'a Blueprints,
    /// At most so many entities.
    pub(crate) count: u64,
    access: Access<'a>,
}

/// A hop between two nodes, by their places in the tree.
#[derive(Debug)]
pub(crate) struct TreeEdge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) relations: Vec<NameId>,
    /// How it is walked from its start, and from its end.
    pub(crate) ways: [Way; 2],
    /// Whether it can only lead to entities of the blueprints of its end, and of its start.
    pub(crate) guarantees: [bool; 2],
    /// To how many entities it leads from its start, and from its end, in the mean.
    fans: [f64; 2],
}

impl TreeEdge {
    /// The other end, and how the hop is walked to there.
    pub(crate) fn beyond(&self, node: usize) -> Option<(usize, Way, bool)> {
        let ([there, back], [ends_there, ends_back]) = (self.ways, self.guarantees);
        if node == self.from {
            Some((self.to, there, ends_there))
        } else {
            (node == self.to).then_some((self.from, back, ends_back))
        }
    }
}

impl<'a> TreeNode<'a> {
    /// All entities that may stand here.
    pub(crate) fn entities(&self, state: &State) -> Rc<RoaringBitmap> {
        self.access.scan(state, self.blueprints)
    }

    /// Which of the entities that a hop leads to may stand here.
    pub(crate) fn admit(&self, guaranteed: bool) -> Admit<'a> {
        match (&self.access.candidates, self.blueprints) {
            (Some(candidates), _) => Admit::Bitmap(Rc::clone(candidates)),
            (None, _) if !self.access.probes.is_empty() => {
                Admit::Probes(self.access.probes.clone())
            }
            (None, Blueprints::Some(set)) if !guaranteed => Admit::Blueprints(set),
            (None, _) => Admit::All,
        }
    }
}

impl<'a> Planner<'_, 'a> {
    /// The tree that patterns are, where they are one.
    pub(crate) fn tree(&mut self, matches: &'a [Match]) -> Option<Tree<'a>> {
        let [part] = matches else { return None };
        if !is_tree(part) {
            return None;
        }
        let accesses = part.nodes.iter().zip(self.accesses(part));
        let nodes = accesses.map(|(node, access)| TreeNode {
            slot: node.slot,
            blueprints: &node.blueprints,
            count: access.count,
            access,
        });
        let nodes: Vec<TreeNode<'a>> = nodes.collect();
        let answered = |at: usize| nodes.iter().any(|node| node.access.answered.contains(&at));
        if !(0..part.filters.len()).all(answered) {
            return None;
        }
        let edges = part.hops.iter().map(|hop| self.edge(hop, part));
        let edges = edges.collect::<Option<_>>()?;
        let pair = pair(part);
        Some(Tree { nodes, edges, pair })
    }

    fn edge(&self, hop: &Hop, part: &'a Match) -> Option<TreeEdge> {
        let (from, to) = (part.nodes.get(hop.from)?, part.nodes.get(hop.to)?);
        let leads = |reversed: bool, origin: &Node, end: &Node| match &end.blueprints {
            Blueprints::All => true,
            Blueprints::Some(wanted) => {
                guarantees(self.state, hop, reversed, &origin.blueprints, wanted)
            }
        };
        Some(TreeEdge {
            from: hop.from,
            to: hop.to,
            relations: names(self.state, &hop.relations),
            ways: [way(hop, false), way(hop, true)],
            fans: [self.fan(hop, false, from), self.fan(hop, true, to)],
            guarantees: [leads(false, from, to), leads(true, to, from)],
        })
    }
}

impl Planner<'_, '_> {
    /// To how many entities a hop leads in the mean: one, along a single relation.
    fn fan(&self, hop: &Hop, reversed: bool, origin: &Node) -> f64 {
        let blueprints = members_of(self.state, &origin.blueprints);
        let members = blueprints.iter().map(|id| self.state.members(*id).len());
        let fan = fan(self.state, hop, members.sum(), 0);
        let model = self.state.model();
        let single = |name: &NameId| {
            blueprints.iter().all(|id| {
                let compiled = model.blueprint(*id);
                let relation =
                    compiled.and_then(|of| of.blueprint.relation(model.names().text(*name)));
                relation.is_none_or(|relation| !relation.many)
            })
        };
        let names = names(self.state, &hop.relations);
        if way(hop, reversed) == Way::Outgoing && names.iter().all(single) {
            return fan.min(float(u64::try_from(names.len()).unwrap_or(u64::MAX)));
        }
        fan
    }
}

impl Tree<'_> {
    /// About how many entities are looked at where the tree is walked from a root.
    pub(crate) fn looks(&self, root: usize) -> f64 {
        let mut sizes: Vec<Option<f64>> = vec![None; self.nodes.len()];
        let count = |node: usize| self.nodes.get(node).map_or(0.0, |node| float(node.count));
        if let Some(size) = sizes.get_mut(root) {
            *size = Some(count(root));
        }
        let mut looks = count(root);
        let (mut order, mut at) = (vec![root], 0);
        while let Some(node) = order.get(at).copied() {
            at += 1;
            for edge in &self.edges {
                let forward = node == edge.from;
                let Some((other, ..)) = edge.beyond(node) else {
                    continue;
                };
                if sizes.get(other) != Some(&None) {
                    continue;
                }
                let [there, back] = edge.fans;
                let here = sizes.get(node).copied().flatten().unwrap_or_default();
                let found = here * if forward { there } else { back };
                looks += found;
                if let Some(size) = sizes.get_mut(other) {
                    *size = Some(found.min(count(other)));
                }
                order.push(other);
            }
        }
        looks
    }
}

/// Whether the pattern is connected, without circles and without anything that makes its rows
/// depend on more than who is related to whom.
fn is_tree(part: &Match) -> bool {
    let plain_nodes = part.nodes.iter().all(|node| !node.bound);
    let plain_hops = part
        .hops
        .iter()
        .all(|hop| hop.is_single() && hop.variable.is_none());
    let plain = plain_nodes && plain_hops && part.inputs.is_empty() && part.paths.is_empty();
    if !plain || part.hops.len() + 1 != part.nodes.len() || part.filters.iter().any(is_constant) {
        return false;
    }
    let mut reached = vec![false; part.nodes.len()];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for _ in &part.hops {
        for hop in &part.hops {
            let ends = [hop.from, hop.to];
            if ends.iter().any(|end| reached.get(*end) == Some(&true)) {
                for end in ends {
                    if let Some(reached) = reached.get_mut(end) {
                        *reached = true;
                    }
                }
            }
        }
    }
    let all_reached = reached.iter().all(|reached| *reached);
    let met = meeting(part);
    all_reached && (part.repeatable || met.is_empty() || (met.len() == 1 && pair(part).is_some()))
}

/// The hops that might bind the same relationship, two by two.
fn meeting(part: &Match) -> Vec<[usize; 2]> {
    let mut meeting = Vec::new();
    for (at, hop) in part.hops.iter().enumerate() {
        let later = part.hops.iter().enumerate().skip(at + 1);
        let met = later.filter(|(_, other)| overlap(&hop.relations, &other.relations));
        meeting.extend(met.map(|(other, _)| [at, other]));
    }
    meeting
}

/// The only two hops that might meet, where they lead along one relation and in one direction from
/// one node to two others where the pattern ends: they meet exactly where both lead to one entity.
fn pair(part: &Match) -> Option<Pair> {
    if part.repeatable {
        return None;
    }
    let meeting = meeting(part);
    let [hops] = meeting.as_slice() else {
        return None;
    };
    let [first, second] = hops.map(|hop| part.hops.get(hop));
    let (first, second) = first.zip(second)?;
    let one = matches!(&first.relations, Relations::Some(names) if names.len() == 1);
    if !one || first.relations != second.relations {
        return None;
    }
    let ends = |hop: &Hop| [(hop.from, hop.to, false), (hop.to, hop.from, true)];
    let degree = |node: usize| {
        let touching = part.hops.iter();
        touching
            .filter(|hop| hop.from == node || hop.to == node)
            .count()
    };
    let shared = ends(first).into_iter().find_map(|(middle, end, reversed)| {
        let mut others = ends(second).into_iter();
        let (_, other, back) = others.find(|(from, ..)| *from == middle)?;
        let same = way(first, reversed) == way(second, back) && way(first, reversed) != Way::Either;
        (same && degree(end) == 1 && degree(other) == 1).then_some(middle)
    });
    shared.map(|middle| Pair {
        hops: *hops,
        middle,
    })
}
