//! A condition on one entity, evaluated by itself and not in planes: which entities take part in
//! an aggregation.

use super::atom::{Atom, AtomOver};
use super::formula::{Formula, normalise};
use super::render::render;
use crate::error::Result;
use crate::model::{Compiled, Model};
use crate::query::exec::Budget;
use crate::query::ir::RuleExpr;
use crate::state::{Record, State};
use crate::value::Instant;

/// A condition over atoms, in the two-valued form that planes have.
#[derive(Debug)]
pub(super) struct Condition {
    formula: Formula,
    atoms: Vec<Atom>,
    /// The condition as it was checked.
    pub(super) rule: RuleExpr,
}

impl Condition {
    pub(super) fn new(model: &Model, compiled: &Compiled, rule: RuleExpr) -> Self {
        let mut atoms: Vec<Atom> = Vec::new();
        let formula = normalise(&rule.expr, true, &mut |leaf, wanted| {
            let rule = RuleExpr {
                expr: leaf.clone(),
                slots: rule.slots,
                locals: rule.locals,
            };
            let text = render(model, leaf);
            atoms.push(Atom::new(model, compiled, text, rule, wanted));
            Ok::<_, std::convert::Infallible>(u32::try_from(atoms.len() - 1).unwrap_or(u32::MAX))
        });
        let Ok(formula) = formula;
        Self {
            formula,
            atoms,
            rule,
        }
    }

    /// The condition over one version.
    pub(super) fn over<'a>(
        &'a self,
        state: &'a State,
        budget: &'a Budget<'a>,
    ) -> ConditionOver<'a> {
        let atoms = self.atoms.iter().map(|atom| atom.over(state, budget));
        ConditionOver {
            formula: &self.formula,
            atoms: atoms.collect(),
            horizon: None,
        }
    }
}

/// A condition over one version.
pub(super) struct ConditionOver<'a> {
    formula: &'a Formula,
    atoms: Vec<AtomOver<'a>>,
    horizon: Option<Instant>,
}

impl ConditionOver<'_> {
    /// Whether the condition is true of an entity.
    pub(super) fn holds(&mut self, entity: Record<'_>) -> Result<bool> {
        self.horizon = None;
        self.formula_holds(self.formula, entity)
    }

    /// When the truth that was found last changes by the passing of time alone.
    pub(super) const fn horizon(&self) -> Option<Instant> {
        self.horizon
    }

    /// The depth of formulas is that of expressions, which the checker bounds.
    fn formula_holds(&mut self, formula: &Formula, entity: Record<'_>) -> Result<bool> {
        match formula {
            Formula::All => Ok(true),
            Formula::None => Ok(false),
            Formula::Atom(number) => {
                let Some(atom) = self.atoms.get_mut(*number as usize) else {
                    return Ok(false);
                };
                let holds = atom.holds(entity)?;
                // Only what was looked at can change the outcome.
                self.horizon = earlier(self.horizon, atom.horizon());
                Ok(holds)
            }
            Formula::And(parts) => {
                for part in parts {
                    if !self.formula_holds(part, entity)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Formula::Or(parts) => {
                for part in parts {
                    if self.formula_holds(part, entity)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

/// The earlier of two points in time, of which either may never come.
pub(super) fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
