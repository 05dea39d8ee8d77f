//! Functions of numbers.

use super::argument::{any, or_null, whole, wrong};
use super::convert::{widen, with_number};
use super::{Context, Function, function};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "abs",
        (1, 1),
        "abs(number) -> number",
        "The number without its sign.",
        abs,
    ),
    function(
        "ceil",
        (1, 1),
        "ceil(number) -> number",
        "The smallest whole number not below.",
        ceil,
    ),
    function(
        "floor",
        (1, 1),
        "floor(number) -> number",
        "The largest whole number not above.",
        floor,
    ),
    function(
        "round",
        (1, 2),
        "round(number, digits?) -> number",
        "The nearest number of so many digits after the point, halves away from zero.",
        round,
    ),
    function(
        "sign",
        (1, 1),
        "sign(number) -> number",
        "-1, 0 or 1.",
        sign,
    ),
    function(
        "sqrt",
        (1, 1),
        "sqrt(number) -> number",
        "The square root.",
        sqrt,
    ),
    Function {
        random: true,
        ..function(
            "rand",
            (0, 0),
            "rand() -> number",
            "Another number from 0 up to, not including, 1 each time.",
            rand,
        )
    },
];

/// The numbers that a statement draws follow from the version, the clock and how many it drew
/// before: asked again at the same moment it answers the same. Mixed as `SplitMix64` does (Steele,
/// Lea and Flood 2014).
fn rand(context: &Context<'_>, _: &[Value]) -> Result<Value> {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let draw = context.draws.get().wrapping_add(1);
    context.draws.set(draw);
    let seed = context.now.0.cast_unsigned() ^ context.state.seq().0.rotate_left(32);
    let mut bits = seed.wrapping_add(draw.wrapping_mul(STEP));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    // 53 bits are what a float holds exactly.
    let whole = i64::try_from(bits >> 11).unwrap_or_default();
    Ok(Value::Float(widen(whole) / widen(1 << 53)))
}

fn abs(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Int(whole) => {
            let positive = whole.checked_abs();
            positive
                .map(Value::Int)
                .ok_or_else(|| Error::invalid("the number is out of range"))
        }
        _ => with_number(arguments, f64::abs),
    }
}

/// Whole numbers are as round as can be.
fn of_fraction(arguments: &[Value], apply: fn(f64) -> f64) -> Result<Value> {
    match any(arguments, 0) {
        Value::Int(whole) => Ok(Value::Int(*whole)),
        _ => with_number(arguments, apply),
    }
}

fn ceil(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    of_fraction(arguments, f64::ceil)
}

fn floor(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    of_fraction(arguments, f64::floor)
}

fn round(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    if arguments.len() < 2 {
        return of_fraction(arguments, f64::round);
    }
    let digits = or_null!(whole(arguments, 1));
    let Some(digits) = i32::try_from(digits)
        .ok()
        .filter(|digits| (0..=15).contains(digits))
    else {
        return Err(Error::invalid(format!(
            "argument 2 must be from 0 to 15, found {digits}"
        )));
    };
    match any(arguments, 0) {
        Value::Float(number) => {
            let scale = 10f64.powi(digits);
            let scaled = number * scale;
            // A number too large to scale has no digits after the point to lose.
            let exact = !scaled.is_finite() || scaled.abs() >= 2f64.powi(52);
            Ok(Value::Float(if exact {
                *number
            } else {
                scaled.round() / scale
            }))
        }
        _ => of_fraction(arguments, f64::round),
    }
}

fn sign(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Int(whole) => Ok(Value::Int(whole.signum())),
        Value::Float(number) => Ok(Value::Int(
            i64::from(*number > 0.0) - i64::from(*number < 0.0),
        )),
        other => Err(wrong(0, "a number", other)),
    }
}

fn sqrt(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    with_number(arguments, f64::sqrt)
}
