//! Port's presets: windows of time that move with the clock.

use serde_json::Value as Json;

use super::make::{call, compare, expr};
use crate::error::{Error, Result};
use crate::query::check::names;
use crate::query::syntax::ast::{Arithmetic, Comparison, Expr, ExprKind};
use crate::value::{Duration, Value};

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Where the window of a preset begins and ends, in days.
#[derive(Clone, Copy, Debug)]
enum Window {
    /// From now, both ends included.
    Rolling(i64, i64),
    /// From the midnight UTC before now; the end belongs to the next day.
    Calendar(i64, i64),
}

/// Months and years are so many days (Port), so that windows have a fixed length.
const PRESETS: [(&str, Window); 19] = [
    ("today", Window::Calendar(0, 1)),
    ("tomorrow", Window::Calendar(1, 2)),
    ("yesterday", Window::Calendar(-1, 0)),
    ("lastDay", Window::Rolling(-1, 0)),
    ("lastWeek", Window::Rolling(-7, 0)),
    ("last2Weeks", Window::Rolling(-14, 0)),
    ("lastMonth", Window::Rolling(-30, 0)),
    ("last3Months", Window::Rolling(-90, 0)),
    ("last6Months", Window::Rolling(-180, 0)),
    ("last12Months", Window::Rolling(-365, 0)),
    ("last2Years", Window::Rolling(-730, 0)),
    ("last3Years", Window::Rolling(-1095, 0)),
    ("nextDay", Window::Rolling(0, 1)),
    ("nextWeek", Window::Rolling(0, 7)),
    ("next2Weeks", Window::Rolling(0, 14)),
    ("nextMonth", Window::Rolling(0, 30)),
    ("next3Months", Window::Rolling(0, 90)),
    ("next6Months", Window::Rolling(0, 180)),
    ("next12Months", Window::Rolling(0, 365)),
];

/// The condition that an operand lies in the window of a preset; `None` where the value is none.
pub(super) fn within(operand: &Expr, value: &Json) -> Result<Option<Expr>> {
    let Some(preset) = value.get("preset").and_then(Json::as_str) else {
        return Ok(None);
    };
    let Some((_, window)) = PRESETS.iter().find(|(known, _)| *known == preset) else {
        let message = format!("there is no preset `{preset}`");
        let known = PRESETS.iter().map(|(known, _)| *known);
        return Err(names::suggest(Error::invalid(message), preset, known));
    };
    let (function, from, to, end) = match window {
        Window::Rolling(from, to) => ("now", *from, *to, Comparison::LessOrEqual),
        Window::Calendar(from, to) => ("today", *from, *to, Comparison::Less),
    };
    let bounds = [(Comparison::GreaterOrEqual, from), (end, to)];
    let all = bounds
        .map(|(comparison, days)| compare(comparison, operand.clone(), moment(function, days)));
    Ok(Some(expr(ExprKind::And(all.into()))))
}

/// The condition that a point in time has come.
pub(super) fn expired(operand: &Expr) -> Expr {
    compare(Comparison::LessOrEqual, operand.clone(), moment("now", 0))
}

/// So many days after what a function of time gives.
fn moment(function: &str, days: i64) -> Expr {
    let call = call(function, Vec::new());
    let operator = match days {
        0 => return call,
        1.. => Arithmetic::Add,
        _ => Arithmetic::Subtract,
    };
    let length = Duration::new(0, days.saturating_abs().saturating_mul(DAY));
    let length = expr(ExprKind::Literal(Value::Duration(length)));
    expr(ExprKind::Arithmetic(
        operator,
        Box::new(call),
        Box::new(length),
    ))
}
