//! Making expressions and generators: calls, conditions, and bindings that fall away where they
//! can.

use crate::error::{Error, Result, Span};
use crate::query::function;
use crate::query::ir::{Expr, ExprKind, Generator, Taken, Type};
use crate::value::Value;

/// What a filter yields: one value, or any number.
#[derive(Clone, Debug)]
pub(super) enum Yield {
    One(Expr),
    Many(Generator),
}

impl Yield {
    pub(super) fn generator(self) -> Generator {
        match self {
            Self::One(expr) => Generator::One(expr),
            Self::Many(generator) => generator,
        }
    }
}

pub(super) const fn nothing() -> Generator {
    Generator::Chain(Vec::new())
}

pub(super) fn literal(value: impl Into<Value>, span: Span) -> Expr {
    let value = value.into();
    let ty = match &value {
        Value::Bool(_) => Type::Boolean,
        _ => Type::Any,
    };
    Expr {
        kind: ExprKind::Literal(value),
        ty,
        span,
    }
}

pub(super) const fn local(local: u16, span: Span) -> Expr {
    any(ExprKind::Local(local), span)
}

pub(super) const fn any(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        ty: Type::Any,
        span,
    }
}

pub(super) const fn boolean(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        ty: Type::Boolean,
        span,
    }
}

/// A call of one of the functions that are there for jq.
pub(super) fn call(name: &str, arguments: Vec<Expr>, span: Span) -> Result<Expr> {
    let function = function::internal(name)
        .ok_or_else(|| Error::internal(format!("there is no function `{name}`")))?;
    Ok(any(ExprKind::Call(function, arguments), span))
}

/// The same, for a function that always gives a boolean.
pub(super) fn test(name: &str, arguments: Vec<Expr>, span: Span) -> Result<Expr> {
    let call = call(name, arguments, span)?;
    Ok(boolean(call.kind, span))
}

/// Whether jq takes the value for true.
pub(super) fn truth(expr: Expr) -> Result<Expr> {
    if expr.ty == Type::Boolean {
        return Ok(expr);
    }
    let span = expr.span;
    if let ExprKind::Literal(value) = &expr.kind {
        return Ok(literal(function::is_true(value), span));
    }
    test("jq_true", vec![expr], span)
}

/// All outputs, as a list.
pub(super) fn collected(outputs: Yield, span: Span) -> Result<Expr> {
    match outputs {
        Yield::One(expr) => call("jq_array", vec![expr], span),
        Yield::Many(Generator::Chain(all)) if all.iter().all(is_one) => {
            let single = all.into_iter().filter_map(|part| match part {
                Generator::One(expr) => Some(expr),
                _ => None,
            });
            call("jq_array", single.collect(), span)
        }
        Yield::Many(generator) => Ok(any(
            ExprKind::Outputs(Taken::All, Box::new(generator)),
            span,
        )),
    }
}

const fn is_one(generator: &Generator) -> bool {
    matches!(generator, Generator::One(_))
}

/// The first output, where there always is one; else null may stand for none.
pub(super) fn first(generator: Generator, span: Span) -> Expr {
    match generator {
        Generator::One(expr) => expr,
        other => any(ExprKind::Outputs(Taken::First, Box::new(other)), span),
    }
}

/// The outputs of `body` for every output of `from`, which is in the local.
pub(super) fn bound(at: u16, from: Yield, body: Yield, span: Span) -> Yield {
    let single = matches!((&from, &body), (Yield::One(_), Yield::One(_)));
    let mut body = body.generator();
    let from = match from {
        Yield::One(value) => {
            let once = places(&body, at) == 1;
            if once && let Some(place) = first_place(&mut body).filter(|place| is_local(place, at))
            {
                *place = value;
                return if single {
                    Yield::One(first(body, span))
                } else {
                    Yield::Many(body)
                };
            }
            Generator::One(value)
        }
        Yield::Many(from) => from,
    };
    let bind = Generator::Bind {
        local: at,
        from: Box::new(from),
        body: Box::new(body),
    };
    if single {
        Yield::One(first(bind, span))
    } else {
        Yield::Many(bind)
    }
}

fn is_local(expr: &Expr, at: u16) -> bool {
    matches!(expr.kind, ExprKind::Local(local) if local == at)
}

/// In how many places a local is read.
fn places(generator: &Generator, at: u16) -> usize {
    let (mut todo, mut count) = (generator.expressions(), 0);
    while let Some(expr) = todo.pop() {
        count += usize::from(is_local(expr, at));
        match &expr.kind {
            ExprKind::Call(_, all)
            | ExprKind::And(all)
            | ExprKind::Or(all)
            | ExprKind::List(all) => todo.extend(all),
            ExprKind::Not(one) | ExprKind::Read { base: one, .. } => todo.push(one),
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => todo.extend([&**a, b]),
            ExprKind::Case { arms, otherwise } => {
                todo.extend(arms.iter().flat_map(|(when, then)| [when, then]));
                todo.extend(otherwise.as_deref());
            }
            ExprKind::Map(fields) => todo.extend(fields.iter().map(|(_, value)| value)),
            ExprKind::Outputs(_, inner) => todo.extend(inner.expressions()),
            _ => {}
        }
    }
    count
}

/// What is evaluated first of a generator, always and once: a value may stand there as well as
/// before it.
fn first_place(generator: &mut Generator) -> Option<&mut Expr> {
    match generator {
        Generator::One(expr) | Generator::Each(expr) | Generator::Throw(expr) => leaf(expr),
        Generator::Bind { from: first, .. }
        | Generator::Alternative { first, .. }
        | Generator::Fold { over: first, .. } => first_place(first),
        Generator::Choose { condition, .. } => leaf(condition),
        Generator::Limit(count, _) => leaf(count),
        Generator::Chain(all) => first_place(all.first_mut()?),
        // Within, its errors would be caught.
        Generator::Try { .. } => None,
    }
}

fn leaf(expr: &mut Expr) -> Option<&mut Expr> {
    if matches!(expr.kind, ExprKind::Local(_)) {
        return Some(expr);
    }
    match &mut expr.kind {
        ExprKind::Call(_, all) | ExprKind::And(all) | ExprKind::Or(all) => leaf(all.first_mut()?),
        ExprKind::Not(one) => leaf(one),
        ExprKind::Case { arms, .. } => leaf(&mut arms.first_mut()?.0),
        ExprKind::Outputs(_, generator) => first_place(generator),
        _ => None,
    }
}
