//! What a plan can take over from the plan before it, when only the model changed: everything
//! that is defined as it was over what is as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Plan;
use super::column::Kind;
use super::rank::{Derived, derived};
use super::reads::{Input, Inputs, inputs};
use crate::model::Model;
use crate::value::{BlueprintId, ScorecardId};

/// For everything derived by the new plan, what it was in the old one, where it is the same.
#[derive(Debug, Default)]
pub(super) struct Reuse {
    /// By the new number of the column.
    pub(super) columns: BTreeMap<usize, usize>,
    /// By blueprint and the new number of the atom.
    pub(super) atoms: BTreeMap<(BlueprintId, u32), u32>,
    /// The scorecards whose results are the same.
    pub(super) scorecards: BTreeSet<ScorecardId>,
}

impl Plan {
    /// Finds what is the same in an older plan over the same data.
    pub(super) fn reuse(&self, old: &Self) -> Reuse {
        let mut finder = Finder {
            new: self,
            old,
            found: Reuse::default(),
        };
        let mut order: Vec<(u32, Derived)> = Vec::new();
        for (at, rank) in self.ranks.columns.iter().enumerate() {
            order.push((*rank, Derived::Column(at)));
        }
        let cards = self.ranks.scorecards.iter();
        order.extend(cards.map(|(card, rank)| (*rank, Derived::Scorecard(*card))));
        order.sort_unstable();
        for (_, derived) in order {
            match derived {
                Derived::Column(at) => finder.column(at),
                Derived::Scorecard(card) => finder.scorecard(card),
            }
        }
        finder.found
    }
}

struct Finder<'p> {
    new: &'p Plan,
    old: &'p Plan,
    found: Reuse,
}

impl Finder<'_> {
    fn column(&mut self, at: usize) {
        let Some(column) = self.new.columns.get(at) else {
            return;
        };
        let mut others = self.old.columns.iter().enumerate();
        let was = others.find(|(_, other)| {
            other.blueprint == column.blueprint && other.output == column.output
        });
        let Some((was, other)) = was else {
            return;
        };
        let ways = match (&column.kind, &other.kind) {
            (Kind::Aggregation(new), Kind::Aggregation(old)) => {
                new.paths == old.paths
                    && same_inputs(&new.contribution, &old.contribution)
                    && self.is_same(new.target, &new.contribution)
            }
            (Kind::Mirror(_), Kind::Mirror(_)) | (Kind::Calculation(_), Kind::Calculation(_)) => {
                true
            }
            _ => false,
        };
        let same = ways
            && !column.reads_clock()
            && same_inputs(&column.inputs, &other.inputs)
            && column.indexed == other.indexed
            && self.is_same(column.blueprint, &column.inputs);
        if same {
            self.found.columns.insert(at, was);
        }
    }

    /// A scorecard, and each of its atoms, which may be the same where the scorecard is not.
    fn scorecard(&mut self, card: ScorecardId) {
        let (new, old) = (&self.new.model, &self.old.model);
        let Some(scorecard) = new.scorecard(card) else {
            return;
        };
        let Some(blueprint) = new.blueprint_id(&scorecard.blueprint) else {
            return;
        };
        let planes = (
            self.new.planes.get(&blueprint),
            self.old.planes.get(&blueprint),
        );
        let (Some(planes), Some(others)) = planes else {
            return;
        };
        let stage = planes
            .stages
            .iter()
            .find(|stage| stage.scorecards.contains(&card));
        let Some(stage) = stage else {
            return;
        };
        // An atom of an earlier stage was looked at with that stage.
        let mut all = !self.reads_clock(blueprint);
        for at in 0..stage.atoms.end {
            let known = self.found.atoms.contains_key(&(blueprint, at));
            if !known && let Some(was) = self.atom(blueprint, at, planes, others) {
                self.found.atoms.insert((blueprint, at), was);
            }
            all &= self.found.atoms.contains_key(&(blueprint, at));
        }
        let groupings = self.new.groupings.get(&card).into_iter().flatten();
        for row in groupings {
            let read = inputs(new, &row.rule.expr, blueprint);
            all &= read.is_ok_and(|read| self.is_same(blueprint, &read));
        }
        let same = |other: &Arc<crate::model::Scorecard>| Arc::ptr_eq(other, scorecard);
        if all && old.scorecard(card).is_some_and(same) {
            self.found.scorecards.insert(card);
        }
    }

    fn reads_clock(&self, blueprint: BlueprintId) -> bool {
        let planes = self.new.planes.get(&blueprint);
        planes.is_some_and(|planes| planes.atoms.iter().any(|atom| atom.clock.is_some()))
    }

    fn atom(
        &self,
        blueprint: BlueprintId,
        at: u32,
        planes: &super::planes::Planes,
        others: &super::planes::Planes,
    ) -> Option<u32> {
        let atom = planes.atoms.get(at as usize)?;
        let mut candidates = (0..).zip(&others.atoms);
        let (was, other) =
            candidates.find(|(_, other)| other.text == atom.text && other.wanted == atom.wanted)?;
        let read = |model: &Model, expr| inputs(model, expr, blueprint).ok();
        let inputs = read(&self.new.model, &atom.rule.expr)?;
        let same = atom.clock.is_none()
            && read(&self.old.model, &other.rule.expr)
                .is_some_and(|old| same_inputs(&old, &inputs))
            && self.is_same(blueprint, &inputs);
        same.then_some(was)
    }

    /// Whether what is read is the same: the blueprints as they were declared, and the derived
    /// values among it.
    fn is_same(&self, blueprint: BlueprintId, inputs: &Inputs) -> bool {
        self.is_unchanged(blueprint)
            && inputs.iter().all(|(place, input)| {
                let read = derived(&self.new.columns, place, input);
                place.blueprints.iter().all(|id| self.is_unchanged(*id))
                    && read.iter().all(|derived| match derived {
                        Derived::Column(column) => self.found.columns.contains_key(column),
                        Derived::Scorecard(card) => self.found.scorecards.contains(card),
                    })
            })
    }

    fn is_unchanged(&self, blueprint: BlueprintId) -> bool {
        let of = |plan: &Plan| plan.model.blueprint(blueprint).cloned();
        match (of(self.new), of(self.old)) {
            (Some(new), Some(old)) => Arc::ptr_eq(&new, &old),
            _ => false,
        }
    }
}

/// Whether the same is read. Columns without names are numbered anew in every plan: what they
/// count is in the text of the reader, and that they are the same is looked up elsewhere.
fn same_inputs(a: &Inputs, b: &Inputs) -> bool {
    let named = |inputs: &Inputs| -> Inputs {
        let named = inputs
            .iter()
            .filter(|(_, input)| !matches!(input, Input::Column(_)));
        named.cloned().collect()
    };
    named(a) == named(b)
}
