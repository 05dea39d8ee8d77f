//! Operators on values: comparison, arithmetic and tests of texts and lists.

use std::cmp::Ordering;

use regex::Regex;

use super::Naive;
use crate::error::{Error, Result};
use crate::query::ir::{Arithmetic, Comparison, Expr, Test, Type};
use crate::value::{self, Duration, Value};

impl Naive<'_> {
    /// `None` where the answer is unknown.
    pub(super) fn compare(
        &self,
        operator: Comparison,
        (left, a): (&Expr, &Value),
        (right, b): (&Expr, &Value),
    ) -> Option<bool> {
        let ordering = match (a, b) {
            (Value::Level(level), Value::String(title)) => {
                self.rank(&left.ty, title).map(|rank| level.rank.cmp(&rank))
            }
            (Value::String(title), Value::Level(level)) => self
                .rank(&right.ty, title)
                .map(|rank| rank.cmp(&level.rank)),
            _ => value::compare(a, b),
        };
        let number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
        let strange = |value: &Value| matches!(value, Value::Float(number) if number.is_nan());
        let strange = number(a) && number(b) && (strange(a) || strange(b));
        let is = |test: fn(Ordering) -> bool| {
            if strange {
                Some(false)
            } else {
                ordering.map(test)
            }
        };
        match operator {
            Comparison::Equal => value::equal(a, b),
            Comparison::NotEqual => value::equal(a, b).map(|equal| !equal),
            Comparison::Less => is(Ordering::is_lt),
            Comparison::LessOrEqual => is(Ordering::is_le),
            Comparison::Greater => is(Ordering::is_gt),
            Comparison::GreaterOrEqual => is(Ordering::is_ge),
        }
    }

    fn rank(&self, ty: &Type, title: &str) -> Option<u16> {
        let Type::Level(scorecard) = ty else {
            return None;
        };
        let levels = &self.state.model().scorecard(*scorecard)?.levels;
        let at = levels.iter().position(|level| *level.title == *title)?;
        u16::try_from(at).ok()
    }
}

fn failed() -> Error {
    Error::invalid("no value")
}

pub(super) fn negate(value: &Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Int(whole) => whole.checked_neg().map(Value::Int).ok_or_else(failed),
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::Duration(span) => Ok(Value::Duration(span.negated())),
        _ => Err(failed()),
    }
}

pub(super) fn arithmetic(operator: Arithmetic, a: &Value, b: &Value) -> Result<Value> {
    use Arithmetic::{Add, Concatenate, Divide, Modulo, Multiply, Power, Subtract};
    let result = match (operator, a, b) {
        (_, Value::Null, _) | (_, _, Value::Null) => Some(Value::Null),
        (Add, Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        (Subtract, Value::Int(a), Value::Int(b)) => a.checked_sub(*b).map(Value::Int),
        (Multiply, Value::Int(a), Value::Int(b)) => a.checked_mul(*b).map(Value::Int),
        (Divide, Value::Int(a), Value::Int(b)) => a.checked_div(*b).map(Value::Int),
        (Modulo, Value::Int(a), Value::Int(b)) => a.checked_rem(*b).map(Value::Int),
        (Add | Concatenate, Value::List(a), Value::List(b)) => {
            Some(Value::list(a.iter().chain(b.iter()).cloned()))
        }
        (Add, Value::List(a), one) => Some(Value::list(a.iter().chain([one]).cloned())),
        (Add, one, Value::List(b)) => Some(Value::list([one].into_iter().chain(b.iter()).cloned())),
        (Add | Concatenate, Value::String(a), Value::String(b)) => {
            Some(Value::string(format!("{a}{b}")))
        }
        (Add, Value::String(a), Value::Int(b)) => Some(Value::string(format!("{a}{b}"))),
        (Add, Value::Int(a), Value::String(b)) => Some(Value::string(format!("{a}{b}"))),
        (Add, Value::Instant(at, offset), Value::Duration(span)) => at
            .checked_add_at(*offset, *span)
            .map(|at| Value::Instant(at, *offset)),
        (Subtract, Value::Instant(at, offset), Value::Duration(span)) => at
            .checked_add_at(*offset, span.negated())
            .map(|at| Value::Instant(at, *offset)),
        (Subtract, Value::Instant(a, _), Value::Instant(b, _)) => {
            let micros = a.0.checked_sub(b.0);
            micros.map(|micros| Value::Duration(Duration::new(0, micros)))
        }
        (operator, a, b) => match (float(a), float(b), operator) {
            (Some(a), Some(b), Add) => Some(Value::Float(a + b)),
            (Some(a), Some(b), Subtract) => Some(Value::Float(a - b)),
            (Some(a), Some(b), Multiply) => Some(Value::Float(a * b)),
            (Some(a), Some(b), Divide) => Some(Value::Float(a / b)),
            (Some(a), Some(b), Modulo) => Some(Value::Float(a % b)),
            (Some(a), Some(b), Power) => Some(Value::Float(a.powf(b))),
            _ => None,
        },
    };
    result.ok_or_else(failed)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the numbers of generated queries are small"
)]
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(whole) => Some(*whole as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Level(level) => Some(&level.title),
        _ => None,
    }
}

/// `None` where the answer is unknown.
pub(super) fn test(test: Test, a: &Value, b: &Value) -> Result<Option<bool>> {
    let texts = text(a).zip(text(b));
    match test {
        Test::StartsWith => Ok(texts.map(|(a, b)| a.starts_with(b))),
        Test::EndsWith => Ok(texts.map(|(a, b)| a.ends_with(b))),
        Test::Contains => Ok(contains(a, b)),
        Test::Like => Ok(texts.map(|(a, b)| like(a, b))),
        Test::LikeIgnoreCase => Ok(texts.map(|(a, b)| like(&a.to_lowercase(), &b.to_lowercase()))),
        Test::Regex => {
            let Some((a, b)) = texts else {
                return Ok(None);
            };
            let pattern = Regex::new(&format!(r"\A(?:{b})\z")).map_err(|_| failed())?;
            Ok(Some(pattern.is_match(a)))
        }
        Test::In => match b {
            Value::Null => Ok(None),
            Value::List(_) => Ok(contains(b, a)),
            _ => Err(failed()),
        },
        Test::ContainsAny | Test::ContainsAll => match (a, b) {
            (_, Value::Null) | (Value::Null, Value::List(_)) => Ok(None),
            (a, Value::List(parts)) => {
                let each = parts.iter().map(|part| contains(a, part));
                Ok(if test == Test::ContainsAny {
                    some(each)
                } else {
                    some(each.map(not)).map(|any| !any)
                })
            }
            _ => Err(failed()),
        },
    }
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

/// The truth of an `OR`.
pub(super) fn some(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<Option<bool>> = truths.collect();
    if truths.contains(&Some(true)) {
        return Some(true);
    }
    (!truths.contains(&None)).then_some(false)
}

fn contains(container: &Value, part: &Value) -> Option<bool> {
    match container {
        Value::List(values) => some(values.iter().map(|value| value::equal(value, part))),
        other => text(other).zip(text(part)).map(|(a, b)| a.contains(b)),
    }
}

/// `%` stands for any text, `_` for any character.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| like(&text[at..], rest.as_str()))
        }
        Some(wanted) => {
            let mut left = text.chars();
            let wanted = if wanted == '\\' {
                rest.next()
            } else {
                (wanted != '_').then_some(wanted)
            };
            left.next()
                .is_some_and(|found| wanted.is_none_or(|wanted| wanted == found))
                && like(left.as_str(), rest.as_str())
        }
    }
}
