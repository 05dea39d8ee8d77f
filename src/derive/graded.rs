//! Collects the scorecards of one blueprint into planes: atoms, the program over them, and where
//! the results lie.

use std::collections::BTreeMap;

use super::Checked;
use super::atom::Atom;
use super::counter::Counters;
use super::formula::{self, EVERYONE, Formula, Set, normalise};
use super::planes::{Planes, Stage};
use super::render::render;
use crate::error::{Error, Result};
use crate::model::{Compiled, Model, Scorecard};
use crate::query::ir::{Expr, RuleExpr};
use crate::state::{Grades, Layout};
use crate::value::ScorecardId;

/// Collects the atoms and formulas of the scorecards of one blueprint, in the order of their
/// ranks.
pub(super) struct Graded<'m, 'c> {
    counters: &'c mut Counters<'m>,
    model: &'m Model,
    compiled: &'m Compiled,
    atoms: Vec<Atom>,
    /// The atoms by text and what is wanted: equal conditions are one atom.
    known: BTreeMap<(String, bool), u32>,
    builder: formula::Builder,
    stages: Vec<Stage>,
    /// Who takes part, each rule, each level that has rules; of one scorecard after the other.
    outputs: Vec<Set>,
    scorecards: Vec<(ScorecardId, usize, Vec<u16>)>,
}

/// One scorecard over atoms.
struct Formulas {
    filter: Formula,
    /// Each rule's formula and level.
    rules: Vec<(Formula, u16)>,
}

impl<'m, 'c> Graded<'m, 'c> {
    pub(super) fn new(
        model: &'m Model,
        compiled: &'m Compiled,
        counters: &'c mut Counters<'m>,
    ) -> Self {
        Self {
            counters,
            model,
            compiled,
            atoms: Vec::new(),
            known: BTreeMap::new(),
            builder: formula::Builder::default(),
            stages: Vec::new(),
            outputs: Vec::new(),
            scorecards: Vec::new(),
        }
    }

    /// Adds a scorecard; ranks ascend from call to call.
    pub(super) fn scorecard(
        &mut self,
        rank: u32,
        id: ScorecardId,
        scorecard: &Scorecard,
        checked: &Checked,
    ) -> Result<()> {
        let first = self.count()?;
        if self.stages.last().is_none_or(|stage| stage.rank != rank) {
            self.stages.push(Stage {
                rank,
                atoms: first..first,
                operations: 0,
                scorecards: Vec::new(),
            });
        }
        let filter = match &checked.filter {
            Some(rule) => self.formula(rule)?,
            None => Formula::All,
        };
        let rules = checked.rules.iter().zip(&scorecard.rules);
        let rules = rules.map(|(rule, declared)| Ok((self.formula(rule)?, declared.level)));
        let rules = rules.collect::<Result<Vec<_>>>()?;
        let count = rules.len();
        let ranks = self.place(&Formulas { filter, rules });
        self.scorecards.push((id, count, ranks));
        let last = self.count()?;
        let operations = self.builder.len();
        if let Some(stage) = self.stages.last_mut() {
            stage.atoms.end = last;
            stage.operations = operations;
            stage.scorecards.push(id);
        }
        Ok(())
    }

    fn count(&self) -> Result<u32> {
        let count = u32::try_from(self.atoms.len());
        count.map_err(|_| Error::internal("too many conditions for one blueprint"))
    }

    fn formula(&mut self, rule: &RuleExpr) -> Result<Formula> {
        normalise(&rule.expr, true, &mut |leaf, wanted| {
            self.atom(rule, leaf, wanted)
        })
    }

    fn atom(&mut self, rule: &RuleExpr, leaf: &Expr, wanted: bool) -> Result<u32> {
        let text = render(self.model, leaf);
        let key = (text.clone(), wanted);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let number = self.count()?;
        let rule = RuleExpr {
            expr: leaf.clone(),
            slots: rule.slots,
            locals: rule.locals,
        };
        let rule = self.counters.rewritten(self.compiled.id, &rule)?;
        self.atoms
            .push(Atom::new(self.model, self.compiled, text, rule, wanted));
        self.known.insert(key, number);
        Ok(number)
    }

    /// Adds a scorecard's outputs: who takes part, each rule, each level that has rules. Gives
    /// the ranks of those levels.
    ///
    /// An entity has the highest of those levels up to which it passes every rule, and the first
    /// level where there is none; so each level's set is what is left of the one below.
    fn place(&mut self, formulas: &Formulas) -> Vec<u16> {
        let word = |atom: u32| atom + 1;
        let builder = &mut self.builder;
        let tested = builder.formula(&formulas.filter, &word);
        let tested = builder.and(EVERYONE, tested);
        let rules = formulas.rules.iter();
        let rules: Vec<(Set, u16)> = rules
            .map(|(formula, level)| (builder.formula(formula, &word), *level))
            .collect();
        self.outputs.push(tested);
        self.outputs.extend(rules.iter().map(|(set, _)| *set));
        let mut ranks: Vec<u16> = rules.iter().map(|(_, level)| *level).collect();
        ranks.sort_unstable();
        ranks.dedup();
        let mut reached = tested;
        for rank in &ranks {
            for (set, _) in rules.iter().filter(|(_, level)| level == rank) {
                reached = builder.and(reached, *set);
            }
            self.outputs.push(reached);
        }
        ranks
    }

    /// Makes the program of all scorecards and places their results.
    pub(super) fn finish(self, layout: &mut Layout) -> Planes {
        let given = u32::try_from(self.atoms.len() + 1).unwrap_or(u32::MAX);
        let (program, words) = self.builder.finish(given, &self.outputs);
        let mut words = words.into_iter();
        for (id, rules, ranks) in self.scorecards {
            let grades = Grades {
                blueprint: self.compiled.id,
                tested: words.next().flatten(),
                rules: words.by_ref().take(rules).collect(),
                levels: ranks.iter().copied().zip(words.by_ref()).collect(),
                groups: 0,
            };
            if let Some(place) = layout.scorecards.get_mut(id.index()) {
                *place = Some(grades);
            }
        }
        if let Some(part) = layout.blueprints.get_mut(self.compiled.id.index()) {
            part.words = program.words;
        }
        Planes {
            blueprint: self.compiled.id,
            atoms: self.atoms,
            program,
            stages: self.stages,
        }
    }
}
