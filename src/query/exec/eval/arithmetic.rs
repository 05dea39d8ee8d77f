//! Arithmetic: checked whole numbers, floats, concatenation.

use super::temporal;
use crate::error::{Error, Result};
use crate::query::function::{
    LIST_LIMIT, TEXT_LIMIT, float_text, too_long_list, too_long_text, widen,
};
use crate::query::ir::Arithmetic;
use crate::value::Value;

pub(super) fn overflow() -> Error {
    Error::invalid("the result is out of the range of 64-bit whole numbers")
        .with_help("use a number with a fraction (`2.0`) to compute with floats")
}

/// The opposite of a number or duration.
pub(super) fn negate(value: &Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Int(whole) => whole.checked_neg().map(Value::Int).ok_or_else(overflow),
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::Duration(duration) => Ok(Value::Duration(duration.negated())),
        other => Err(Error::invalid(format!(
            "`-` does not take a {}",
            other.kind()
        ))),
    }
}

/// The result of an operator; null where an operand is.
pub(super) fn apply(operator: Arithmetic, left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Int(a), Value::Int(b)) if operator != Arithmetic::Concatenate => {
            whole(operator, *a, *b)
        }
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            floats(operator, float(left), float(right))
        }
        (Value::Instant(..) | Value::Date(_) | Value::Duration(_), _)
        | (_, Value::Instant(..) | Value::Date(_) | Value::Duration(_))
            if !matches!((left, right), (Value::List(_), _) | (_, Value::List(_))) =>
        {
            temporal::apply(operator, left, right)
        }
        _ if matches!(operator, Arithmetic::Add | Arithmetic::Concatenate) => {
            concatenate(operator, left, right)
        }
        _ => Err(refused(operator, left, right)),
    }
}

pub(super) fn refused(operator: Arithmetic, left: &Value, right: &Value) -> Error {
    let (symbol, left, right) = (operator.sign(), left.kind(), right.kind());
    Error::invalid(format!("`{symbol}` does not take a {left} and a {right}"))
}

pub(super) fn float(value: &Value) -> f64 {
    match value {
        Value::Int(whole) => widen(*whole),
        Value::Float(number) => *number,
        _ => f64::NAN,
    }
}

fn whole(operator: Arithmetic, a: i64, b: i64) -> Result<Value> {
    let result = match operator {
        Arithmetic::Add | Arithmetic::Concatenate => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Modulo if b == 0 => {
            return Err(Error::invalid("division by zero"));
        }
        Arithmetic::Divide => a.checked_div(b),
        // The one quotient that overflows leaves nothing over.
        Arithmetic::Modulo => Some(a.checked_rem(b).unwrap_or(0)),
        Arithmetic::Power => return floats(operator, widen(a), widen(b)),
    };
    result.map(Value::Int).ok_or_else(overflow)
}

fn floats(operator: Arithmetic, a: f64, b: f64) -> Result<Value> {
    Ok(Value::Float(match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Modulo => a % b,
        Arithmetic::Power => a.powf(b),
        Arithmetic::Concatenate => {
            return Err(refused(operator, &Value::Float(a), &Value::Float(b)));
        }
    }))
}

/// `+` and `||` of texts and lists; `+` also adds an element to a list or a number to a text.
fn concatenate(operator: Arithmetic, left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::List(a), Value::List(b)) => joined(a, b),
        (Value::List(a), element) if operator == Arithmetic::Add => {
            joined(a, std::slice::from_ref(element))
        }
        (element, Value::List(b)) if operator == Arithmetic::Add => {
            joined(std::slice::from_ref(element), b)
        }
        _ => {
            let texts = text_of(operator, left).zip(text_of(operator, right));
            let (a, b) = texts.ok_or_else(|| refused(operator, left, right))?;
            if a.len().saturating_add(b.len()) > TEXT_LIMIT {
                return Err(too_long_text());
            }
            Ok(Value::string(a + &b))
        }
    }
}

fn text_of(operator: Arithmetic, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Level(level) => Some(level.title.to_string()),
        Value::Int(whole) if operator == Arithmetic::Add => Some(whole.to_string()),
        Value::Float(number) if operator == Arithmetic::Add => Some(float_text(*number)),
        _ => None,
    }
}

fn joined(a: &[Value], b: &[Value]) -> Result<Value> {
    if a.len().saturating_add(b.len()) > LIST_LIMIT {
        return Err(too_long_list());
    }
    Ok(Value::list(a.iter().chain(b).cloned()))
}
