//! Reading the arguments of functions: the kind each expects, and how large a result may be.

use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;

/// How many elements a list made by an expression may have.
pub(crate) const LIST_LIMIT: usize = 1_000_000;
/// How many bytes a text made by an expression may have.
pub(crate) const TEXT_LIMIT: usize = 16 << 20;

/// The error of a list beyond [`LIST_LIMIT`].
pub(crate) fn too_long_list() -> Error {
    Error::new(
        ErrorKind::Limit,
        format!("a list of more than {LIST_LIMIT} elements"),
    )
    .with_help("this limit is fixed: narrow what goes into the list")
}

/// The error of a text beyond [`TEXT_LIMIT`].
pub(crate) fn too_long_text() -> Error {
    Error::new(
        ErrorKind::Limit,
        format!("a text of more than {TEXT_LIMIT} bytes"),
    )
    .with_help("this limit is fixed: narrow what goes into the text")
}

/// The error of an argument of the wrong kind.
pub(super) fn wrong(at: usize, expected: &str, found: &Value) -> Error {
    let found = found.kind();
    Error::invalid(format!(
        "argument {} must be {expected}, found {found}",
        at + 1
    ))
}

/// An argument; null where it was left out.
pub(super) fn any(arguments: &[Value], at: usize) -> &Value {
    const NULL: &Value = &Value::Null;
    arguments.get(at).unwrap_or(NULL)
}

/// A text argument; `None` for null.
pub(super) fn text(arguments: &[Value], at: usize) -> Result<Option<&str>> {
    match any(arguments, at) {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Level(level) => Ok(Some(&level.title)),
        other => Err(wrong(at, "a string", other)),
    }
}

/// A whole number argument; `None` for null.
pub(super) fn whole(arguments: &[Value], at: usize) -> Result<Option<i64>> {
    match any(arguments, at) {
        Value::Null => Ok(None),
        Value::Int(whole) => Ok(Some(*whole)),
        other => Err(wrong(at, "a whole number", other)),
    }
}

/// A number of characters or the like: a whole number that is not negative.
pub(super) fn amount(arguments: &[Value], at: usize) -> Result<Option<usize>> {
    let Some(whole) = whole(arguments, at)? else {
        return Ok(None);
    };
    if whole < 0 {
        let position = at + 1;
        return Err(Error::invalid(format!(
            "argument {position} must not be negative: {whole}"
        )));
    }
    Ok(Some(usize::try_from(whole).unwrap_or(usize::MAX)))
}

/// A list argument; `None` for null.
pub(super) fn list(arguments: &[Value], at: usize) -> Result<Option<&[Value]>> {
    match any(arguments, at) {
        Value::Null => Ok(None),
        Value::List(values) => Ok(Some(values)),
        other => Err(wrong(at, "a list", other)),
    }
}

/// The argument, or null as the answer of the whole function where it is null.
macro_rules! or_null {
    ($argument:expr) => {
        match $argument? {
            Some(argument) => argument,
            None => return Ok(Value::Null),
        }
    };
}
pub(super) use or_null;
