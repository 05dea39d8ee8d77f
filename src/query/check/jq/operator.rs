//! Operators, conditions, `try`.

use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::{Cmp, Math};

use super::build::{Yield, boolean, bound, call, first, literal, local, nothing, test, truth};
use super::root::Place;
use super::translate::{Out, Translator};
use crate::error::Result;
use crate::query::ir::{Expr, ExprKind, Generator};

/// The function of an arithmetic operator.
pub(super) const fn arithmetic(operator: Math) -> &'static str {
    match operator {
        Math::Add => "jq_add",
        Math::Sub => "jq_subtract",
        Math::Mul => "jq_multiply",
        Math::Div => "jq_divide",
        Math::Rem => "jq_remainder",
    }
}

/// The function of a comparison.
pub(super) const fn comparison(operator: Cmp) -> &'static str {
    match operator {
        Cmp::Lt => "jq_less",
        Cmp::Le => "jq_less_or_equal",
        Cmp::Gt => "jq_greater",
        Cmp::Ge => "jq_greater_or_equal",
        Cmp::Eq => "jq_equal",
        Cmp::Ne => "jq_unequal",
    }
}

impl Translator<'_> {
    pub(super) fn operation(
        &mut self,
        left: &Term<&str>,
        operator: &BinaryOp<&str>,
        right: &Term<&str>,
        input: &Place,
    ) -> Result<Out> {
        match operator {
            BinaryOp::Pipe(None) => {
                if let Some(out) = self.elapsed(left, right, input)? {
                    return Ok(out);
                }
                let from = self.term(left, input)?;
                self.pipe(from, |this, place| this.term(right, place))
            }
            BinaryOp::Pipe(Some(pattern)) => {
                self.binding(left, pattern, input, |this| this.term(right, input))
            }
            BinaryOp::Comma => {
                let mut all = Vec::new();
                for side in [left, right] {
                    match self.yields(side, input)?.generator() {
                        Generator::Chain(inner) => all.extend(inner),
                        other => all.push(other),
                    }
                }
                Ok(Generator::Chain(all).into())
            }
            BinaryOp::Alt => {
                let first = self.yields(left, input)?;
                let otherwise = self.yields(right, input)?;
                Ok(self.alternative(first, otherwise).into())
            }
            BinaryOp::Or => self.logical(left, right, input, true),
            BinaryOp::And => self.logical(left, right, input, false),
            BinaryOp::Math(operator) => {
                let sides = self.sides(left, right, input)?;
                self.binary(sides, |pair, span| call(arithmetic(*operator), pair, span))
            }
            BinaryOp::Cmp(operator) => {
                if let Some(out) = self.timed(left, *operator, right, input)? {
                    return Ok(out);
                }
                let sides = self.sides(left, right, input)?;
                self.binary(sides, |pair, span| test(comparison(*operator), pair, span))
            }
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                self.assignment(left, operator, right, input)
            }
        }
    }

    fn sides(
        &mut self,
        left: &Term<&str>,
        right: &Term<&str>,
        input: &Place,
    ) -> Result<[Yield; 2]> {
        Ok([self.yields(left, input)?, self.yields(right, input)?])
    }

    /// Of several outputs, those of the left side change first.
    fn binary(
        &mut self,
        [left, right]: [Yield; 2],
        build: impl FnOnce(Vec<Expr>, crate::error::Span) -> Result<Expr>,
    ) -> Result<Out> {
        self.combine(vec![right, left], |this, sides| {
            let pair = sides.into_iter().rev().collect();
            Ok(build(pair, this.here)?.into())
        })
    }

    pub(super) fn negated(&mut self, inner: &Term<&str>, input: &Place) -> Result<Out> {
        let inner = self.yields(inner, input)?;
        if let Yield::One(expr) = &inner
            && let ExprKind::Literal(crate::value::Value::Int(whole)) = expr.kind
            && let Some(negated) = whole.checked_neg()
        {
            return Ok(literal(negated, self.here).into());
        }
        self.with(inner, |this, operand| {
            Ok(call("jq_negate", vec![operand], this.here)?.into())
        })
    }

    pub(super) fn alternative(&mut self, left: Yield, otherwise: Yield) -> Yield {
        let single = matches!((&left, &otherwise), (Yield::One(_), Yield::One(_)));
        let generator = Generator::Alternative {
            first: Box::new(left.generator()),
            otherwise: Box::new(otherwise.generator()),
        };
        if single {
            Yield::One(first(generator, self.here))
        } else {
            Yield::Many(generator)
        }
    }

    /// `or` and `and`: the right side is only asked where the left one does not decide.
    fn logical(
        &mut self,
        left: &Term<&str>,
        right: &Term<&str>,
        input: &Place,
        decides: bool,
    ) -> Result<Out> {
        let (left, right) = (self.yields(left, input)?, self.yields(right, input)?);
        let here = self.here;
        if let (Yield::One(left), Yield::One(right)) = (&left, &right) {
            let both = vec![truth(left.clone())?, truth(right.clone())?];
            let kind = if decides {
                ExprKind::Or(both)
            } else {
                ExprKind::And(both)
            };
            return Ok(boolean(kind, here).into());
        }
        let at = self.new_local()?;
        let right = bound(at, right, Yield::One(truth(local(at, here))?), here).generator();
        let settled = Generator::One(literal(decides, here));
        self.with_truth(left, |_, condition| {
            let (then, otherwise) = if decides {
                (settled, right)
            } else {
                (right, settled)
            };
            Ok(Generator::Choose {
                condition,
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            }
            .into())
        })
    }

    pub(super) fn conditional(
        &mut self,
        arms: &[(Term<&str>, Term<&str>)],
        otherwise: Option<&Term<&str>>,
        input: &Place,
    ) -> Result<Out> {
        let mut last = match otherwise {
            Some(term) => self.yields(term, input)?,
            None => Yield::One(self.value(input)?),
        };
        for (condition, then) in arms.iter().rev() {
            let condition = self.yields(condition, input)?;
            let then = self.yields(then, input)?;
            let out = self.with_truth(condition, |this, condition| {
                Ok(chosen(condition, then, last, this.here).into())
            })?;
            last = self.settle(out)?;
        }
        Ok(last.into())
    }

    pub(super) fn attempt(
        &mut self,
        body: &Term<&str>,
        catch: Option<&Term<&str>>,
        input: &Place,
    ) -> Result<Out> {
        let body = Box::new(self.yields(body, input)?.generator());
        let at = self.new_local()?;
        let caught = Place::Value(local(at, self.here));
        let catch = match catch {
            Some(term) => self.yields(term, &caught)?.generator(),
            None => nothing(),
        };
        Ok(Generator::Try {
            body,
            local: at,
            catch: Box::new(catch),
        }
        .into())
    }
}

/// One of two by a condition; arms that follow each other become one `CASE`.
pub(super) fn chosen(
    condition: Expr,
    then: Yield,
    otherwise: Yield,
    span: crate::error::Span,
) -> Yield {
    match (then, otherwise) {
        (Yield::One(then), Yield::One(otherwise)) => {
            let (mut arms, otherwise) = match otherwise.kind {
                ExprKind::Case { arms, otherwise } => (arms, otherwise),
                _ => (Vec::new(), Some(Box::new(otherwise))),
            };
            arms.insert(0, (condition, then));
            Yield::One(super::build::any(ExprKind::Case { arms, otherwise }, span))
        }
        (then, otherwise) => Yield::Many(Generator::Choose {
            condition,
            then: Box::new(then.generator()),
            otherwise: Box::new(otherwise.generator()),
        }),
    }
}
