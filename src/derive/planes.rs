//! The planes of one blueprint: its atoms, the program from them to rules and levels, and the
//! results of one block.

use super::atom::Atom;
use super::formula::Program;
use super::work::{LevelChange, Work};
use crate::state::{Derived, Grades, Layout, Statistics, entity_at};
use crate::value::{BlueprintId, ScorecardId};

/// Everything that the scorecards of one blueprint compute for its entities.
#[derive(Debug)]
pub(super) struct Planes {
    pub(super) blueprint: BlueprintId,
    /// Atom `n` has word `n + 1`.
    pub(super) atoms: Vec<Atom>,
    pub(super) program: Program,
    pub(super) scorecards: Vec<ScorecardId>,
}

/// The words of a block, given or made.
fn word(words: &[u64], at: Option<u32>) -> u64 {
    at.and_then(|at| words.get(at as usize))
        .copied()
        .unwrap_or(0)
}

impl Planes {
    /// Computes rules and levels of a block whose given words are in `after`, and takes over what
    /// differs from `before`: words, statistics, level changes. Work in proportion to the words
    /// of the blueprint, for 64 entities at once.
    pub(super) fn settle(
        &self,
        derived: &mut Derived,
        layout: &Layout,
        block: u32,
        before: &[u64],
        after: &mut Vec<u64>,
        work: &mut Work,
    ) {
        self.program.run(after);
        work.blocks_evaluated += 1;
        derived.write_block(block, before, after);
        for scorecard in &self.scorecards {
            let grades = layout
                .scorecards
                .get(scorecard.index())
                .and_then(Option::as_ref);
            let (Some(grades), Some(statistics)) = (grades, derived.statistics_mut(*scorecard))
            else {
                continue;
            };
            count(grades, statistics, before, after);
            let from = |at| word(before, at);
            let to = |at| word(after, at);
            let found = &mut work.level_changes;
            level_changes(
                *scorecard,
                block,
                (Some(grades), &from),
                (Some(grades), &to),
                found,
            );
        }
    }
}

/// Moves the counts of a scorecard by the difference that a block makes.
fn count(grades: &Grades, statistics: &mut Statistics, before: &[u64], after: &[u64]) {
    let shift = |total: &mut u64, before: u64, after: u64| {
        let (before, after) = (before.count_ones(), after.count_ones());
        *total = (*total + u64::from(after)).saturating_sub(u64::from(before));
    };
    let (was, is) = (word(before, grades.tested), word(after, grades.tested));
    shift(&mut statistics.tested, was, is);
    for (rank, total) in &mut statistics.levels {
        let exactly = |words| grades.exactly(*rank, |at| word(words, at));
        shift(total, exactly(before), exactly(after));
    }
    for (rule, total) in grades.rules.iter().zip(&mut statistics.rules) {
        shift(total, word(before, *rule) & was, word(after, *rule) & is);
    }
}

/// A scorecard's results on one block: where they are, and its words.
pub(super) type Side<'a> = (Option<&'a Grades>, &'a dyn Fn(Option<u32>) -> u64);

/// Lists the level changes of one block, ascending by entity.
pub(super) fn level_changes(
    scorecard: ScorecardId,
    block: u32,
    before: Side<'_>,
    after: Side<'_>,
    found: &mut Vec<LevelChange>,
) {
    let exactly = |side: Side<'_>, rank| side.0.map_or(0, |grades| grades.exactly(rank, side.1));
    let tested = |side: Side<'_>| side.0.map_or(0, |grades| side.1(grades.tested));
    let ranks = |side: Side<'_>| side.0.map_or(Vec::new(), |grades| grades.ranks().collect());
    let mut changed = tested(before) ^ tested(after);
    for rank in ranks(before).into_iter().chain(ranks(after)) {
        changed |= exactly(before, rank) ^ exactly(after, rank);
    }
    let rank_of = |side: Side<'_>, bit: u32| {
        ranks(side)
            .into_iter()
            .find(|rank| exactly(side, *rank) >> bit & 1 == 1)
    };
    while changed != 0 {
        let bit = changed.trailing_zeros();
        changed &= changed - 1;
        let (from, to) = (rank_of(before, bit), rank_of(after, bit));
        found.push(LevelChange {
            scorecard,
            entity: entity_at(block, bit),
            from,
            to,
        });
    }
}
