//! The order in which a pattern's nodes and hops are matched: from the smallest set outwards,
//! each time along the hop that multiplies the rows least.

use super::estimate::float;
use crate::query::ir::Match;

/// Above this many nodes only the smallest set is tried as a start, not every node.
const TRIED_STARTS: usize = 12;

/// One step of matching a pattern, with the rows expected after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Move {
    pub(super) kind: Kind,
    pub(super) rows: f64,
}

/// Indexes are into the nodes and hops of the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A node that is bound already.
    Test(usize),
    Scan(usize),
    /// From one end of a hop to the other.
    Expand {
        hop: usize,
        reversed: bool,
    },
    /// Between two ends that are both bound.
    Close {
        hop: usize,
    },
}

/// What the ordering knows of a pattern.
pub(super) struct Sizes {
    /// For each node: the entities that it may be.
    pub(super) counts: Vec<u64>,
    /// For each node: the entities of its blueprints.
    pub(super) labels: Vec<u64>,
    /// For each hop: the mean number of neighbours from its start and from its end.
    pub(super) fans: Vec<(f64, f64)>,
}

#[derive(Clone)]
struct Progress {
    placed: Vec<bool>,
    done: Vec<bool>,
    moves: Vec<Move>,
    rows: f64,
    cost: f64,
}

/// Orders a pattern. Costs O(nodes · hops²) at most, for patterns that the planner bounds.
pub(super) fn order(pattern: &Match, sizes: &Sizes) -> Vec<Move> {
    let mut progress = Progress {
        placed: vec![false; pattern.nodes.len()],
        done: vec![false; pattern.hops.len()],
        moves: Vec::new(),
        rows: 1.0,
        cost: 0.0,
    };
    for (at, _) in pattern
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.bound)
    {
        progress.place(at, Kind::Test(at), 1.0);
    }
    progress.grow(pattern, sizes);
    while let Some(next) = best_start(pattern, sizes, &progress) {
        progress = next;
    }
    progress.moves
}

/// The state of things after the part of the pattern with the cheapest start was matched.
fn best_start(pattern: &Match, sizes: &Sizes, progress: &Progress) -> Option<Progress> {
    let size = |at: usize| sizes.counts.get(at).copied().unwrap_or(u64::MAX);
    let mut starts: Vec<usize> = (0..pattern.nodes.len())
        .filter(|at| progress.placed.get(*at) == Some(&false))
        .collect();
    starts.sort_by_key(|at| (size(*at), *at));
    if pattern.nodes.len() > TRIED_STARTS {
        starts.truncate(1);
    }
    let tried = starts.into_iter().map(|start| {
        let mut next = progress.clone();
        next.place(start, Kind::Scan(start), float(size(start)));
        next.grow(pattern, sizes);
        next
    });
    tried.reduce(|best, next| if next.cost < best.cost { next } else { best })
}

impl Progress {
    fn is_placed(&self, node: usize) -> bool {
        self.placed.get(node).copied().unwrap_or(true)
    }

    fn place(&mut self, node: usize, kind: Kind, factor: f64) {
        if let Some(placed) = self.placed.get_mut(node) {
            *placed = true;
        }
        self.push(kind, factor, factor);
    }

    fn push(&mut self, kind: Kind, factor: f64, work: f64) {
        self.cost += self.rows * work.max(1.0);
        self.rows *= factor;
        self.moves.push(Move {
            kind,
            rows: self.rows,
        });
    }

    /// Walks to everything that is connected with what is placed.
    fn grow(&mut self, pattern: &Match, sizes: &Sizes) {
        loop {
            self.close(pattern, sizes);
            let open = (0..pattern.hops.len()).filter(|hop| self.done.get(*hop) == Some(&false));
            let ways = open.filter_map(|at| {
                let hop = pattern.hops.get(at)?;
                let reversed = match (self.is_placed(hop.from), self.is_placed(hop.to)) {
                    (true, false) => false,
                    (false, true) => true,
                    _ => return None,
                };
                let target = if reversed { hop.from } else { hop.to };
                Some((at, reversed, target, expansion(sizes, at, reversed, target)))
            });
            let best = ways.reduce(|best, next| if next.3.0 < best.3.0 { next } else { best });
            let Some((hop, reversed, target, (factor, work))) = best else {
                return;
            };
            if let Some(placed) = self.placed.get_mut(target) {
                *placed = true;
            }
            self.finish(hop);
            self.push(Kind::Expand { hop, reversed }, factor, work);
        }
    }

    fn finish(&mut self, hop: usize) {
        if let Some(done) = self.done.get_mut(hop) {
            *done = true;
        }
    }

    /// Checks hops whose ends are both bound: they can only take rows away.
    fn close(&mut self, pattern: &Match, sizes: &Sizes) {
        for (at, hop) in pattern.hops.iter().enumerate() {
            let ready = self.is_placed(hop.from) && self.is_placed(hop.to);
            if ready && self.done.get(at) == Some(&false) {
                let fan = sizes.fans.get(at).map_or(1.0, |(forward, _)| *forward);
                let label = sizes.labels.get(hop.to).copied().unwrap_or(1);
                self.finish(at);
                self.push(
                    Kind::Close { hop: at },
                    (fan / float(label.max(1))).min(1.0),
                    1.0,
                );
            }
        }
    }
}

/// By how much a hop multiplies the rows, and how much is looked at for each.
fn expansion(sizes: &Sizes, hop: usize, reversed: bool, target: usize) -> (f64, f64) {
    let (forward, backward) = sizes.fans.get(hop).copied().unwrap_or((1.0, 1.0));
    let fan = if reversed { backward } else { forward };
    let count = float(sizes.counts.get(target).copied().unwrap_or_default());
    let label = float(sizes.labels.get(target).copied().unwrap_or_default().max(1));
    (fan * (count / label).min(1.0), fan)
}
