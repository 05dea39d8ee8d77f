//! What differs between what two plans derived: levels, and the results of rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::planes::{level_changes, rule_changes};
use super::work::{LevelChange, RuleChange};
use super::{Plan, Work};
use crate::model::ScorecardLevel;
use crate::state::{Derived, Grades};
use crate::value::ScorecardId;

impl Plan {
    /// Lists the levels and rule results that differ from what another plan derived. A rule that
    /// is new has no result that could differ.
    pub(super) fn differences(
        &self,
        old: &Self,
        before: &Derived,
        after: &Derived,
        work: &mut Work,
    ) {
        if before.layout().blueprints.is_empty() {
            return;
        }
        for (card, scorecard) in self.model.scorecards() {
            let first = work.level_changes.len();
            compare_levels(card, before, after, &mut work.level_changes);
            let Some(was) = old.model.scorecard(card) else {
                continue;
            };
            // Ranks move when levels are declared anew; a level is the same by its title.
            let levels = (&was.levels, &scorecard.levels);
            let changed = work.level_changes.split_off(first);
            let moved = changed.into_iter().filter(|change| {
                let title = |levels: &[ScorecardLevel], rank: Option<u16>| {
                    let level = levels.get(usize::from(rank?))?;
                    Some(Arc::clone(&level.title))
                };
                title(levels.0, change.from) != title(levels.1, change.to)
            });
            work.level_changes.extend(moved);
            let old_place = |identifier: &str| was.rule(identifier).map(|(at, _)| at);
            let places: Vec<Option<usize>> = scorecard
                .rules
                .iter()
                .map(|rule| old_place(&rule.identifier))
                .collect();
            compare_rules(card, &places, before, after, &mut work.rule_changes);
        }
        work.level_changes.sort_unstable();
        work.rule_changes.sort_unstable();
        work.levels_changed = work.level_changes.len() as u64;
        work.rules_changed = work.rule_changes.len() as u64;
    }
}

impl Plan {
    /// Whether the rule of a change had results under an older plan: it was there, in a scorecard
    /// over the same blueprint.
    pub(super) fn knew(&self, old: &Self, change: &RuleChange) -> bool {
        let is_known = || {
            let now = self.model.scorecard(change.scorecard)?;
            let was = old.model.scorecard(change.scorecard)?;
            let rule = now.rules.get(usize::from(change.rule))?;
            let same =
                old.model.blueprint_id(&was.blueprint) == self.model.blueprint_id(&now.blueprint);
            Some(same && was.rule(&rule.identifier).is_some())
        };
        std::ptr::eq(self, old) || is_known().unwrap_or_default()
    }
}

/// The blocks that either version has of a graded blueprint.
fn blocks_of(grades: &Grades, before: &Derived, after: &Derived) -> BTreeSet<u32> {
    let blocks = before.blocks_of(grades.blueprint);
    blocks.chain(after.blocks_of(grades.blueprint)).collect()
}

/// The same scorecard's results before, where it graded the same blueprint.
fn grades_before<'d>(
    before: &'d Derived,
    card: ScorecardId,
    grades: &Grades,
) -> Option<&'d Grades> {
    let was = before.grades(card);
    was.filter(|was| was.blueprint == grades.blueprint)
}

fn compare_levels(
    card: ScorecardId,
    before: &Derived,
    after: &Derived,
    changes: &mut Vec<LevelChange>,
) {
    let Some(grades) = after.grades(card) else {
        return;
    };
    let was = grades_before(before, card, grades);
    for block in blocks_of(grades, before, after) {
        let from = |word| before.word(block, word);
        let to = |word| after.word(block, word);
        level_changes(card, block, (was, &from), (Some(grades), &to), changes);
    }
}

/// `places` says for each rule where it stood before.
fn compare_rules(
    card: ScorecardId,
    places: &[Option<usize>],
    before: &Derived,
    after: &Derived,
    changes: &mut Vec<RuleChange>,
) {
    let Some(grades) = after.grades(card) else {
        return;
    };
    let Some(was) = grades_before(before, card, grades) else {
        return;
    };
    for block in blocks_of(grades, before, after) {
        let word_before = |at| before.word(block, at);
        let word_after = |at| after.word(block, at);
        for ((rule, at), place) in (0u16..).zip(&grades.rules).zip(places) {
            let Some(old) = place.and_then(|place| was.rules.get(place)) else {
                continue;
            };
            rule_changes(
                (card, rule),
                block,
                (&word_before, was.tested, *old),
                (&word_after, grades.tested, *at),
                changes,
            );
        }
    }
}
