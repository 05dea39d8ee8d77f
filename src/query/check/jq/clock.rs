//! The clock, `now`: only where it is known when the answer changes next.
//!
//! A sum in which `now` takes part, once, times some number, is a time that moves and a time that
//! stands still. Their comparison flips at a known time, and so does their distance, rounded down
//! to whole units. Anything else that `now` could do is refused.

use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::{Cmp, Math};

use super::build::{Yield, boolean, bound, call, literal, local, test};
use super::operator::comparison;
use super::refuse;
use super::root::Place;
use super::slices::slices;
use super::translate::{Out, Translator};
use crate::error::{Error, Result};
use crate::query::function;
use crate::query::ir::{Comparison, Expr, ExprKind, Generator, Type};
use crate::value::Value;

/// Units that are counted must be this long, in microseconds: at every step the value of every
/// entity changes.
const SHORTEST: f64 = 60_000_000.0;

/// Seconds: `clock` times `now`, the values times their factors, and `constant`.
#[derive(Clone, Debug, Default)]
struct Sum {
    clock: f64,
    values: Vec<(f64, Expr)>,
    constant: f64,
    /// What yields the locals that some of the values are.
    bindings: Vec<(u16, Generator)>,
}

impl Sum {
    fn scaled(mut self, factor: f64) -> Self {
        self.clock *= factor;
        self.constant *= factor;
        self.values.iter_mut().for_each(|(by, _)| *by *= factor);
        self
    }

    fn plus(mut self, other: Self) -> Self {
        self.clock += other.clock;
        self.constant += other.constant;
        self.values.extend(other.values);
        self.bindings.extend(other.bindings);
        self
    }

    /// The number, where it is one.
    fn number(&self) -> Option<f64> {
        (self.clock == 0.0 && self.values.is_empty()).then_some(self.constant)
    }
}

