//! Text to jaq's tree, and jaq's errors to ours.

use jaq_core::load::lex::{self, Lexer, Token};
use jaq_core::load::parse::{self, Parser, Term};

use super::scan::Scanned;
use crate::error::{Error, Result, Span};

/// Parses the filter; `read` gets its tree. Nothing is kept of what jaq has built.
pub(super) fn parse<T>(
    scanned: &Scanned,
    read: impl FnOnce(&Term<&str>) -> Result<T>,
) -> Result<T> {
    let text = scanned.text.as_str();
    let tokens = Lexer::new(text).lex().map_err(|errors| {
        let first = errors.into_iter().next();
        first.map_or_else(nothing, |(expected, found)| {
            lexical(&expected, found, scanned)
        })
    })?;
    if tokens.is_empty() {
        return Err(Error::syntax("the text is empty", Span::new(0, text.len())));
    }
    let term = Parser::new(&tokens).parse(Parser::term).map_err(|errors| {
        let first = errors.into_iter().next();
        first.map_or_else(nothing, |(expected, found)| {
            unexpected(&expected, Token::opt_as_str(found, text), scanned)
        })
    })?;
    read(&term)
}

fn nothing() -> Error {
    Error::internal("jq that does not parse for no reason")
}

fn lexical(expected: &lex::Expect<&str>, found: &str, scanned: &Scanned) -> Error {
    let message = match expected {
        // What jaq knows of these is only how they begin.
        lex::Expect::Token => "jq knows no such sign",
        lex::Expect::Digit => "expected a digit",
        lex::Expect::Ident => "expected a name",
        lex::Expect::Delim("(") => "this `(` is never closed: expected `)`",
        lex::Expect::Delim("[") => "this `[` is never closed: expected `]`",
        lex::Expect::Delim("{") => "this `{` is never closed: expected `}`",
        lex::Expect::Delim(_) => "a string that is never closed",
        lex::Expect::Escape => "jq knows no such escape in a string",
        lex::Expect::Unicode => "expected four digits of a character, such as `\\u00e9`",
        _ => "jq expects something else",
    };
    let message = message
        .split_once(": ")
        .map_or(message, |(_, expected)| expected);
    let end = found.chars().next().map_or(0, char::len_utf8);
    let found = found.get(..end).unwrap_or_default();
    Error::syntax(message, span_of(found, scanned).unwrap_or_default())
}

fn unexpected(expected: &parse::Expect<&str>, found: &str, scanned: &Scanned) -> Error {
    let what = match expected {
        parse::Expect::Just(sign) => format!("`{sign}`"),
        parse::Expect::Nothing => "the end, or an operator".to_owned(),
        parse::Expect::Term => "a value".to_owned(),
        parse::Expect::Key => "a key".to_owned(),
        parse::Expect::Var => "a variable, such as `$x`".to_owned(),
        other => other.as_str().to_owned(),
    };
    let message = match found.len() {
        0 => format!("expected {what}, found the end"),
        1..=20 => format!("expected {what}, found `{found}`"),
        _ => format!("expected {what}"),
    };
    Error::syntax(message, span_of(found, scanned).unwrap_or_default())
}

/// Where in the text as written a part of the scanned text is.
pub(super) fn span_of(part: &str, scanned: &Scanned) -> Option<Span> {
    let start = part
        .as_ptr()
        .addr()
        .checked_sub(scanned.text.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    let inside = end <= scanned.text.len();
    inside.then(|| Span::new(scanned.original(start), scanned.original(end)))
}
