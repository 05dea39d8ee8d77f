//! The results that entities have, under numbers that stay: a level for each scorecard, and each
//! of its rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Scorecard;
use crate::store::ResultRow;
use crate::value::{ScorecardId, Seq};

/// What entities have results under in one version. A rule is known by its place among the rules
/// of its scorecard, which changes when others come and go; its number does not.
#[derive(Debug, Default)]
pub(crate) struct Results {
    scorecards: BTreeMap<ScorecardId, Graded>,
    /// The next number to give; none is given twice.
    next: u32,
}

#[derive(Debug)]
struct Graded {
    level: Known,
    /// In the order of declaration.
    rules: Vec<(Arc<str>, Known)>,
}

/// A result that is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) number: u32,
    /// The commit that declared it.
    pub(crate) declared: Seq,
}

impl Results {
    /// What a commit that declares these scorecards leaves: what was known stays, what is new
    /// counts as declared by the commit.
    pub(crate) fn after<'a>(
        &self,
        scorecards: impl Iterator<Item = (ScorecardId, &'a Scorecard)>,
        seq: Seq,
    ) -> Self {
        let mut next = self.next;
        let mut new = || {
            let number = next;
            next = next.saturating_add(1);
            Known {
                number,
                declared: seq,
            }
        };
        // In one order, so that a replay numbers as the commit did.
        let scorecards: BTreeMap<_, _> = scorecards.collect();
        let scorecards = scorecards.into_iter().map(|(id, scorecard)| {
            let before = self.scorecards.get(&id);
            let level = before.map_or_else(&mut new, |before| before.level);
            let rules = scorecard.rules.iter().map(|rule| {
                let known = before.and_then(|before| before.rule(&rule.identifier));
                (Arc::clone(&rule.identifier), known.unwrap_or_else(&mut new))
            });
            let rules = rules.collect();
            (id, Graded { level, rules })
        });
        let scorecards = scorecards.collect();
        Self { scorecards, next }
    }

    /// The numbers that a checkpoint saved for these scorecards. Of what was removed and declared
    /// again, the last number counts.
    pub(crate) fn restore<'a>(
        rows: &[ResultRow],
        scorecards: impl Iterator<Item = (ScorecardId, &'a Scorecard)>,
    ) -> Self {
        let mut saved = BTreeMap::new();
        for row in rows {
            let known = Known {
                number: row.number,
                declared: row.declared,
            };
            saved.insert((row.scorecard, row.rule.as_deref()), known);
        }
        let next = rows.last().map_or(0, |row| row.number.saturating_add(1));
        let lost = Known {
            number: next,
            declared: Seq::default(),
        };
        let known = |key| saved.get(&key).copied().unwrap_or(lost);
        let scorecards = scorecards.map(|(id, scorecard)| {
            let rules = scorecard.rules.iter();
            let rules = rules.map(|rule| {
                let identifier = &rule.identifier;
                (Arc::clone(identifier), known((id, Some(&**identifier))))
            });
            let (level, rules) = (known((id, None)), rules.collect());
            (id, Graded { level, rules })
        });
        Self {
            scorecards: scorecards.collect(),
            next: next.saturating_add(1),
        }
    }

    /// The rows that a checkpoint has to add to those of an earlier version.
    pub(crate) fn rows_since(&self, saved: &Self) -> Vec<ResultRow> {
        let all = self.scorecards.iter().flat_map(|(id, graded)| {
            let level = std::iter::once((*id, None, graded.level));
            let rules = graded.rules.iter();
            level.chain(rules.map(|(rule, known)| (*id, Some(Arc::clone(rule)), *known)))
        });
        let new = all.filter(|(.., known)| known.number >= saved.next);
        new.map(|(scorecard, rule, known)| ResultRow {
            number: known.number,
            scorecard,
            rule,
            declared: known.declared,
        })
        .collect()
    }

    /// The level of a scorecard, or one of its rules by its place.
    pub(crate) fn get(&self, scorecard: ScorecardId, rule: Option<u16>) -> Option<Known> {
        let graded = self.scorecards.get(&scorecard)?;
        match rule {
            None => Some(graded.level),
            Some(place) => Some(graded.rules.get(usize::from(place))?.1),
        }
    }

    /// The place in this version of the rule that another version knows under a number.
    pub(crate) fn place(&self, scorecard: ScorecardId, number: u32) -> Option<u16> {
        let rules = &self.scorecards.get(&scorecard)?.rules;
        let place = rules.iter().position(|(_, known)| known.number == number)?;
        u16::try_from(place).ok()
    }
}

impl Graded {
    fn rule(&self, identifier: &str) -> Option<Known> {
        let found = self.rules.iter().find(|(known, _)| **known == *identifier);
        found.map(|(_, known)| *known)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use serde_json::json;

    use super::*;

    const CARD: ScorecardId = ScorecardId(0);

    fn card(rules: &[&str]) -> Scorecard {
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| json!({"identifier": rule, "level": "Gold", "when": "true"}))
            .collect();
        let card = json!({"identifier": "card", "blueprint": "part", "rules": rules});
        Scorecard::from_json(&card).unwrap()
    }

    fn after(results: &Results, rules: &[&str], seq: u64) -> Results {
        results.after([(CARD, &card(rules))].into_iter(), Seq(seq))
    }

    #[test]
    fn numbers_stay_when_places_change() {
        let first = after(&Results::default(), &["a", "b"], 1);
        let second = after(&first, &["c", "b"], 2);
        let third = after(&second, &["a", "b"], 3);
        let b = first.get(CARD, Some(1)).unwrap();
        assert_eq!(third.get(CARD, Some(1)), Some(b));
        assert_eq!((b.declared, third.place(CARD, b.number)), (Seq(1), Some(1)));
        // What comes back is new.
        let (before, again) = (first.get(CARD, Some(0)), third.get(CARD, Some(0)));
        assert_ne!(before.unwrap().number, again.unwrap().number);
        assert_eq!(again.unwrap().declared, Seq(3));
        assert_eq!(first.get(CARD, None), third.get(CARD, None));
    }

    #[test]
    fn numbers_come_back_from_their_rows() {
        let first = after(&Results::default(), &["a", "b"], 1);
        let last = after(&after(&first, &["b"], 2), &["b", "a"], 3);
        let mut rows = first.rows_since(&Results::default());
        assert_eq!(rows.len(), 3);
        rows.extend(last.rows_since(&first));
        assert_eq!(rows.len(), 4, "only what is new is added");
        let card = card(&["b", "a"]);
        let restored = Results::restore(&rows, [(CARD, &card)].into_iter());
        for rule in [None, Some(0), Some(1)] {
            assert_eq!(restored.get(CARD, rule), last.get(CARD, rule));
        }
        let more = after(&restored, &["b", "a", "d"], 4);
        let new = more.get(CARD, Some(2)).unwrap().number;
        assert!(rows.iter().all(|row| row.number < new));
    }
}
