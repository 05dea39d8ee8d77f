//! From a version of the model to the plan that keeps its derived values true.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::atom::Atom;
use super::formula::{self, EVERYONE, Formula, Set, normalise};
use super::mirror::{self, Mirror};
use super::planes::Planes;
use super::reads::{Inputs, inputs};
use super::render::render;
use super::trigger;
use super::{Checked, Plan};
use crate::error::{Error, Result};
use crate::model::{Compiled, Model, RuleTest, Scorecard};
use crate::query::check;
use crate::query::ir::{Expr, RuleExpr};
use crate::state::{Grades, Layout, Part};
use crate::value::{BlueprintId, ScorecardId};

impl Plan {
    /// Compiles the plan of a model; checks every rule and filter on the way.
    ///
    /// # Errors
    /// Of the first rule or filter that does not fit the model or cannot be kept true yet, naming
    /// it and its scorecard.
    pub(crate) fn compile(model: &Arc<Model>) -> Result<Self> {
        let mirrors = mirror::compile(model)?;
        let mut triggers = trigger::Builder::default();
        for (at, mirror) in mirrors.iter().enumerate() {
            triggers.mirror(mirror.blueprint, at, mirror.inputs());
        }
        let mut layout = layout(model, &mirrors);
        let (mut planes, mut checked) = (BTreeMap::new(), BTreeMap::new());
        for compiled in model.blueprints() {
            let mut graded = Graded::new(model, compiled);
            for (id, scorecard) in model.scorecards() {
                if scorecard.blueprint == compiled.blueprint.identifier {
                    checked.insert(id, graded.scorecard(id, scorecard)?);
                }
            }
            if graded.scorecards.is_empty() {
                continue;
            }
            for (atom, inputs) in (0..).zip(std::mem::take(&mut graded.inputs)) {
                triggers.atom(compiled.id, atom, inputs);
            }
            planes.insert(compiled.id, graded.finish(&mut layout));
        }
        Ok(Self {
            model: Arc::clone(model),
            layout: Arc::new(layout),
            mirrors,
            planes,
            triggers: triggers.finish(),
            checked,
        })
    }
}

/// A column for every mirror; words come with the scorecards.
fn layout(model: &Model, mirrors: &[Mirror]) -> Layout {
    let mut layout = Layout {
        columns: mirrors.len(),
        ..Layout::default()
    };
    let blueprints = model
        .blueprints()
        .map(|compiled| compiled.id.index() + 1)
        .max();
    layout
        .blueprints
        .resize_with(blueprints.unwrap_or(0), Part::default);
    for (column, mirror) in mirrors.iter().enumerate() {
        if let Some(part) = layout.blueprints.get_mut(mirror.blueprint.index()) {
            part.mirrors.push((mirror.name, column));
        }
    }
    for part in &mut layout.blueprints {
        part.mirrors.sort_unstable();
    }
    let scorecards = model.scorecards().map(|(id, _)| id.index() + 1).max();
    layout
        .scorecards
        .resize_with(scorecards.unwrap_or(0), || None);
    layout
}

/// Collects the atoms and formulas of the scorecards of one blueprint.
struct Graded<'m> {
    model: &'m Model,
    compiled: &'m Compiled,
    atoms: Vec<Atom>,
    /// Of each atom.
    inputs: Vec<Inputs>,
    /// The atoms by text and what is wanted: equal conditions are one atom.
    known: BTreeMap<(String, bool), u32>,
    scorecards: Vec<(ScorecardId, Formulas)>,
}

/// One scorecard over atoms.
struct Formulas {
    filter: Formula,
    /// Each rule's formula and level.
    rules: Vec<(Formula, u16)>,
}

impl<'m> Graded<'m> {
    fn new(model: &'m Model, compiled: &'m Compiled) -> Self {
        let (atoms, inputs, known) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self {
            model,
            compiled,
            atoms,
            inputs,
            known,
            scorecards: Vec::new(),
        }
    }

