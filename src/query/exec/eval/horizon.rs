//! When an answer next changes by the passing of time: the first flip of a comparison consulted.

use super::Evaluator;
use crate::error::Result;
use crate::query::ir::{Comparison, Expr, Rate, rate};
use crate::value::{Instant, Value, point};

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// One side of a comparison: the expression, and its value.
type Side<'a> = (&'a Expr, &'a Value);

impl<'a> Evaluator<'a> {
    /// The earliest instant after `now` at which a comparison with the clock that the last
    /// [`Evaluator::eval_for`] consulted comes out differently; `None` where none ever does.
    /// Until then the rule has the same value for the same data.
    ///
    /// Holds for rules that the checker let pass, which compares sums of times only.
    pub(crate) const fn horizon(&self) -> Option<Instant> {
        self.horizon
    }

    /// How many whole units lie between two points in time, noting when there will be one more or
    /// one less.
    pub(super) fn eval_elapsed(
        &mut self,
        from: &'a Expr,
        to: &'a Expr,
        unit: i64,
    ) -> Result<Value> {
        let (start, end) = (self.eval(from)?, self.eval(to)?);
        let unit = i128::from(unit.max(1));
        let Some(gap) = gap(&end, &start) else {
            return Ok(Value::Null);
        };
        let whole = gap.div_euclid(unit);
        if self.timed {
            let rate = rate(to).minus(rate(from));
            // The count changes where the gap falls below the unit begun, or reaches the next.
            for edge in [whole, whole + 1] {
                let gap = gap - edge * unit;
                let flip = flip(Comparison::GreaterOrEqual, gap, rate, self.now);
                self.note(flip.filter(|_| !rate.is_still()));
            }
        }
        Ok(i64::try_from(whole).ok().into())
    }

    /// Notes when a comparison that has just been made flips.
    pub(super) fn consult(&mut self, operator: Comparison, left: Side<'_>, right: Side<'_>) {
        let rate = rate(left.0).minus(rate(right.0));
        if rate.is_still() {
            return;
        }
        let flip = gap(left.1, right.1).and_then(|gap| flip(operator, gap, rate, self.now));
        self.note(flip);
    }

    fn note(&mut self, flip: Option<Instant>) {
        if let Some(flip) = flip {
            self.horizon = Some(self.horizon.map_or(flip, |known| known.min(flip)));
        }
    }
}

/// How far the left side is ahead of the right one, in microseconds; `None` where they do not
/// compare, which time does not change.
fn gap(left: &Value, right: &Value) -> Option<i128> {
    match (left, right) {
        (Value::Duration(a), Value::Duration(b)) if a.months == b.months => {
            Some(i128::from(a.micros) - i128::from(b.micros))
        }
        _ => Some(i128::from(point(left)?.0) - i128::from(point(right)?.0)),
    }
}

/// The first instant after `now` at which the comparison comes out differently.
fn flip(operator: Comparison, gap: i128, rate: Rate, now: Instant) -> Option<Instant> {
    let at = |start: i64, offset: i128| {
        let at = i128::from(start).checked_add(offset)?;
        i64::try_from(at).ok().map(Instant)
    };
    let (steady, day) = (i128::from(rate.steady), i128::from(DAY));
    let midnight = now.start_of_day().0;
    let between = || at(now.0, steps(operator, gap, steady)?);
    match (rate.steady, rate.daily) {
        (_, 0) => between(),
        (0, daily) => {
            let days = steps(operator, gap, i128::from(daily).checked_mul(day)?)?;
            at(midnight, days.checked_mul(day)?)
        }
        // Until the next midnight only the steady part moves.
        _ => [between(), at(midnight, day)].into_iter().flatten().min(),
    }
}

/// After how many steps, each of which adds `step` to the gap, the comparison comes out
/// differently.
fn steps(operator: Comparison, gap: i128, step: i128) -> Option<i128> {
    let falling = step < 0;
    // How far below 0 the gap is, turned round where it falls.
    let (below, step) = if falling { (gap, -step) } else { (-gap, step) };
    if step == 0 || below < 0 {
        return None;
    }
    let (whole, rest) = (below.div_euclid(step), below.rem_euclid(step));
    // `<` and `>=` flip where a growing gap reaches 0, `<=` and `>` where it leaves 0 behind.
    let leaves = match operator {
        Comparison::Equal | Comparison::NotEqual if below == 0 => true,
        Comparison::Equal | Comparison::NotEqual if rest != 0 => return None,
        Comparison::Equal | Comparison::NotEqual => false,
        Comparison::Less | Comparison::GreaterOrEqual => falling,
        Comparison::LessOrEqual | Comparison::Greater => !falling,
    };
    let steps = whole + i128::from(leaves || rest != 0);
    (steps > 0).then_some(steps)
}
