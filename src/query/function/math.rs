//! Functions of real numbers: exponentials, logarithms and angles.

use super::argument::{any, or_null, wrong};
use super::convert::{number, with_number};
use super::{Context, Function, function};
use crate::error::Result;
use crate::value::Value;

type Call = fn(&Context<'_>, &[Value]) -> Result<Value>;

pub(super) const FUNCTIONS: &[Function] = &[
    real(
        "exp",
        "exp(number) -> number",
        "e to that power.",
        |_, a| with_number(a, f64::exp),
    ),
    real(
        "log",
        "log(number) -> number",
        "The natural logarithm.",
        |_, a| with_number(a, f64::ln),
    ),
    real(
        "log10",
        "log10(number) -> number",
        "The logarithm to base 10.",
        |_, a| with_number(a, f64::log10),
    ),
    real(
        "log2",
        "log2(number) -> number",
        "The logarithm to base 2.",
        |_, a| with_number(a, f64::log2),
    ),
    real(
        "sin",
        "sin(number) -> number",
        "The sine of an angle in radians.",
        |_, a| with_number(a, f64::sin),
    ),
    real(
        "cos",
        "cos(number) -> number",
        "The cosine of an angle in radians.",
        |_, a| with_number(a, f64::cos),
    ),
    real(
        "tan",
        "tan(number) -> number",
        "The tangent of an angle in radians.",
        |_, a| with_number(a, f64::tan),
    ),
    real(
        "cot",
        "cot(number) -> number",
        "The cotangent of an angle in radians.",
        |_, a| with_number(a, |angle| angle.tan().recip()),
    ),
    real(
        "asin",
        "asin(number) -> number",
        "The angle of a sine.",
        |_, a| with_number(a, f64::asin),
    ),
    real(
        "acos",
        "acos(number) -> number",
        "The angle of a cosine.",
        |_, a| with_number(a, f64::acos),
    ),
    real(
        "atan",
        "atan(number) -> number",
        "The angle of a tangent.",
        |_, a| with_number(a, f64::atan),
    ),
    function(
        "atan2",
        (2, 2),
        "atan2(number, number) -> number",
        "The angle of the point with that ordinate and abscissa.",
        |_, a| {
            let (y, x) = (or_null!(number(a, 0)), or_null!(number(a, 1)));
            Ok(Value::Float(y.atan2(x)))
        },
    ),
    real(
        "degrees",
        "degrees(number) -> number",
        "Radians as degrees.",
        |_, a| with_number(a, f64::to_degrees),
    ),
    real(
        "radians",
        "radians(number) -> number",
        "Degrees as radians.",
        |_, a| with_number(a, f64::to_radians),
    ),
    function(
        "pi",
        (0, 0),
        "pi() -> number",
        "The ratio of a circle's length to its width.",
        |_, _| Ok(Value::Float(std::f64::consts::PI)),
    ),
    function(
        "e",
        (0, 0),
        "e() -> number",
        "The base of the natural logarithm.",
        |_, _| Ok(Value::Float(std::f64::consts::E)),
    ),
    function(
        "isnan",
        (1, 1),
        "isNaN(number) -> boolean",
        "Whether a number is none, such as `0.0 / 0.0`.",
        |_, a| match any(a, 0) {
            Value::Null => Ok(Value::Null),
            Value::Int(_) => Ok(Value::Bool(false)),
            Value::Float(number) => Ok(Value::Bool(number.is_nan())),
            other => Err(wrong(0, "a number", other)),
        },
    ),
];

const fn real(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    call: Call,
) -> Function {
    function(name, (1, 1), signature, summary, call)
}
