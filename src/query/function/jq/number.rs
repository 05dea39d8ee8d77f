//! Numbers as jq has them: floats, whole ones shown without a fraction.

use super::super::convert::{truncate, widen};
use super::wrong;
use crate::error::Result;
use crate::value::Value;

/// Up to here every whole number is a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number; a whole one as such.
pub(crate) fn number(float: f64) -> Value {
    let whole = float.fract() == 0.0 && float.abs() <= EXACT;
    match truncate(float).filter(|_| whole) {
        Some(whole) => Value::Int(whole),
        None => Value::Float(float),
    }
}

pub(super) fn float(value: &Value) -> Result<f64> {
    match value {
        Value::Int(whole) => Ok(widen(*whole)),
        Value::Float(number) => Ok(*number),
        other => Err(wrong("a number", other)),
    }
}

/// The whole number at or below a number, at the ends of the range where it is beyond them.
pub(super) fn floor(value: &Value) -> Result<i64> {
    match value {
        Value::Int(whole) => Ok(*whole),
        other => Ok(saturated(float(other)?.floor())),
    }
}

/// The whole part of a float, at the ends of the range where it is beyond them.
pub(crate) fn saturated(float: f64) -> i64 {
    let beyond = if float > 0.0 { i64::MAX } else { i64::MIN };
    truncate(float).unwrap_or(if float.is_nan() { 0 } else { beyond })
}

/// The text of a number: `1`, `0.5`, `1e-05`, `1.5e+300`.
pub(super) fn text(value: &Value) -> Option<String> {
    let float = match value {
        Value::Int(whole) => return Some(whole.to_string()),
        Value::Float(float) if float.is_nan() => return Some("null".to_owned()),
        Value::Float(float) => float.clamp(-f64::MAX, f64::MAX),
        _ => return None,
    };
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e')?;
    let exponent: i64 = exponent.parse().ok()?;
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let far = exponent.checked_sub(i64::try_from(count).ok()?)? >= 15;
    if exponent >= -4 && !far {
        return Some(float.to_string());
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", exponent.abs()))
}
