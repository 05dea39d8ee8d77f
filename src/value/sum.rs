//! Sums that do not depend on the order of their terms.

use super::{Duration, Value};
use crate::error::{Error, Result};

/// From here on floats are added up in units of [`UNIT`], where no number of them overflows.
const HUGE: f64 = f64::from_bits((1023 + 960) << 52);
/// 2 to the 64th: to multiply with it and to divide by it is exact.
const UNIT: f64 = 18_446_744_073_709_551_616.0;

/// A sum of numbers or durations.
///
/// Whole numbers add up in 128 bits, floats exactly; both are rounded once at the end, so that any
/// order of the terms gives the same result.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    whole: i128,
    plain: Partials,
    /// The sum of those floats that are huge, in units of [`UNIT`].
    huge: Partials,
    /// How many terms are infinite upwards, infinite downwards, and not a number.
    special: [u64; 3],
    floats: u64,
    wholes: u64,
    months: i128,
    micros: i128,
    durations: u64,
}

impl Sum {
    /// Adds a value that is not null.
    pub(crate) fn add(&mut self, value: &Value) -> Result<()> {
        self.change(value, true)
    }

    /// Takes out a value that was added before: the sum is then what it would be without it, to
    /// the last bit.
    pub(crate) fn remove(&mut self, value: &Value) -> Result<()> {
        self.change(value, false)
    }

    fn change(&mut self, value: &Value, add: bool) -> Result<()> {
        let sign = if add { 1 } else { -1 };
        // More terms than 64 bits count do not come together, so nothing of this overflows.
        let counted = |count: u64| count.saturating_add_signed(sign);
        match value {
            Value::Int(whole) => {
                self.wholes = counted(self.wholes);
                self.whole += i128::from(*whole) * i128::from(sign);
            }
            Value::Float(number) => {
                self.floats = counted(self.floats);
                self.change_float(*number, sign);
            }
            Value::Duration(duration) => {
                self.durations = counted(self.durations);
                self.months += i128::from(duration.months) * i128::from(sign);
                self.micros += i128::from(duration.micros) * i128::from(sign);
            }
            Value::Null
            | Value::Bool(_)
            | Value::String(_)
            | Value::Instant(..)
            | Value::Date(_)
            | Value::Level(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Entity(_)
            | Value::Relation(_)
            | Value::Path(_) => {
                let kind = value.kind();
                return Err(Error::invalid(format!(
                    "expected numbers or durations, found {kind}"
                )));
            }
        }
        if self.wholes + self.floats > 0 && self.durations > 0 {
            return Err(Error::invalid("numbers and durations do not add up"));
        }
        Ok(())
    }

    fn change_float(&mut self, number: f64, sign: i64) {
        if !number.is_finite() {
            let kind = usize::from(number < 0.0) + 2 * usize::from(number.is_nan());
            if let Some(count) = self.special.get_mut(kind) {
                *count = count.saturating_add_signed(sign);
            }
            return;
        }
        let term = if sign < 0 { -number } else { number };
        if number.abs() < HUGE {
            self.plain.add(term);
        } else {
            self.huge.add(term / UNIT);
        }
    }

    /// The sum of the terms that are infinite or not a number.
    fn special(&self) -> Option<f64> {
        match self.special {
            [0, 0, 0] => None,
            [_, 0, 0] => Some(f64::INFINITY),
            [0, _, 0] => Some(f64::NEG_INFINITY),
            _ => Some(f64::NAN),
        }
    }

    /// How many terms there are.
    pub(crate) const fn count(&self) -> u64 {
        self.wholes + self.floats + self.durations
    }

    /// All terms as one float, rounded once, and the unit that it is in: a total may be out of
    /// range where the mean is not.
    fn total(&self) -> (f64, f64) {
        if let Some(special) = self.special() {
            return (special, 1.0);
        }
        let mut all = self.plain.clone();
        let mut rest = self.whole;
        while rest != 0 {
            #[expect(clippy::cast_precision_loss, reason = "what is lost is added next")]
            let high = rest as f64;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a float made of 128 bits fits"
            )]
            let taken = high as i128;
            all.add(high);
            rest = rest.saturating_sub(taken);
        }
        // Huge terms may have cancelled each other out: then the others must keep all their bits.
        let is_huge = self
            .huge
            .0
            .last()
            .is_some_and(|most| most.abs() >= HUGE / UNIT);
        let (mut into, from, factor, unit) = if is_huge {
            (self.huge.clone(), all, 1.0 / UNIT, UNIT)
        } else {
            (all, self.huge.clone(), UNIT, 1.0)
        };
        for partial in from.0 {
            into.add(partial * factor);
        }
        // Without the sign of a zero, which would tell what had been added and removed.
        (round(&into.0) + 0.0, unit)
    }

    /// The sum: 0 of nothing, whole while all terms are.
    pub(crate) fn sum(&self) -> Result<Value> {
        if self.durations > 0 {
            return duration(self.months, self.micros);
        }
        if self.floats > 0 {
            let (total, unit) = self.total();
            return Ok(Value::Float(total * unit));
        }
        let whole = i64::try_from(self.whole);
        whole
            .map(Value::Int)
            .map_err(|_| Error::invalid("the sum is out of the range of 64-bit whole numbers"))
    }

    /// The sum of numbers as a float, rounded once.
    pub(crate) fn as_float(&self) -> Value {
        let (total, unit) = self.total();
        Value::Float(total * unit)
    }

    /// The mean; null of nothing.
    pub(crate) fn average(&self) -> Result<Value> {
        let Some(count) = i64::try_from(self.count()).ok().filter(|count| *count > 0) else {
            return Ok(Value::Null);
        };
        if self.durations > 0 {
            return duration(
                self.months / i128::from(count),
                self.micros / i128::from(count),
            );
        }
        let (total, unit) = self.total();
        #[expect(
            clippy::cast_precision_loss,
            reason = "the nearest float is what is asked for"
        )]
        let count = count as f64;
        Ok(Value::Float(total / count * unit))
    }
}

