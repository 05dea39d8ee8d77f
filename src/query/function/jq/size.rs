//! How large and how deep a value made by jq may be.

use super::super::argument::{LIST_LIMIT, too_long_list};
use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;

/// How deep lists and maps may nest.
pub(super) const DEPTH: usize = 256;

/// Refuses a value that nests too deep or has too many elements, however they are shared: what is
/// let through here can be walked. O(elements).
pub(crate) fn check_size(value: &Value) -> Result<()> {
    let mut left = LIST_LIMIT;
    walk(value, DEPTH, &mut left)
}

fn walk(value: &Value, depth: usize, left: &mut usize) -> Result<()> {
    let inner: &mut dyn Iterator<Item = &Value> = match value {
        Value::List(values) => &mut values.iter(),
        Value::Map(fields) => &mut fields.values(),
        _ => return Ok(()),
    };
    let Some(depth) = depth.checked_sub(1) else {
        let message = format!("lists and maps nested more than {DEPTH} deep");
        return Err(Error::new(ErrorKind::Limit, message)
            .with_help("this limit is fixed: do not nest what is computed"));
    };
    for value in inner {
        *left = left.checked_sub(1).ok_or_else(too_long_list)?;
        walk(value, depth, left)?;
    }
    Ok(())
}
