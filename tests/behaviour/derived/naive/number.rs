//! Numbers of JSON: compared by value, and added up without an error of rounding on the way.

use serde_json::Value as Json;

/// The sum of numbers, rounded once. (J. Shewchuk: partial sums that do not overlap.)
pub(super) fn sum(numbers: &[f64]) -> f64 {
    let mut partials: Vec<f64> = Vec::new();
    for number in numbers {
        let mut number = *number;
        let mut kept = Vec::new();
        for partial in partials {
            let (high, low) = if number.abs() < partial.abs() {
                (partial, number)
            } else {
                (number, partial)
            };
            let total = high + low;
            let error = low - (total - high);
            if error != 0.0 {
                kept.push(error);
            }
            number = total;
        }
        kept.push(number);
        partials = kept;
    }
    rounded(partials)
}

/// The sum of partial sums that do not overlap, ascending by size: to the nearest, half to even.
fn rounded(mut partials: Vec<f64>) -> f64 {
    let Some(mut high) = partials.pop() else {
        return 0.0;
    };
    while let Some(partial) = partials.pop() {
        let total = high + partial;
        let error = partial - (total - high);
        high = total;
        if error != 0.0 {
            let next = partials.last().copied().unwrap_or(0.0);
            // The rest decides which way a half is rounded.
            if (error < 0.0 && next < 0.0) || (error > 0.0 && next > 0.0) {
                let twice = error * 2.0;
                let moved = high + twice;
                if twice == moved - high {
                    high = moved;
                }
            }
            break;
        }
    }
    high
}

/// A number as JSON; whole numbers without a fraction.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number without a fraction is exactly that"
)]
pub(super) fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Json::from(value as i64);
    }
    Json::from(value)
}

/// Equal but for how a number is written: `1` is `1.0`.
pub(crate) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(_), Json::Number(_)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            let has = |(key, value): (&String, &Json)| b.get(key).is_some_and(|b| same(value, b));
            a.len() == b.len() && a.iter().all(has)
        }
        _ => a == b,
    }
}
