//! Plans: patterns as an ordered list of steps, each binding one entity more or testing a row.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::access::{Access, Admit};
use super::condition::Constant;
use super::estimate::{fan, guarantees, names, way};
use super::order::{Kind, Move, Sizes, order};
use super::walk::{Uses, is_constant, is_random};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Way;
use crate::query::ir::{
    Blueprints, Expr, Group, Hop, Match, Node, PathVariable, Range, Relations, Slot, Target, Walks,
};
use crate::state::State;
use crate::value::NameId;

/// How many nodes, and how many hops, one pattern may have.
const PATTERN_LIMIT: usize = 128;
/// Where one node has at most this many candidates and another far more, the large set is tested
/// entity by entity instead of being made.
const FEW: u64 = 256;

/// What to do to find the rows of patterns.
#[derive(Debug, Default)]
pub(crate) struct Program<'a> {
    /// Entities that values of the row are, by the slots that they are put into.
    pub(crate) inputs: Vec<(Slot, &'a Expr)>,
    /// Conditions on no entity at all.
    pub(crate) constant: Vec<&'a Expr>,
    pub(crate) steps: Vec<Step<'a>>,
    /// How many walks are remembered: to stay distinct, or as values.
    pub(crate) registers: usize,
}

/// One step: what it adds to a row, and what the row must then satisfy.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) op: Op<'a>,
    pub(crate) admit: Admit<'a>,
    /// Where the walk is remembered, and with which remembered ones it may share no relationship.
    pub(crate) register: Option<usize>,
    pub(crate) differs: Vec<usize>,
    /// The local that the relationship becomes, or the list of them.
    pub(crate) variable: Option<(u16, bool)>,
    /// The paths that are whole now, with the register of the first hop of their pattern.
    pub(crate) paths: Vec<(&'a PathVariable, usize)>,
    pub(crate) filters: Vec<&'a Expr>,
    /// Rows expected after the step, and those that came.
    pub(crate) estimate: f64,
    pub(crate) actual: Cell<u64>,
    pub(crate) indexes: Vec<String>,
    pub(crate) blueprints: &'a Blueprints,
}

#[derive(Debug)]
pub(crate) enum Op<'a> {
    /// Every entity of a set.
    Scan {
        slot: Slot,
        candidates: Rc<RoaringBitmap>,
    },
    /// A row as it is.
    Test { slot: Option<Slot> },
    /// The neighbours of an entity; where `to` is bound already, that one alone.
    Expand {
        from: Slot,
        to: Slot,
        relations: Vec<NameId>,
        way: Way,
        bound: bool,
    },
    /// The entities that some walk leads to; where `to` is bound already, that one alone.
    Closure {
        from: Slot,
        to: Slot,
        relations: Vec<NameId>,
        way: Way,
        range: Range,
        bound: bool,
    },
    /// The entities at the ends of walks, once for each walk.
    Walk {
        from: Slot,
        to: Slot,
        relations: Vec<NameId>,
        way: Way,
        range: Range,
        walks: Walks,
        /// Whether it goes against the direction in which it was written.
        reversed: bool,
        bound: bool,
    },
    /// The entities at the ends of a pattern that is matched over and over.
    Repeat {
        from: Slot,
        to: Slot,
        group: &'a Group,
        range: Range,
        walks: Walks,
        reversed: bool,
        bound: bool,
    },
}

/// Makes programs.
pub(crate) struct Planner<'f, 'a> {
    pub(crate) state: &'a State,
    /// The value of a constant expression, where it has one.
    pub(crate) constant: Constant<'f, 'a>,
    /// The most hops that a walk of exactly counted length may have.
    pub(crate) hops: u32,
}

const ANY: &Blueprints = &Blueprints::All;

