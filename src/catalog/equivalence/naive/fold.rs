//! Aggregates of all values at once.

use crate::error::{Error, Result};
use crate::query::function::Fold;
use crate::value::{Sum, Value};

pub(super) fn fold(fold: Fold, distinct: bool, values: Vec<Value>) -> Result<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for value in values {
        let again = distinct && kept.contains(&value);
        if !value.is_null() && !again {
            kept.push(value);
        }
    }
    let sum = |values: &[Value]| -> Result<Sum> {
        let mut sum = Sum::default();
        values.iter().try_for_each(|value| sum.add(value))?;
        Ok(sum)
    };
    match fold {
        Fold::Count => Ok(Value::Int(i64::try_from(kept.len()).unwrap())),
        Fold::Sum => sum(&kept)?.sum(),
        Fold::Average => sum(&kept)?.average(),
        Fold::Min => Ok(kept.into_iter().min().into()),
        Fold::Max => Ok(kept.into_iter().max().into()),
        Fold::Collect => Ok(Value::list(kept)),
        Fold::Deviation
        | Fold::PopulationDeviation
        | Fold::ContinuousPercentile
        | Fold::DiscretePercentile => Err(Error::internal("not in generated queries")),
        Fold::Median => {
            let number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
            if !kept.iter().all(number) {
                return Err(Error::invalid("expected numbers"));
            }
            kept.sort();
            match (kept.len() / 2, kept.len() % 2) {
                (0, 0) => Ok(Value::Null),
                (middle, 1) => Ok(kept[middle].clone()),
                (middle, _) => sum(&kept[middle - 1..=middle])?.average(),
            }
        }
    }
}
