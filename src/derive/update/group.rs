//! The counts of the groups of a scorecard: who moved from one to another, and who did otherwise.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Round;
use crate::derive::planes::Stage;
use crate::derive::row::RowOver;
use crate::error::Result;
use crate::query::exec::Budget;
use crate::state::{Derived, Grades, Groups, State, Statistics};
use crate::value::{EntityId, ScorecardId, Value, equal};

impl Round<'_> {
    /// Moves the counts of every grouping of the scorecards of a stage. `levels` and `rules` are
    /// how many changes there were before the stage.
    ///
    /// Costs O(entities that did otherwise or changed groups · rules · log groups).
    pub(super) fn regroup(
        &mut self,
        state: &mut State,
        stage: &Stage,
        levels: usize,
        rules: usize,
    ) -> Result<()> {
        for card in &stage.scorecards {
            let plan = self.plan;
            let grades = plan.layout.scorecards.get(card.index());
            let (Some(groupings), Some(Some(grades))) = (plan.groupings.get(card), grades) else {
                continue;
            };
            let changed = self.changed(*card, grades, levels, rules);
            for (at, row) in groupings.iter().enumerate() {
                let again = self.groups.remove(&(*card, at));
                let mut who = changed.clone();
                who.extend(self.rows(state, again));
                let budget = Budget::of_expression();
                let (mut old, mut new) = (row.over(self.before, &budget), row.over(state, &budget));
                let mut moves = Vec::new();
                for id in who {
                    let from = groups_of(self.before, &mut old, *card, id)?;
                    let to = groups_of(state, &mut new, *card, id)?;
                    moves.push((id, from, to));
                }
                drop(new);
                let before = self.before.derived();
                let derived = state.derived_mut();
                for (id, from, to) in moves {
                    let was = Results::of(before, *card, grades, id);
                    let is = Results::of(derived, *card, grades, id);
                    if let Some(groups) = derived.groups_mut(*card).and_then(|g| g.get_mut(at)) {
                        for key in &from {
                            was.count(groups, grades, key, false);
                        }
                        for key in &to {
                            is.count(groups, grades, key, true);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The entities whose results under a scorecard differ, those that came and went included.
    fn changed(
        &self,
        card: ScorecardId,
        grades: &Grades,
        levels: usize,
        rules: usize,
    ) -> BTreeSet<EntityId> {
        let levels = self.work.level_changes.iter().skip(levels);
        let levels = levels.filter(|change| change.scorecard == card);
        let rules = self.work.rule_changes.iter().skip(rules);
        let rules = rules.filter(|change| change.scorecard == card);
        let mut who: BTreeSet<EntityId> = levels.map(|change| change.entity).collect();
        who.extend(rules.map(|change| change.entity));
        for moved in [&self.created, &self.deleted] {
            who.extend(moved.get(&grades.blueprint).into_iter().flatten());
        }
        who
    }
}

/// The groups that an entity counts in: none where it does not take part, the group of null where
/// it has none, every element of a list.
pub(in crate::derive) fn groups_of(
    state: &State,
    row: &mut RowOver<'_>,
    card: ScorecardId,
    id: EntityId,
) -> Result<Vec<Value>> {
    let Some(entity) = state.entity(id) else {
        return Ok(Vec::new());
    };
    if state.derived().level(card, id).is_none() {
        return Ok(Vec::new());
    }
    let items = match row.value(entity)? {
        Value::List(items) => items,
        single => return Ok(vec![one(single)]),
    };
    let items = items.iter().filter(|item| !item.is_null());
    let mut groups: Vec<Value> = items.cloned().map(one).collect();
    groups.sort_unstable();
    groups.dedup();
    if groups.is_empty() {
        groups.push(Value::Null);
    }
    Ok(groups)
}

/// One form for values that are equal: 1 and 1.0 are one group, and which of them it is named by
/// must not depend on who came first.
fn one(value: Value) -> Value {
    let Value::Float(number) = value else {
        return value;
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float that is out of range is not equal to what it becomes"
    )]
    let whole = Value::Int(number as i64);
    if equal(&whole, &value) == Some(true) {
        whole
    } else {
        value
    }
}

/// How one entity does under a scorecard.
pub(in crate::derive) struct Results {
    rank: Option<u16>,
    rules: Vec<bool>,
}

impl Results {
    pub(in crate::derive) fn of(
        derived: &Derived,
        card: ScorecardId,
        grades: &Grades,
        id: EntityId,
    ) -> Self {
        let rules = (0u16..).zip(&grades.rules);
        Self {
            rank: derived.level(card, id),
            rules: rules
                .map(|(at, _)| derived.rule_passes(card, at, id))
                .collect(),
        }
    }

    /// Counts the results in a group, or takes them out of it.
    pub(in crate::derive) fn count(
        &self,
        groups: &mut Groups,
        grades: &Grades,
        key: &Value,
        add: bool,
    ) {
        let Some(rank) = self.rank else {
            return;
        };
        let sign = if add { 1 } else { -1 };
        let shift = |total: &mut u64| *total = total.saturating_add_signed(sign);
        let counts = groups.get_or_insert_with(key, || Arc::new(Statistics::new(grades)));
        let counts = Arc::make_mut(counts);
        shift(&mut counts.tested);
        let level = counts.levels.iter_mut().find(|(known, _)| *known == rank);
        if let Some((_, total)) = level {
            shift(total);
        }
        for (total, _) in counts
            .rules
            .iter_mut()
            .zip(&self.rules)
            .filter(|(_, passed)| **passed)
        {
            shift(total);
        }
        if counts.tested == 0 {
            groups.remove(key);
        }
    }
}
