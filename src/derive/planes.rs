//! The planes of one blueprint: its atoms, the program from them to rules and levels, and the
//! results of one block.

use std::ops::Range;

use super::atom::Atom;
use super::formula::Program;
use super::work::{LevelChange, RuleChange, Work};
use crate::state::{Derived, Grades, LIVE, Layout, Statistics, entity_at};
use crate::value::{BlueprintId, ScorecardId};

/// Everything that the scorecards of one blueprint compute for its entities.
#[derive(Debug)]
pub(super) struct Planes {
    pub(super) blueprint: BlueprintId,
    /// Atom `n` has word `n + 1`.
    pub(super) atoms: Vec<Atom>,
    pub(super) program: Program,
    /// Ascending by rank.
    pub(super) stages: Vec<Stage>,
}

/// The scorecards of a blueprint that stand at the same rank.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) rank: u32,
    /// The atoms that no earlier stage has.
    pub(super) atoms: Range<u32>,
    /// How many operations of the program lead up to its results, those of earlier stages included.
    pub(super) operations: usize,
    pub(super) scorecards: Vec<ScorecardId>,
}

/// The words of a block, given or made.
pub(super) fn word(words: &[u64], at: Option<u32>) -> u64 {
    at.and_then(|at| words.get(at as usize))
        .copied()
        .unwrap_or(0)
}

impl Stage {
    /// Counts what a block's words make different for the scorecards of a stage: statistics,
    /// level changes, rule changes. Work in proportion to the words of the blueprint, for 64
    /// entities at once.
    pub(super) fn count(
        &self,
        (derived, layout): (&mut Derived, &Layout),
        (block, before, after): (u32, &[u64], &[u64]),
        work: &mut Work,
    ) {
        work.blocks_evaluated += 1;
        for scorecard in &self.scorecards {
            let grades = layout
                .scorecards
                .get(scorecard.index())
                .and_then(Option::as_ref);
            // Looking first keeps counts that stay as they are from being copied.
            let Some(grades) = grades.filter(|grades| differ(grades, before, after)) else {
                continue;
            };
            let Some(statistics) = derived.statistics_mut(*scorecard) else {
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
            for (rule, at) in (0u16..).zip(&grades.rules) {
                rule_changes(
                    (*scorecard, rule),
                    block,
                    (&from, grades.tested, *at),
                    (&to, grades.tested, *at),
                    &mut work.rule_changes,
                );
            }
        }
    }
}

/// The words of a block by their places, who takes part, and who passes a rule.
pub(super) type Passing<'a> = (&'a dyn Fn(Option<u32>) -> u64, Option<u32>, Option<u32>);

/// Lists the results of a rule in one block that differ, of entities that were there and still
/// are.
pub(super) fn rule_changes(
    (scorecard, rule): (ScorecardId, u16),
    block: u32,
    before: Passing<'_>,
    after: Passing<'_>,
    found: &mut Vec<RuleChange>,
) {
    let results = |(word, tested, rule): Passing<'_>| {
        let tested = word(tested);
        (word(Some(LIVE)), tested, word(rule) & tested)
    };
    let ((lived, was, passed), (lives, is, passes)) = (results(before), results(after));
    let mut changed = ((was ^ is) | (passed ^ passes)) & lived & lives;
    while changed != 0 {
        let bit = changed.trailing_zeros();
        changed &= changed - 1;
        let of =
            |tested: u64, passed: u64| (tested >> bit & 1 == 1).then_some(passed >> bit & 1 == 1);
        found.push(RuleChange {
            scorecard,
            entity: entity_at(block, bit),
            rule,
            from: of(was, passed),
            to: of(is, passes),
        });
    }
}

/// Whether anything that a scorecard reads of a block differs.
fn differ(grades: &Grades, before: &[u64], after: &[u64]) -> bool {
    let levels = grades.levels.iter().map(|(_, at)| *at);
    let words = [Some(LIVE), grades.tested].into_iter();
    let mut words = words.chain(levels).chain(grades.rules.iter().copied());
    words.any(|at| word(before, at) != word(after, at))
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
