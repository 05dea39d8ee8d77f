//! The walk over jq's tree: what each kind of filter becomes.

use std::sync::Arc;

use jaq_core::load::parse::Term;

use super::build::{Yield, bound, literal, local, truth};
use super::parse::{parse, span_of};
use super::refuse;
use super::root::{Place, Root};
use super::scan::{Scanned, scan};
use super::slices::slices;
use crate::error::{Error, ErrorKind, Result, Span};
use crate::query::ir::{Expr, ExprKind, Generator, RuleExpr, Taken, Type};
use crate::value::Value;

/// Translates a filter to the expression of its first output.
pub(super) fn translate(root: Root<'_>, text: &str) -> Result<RuleExpr> {
    let scanned = scan(text)?;
    parse(&scanned, |term| {
        let whole = Span::new(0, text.len());
        let mut translator = Translator {
            root,
            scanned: &scanned,
            here: whole,
            locals: 0,
            scope: Vec::new(),
        };
        let input = translator.root.start.clone();
        let expr = match translator.yields(term, &input)? {
            Yield::One(expr) => expr,
            Yield::Many(generator) => Expr {
                kind: ExprKind::Outputs(Taken::First, Box::new(generator)),
                ty: Type::Any,
                span: whole,
            },
        };
        Ok(RuleExpr {
            expr,
            slots: 1,
            locals: translator.locals,
        })
    })
}

/// What a filter comes to: a part of the document or a value, or any number of values.
#[derive(Clone, Debug)]
pub(super) enum Out {
    One(Place),
    Many(Generator),
}

impl From<Expr> for Out {
    fn from(expr: Expr) -> Self {
        Self::One(Place::Value(expr))
    }
}

impl From<Generator> for Out {
    fn from(generator: Generator) -> Self {
        Self::Many(generator)
    }
}

impl From<Yield> for Out {
    fn from(outputs: Yield) -> Self {
        match outputs {
            Yield::One(expr) => expr.into(),
            Yield::Many(generator) => generator.into(),
        }
    }
}

/// Parts of the tree recurse; the scan before has bounded how deep it is.
pub(super) struct Translator<'a> {
    pub(super) root: Root<'a>,
    scanned: &'a Scanned,
    /// Where the part at hand is in the text.
    pub(super) here: Span,
    locals: u16,
    /// The variables around, innermost last.
    pub(super) scope: Vec<(Arc<str>, Place)>,
}

