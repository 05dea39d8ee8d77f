//! The rules that identifiers and names obey (Port's patterns and lengths).

use super::limits;
use crate::error::{Error, ErrorKind, Result};

/// What a text identifies, which decides the characters and length it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identifies {
    /// A blueprint.
    Blueprint,
    /// A property (stored or derived) or a relation.
    Name,
    /// A scorecard.
    Scorecard,
    /// A rule of a scorecard.
    Rule,
    /// An entity.
    Entity,
}

impl Identifies {
    /// The marks allowed beside letters and digits.
    const fn marks(self) -> &'static str {
        match self {
            Self::Blueprint => "@_.+:\\/-",
            Self::Name | Self::Rule => "@_=\\-",
            Self::Scorecard | Self::Entity => "@_.+:\\/=-",
        }
    }

    /// Names and rule identifiers are ASCII; the others take the letters of any script.
    fn allows(self, c: char) -> bool {
        let letter = match self {
            Self::Name | Self::Rule => c.is_ascii_alphabetic(),
            Self::Blueprint | Self::Scorecard | Self::Entity => c.is_alphabetic(),
        };
        letter || c.is_ascii_digit() || self.marks().contains(c)
    }

    const fn longest(self) -> usize {
        match self {
            Self::Entity => limits::ENTITY_IDENTIFIER_CHARS,
            Self::Blueprint | Self::Name | Self::Scorecard | Self::Rule => limits::IDENTIFIER_CHARS,
        }
    }

    /// Checks a text; the error has neither path nor context.
    pub(crate) fn check(self, text: &str) -> Result<()> {
        let what = if self == Self::Name {
            "name"
        } else {
            "identifier"
        };
        if text.is_empty() {
            return Err(Error::invalid(format!("the {what} is empty")));
        }
        let length = text.chars().count();
        if length > self.longest() {
            let message = format!("the {what} has {length} characters, more than the limit");
            let help = format!("use at most {} characters", self.longest());
            return Err(Error::new(ErrorKind::Limit, message).with_help(help));
        }
        let help = || format!("use letters, digits and any of `{}`", self.marks());
        if let Some(wrong) = text.chars().find(|c| !self.allows(*c)) {
            let shown = wrong.escape_debug();
            let message = format!(
                "`{shown}` is not allowed in the {what} `{}`",
                text.escape_debug()
            );
            return Err(Error::invalid(message).with_help(help()));
        }
        // Port's `(?!\.{1,2}$)`: these would be taken for path segments.
        if matches!(text, "." | "..") {
            return Err(Error::invalid(format!("`{text}` cannot be an identifier")));
        }
        Ok(())
    }
}

/// Checks the identifier of an entity.
pub(crate) fn check_entity_identifier(text: &str) -> Result<()> {
    Identifies::Entity.check(text)
}