impl<'a> Planner<'_, 'a> {
    /// Plans the patterns of a query or subquery.
    ///
    /// # Errors
    /// `Limit` for a pattern or a walk that is too long.
    pub(crate) fn plan(&mut self, matches: &'a [Match]) -> Result<Program<'a>> {
        let mut program = Program::default();
        let nodes = matches.iter().flat_map(|part| &part.nodes);
        let mut unbound: BTreeSet<Slot> = nodes
            .filter(|node| !node.bound)
            .map(|node| node.slot)
            .collect();
        let mut open = Open {
            locals: matches.iter().flat_map(found_values).collect(),
            slots: std::mem::take(&mut unbound),
        };
        for part in matches {
            self.check_limits(part)?;
            let inputs = part.inputs.iter().map(|(slot, value)| (*slot, value));
            program.inputs.extend(inputs);
            self.plan_match(part, &mut open, &mut program);
        }
        Ok(program)
    }

    fn check_limits(&self, part: &Match) -> Result<()> {
        let limit = |name: &str, value: usize, help: &str| {
            let message = format!("the query reached its limit `{name}` of {value}");
            Error::new(ErrorKind::Limit, message).with_help(help.to_owned())
        };
        if let Some(node) = part.nodes.get(PATTERN_LIMIT) {
            let help = "this limit is fixed: split the pattern into several queries";
            return Err(limit("pattern_nodes", PATTERN_LIMIT, help).with_span(node.span));
        }
        if let Some(hop) = part.hops.get(PATTERN_LIMIT) {
            let help = "this limit is fixed: split the pattern into several queries";
            return Err(limit("pattern_hops", PATTERN_LIMIT, help).with_span(hop.span));
        }
        let counted = |hop: &&Hop| !hop.is_single() && hop.range.min > self.hops;
        if let Some(hop) = part.hops.iter().find(counted) {
            let help = "lower the bound of the walk, or raise `hops` in the limits it runs with";
            let hops = usize::try_from(self.hops).unwrap_or(usize::MAX);
            return Err(limit("hops", hops, help).with_span(hop.span));
        }
        Ok(())
    }

    pub(super) fn accesses(&mut self, part: &'a Match) -> Vec<Access<'a>> {
        let anchored = part.nodes.iter().any(|node| node.bound);
        let state = self.state;
        let mut access = |node: &'a Node, intersect: bool| {
            let filters = if node.bound {
                &[]
            } else {
                part.filters.as_slice()
            };
            Access::new(state, node, filters, intersect, self.constant)
        };
        let mut all: Vec<Access<'a>> = part.nodes.iter().map(|node| access(node, false)).collect();
        let small = all.iter().zip(&part.nodes).filter(|(_, node)| !node.bound);
        let small = small
            .map(|(access, _)| access.count)
            .min()
            .unwrap_or_default();
        for (known, node) in all.iter_mut().zip(&part.nodes) {
            // From a bound node few entities are looked at, and from a small set likewise: there
            // the sets of the other nodes are only asked, never made.
            let asked = anchored || (small <= FEW && known.count > small.saturating_mul(16));
            if !node.bound && !asked {
                *known = access(node, true);
            }
        }
        all
    }

    fn plan_match(&mut self, part: &'a Match, open: &mut Open, program: &mut Program<'a>) {
        let accesses = self.accesses(part);
        let labels: Vec<u64> = accesses.iter().map(|access| access.label_count).collect();
        let label = |node: usize| labels.get(node).copied().unwrap_or_default();
        let sizes = Sizes {
            counts: accesses.iter().map(|access| access.count).collect(),
            fans: part
                .hops
                .iter()
                .map(|hop| {
                    let (from, to) = (label(hop.from), label(hop.to));
                    (
                        fan(self.state, hop, from, to),
                        fan(self.state, hop, to, from),
                    )
                })
                .collect(),
            labels: labels.clone(),
        };
        let mut filters: Vec<(usize, &'a Expr, Uses)> = Vec::new();
        for (at, filter) in part.filters.iter().enumerate() {
            if is_constant(filter) {
                program.constant.push(filter);
            } else {
                filters.push((at, filter, Uses::of(filter)));
            }
        }
        let base = program.registers;
        program.registers += part.hops.len();
        let (mut walked, mut done) = (Vec::new(), BTreeSet::new());
        let moves = order(part, &sizes);
        for Move { kind, rows } in &moves {
            let Some((mut step, node)) = self.step(part, &accesses, *kind) else {
                continue;
            };
            step.estimate = *rows;
            if let Kind::Expand { hop, .. } | Kind::Close { hop } = kind {
                distinct(part, *hop, base, &mut walked, &mut step);
                done.insert(*hop);
                if let Some(hop) = part.hops.get(*hop)
                    && let Some(local) = hop.variable
                {
                    step.variable = Some((local, !hop.is_single()));
                    open.locals.remove(&local);
                }
                for (_, local) in part.hops.get(*hop).iter().flat_map(|hop| lists_of(hop)) {
                    open.locals.remove(local);
                }
            }
            if let Some(node) = node {
                open.slots.remove(&node.slot);
            }
            for path in &part.paths {
                let whole = path.hops.iter().all(|hop| done.contains(hop));
                if whole && !open.slots.contains(&path.start) && open.locals.remove(&path.local) {
                    step.paths.push((path, base));
                }
            }
            filters.retain(|(at, filter, uses)| {
                let answered = part.nodes.iter().zip(&accesses).any(|(other, access)| {
                    access.answered.contains(at) && !open.slots.contains(&other.slot)
                });
                if answered {
                    return false;
                }
                // What differs each time is asked of whole rows.
                let ready = open.has(uses) && !is_random(filter);
                if ready {
                    step.filters.push(filter);
                }
                !ready
            });
            program.steps.push(step);
        }
        let rest: Vec<&'a Expr> = filters.into_iter().map(|(_, filter, _)| filter).collect();
        if !rest.is_empty() {
            let mut step = Step::new(Op::Test { slot: None }, Admit::All, ANY);
            step.filters = rest;
            program.steps.push(step);
        }
    }

    /// The step of a move, and the node that it binds.
    fn step(
        &self,
        part: &'a Match,
        accesses: &[Access<'a>],
        kind: Kind,
    ) -> Option<(Step<'a>, Option<&'a Node>)> {
        match kind {
            Kind::Test(at) => {
                let node = part.nodes.get(at)?;
                let op = Op::Test {
                    slot: Some(node.slot),
                };
                Some((
                    Step::new(op, of_blueprints(&node.blueprints), &node.blueprints),
                    None,
                ))
            }
            Kind::Scan(at) => {
                let (node, access) = (part.nodes.get(at)?, accesses.get(at)?);
                let candidates = access.scan(self.state, &node.blueprints);
                let op = Op::Scan {
                    slot: node.slot,
                    candidates,
                };
                let mut step = Step::new(op, Admit::All, &node.blueprints);
                step.indexes.clone_from(&access.indexes);
                Some((step, Some(node)))
            }
            Kind::Expand { hop, reversed } => {
                let hop = part.hops.get(hop)?;
                let (from, to) = if reversed {
                    (hop.to, hop.from)
                } else {
                    (hop.from, hop.to)
                };
                let (origin, node) = (part.nodes.get(from)?, part.nodes.get(to)?);
                let op = self.hop(hop, reversed, (origin.slot, node.slot), false);
                let admit = self.admit(hop, reversed, origin, node, accesses.get(to)?);
                let mut step = Step::new(op, admit, &node.blueprints);
                step.indexes.clone_from(&accesses.get(to)?.indexes);
                Some((step, Some(node)))
            }
            Kind::Close { hop } => {
                let hop = part.hops.get(hop)?;
                let (from, to) = (part.nodes.get(hop.from)?, part.nodes.get(hop.to)?);
                let op = self.hop(hop, false, (from.slot, to.slot), true);
                Some((Step::new(op, Admit::All, ANY), None))
            }
        }
    }

    fn hop(&self, hop: &'a Hop, reversed: bool, (from, to): (Slot, Slot), bound: bool) -> Op<'a> {
        let (relations, way) = (names(self.state, &hop.relations), way(hop, reversed));
        let range = hop.range;
        if let Some(group) = &hop.group {
            return Op::Repeat {
                from,
                to,
                group,
                range,
                walks: hop.walks,
                reversed,
                bound,
            };
        }
        if hop.is_single() {
            Op::Expand {
                from,
                to,
                relations,
                way,
                bound,
            }
        } else if hop.walks == Walks::Set {
            Op::Closure {
                from,
                to,
                relations,
                way,
                range,
                bound,
            }
        } else {
            Op::Walk {
                from,
                to,
                relations,
                way,
                range,
                walks: hop.walks,
                reversed,
                bound,
            }
        }
    }

    fn admit(
        &self,
        hop: &Hop,
        reversed: bool,
        origin: &Node,
        node: &'a Node,
        access: &Access<'a>,
    ) -> Admit<'a> {
        if let Some(candidates) = &access.candidates {
            return Admit::Bitmap(Rc::clone(candidates));
        }
        if !access.probes.is_empty() {
            return Admit::Probes(access.probes.clone());
        }
        match &node.blueprints {
            Blueprints::Some(wanted)
                if guarantees(self.state, hop, reversed, &origin.blueprints, wanted) =>
            {
                Admit::All
            }
            other => of_blueprints(other),
        }
    }
}

fn of_blueprints(blueprints: &Blueprints) -> Admit<'_> {
    match blueprints {
        Blueprints::All => Admit::All,
        Blueprints::Some(set) => Admit::Blueprints(set),
    }
}

/// What the rows so far do not hold yet.
struct Open {
    slots: BTreeSet<Slot>,
    locals: BTreeSet<u16>,
}

impl Open {
    /// Whether all that is used is there.
    fn has(&self, uses: &Uses) -> bool {
        uses.slots.is_disjoint(&self.slots) && uses.locals.is_disjoint(&self.locals)
    }
}

/// The values that a pattern finds.
fn found_values(part: &Match) -> impl Iterator<Item = u16> {
    let paths = part.paths.iter().map(|path| path.local);
    let lists = part.hops.iter().flat_map(lists_of).map(|(_, local)| *local);
    let relations = part.hops.iter().filter_map(|hop| hop.variable);
    relations.chain(lists).chain(paths)
}

fn lists_of(hop: &Hop) -> impl Iterator<Item = &(Target, u16)> {
    hop.group.iter().flat_map(|group| &group.lists)
}

/// Keeps the relationships of a hop distinct from those of hops before it that might bind the
/// same ones.
fn distinct(part: &Match, at: usize, base: usize, walked: &mut Vec<usize>, step: &mut Step<'_>) {
    let Some(hop) = part.hops.get(at) else {
        return;
    };
    let lists = hop
        .group
        .as_ref()
        .is_some_and(|group| !group.lists.is_empty());
    let named =
        lists || hop.variable.is_some() || part.paths.iter().any(|path| path.hops.contains(&at));
    if named {
        step.register = Some(base + at);
    }
    if part.repeatable || !(hop.is_single() || hop.walks != Walks::Set) {
        return;
    }
    let meets = |other: &usize| {
        part.hops
            .get(*other)
            .is_some_and(|other| overlap(&other.relations, &hop.relations))
    };
    step.differs = walked
        .iter()
        .filter(|other| meets(other))
        .map(|other| base + other)
        .collect();
    step.register = Some(base + at);
    walked.push(at);
}

/// Whether one relationship may be of both.
pub(super) fn overlap(a: &Relations, b: &Relations) -> bool {
    match (a, b) {
        (Relations::Some(a), Relations::Some(b)) => !a.is_disjoint(b),
        _ => true,
    }
}

impl Program<'_> {
    /// Adds the rows that another run of the same patterns had.
    pub(crate) fn add(&self, other: &Self) {
        for (step, other) in self.steps.iter().zip(&other.steps) {
            step.actual
                .set(step.actual.get().saturating_add(other.actual.get()));
        }
    }
}

impl<'a> Step<'a> {
    fn new(op: Op<'a>, admit: Admit<'a>, blueprints: &'a Blueprints) -> Self {
        Self {
            op,
            admit,
            register: None,
            differs: Vec::new(),
            variable: None,
            paths: Vec::new(),
            filters: Vec::new(),
            estimate: 1.0,
            actual: Cell::new(0),
            indexes: Vec::new(),
            blueprints,
        }
    }

    /// The slot that the step binds.
    pub(crate) fn binds(&self) -> Option<Slot> {
        match &self.op {
            Op::Scan { slot, .. }
            | Op::Expand {
                to: slot,
                bound: false,
                ..
            }
            | Op::Closure {
                to: slot,
                bound: false,
                ..
            }
            | Op::Walk {
                to: slot,
                bound: false,
                ..
            }
            | Op::Repeat {
                to: slot,
                bound: false,
                ..
            } => Some(*slot),
            Op::Test { .. }
            | Op::Expand { .. }
            | Op::Closure { .. }
            | Op::Walk { .. }
            | Op::Repeat { .. } => None,
        }
    }
}
