//! Equality, comparison and the global order of values, as openCypher defines them.
//!
//! Three relations are kept apart (openCypher CIP2016-06-14): `=` is three-valued ([`equal`]),
//! `<` answers only for comparable values ([`compare`]), and `ORDER BY`, grouping and `DISTINCT`
//! use a total order ([`order`]).

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some pairs of kinds can be compared"
)]

use std::cmp::Ordering;

use super::{Instant, Value};

/// The language's `=`: `None` when the answer is unknown (a null is involved).
#[must_use]
pub(crate) fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all_equal(a.iter().zip(b.iter()))
        }
        (Value::Map(a), Value::Map(b)) => {
            if !a.keys().eq(b.keys()) {
                return Some(false);
            }
            all_equal(a.values().zip(b.values()))
        }
        (Value::Level(a), Value::Level(b)) => Some(a == b),
        (Value::Level(level), Value::String(text)) | (Value::String(text), Value::Level(level)) => {
            Some(level.title == *text)
        }
        (Value::Instant(..) | Value::Date(_), Value::String(_))
        | (Value::String(_), Value::Instant(..) | Value::Date(_))
        | (Value::Instant(..), Value::Date(_))
        | (Value::Date(_), Value::Instant(..)) => Some(compare(a, b) == Some(Ordering::Equal)),
        // As numbers: NaN equals nothing, not even itself.
        (Value::Float(a), Value::Float(b)) => Some(a.partial_cmp(b).is_some_and(Ordering::is_eq)),
        _ => Some(order(a, b).is_eq()),
    }
}

fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut unknown = false;
    for (a, b) in pairs {
        match equal(a, b) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(true) }
}

/// The language's `<` and its kin: `None` where the values are not comparable.
#[must_use]
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let nan = |v: &Value| matches!(v, Value::Float(x) if x.is_nan());
            (!nan(a) && !nan(b)).then(|| order(a, b))
        }
        // A text stands for the time that it tells, a date for its midnight UTC.
        (Value::Instant(..) | Value::Date(_), Value::String(_) | Value::Instant(..))
        | (Value::String(_) | Value::Instant(..), Value::Date(_))
        | (Value::String(_), Value::Instant(..)) => Some(point(a)?.cmp(&point(b)?)),
        // Months have no fixed length, so durations compare only between equal month parts.
        (Value::Duration(a), Value::Duration(b)) => {
            (a.months == b.months).then(|| a.micros.cmp(&b.micros))
        }
        (Value::List(a), Value::List(b)) => {
            for (a, b) in a.iter().zip(b.iter()) {
                match compare(a, b)? {
                    Ordering::Equal => {}
                    unequal => return Some(unequal),
                }
            }
            Some(a.len().cmp(&b.len()))
        }
        (Value::Bool(_), Value::Bool(_))
        | (Value::String(_), Value::String(_))
        | (Value::Date(_), Value::Date(_))
        | (Value::Level(_), Value::Level(_)) => Some(order(a, b)),
        _ => None,
    }
}

/// The point in time that a value stands for where it is compared with one.
pub(crate) fn point(value: &Value) -> Option<Instant> {
    match value {
        Value::Instant(instant, _) => Some(*instant),
        Value::Date(date) => Some(date.midnight()),
        Value::String(text) => Instant::parse(text),
        _ => None,
    }
}

/// The place of a kind of value in the global order (openCypher's orderability).
const fn kind_rank(value: &Value) -> u8 {
    match value {
        Value::Map(_) => 0,
        Value::Entity(_) => 1,
        Value::Relation(_) => 2,
        Value::List(_) => 3,
        Value::Path(_) => 4,
        Value::Instant(..) => 5,
        Value::Date(_) => 6,
        Value::Duration(_) => 7,
        Value::Level(_) => 8,
        Value::String(_) => 9,
        Value::Bool(_) => 10,
        Value::Int(_) | Value::Float(_) => 11,
        Value::Null => 12,
    }
}

/// The global order: map < entity < relation < list < path < instant < date < duration < level < string < boolean <
/// number < null; numbers of both kinds by their exact value, NaN last.
#[must_use]
pub(crate) fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Map(a), Value::Map(b)) => a.iter().cmp(b.iter()),
        (Value::Entity(a), Value::Entity(b)) => a.cmp(b),
        (Value::Relation(a), Value::Relation(b)) => a.cmp(b),
        (Value::Path(a), Value::Path(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => a.iter().cmp(b.iter()),
        (Value::Instant(a, _), Value::Instant(b, _)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Level(a), Value::Level(b)) => {
            a.rank.cmp(&b.rank).then_with(|| a.title.cmp(&b.title))
        }
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => order_floats(*a, *b),
        (Value::Int(a), Value::Float(b)) => order_int_float(*a, *b),
        (Value::Float(a), Value::Int(b)) => order_int_float(*b, *a).reverse(),
        _ => kind_rank(a).cmp(&kind_rank(b)),
    }
}

fn order_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Compares without rounding the integer to a float.
fn order_int_float(a: i64, b: f64) -> Ordering {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() || b >= LIMIT {
        return Ordering::Less;
    }
    if b < -LIMIT {
        return Ordering::Greater;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked above"
    )]
    let whole = b.trunc() as i64;
    a.cmp(&whole).then_with(|| order_floats(0.0, b.fract()))
}
