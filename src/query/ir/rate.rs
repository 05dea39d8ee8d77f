//! How fast one side of a comparison moves with the clock.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only sums of times move, and all other expressions are treated alike"
)]

use super::super::function::Clock;
use super::{Arithmetic, Expr, ExprKind};

/// How a point in time, or a span of time, moves with the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rate {
    /// How far in a unit of time: 1 for `now()`.
    pub(crate) steady: i32,
    /// How many days at each midnight UTC: 1 for `today()`.
    pub(crate) daily: i32,
}

impl Rate {
    fn plus(self, other: Self) -> Self {
        Self {
            steady: self.steady.saturating_add(other.steady),
            daily: self.daily.saturating_add(other.daily),
        }
    }

    /// How fast one thing moves away from another.
    pub(crate) fn minus(self, other: Self) -> Self {
        Self {
            steady: self.steady.saturating_sub(other.steady),
            daily: self.daily.saturating_sub(other.daily),
        }
    }

    pub(crate) fn is_still(self) -> bool {
        self == Self::default()
    }
}

/// How an expression moves with the clock: `now()`, `today()`, sums and differences of these and
/// of what stands still. Of any other expression the answer is that it stands still, which holds
/// where `check::clock` let it pass.
pub(crate) fn rate(expr: &Expr) -> Rate {
    match &expr.kind {
        ExprKind::Call(function, arguments) if arguments.is_empty() => Rate {
            steady: i32::from(function.clock == Clock::Steady),
            daily: i32::from(function.clock == Clock::Daily),
        },
        ExprKind::Negate(operand) => Rate::default().minus(rate(operand)),
        ExprKind::Arithmetic(Arithmetic::Add, left, right) => rate(left).plus(rate(right)),
        ExprKind::Arithmetic(Arithmetic::Subtract, left, right) => rate(left).minus(rate(right)),
        _ => Rate::default(),
    }
}

/// Whether the clock is among what an expression adds up, even if it cancels out.
pub(crate) fn moves(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(function, arguments) => function.reads_clock(arguments.len()),
        ExprKind::Negate(operand) => moves(operand),
        ExprKind::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, left, right) => {
            moves(left) || moves(right)
        }
        _ => false,
    }
}
