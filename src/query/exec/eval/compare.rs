//! The comparison operators.

use std::cmp::Ordering;

use crate::model::Model;
use crate::query::ir::{Comparison, Expr, Type};
use crate::value::{self, Value};

/// One side: the expression, of which the type matters, and its value.
type Side<'a> = (&'a Expr, &'a Value);

/// The answer of a comparison; `None` where it is unknown. NaN is not in order with any number,
/// which is known, so the answer is false (openCypher).
pub(super) fn apply(model: &Model, operator: Comparison, a: Side<'_>, b: Side<'_>) -> Option<bool> {
    match operator {
        Comparison::Equal => value::equal(a.1, b.1),
        Comparison::NotEqual => value::equal(a.1, b.1).map(|equal| !equal),
        _ if with_nan(a.1, b.1) => Some(false),
        Comparison::Less => ordering(model, a, b).map(Ordering::is_lt),
        Comparison::LessOrEqual => ordering(model, a, b).map(Ordering::is_le),
        Comparison::Greater => ordering(model, a, b).map(Ordering::is_gt),
        Comparison::GreaterOrEqual => ordering(model, a, b).map(Ordering::is_ge),
    }
}

fn ordering(model: &Model, a: Side<'_>, b: Side<'_>) -> Option<Ordering> {
    match (a.1, b.1) {
        (Value::Level(level), Value::String(title)) => {
            level_named(model, &a.0.ty, title).map(|rank| level.rank.cmp(&rank))
        }
        (Value::String(title), Value::Level(level)) => {
            level_named(model, &b.0.ty, title).map(|rank| rank.cmp(&level.rank))
        }
        (a, b) => value::compare(a, b),
    }
}

/// The rank of the level that a text names, in the scorecard that the other side's levels are of.
fn level_named(model: &Model, ty: &Type, title: &str) -> Option<u16> {
    let Type::Level(scorecard) = ty else {
        return None;
    };
    let levels = &model.scorecard(*scorecard)?.levels;
    u16::try_from(levels.iter().position(|level| *level.title == *title)?).ok()
}

/// Whether both are numbers and one is none.
const fn with_nan(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.is_nan() || b.is_nan(),
        (Value::Float(number), Value::Int(_)) | (Value::Int(_), Value::Float(number)) => {
            number.is_nan()
        }
        _ => false,
    }
}
