//! What the steps of a path may be, whichever definition the path stands in.

use super::Meta;
use super::identifier::Identifies;
use crate::error::{Error, ErrorKind, Result, did_you_mean};

/// Checks a step that is followed: the name of a relation. `of` says what the path is.
pub(super) fn check_relation(step: &str, of: &str) -> Result<()> {
    if step == Meta::Team.name() {
        let message = format!("{of} through `$team` is not supported yet");
        let help = "declare a relation to the blueprint of the teams and go through that";
        return Err(Error::new(ErrorKind::Unsupported, message).with_help(help));
    }
    if step.starts_with('$') {
        return Err(Error::invalid(format!(
            "`{}` is not a relation: it cannot be followed",
            step.escape_debug()
        )));
    }
    Identifies::Name.check(step)
}

/// Checks what is read at the end of a path: a name, or a meta-property.
pub(super) fn check_end(property: &str) -> Result<()> {
    if !property.starts_with('$') {
        return Identifies::Name.check(property);
    }
    if Meta::named(property).is_some() {
        return Ok(());
    }
    let message = format!("unknown meta-property `{}`", property.escape_debug());
    let error = Error::invalid(message);
    Err(
        match did_you_mean(property, Meta::ALL.map(|(name, _)| name)) {
            Some(help) => error.with_help(help),
            None => error,
        },
    )
}