impl Translator<'_> {
    /// A comparison with the clock; `None` of any other.
    pub(super) fn timed(
        &mut self,
        left: &Term<&str>,
        operator: Cmp,
        right: &Term<&str>,
        input: &Place,
    ) -> Result<Option<Out>> {
        if !self.reads_clock(left) && !self.reads_clock(right) {
            return Ok(None);
        }
        if let Some(out) = self.rounded(left, operator, right, input)? {
            return Ok(Some(out));
        }
        let (left, right) = (self.sum(left, input)?, self.sum(right, input)?);
        let bare = left.constant == 0.0 && right.constant == 0.0;
        let bare = bare && left.values.len() + right.values.len() == 1;
        self.compared(left.plus(right.scaled(-1.0)), operator, bare)
            .map(Some)
    }

    /// `(..) | floor` against a number: as if there were no `floor`, against the next whole number.
    fn rounded(
        &mut self,
        left: &Term<&str>,
        operator: Cmp,
        right: &Term<&str>,
        input: &Place,
    ) -> Result<Option<Out>> {
        let Term::BinOp(from, BinaryOp::Pipe(None), floor) = left else {
            return Ok(None);
        };
        let plain = matches!(&**floor, Term::Call("floor", arguments) if arguments.is_empty());
        if !plain || self.reads_clock(right) {
            return Ok(None);
        }
        let Some(limit) = self.sum(right, input)?.number() else {
            return Ok(None);
        };
        let (operator, limit) = match operator {
            Cmp::Gt => (Cmp::Ge, limit.floor() + 1.0),
            Cmp::Ge => (Cmp::Ge, limit.ceil()),
            Cmp::Lt => (Cmp::Lt, limit.ceil()),
            Cmp::Le => (Cmp::Lt, limit.floor() + 1.0),
            Cmp::Eq | Cmp::Ne => return Ok(None),
        };
        let mut sum = self.sum(from, input)?;
        sum.constant -= limit;
        self.compared(sum, operator, false).map(Some)
    }

    /// Compares a sum with 0. A `bare` one is a single value against the clock, which jq compares
    /// also where it is no number.
    fn compared(&mut self, mut sum: Sum, operator: Cmp, bare: bool) -> Result<Out> {
        let bindings = std::mem::take(&mut sum.bindings);
        let out = self.compared_once(sum, operator, bare)?;
        self.for_each(bindings, out)
    }

    /// The outputs for all that the locals may be.
    fn for_each(&self, bindings: Vec<(u16, Generator)>, mut out: Out) -> Result<Out> {
        for (at, generator) in bindings {
            let body = self.settle(out)?;
            out = bound(at, Yield::Many(generator), body, self.here).into();
        }
        Ok(out)
    }

    fn compared_once(&mut self, sum: Sum, operator: Cmp, bare: bool) -> Result<Out> {
        let here = self.here;
        if sum.clock == 0.0 {
            return Err(refuse::named("now", 0, here));
        }
        let later = sum.clock > 0.0;
        let clock_first = |now: Expr, still: Expr| if later { (now, still) } else { (still, now) };
        let value = sum.values.first().map(|(_, value)| value.clone());
        if let Some(value) = value.filter(|_| bare) {
            return self.pipe(value.into(), |this, place| {
                let value = this.value(place)?;
                let (left, right) = clock_first(this.now()?, instant(value.clone())?);
                let timed = compare(operator, left, right);
                let (left, right) = clock_first(literal(0, here), value.clone());
                let otherwise = test(comparison(operator), vec![left, right], here)?;
                let kind = ExprKind::Case {
                    arms: vec![(this.is(value, "number")?, timed)],
                    otherwise: Some(Box::new(otherwise)),
                };
                Ok(boolean(kind, here).into())
            });
        }
        let still = self.still(sum)?;
        let (left, right) = clock_first(self.now()?, still);
        Ok(compare(operator, left, right).into())
    }

    /// `(..) | floor`, perhaps followed by more, where the clock takes part; `None` of any other
    /// pipe.
    pub(super) fn elapsed(
        &mut self,
        from: &Term<&str>,
        to: &Term<&str>,
        input: &Place,
    ) -> Result<Option<Out>> {
        let (floor, rest) = match to {
            Term::BinOp(floor, BinaryOp::Pipe(None), rest) => (&**floor, Some(&**rest)),
            floor => (floor, None),
        };
        let plain = matches!(floor, Term::Call("floor", arguments) if arguments.is_empty());
        if !plain || !self.reads_clock(from) {
            return Ok(None);
        }
        let mut sum = self.sum(from, input)?;
        let bindings = std::mem::take(&mut sum.bindings);
        let unit = (1e6 / sum.clock.abs()).round();
        if sum.clock == 0.0 || !(SHORTEST..1e18).contains(&unit) {
            let error = refuse::named("now", 0, self.here);
            return Err(
                error.with_help("count units of a minute or more: `(now - x) / 86400 | floor`")
            );
        }
        let later = sum.clock > 0.0;
        let (now, still) = (self.now()?, self.still(sum)?);
        let (from, to) = if later { (still, now) } else { (now, still) };
        let elapsed = super::build::any(
            ExprKind::Elapsed {
                from: Box::new(from),
                to: Box::new(to),
                unit: function::saturated(unit),
            },
            self.here,
        );
        let elapsed = self.for_each(bindings, elapsed.into())?;
        match rest {
            None => Ok(Some(elapsed)),
            Some(rest) => self
                .pipe(elapsed, |this, place| this.term(rest, place))
                .map(Some),
        }
    }

    fn now(&self) -> Result<Expr> {
        let now = function::find("now").ok_or_else(|| Error::internal("there is no `now`"))?;
        Ok(Expr {
            kind: ExprKind::Call(now, Vec::new()),
            ty: Type::Instant,
            span: self.here,
        })
    }

    /// The time at which a sum is 0.
    fn still(&self, sum: Sum) -> Result<Expr> {
        let (here, clock) = (self.here, sum.clock);
        let mut total = literal(function::number(-sum.constant / clock), here);
        for (factor, value) in sum.values {
            let value = match function::number(-factor / clock) {
                Value::Int(1) => value,
                factor => call("jq_multiply", vec![value, literal(factor, here)], here)?,
            };
            total = call("jq_add", vec![value, total], here)?;
        }
        instant(total)
    }

    fn sum(&mut self, term: &Term<&str>, input: &Place) -> Result<Sum> {
        match term {
            Term::Call("now", arguments) if arguments.is_empty() => Ok(clock()),
            Term::Var(name) if self.is_clock(name) => Ok(clock()),
            Term::Num(digits) => Ok(Sum {
                constant: digits.parse().unwrap_or(f64::NAN),
                ..Sum::default()
            }),
            Term::Neg(inner) => Ok(self.sum(inner, input)?.scaled(-1.0)),
            Term::BinOp(left, BinaryOp::Math(operator), right) => {
                self.computed(term, (left, *operator, right), input)
            }
            _ => self.opaque(term, input),
        }
    }

    fn computed(
        &mut self,
        whole: &Term<&str>,
        (left, operator, right): (&Term<&str>, Math, &Term<&str>),
        input: &Place,
    ) -> Result<Sum> {
        if matches!(operator, Math::Rem) {
            return self.opaque(whole, input);
        }
        let (a, b) = (self.sum(left, input)?, self.sum(right, input)?);
        match (operator, a.number(), b.number()) {
            (Math::Add, ..) => Ok(a.plus(b)),
            (Math::Sub, ..) => Ok(a.plus(b.scaled(-1.0))),
            (Math::Mul, Some(factor), _) => Ok(b.scaled(factor)),
            (Math::Mul, _, Some(factor)) => Ok(a.scaled(factor)),
            (Math::Div, _, Some(by)) if by != 0.0 => Ok(a.scaled(1.0 / by)),
            _ => self.opaque(whole, input),
        }
    }

    /// What is not looked into: it must not read the clock.
    fn opaque(&mut self, term: &Term<&str>, input: &Place) -> Result<Sum> {
        if self.reads_clock(term) {
            let span = self.span(term).unwrap_or(self.here);
            return Err(refuse::named("now", 0, span));
        }
        match self.yields(term, input)? {
            Yield::One(value) => Ok(Sum {
                values: vec![(1.0, value)],
                ..Sum::default()
            }),
            Yield::Many(generator) => {
                let at = self.new_local()?;
                Ok(Sum {
                    values: vec![(1.0, local(at, self.here))],
                    bindings: vec![(at, generator)],
                    ..Sum::default()
                })
            }
        }
    }

    fn is_clock(&self, name: &str) -> bool {
        let found = self.scope.iter().rev().find(|(known, _)| **known == *name);
        matches!(found, Some((_, Place::Clock(_))))
    }

    fn reads_clock(&self, term: &Term<&str>) -> bool {
        let mut found = false;
        slices(term, &mut |part| {
            found = found || part == "now" || (part.starts_with('$') && self.is_clock(part));
        });
        found
    }
}

fn clock() -> Sum {
    Sum {
        clock: 1.0,
        ..Sum::default()
    }
}

/// Seconds since 1970 as a point in time.
fn instant(seconds: Expr) -> Result<Expr> {
    let span = seconds.span;
    let call = call("jq_instant", vec![seconds], span)?;
    Ok(Expr {
        ty: Type::Instant,
        ..call
    })
}

fn compare(operator: Cmp, left: Expr, right: Expr) -> Expr {
    let span = left.span;
    let operator = match operator {
        Cmp::Lt => Comparison::Less,
        Cmp::Le => Comparison::LessOrEqual,
        Cmp::Gt => Comparison::Greater,
        Cmp::Ge => Comparison::GreaterOrEqual,
        Cmp::Eq => Comparison::Equal,
        Cmp::Ne => Comparison::NotEqual,
    };
    boolean(
        ExprKind::Compare(operator, Box::new(left), Box::new(right)),
        span,
    )
}
