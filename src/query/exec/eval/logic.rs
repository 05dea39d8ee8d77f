//! Three-valued logic: conditions are true, false or unknown.

use super::{Evaluator, compare, expected, test};
use crate::error::Result;
use crate::query::ir::{Blueprints, Expr, ExprKind, Quantifier};
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// The truth of a condition; `None` where it is unknown.
    pub(super) fn truth(&mut self, expr: &'a Expr) -> Result<Option<bool>> {
        match &expr.kind {
            ExprKind::Not(operand) => Ok(self.truth(operand)?.map(|truth| !truth)),
            ExprKind::And(operands) => self.all(operands),
            ExprKind::Or(operands) => self.some(operands),
            ExprKind::Xor(operands) => {
                let mut odd = Some(false);
                for operand in operands {
                    let truth = self.truth(operand)?;
                    odd = odd.zip(truth).map(|(odd, truth)| odd != truth);
                }
                Ok(odd)
            }
            ExprKind::Compare(operator, left, right) => {
                let (a, b) = (self.eval(left)?, self.eval(right)?);
                if self.timed {
                    self.consult(*operator, (left, &a), (right, &b));
                }
                Ok(compare::apply(
                    self.state.model(),
                    *operator,
                    (left, &a),
                    (right, &b),
                ))
            }
            ExprKind::Test(kind, left, right) => {
                let (a, b) = (self.eval(left)?, self.eval(right)?);
                test::apply(&mut self.patterns, *kind, &a, &b)
                    .map_err(|error| error.with_span(expr.span))
            }
            ExprKind::IsNull(operand) => Ok(Some(self.eval(operand)?.is_null())),
            ExprKind::IsEmpty(operand) => Ok(Some(self.eval(operand)?.is_empty())),
            ExprKind::IsBlueprint(operand, blueprints) => self.is_blueprint(operand, blueprints),
            ExprKind::Quantified {
                quantifier,
                local,
                list,
                filter,
            } => self.quantified(*quantifier, *local, list, filter),
            ExprKind::Exists(subquery) => self.exists(subquery).map(Some),
            _ => match self.eval(expr)? {
                Value::Bool(truth) => Ok(Some(truth)),
                Value::Null => Ok(None),
                other => Err(expected("a boolean", &other, expr.span)),
            },
        }
    }

    fn all(&mut self, operands: &'a [Expr]) -> Result<Option<bool>> {
        let mut known = true;
        for operand in operands {
            match self.truth(operand)? {
                Some(false) => return Ok(Some(false)),
                Some(true) => {}
                None => known = false,
            }
        }
        Ok(known.then_some(true))
    }

    fn some(&mut self, operands: &'a [Expr]) -> Result<Option<bool>> {
        let mut known = true;
        for operand in operands {
            match self.truth(operand)? {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => known = false,
            }
        }
        Ok(if known { Some(false) } else { None })
    }

    fn is_blueprint(&mut self, operand: &'a Expr, blueprints: &Blueprints) -> Result<Option<bool>> {
        match self.eval(operand)? {
            Value::Null => Ok(None),
            Value::Entity(id) => Ok(self.state.entity(id).map(|entity| match blueprints {
                Blueprints::All => true,
                Blueprints::Some(set) => set.contains(&entity.blueprint()),
            })),
            other => Err(expected("an entity", &other, operand.span)),
        }
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        local: u16,
        list: &'a Expr,
        filter: &'a Expr,
    ) -> Result<Option<bool>> {
        let Some(values) = self.list_of(list)? else {
            return Ok(None);
        };
        let (mut hits, mut unknown) = (0_u64, false);
        for value in values.iter() {
            self.budget.spend(1)?;
            self.set_local(local, value.clone());
            let truth = self.truth(filter)?;
            match (quantifier, truth) {
                (Quantifier::All, Some(false)) | (Quantifier::None, Some(true)) => {
                    return Ok(Some(false));
                }
                (Quantifier::Any, Some(true)) => return Ok(Some(true)),
                (_, Some(truth)) => hits += u64::from(truth),
                (_, None) => unknown = true,
            }
            if quantifier == Quantifier::Single && hits > 1 {
                return Ok(Some(false));
            }
        }
        let settled = match quantifier {
            Quantifier::All | Quantifier::None => true,
            Quantifier::Any => false,
            Quantifier::Single => hits == 1,
        };
        Ok(if unknown { None } else { Some(settled) })
    }
}