    fn scorecard(&mut self, id: ScorecardId, scorecard: &Scorecard) -> Result<Checked> {
        let name = &scorecard.identifier;
        let mut checked = Checked {
            filter: None,
            rules: Vec::new(),
        };
        let mut formulas = Formulas {
            filter: Formula::All,
            rules: Vec::new(),
        };
        if let Some(test) = &scorecard.filter {
            let context = format!("filter of scorecard `{name}`");
            let (formula, rule) = self.test(test).map_err(|error| error.context(context))?;
            (formulas.filter, checked.filter) = (formula, Some(rule));
        }
        for rule in &scorecard.rules {
            let context = format!("rule `{}` of scorecard `{name}`", rule.identifier);
            let (formula, expr) = self
                .test(&rule.test)
                .map_err(|error| error.context(context))?;
            formulas.rules.push((formula, rule.level));
            checked.rules.push(expr);
        }
        self.scorecards.push((id, formulas));
        Ok(checked)
    }

    fn test(&mut self, test: &RuleTest) -> Result<(Formula, RuleExpr)> {
        let rule = check::rule(self.model, self.compiled.id, test)?;
        let formula = normalise(&rule.expr, true, &mut |leaf, wanted| {
            self.atom(&rule, leaf, wanted)
        });
        match formula {
            Ok(formula) => Ok((formula, rule)),
            Err(error) => Err(error.with_text(&check::rule_text(test)?)),
        }
    }

    fn atom(&mut self, rule: &RuleExpr, leaf: &Expr, wanted: bool) -> Result<u32> {
        let text = render(self.model, leaf);
        let key = (text.clone(), wanted);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let number = u32::try_from(self.atoms.len()).map_err(|_| too_many())?;
        self.inputs.push(inputs(leaf, self.compiled.id)?);
        let rule = RuleExpr {
            expr: leaf.clone(),
            slots: rule.slots,
            locals: rule.locals,
        };
        self.atoms
            .push(Atom::new(self.model, self.compiled, text, rule, wanted));
        self.known.insert(key, number);
        Ok(number)
    }

    /// Makes the program of all scorecards and places their results.
    fn finish(self, layout: &mut Layout) -> Planes {
        let mut builder = formula::Builder::default();
        let mut outputs = Vec::new();
        let mut ranks = Vec::new();
        for (_, formulas) in &self.scorecards {
            ranks.push(place(&mut builder, formulas, &mut outputs));
        }
        let given = u32::try_from(self.atoms.len() + 1).unwrap_or(u32::MAX);
        let (program, words) = builder.finish(given, &outputs);
        let mut words = words.into_iter();
        for ((id, formulas), ranks) in self.scorecards.iter().zip(ranks) {
            let grades = Grades {
                blueprint: self.compiled.id,
                tested: words.next().flatten(),
                rules: words.by_ref().take(formulas.rules.len()).collect(),
                levels: ranks.iter().copied().zip(words.by_ref()).collect(),
            };
            if let Some(place) = layout.scorecards.get_mut(id.index()) {
                *place = Some(grades);
            }
        }
        if let Some(part) = layout.blueprints.get_mut(self.compiled.id.index()) {
            part.words = program.words;
        }
        let scorecards = self.scorecards.iter().map(|(id, _)| *id).collect();
        Planes {
            blueprint: self.compiled.id,
            atoms: self.atoms,
            program,
            scorecards,
        }
    }
}

/// Adds a scorecard's outputs: who takes part, each rule, each level that has rules. Gives the
/// ranks of those levels.
///
/// An entity has the highest of those levels up to which it passes every rule, and the first
/// level where there is none; so each level's set is what is left of the one below.
fn place(builder: &mut formula::Builder, formulas: &Formulas, outputs: &mut Vec<Set>) -> Vec<u16> {
    let word = |atom: u32| atom + 1;
    let tested = builder.formula(&formulas.filter, &word);
    let tested = builder.and(EVERYONE, tested);
    let rules = formulas.rules.iter();
    let rules: Vec<(Set, u16)> = rules
        .map(|(formula, level)| (builder.formula(formula, &word), *level))
        .collect();
    outputs.push(tested);
    outputs.extend(rules.iter().map(|(set, _)| *set));
    let mut ranks: Vec<u16> = rules.iter().map(|(_, level)| *level).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let mut reached = tested;
    for rank in &ranks {
        for (set, _) in rules.iter().filter(|(_, level)| level == rank) {
            reached = builder.and(reached, *set);
        }
        outputs.push(reached);
    }
    ranks
}

fn too_many() -> Error {
    Error::internal("too many conditions for one blueprint")
}

/// The planes of every graded blueprint.
pub(super) type AllPlanes = BTreeMap<BlueprintId, Planes>;
