//! Functions of numbers.

use super::super::argument::any;
use super::number::{float, number};
use super::{Context, Function, row};
use crate::error::Result;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_floor", 1, |_, arguments| rounded(arguments, f64::floor)),
    row("jq_ceil", 1, |_, arguments| rounded(arguments, f64::ceil)),
    row("jq_round", 1, |_, arguments| rounded(arguments, f64::round)),
    row("jq_truncate", 1, |_, arguments| {
        rounded(arguments, f64::trunc)
    }),
    row("jq_absolute", 1, |_, arguments| {
        rounded(arguments, f64::abs)
    }),
    row("jq_square_root", 1, |_, arguments| {
        mapped(arguments, f64::sqrt)
    }),
    row("jq_log", 1, |_, arguments| mapped(arguments, f64::ln)),
    row("jq_log2", 1, |_, arguments| mapped(arguments, f64::log2)),
    row("jq_log10", 1, |_, arguments| mapped(arguments, f64::log10)),
    row("jq_exp", 1, |_, arguments| mapped(arguments, f64::exp)),
    row("jq_exp2", 1, |_, arguments| mapped(arguments, f64::exp2)),
    row("jq_exp10", 1, |_, arguments| {
        mapped(arguments, |power| 10.0_f64.powf(power))
    }),
    row("jq_power", 2, |_: &Context<'_>, arguments| {
        let (base, power) = (float(any(arguments, 0))?, float(any(arguments, 1))?);
        Ok(number(base.powf(power)))
    }),
];

fn mapped(arguments: &[Value], apply: impl FnOnce(f64) -> f64) -> Result<Value> {
    Ok(number(apply(float(any(arguments, 0))?)))
}

/// What leaves whole numbers as they are, but for their sign.
fn rounded(arguments: &[Value], apply: impl FnOnce(f64) -> f64) -> Result<Value> {
    match any(arguments, 0) {
        whole @ Value::Int(0..) => Ok(whole.clone()),
        other => Ok(number(apply(float(other)?))),
    }
}