/// An exact sum: partial sums that do not overlap, smallest first (Shewchuk, "Adaptive Precision
/// Floating-Point Arithmetic", 1997).
#[derive(Clone, Debug, Default)]
struct Partials(Vec<f64>);

impl Partials {
    fn add(&mut self, number: f64) {
        let mut term = number;
        let mut kept = 0;
        for at in 0..self.0.len() {
            let Some(mut partial) = self.0.get(at).copied() else {
                break;
            };
            if term.abs() < partial.abs() {
                std::mem::swap(&mut term, &mut partial);
            }
            let high = term + partial;
            let low = partial - (high - term);
            if low != 0.0
                && let Some(place) = self.0.get_mut(kept)
            {
                *place = low;
                kept += 1;
            }
            term = high;
        }
        self.0.truncate(kept);
        self.0.push(term);
    }
}

/// The sum of partial sums that do not overlap, smallest first, rounded half to even.
fn round(partials: &[f64]) -> f64 {
    let mut rest = partials.iter().rev().copied();
    let mut high = rest.next().unwrap_or(0.0);
    let mut low = 0.0;
    for partial in rest.by_ref() {
        let before = high;
        high = before + partial;
        low = partial - (high - before);
        if low != 0.0 {
            break;
        }
    }
    // Halfway between two floats the next partial decides.
    if let Some(next) = rest.next()
        && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
    {
        let doubled = low * 2.0;
        let adjusted = high + doubled;
        #[expect(clippy::float_cmp, reason = "exactly a tie, or not")]
        if doubled == adjusted - high {
            return adjusted;
        }
    }
    high
}

fn duration(months: i128, micros: i128) -> Result<Value> {
    let parts = i32::try_from(months).ok().zip(i64::try_from(micros).ok());
    let (months, micros) = parts.ok_or_else(|| Error::invalid("the sum is out of range"))?;
    Ok(Value::Duration(Duration::new(months, micros)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::super::Value;
    use super::Sum;

    fn numbers() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<f64>().prop_map(Value::Float),
            any::<i64>().prop_map(Value::Int)
        ]
    }

    fn sum(values: &[Value]) -> Value {
        let mut sum = Sum::default();
        for value in values {
            sum.add(value).unwrap();
        }
        sum.sum().unwrap()
    }

    #[test]
    fn small_terms_survive_large_ones() {
        let values = [1e100, 1.0, -1e100, 0.1, 0.2, -0.3].map(Value::Float);
        assert_eq!(
            sum(&values),
            Value::Float(1.0 + 2.775_557_561_562_891_4e-17)
        );
        assert_eq!(
            sum(&[Value::Int(i64::MAX), Value::Int(1), Value::Int(-1)]),
            Value::Int(i64::MAX)
        );
        assert_eq!(sum(&[]), Value::Int(0));
        assert_eq!(
            sum(&[Value::Int((1 << 60) + 1), Value::Float(0.5)]),
            Value::Float(1_152_921_504_606_846_977.5)
        );
        assert!(Sum::default().add(&Value::string("x")).is_err());
    }

    #[test]
    fn terms_near_the_end_of_the_range_stay_exact() {
        let huge = Value::Float(1e308);
        assert_eq!(sum(&vec![huge.clone(); 3]), Value::Float(f64::INFINITY));
        let cancelled = [1e308, 1e308, -1e308, -1e308, 0.5].map(Value::Float);
        assert_eq!(sum(&cancelled), Value::Float(0.5));
        let nearly = [1e308, 1e308, -1e308, 1.0].map(Value::Float);
        assert_eq!(sum(&nearly), Value::Float(1e308));
        let mut mean = Sum::default();
        for _ in 0..49 {
            mean.add(&huge).unwrap();
        }
        assert_eq!(mean.average().unwrap(), huge);
    }

    proptest! {
        #[test]
        fn what_is_removed_leaves_no_trace(
            kept in prop::collection::vec(numbers(), 0..20),
            removed in prop::collection::vec(numbers(), 0..20),
        ) {
            let mut changed = Sum::default();
            for term in removed.iter().chain(&kept) {
                changed.add(term).unwrap();
            }
            for term in &removed {
                changed.remove(term).unwrap();
            }
            let mut fresh = Sum::default();
            for term in &kept {
                fresh.add(term).unwrap();
            }
            let shown = |sum: &Sum| format!("{:?} {:?}", sum.sum(), sum.average());
            prop_assert_eq!(shown(&changed), shown(&fresh));
        }

        #[test]
        fn order_does_not_matter(
            terms in prop::collection::vec(numbers(), 0..40),
            seed in any::<u64>(),
        ) {
            let mut shuffled = terms.clone();
            let mut state = seed | 1;
            for at in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
            }
            let floats = terms.iter().any(|term| matches!(term, Value::Float(_)));
            prop_assume!(floats);
            prop_assert_eq!(format!("{:?}", sum(&terms)), format!("{:?}", sum(&shuffled)));
        }
    }
}
