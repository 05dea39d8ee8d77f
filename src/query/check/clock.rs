//! What a definition may do with the clock: compare with it, so that every answer is a step
//! function of time whose next step is known.
//!
//! Derived values are kept true as time passes without looking at every entity at every tick. For
//! that each comparison must tell when it next comes out differently, which it can where both its
//! sides are sums of `now()`, `today()`, points in time and spans of exact length: then their
//! distance changes at a known rate. Everything else that the clock could do is refused.

use crate::error::{Error, Result, Span};
use crate::query::function::Function;
use crate::query::ir::{Arithmetic, Expr, ExprKind, RuleExpr, Subquery, Type, moves};
use crate::value::{Duration, Value};

const HELP: &str = "compare a point in time with it, such as `deployed_at >= now() - 30d`";

/// Refuses every use of the clock but in a comparison of which the next flip can be told.
///
/// # Errors
/// `Unsupported` at what cannot be kept true as time passes.
pub(super) fn check(rule: &RuleExpr) -> Result<()> {
    visit(&rule.expr)
}

fn visit(expr: &Expr) -> Result<()> {
    match &expr.kind {
        ExprKind::Compare(_, left, right) => {
            side(left)?;
            side(right)
        }
        ExprKind::Elapsed { from, to, .. } => {
            side(from)?;
            side(to)
        }
        ExprKind::Call(function, arguments) if function.reads_clock(arguments.len()) => {
            Err(outside(function, expr.span))
        }
        ExprKind::Call(function, _) if function.random => {
            let what = format!("`{}()` in a definition", function.name);
            Err(Error::unsupported(what, expr.span))
        }
        ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Slot(_)
        | ExprKind::Local(_)
        | ExprKind::Aggregate(_)
        | ExprKind::Column(_)
        // No whole query stands in a definition.
        | ExprKind::Subquery(..) => Ok(()),
        ExprKind::Read { base: one, .. }
        | ExprKind::Key(one, _)
        | ExprKind::Not(one)
        | ExprKind::Negate(one)
        | ExprKind::IsNull(one)
        | ExprKind::IsEmpty(one)
        | ExprKind::IsBlueprint(one, _) => visit(one),
        ExprKind::Index(a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::Test(_, a, b)
        | ExprKind::Quantified {
            list: a, filter: b, ..
        } => all([&**a, &**b]),
        ExprKind::Slice(base, from, to) => {
            visit(base)?;
            all(from.iter().chain(to).map(|bound| &**bound))
        }
        ExprKind::List(many)
        | ExprKind::And(many)
        | ExprKind::Or(many)
        | ExprKind::Xor(many)
        | ExprKind::Call(_, many) => all(many),
        ExprKind::Map(fields) => all(fields.iter().map(|(_, value)| value)),
        ExprKind::Case { arms, otherwise } => {
            all(arms
                .iter()
                .flat_map(|(condition, value)| [condition, value]))?;
            all(otherwise.iter().map(|value| &**value))
        }
        ExprKind::Comprehension {
            list, filter, map, ..
        } => {
            visit(list)?;
            all(filter.iter().chain(map).map(|part| &**part))
        }
        ExprKind::Let { value, body, .. } => all([&**value, &**body]),
        ExprKind::Reduce {
            start, list, step, ..
        } => all([&**start, &**list, &**step]),
        ExprKind::Outputs(_, generator) => all(generator.expressions()),
        ExprKind::Exists(subquery) | ExprKind::Count(subquery, _) => within(subquery),
    }
}

fn all<'e>(parts: impl IntoIterator<Item = &'e Expr>) -> Result<()> {
    parts.into_iter().try_for_each(visit)
}

fn within(subquery: &Subquery) -> Result<()> {
    all(subquery.matches.iter().flat_map(|part| &part.filters))
}

/// One side of a comparison: here the clock may stand, on its own or in a sum of times.
fn side(expr: &Expr) -> Result<()> {
    if !moves(expr) {
        return visit(expr);
    }
    match &expr.kind {
        ExprKind::Negate(operand) => side(operand),
        ExprKind::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, left, right) => {
            for operand in [&**left, &**right] {
                side(operand)?;
                summand(operand)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What is added to the clock or taken from it moves the moment of a flip by the same length,
/// whatever the date.
fn summand(expr: &Expr) -> Result<()> {
    let refused = |what: &str, help: &str| {
        let what = format!("{what} beside the clock");
        Err(Error::unsupported(what, expr.span).with_help(help))
    };
    match expr.ty {
        Type::Instant | Type::Date => Ok(()),
        Type::Duration => match length(expr) {
            Length::Exact => Ok(()),
            Length::Calendar => refused(
                "a number of months or years",
                "months have no fixed length: write days, such as `30d` or `365d`",
            ),
            Length::Unknown => refused(
                "a duration that only shows when it is computed",
                "write its length as a constant, such as `30d`",
            ),
        },
        _ => refused("something that is not known to be a time", HELP),
    }
}

enum Length {
    /// Without months, whatever the data.
    Exact,
    Calendar,
    Unknown,
}

impl Length {
    const fn of(duration: Duration) -> Self {
        if duration.months == 0 {
            Self::Exact
        } else {
            Self::Calendar
        }
    }

    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact, Self::Exact) => Self::Exact,
            (Self::Calendar, _) | (_, Self::Calendar) => Self::Calendar,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
        }
    }
}

/// What is known of the length of a duration.
fn length(expr: &Expr) -> Length {
    match &expr.kind {
        ExprKind::Literal(Value::Duration(duration)) => Length::of(*duration),
        ExprKind::Call(function, arguments) if function.name == "duration" => {
            let argument = arguments.first().map(|argument| &argument.kind);
            let Some(ExprKind::Literal(Value::String(text))) = argument else {
                return Length::Unknown;
            };
            let parsed = Duration::parse(text).or_else(|| Duration::parse_iso(text));
            // A text that is no duration has no value at any time.
            parsed.map_or(Length::Exact, Length::of)
        }
        ExprKind::Negate(operand) => length(operand),
        ExprKind::Arithmetic(operator, left, right) => match (operator, &left.ty, &right.ty) {
            (Arithmetic::Subtract, Type::Instant | Type::Date, Type::Instant | Type::Date) => {
                Length::Exact
            }
            (Arithmetic::Add | Arithmetic::Subtract, Type::Duration, Type::Duration) => {
                length(left).and(length(right))
            }
            (Arithmetic::Multiply | Arithmetic::Divide, Type::Duration, Type::Number) => {
                length(left)
            }
            (Arithmetic::Multiply, Type::Number, Type::Duration) => length(right),
            _ => Length::Unknown,
        },
        _ => Length::Unknown,
    }
}

fn outside(function: &Function, span: Span) -> Error {
    let what = format!(
        "`{}()` outside a comparison of times in a definition",
        function.name
    );
    Error::unsupported(what, span).with_help(HELP)
}
