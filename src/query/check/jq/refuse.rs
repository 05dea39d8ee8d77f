//! What of jq has no translation, by name, and why.

use super::call;
use crate::error::{Error, Span, did_you_mean};

/// What may go on without bound.
const UNBOUNDED: &str = "a calculation must end after a number of steps that its input bounds";
/// What reads or writes something else than the entity.
const OUTSIDE: &str = "a calculation sees nothing but its entity";
/// What would be different on another machine.
const PLACE: &str = "a calculation must have the same value everywhere: use UTC";

/// Filters that jq has and that are refused, with the reason.
const REFUSED: [(&str, &str); 43] = [
    ("recurse", UNBOUNDED),
    ("recurse_down", UNBOUNDED),
    ("repeat", UNBOUNDED),
    ("until", UNBOUNDED),
    ("while", UNBOUNDED),
    ("walk", UNBOUNDED),
    ("combinations", UNBOUNDED),
    ("input", OUTSIDE),
    ("inputs", OUTSIDE),
    ("input_filename", OUTSIDE),
    ("input_line_number", OUTSIDE),
    ("env", OUTSIDE),
    ("$ENV", OUTSIDE),
    ("$__loc__", OUTSIDE),
    ("$__prog_args", OUTSIDE),
    ("halt", OUTSIDE),
    ("halt_error", OUTSIDE),
    ("debug", OUTSIDE),
    ("stderr", OUTSIDE),
    ("get_search_list", OUTSIDE),
    ("modulemeta", OUTSIDE),
    ("builtins", OUTSIDE),
    ("localtime", PLACE),
    ("strflocaltime", PLACE),
    (
        "now",
        "compare a point in time with it, such as `(.properties.due | fromdate) < now`",
    ),
    ("tostream", ""),
    ("fromstream", ""),
    ("truncate_stream", ""),
    ("ascii", ""),
    ("bsearch", ""),
    ("dateadd", ""),
    ("datesub", ""),
    ("dateround", ""),
    ("pick", ""),
    ("significand", ""),
    ("gamma", ""),
    ("frexp", ""),
    ("ldexp", ""),
    ("sin", ""),
    ("cos", ""),
    ("tan", ""),
    ("@base32", ""),
    ("@base32d", ""),
];

/// A construct that is refused.
pub(super) fn construct(name: &str, span: Span) -> Error {
    let error = Error::unsupported(format!("{name} of jq"), span);
    match name {
        "`def`" => error.with_help(UNBOUNDED),
        _ => error,
    }
}

/// A filter or variable that is refused by name; else one that there is not.
pub(super) fn named(name: &str, arguments: usize, span: Span) -> Error {
    if let Some((_, reason)) = REFUSED.iter().find(|(known, _)| *known == name) {
        let error = Error::unsupported(format!("`{name}` of jq"), span);
        return if reason.is_empty() {
            error
        } else {
            error.with_help(*reason)
        };
    }
    if name.starts_with('$') {
        return Error::syntax(format!("the variable `{name}` is not defined"), span);
    }
    if call::names().any(|known| known == name) {
        let message = format!("`{name}` does not take {arguments} arguments");
        return Error::syntax(message, span);
    }
    let error = Error::syntax(format!("jq has no `{name}`"), span);
    match did_you_mean(name, call::names()) {
        Some(help) => error.with_help(help),
        None => error,
    }
}
