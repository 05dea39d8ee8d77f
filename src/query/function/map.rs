//! Functions of maps.

use std::sync::Arc;

use super::argument::wrong;
use super::{Context, Function, function};
use crate::error::Result;
use crate::value::{Fields, Value};

pub(super) const FUNCTIONS: &[Function] = &[function(
    "merge",
    (1, usize::MAX),
    "merge(map, map, ..) -> map",
    "The fields of all maps; of one name the last counts.",
    merge,
)];

fn merge(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let mut merged = Fields::new();
    for (at, argument) in arguments.iter().enumerate() {
        match argument {
            Value::Null => return Ok(Value::Null),
            Value::Map(fields) => {
                merged.extend(
                    fields
                        .iter()
                        .map(|(key, value)| (Arc::clone(key), value.clone())),
                );
            }
            other => return Err(wrong(at, "a map", other)),
        }
    }
    Ok(Value::Map(Arc::new(merged)))
}