impl Translator<'_> {
    /// What a filter makes of `input`, which is cheap.
    pub(super) fn term(&mut self, term: &Term<&str>, input: &Place) -> Result<Out> {
        let outer = self.here;
        self.here = self.span(term).unwrap_or(outer);
        let out = self.parts(term, input);
        self.here = outer;
        out
    }

    fn parts(&mut self, term: &Term<&str>, input: &Place) -> Result<Out> {
        match term {
            Term::Id => Ok(Out::One(input.clone())),
            Term::Num(digits) => Ok(self.number(digits)?.into()),
            Term::Str(format, parts) => self.string(*format, parts, input),
            Term::Arr(None) => Ok(literal(Value::list([]), self.here).into()),
            Term::Arr(Some(inner)) => self.array(inner, input),
            Term::Obj(fields) => self.object(fields, input),
            Term::Neg(inner) => self.negated(inner, input),
            Term::BinOp(left, operator, right) => self.operation(left, operator, right, input),
            Term::TryCatch(body, catch) => self.attempt(body, catch.as_deref(), input),
            Term::IfThenElse(arms, otherwise) => {
                self.conditional(arms, otherwise.as_deref(), input)
            }
            Term::Var(name) => self.variable(name),
            Term::Path(head, path) => self.path(head, &path.0, input),
            Term::Call(name, arguments) => self.call(name, arguments, input),
            Term::Fold(name, over, pattern, arguments) => {
                self.fold(name, over, pattern, arguments, input)
            }
            Term::Recurse => self.descendants(input),
            Term::Label(..) => Err(refuse::construct("`label`", self.here)),
            Term::Break(_) => Err(refuse::construct("`break`", self.here)),
            Term::Def(..) => Err(refuse::construct("`def`", self.here)),
        }
    }

    /// The same, with parts of the document as their values.
    pub(super) fn yields(&mut self, term: &Term<&str>, input: &Place) -> Result<Yield> {
        let out = self.term(term, input)?;
        self.settle(out)
    }

    pub(super) fn settle(&self, out: Out) -> Result<Yield> {
        match out {
            Out::One(place) => Ok(Yield::One(self.value(&place)?)),
            Out::Many(generator) => Ok(Yield::Many(generator)),
        }
    }

    pub(super) fn value(&self, place: &Place) -> Result<Expr> {
        if let Place::Clock(span) = place {
            return Err(refuse::named("now", 0, *span));
        }
        self.root.whole(place, self.here)
    }

    /// Passes every output on to `body`.
    pub(super) fn pipe(
        &mut self,
        from: Out,
        body: impl FnOnce(&mut Self, &Place) -> Result<Out>,
    ) -> Result<Out> {
        let from = match from {
            Out::One(place) if place.is_cheap() => return body(self, &place),
            from => self.settle(from)?,
        };
        let at = self.new_local()?;
        let here = self.here;
        let out = body(self, &Place::Value(local(at, here)))?;
        Ok(bound(at, from, self.settle(out)?, here).into())
    }

    /// Calls `build` with an expression for the part; where it has several outputs, of each.
    pub(super) fn with(
        &mut self,
        part: Yield,
        build: impl FnOnce(&mut Self, Expr) -> Result<Out>,
    ) -> Result<Out> {
        let generator = match part {
            Yield::One(expr) => return build(self, expr),
            Yield::Many(generator) => generator,
        };
        let at = self.new_local()?;
        let out = build(self, local(at, self.here))?;
        let body = self.settle(out)?;
        Ok(bound(at, Yield::Many(generator), body, self.here).into())
    }

    /// The same, with whether jq takes the part for true.
    pub(super) fn with_truth(
        &mut self,
        part: Yield,
        build: impl FnOnce(&mut Self, Expr) -> Result<Out>,
    ) -> Result<Out> {
        self.with(part, |this, value| build(this, truth(value)?))
    }

    /// Calls `build` with one expression for each of the parts. Where parts have several outputs
    /// it is of all their combinations; the part named first changes last.
    pub(super) fn combine(
        &mut self,
        parts: Vec<Yield>,
        build: impl FnOnce(&mut Self, Vec<Expr>) -> Result<Out>,
    ) -> Result<Out> {
        let (mut singles, mut several) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Yield::One(expr) => singles.push(expr),
                Yield::Many(generator) => {
                    let at = self.new_local()?;
                    singles.push(local(at, self.here));
                    several.push((at, generator));
                }
            }
        }
        let mut out = build(self, singles)?;
        for (at, from) in several.into_iter().rev() {
            let body = self.settle(out)?;
            out = bound(at, Yield::Many(from), body, self.here).into();
        }
        Ok(out)
    }

    pub(super) fn new_local(&mut self) -> Result<u16> {
        let at = self.locals;
        self.locals = at.checked_add(1).ok_or_else(|| {
            Error::new(ErrorKind::Limit, "more than 65535 values in one filter")
                .with_span(self.here)
        })?;
        Ok(at)
    }

    fn number(&self, digits: &str) -> Result<Expr> {
        let whole = digits.parse::<i64>().ok().map(Value::Int);
        let number = whole.or_else(|| digits.parse::<f64>().ok().map(Value::Float));
        number
            .map(|number| literal(number, self.here))
            .ok_or_else(|| Error::syntax(format!("`{digits}` is not a number"), self.here))
    }

    /// Where a filter is in the text; `None` where nothing in it tells.
    pub(super) fn span(&self, term: &Term<&str>) -> Option<Span> {
        let mut all: Option<Span> = None;
        slices(term, &mut |part| {
            if let Some(span) = span_of(part, self.scanned) {
                all = Some(all.map_or(span, |all| all.to(span)));
            }
        });
        all
    }
}
