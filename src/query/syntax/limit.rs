//! The pre-scan: bounds the size and nesting of a text and balances its brackets before pest sees it.
//!
//! pest, the tree builder and every later pass recurse along nesting. What is let through here
//! nests at most [`MAX_NESTING`] deep; what else makes trees deep the builder bounds.

use super::token::{Token, TokenKind};
use crate::error::{Error, ErrorKind, Result, Span};

/// The most bytes of a text.
pub(crate) const MAX_TEXT: usize = 64 * 1024;
/// The most brackets, and `CASE`s, around any place.
pub(crate) const MAX_NESTING: usize = 64;
/// The most `NOT`, `-`, `+` and `!` in a row.
pub(crate) const MAX_PREFIXES: usize = 32;

pub(super) fn check_size(text: &str) -> Result<()> {
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    let cut = text.floor_char_boundary(MAX_TEXT);
    let message = format!("the text has {} bytes, the limit is {MAX_TEXT}", text.len());
    let help = "pass long values as parameters, or ask in several queries";
    Err(Error::new(ErrorKind::Limit, message)
        .with_span(Span::new(cut, text.len()))
        .with_help(help))
}

/// Checks nesting, runs of prefixes, and that brackets, strings and comments are closed. O(tokens).
pub(super) fn check(text: &str, tokens: &[Token]) -> Result<()> {
    if tokens
        .iter()
        .all(|token| token.kind == TokenKind::Comment && token.closed)
    {
        return Err(Error::syntax(
            "the text is empty",
            Span::new(text.len(), text.len()),
        ));
    }
    // An unclosed CASE has a better error: pest says what must come next.
    let open = check_unfinished(text, tokens)?;
    match open.iter().rev().find(|open| open.kind == TokenKind::Open) {
        Some(open) => Err(never_closed(text, *open)),
        None => Ok(()),
    }
}

/// The same for the beginning of a text: what is still open at its end, outermost first.
pub(super) fn check_unfinished(text: &str, tokens: &[Token]) -> Result<Vec<Token>> {
    let mut scan = Scan {
        text,
        open: Vec::new(),
        prefixes: 0,
        after_dot: false,
    };
    for token in tokens {
        scan.token(*token)?;
    }
    Ok(scan.open)
}

struct Scan<'t> {
    text: &'t str,
    /// The brackets and `CASE`s around the place, outermost first.
    open: Vec<Token>,
    prefixes: usize,
    after_dot: bool,
}

impl Scan<'_> {
    fn token(&mut self, token: Token) -> Result<()> {
        if token.kind == TokenKind::Comment {
            return if token.closed {
                Ok(())
            } else {
                Err(unclosed(token))
            };
        }
        if !token.closed {
            return Err(unclosed(token));
        }
        self.count_prefix(token)?;
        match token.kind {
            TokenKind::Open => self.push(token)?,
            TokenKind::Close => self.close(token)?,
            // After a dot every word is a property name.
            TokenKind::Word if !self.after_dot => {
                if token.is_word(self.text, "case") {
                    self.push(token)?;
                } else if token.is_word(self.text, "end")
                    && self
                        .open
                        .last()
                        .is_some_and(|open| open.kind == TokenKind::Word)
                {
                    self.open.pop();
                }
            }
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Parameter
            | TokenKind::Comment
            | TokenKind::Symbol => {}
        }
        self.after_dot = token.is(self.text, ".");
        Ok(())
    }

    fn count_prefix(&mut self, token: Token) -> Result<()> {
        let prefix = ["-", "+", "!"]
            .into_iter()
            .any(|symbol| token.is(self.text, symbol));
        self.prefixes = if prefix || token.is_word(self.text, "not") {
            self.prefixes + 1
        } else {
            0
        };
        if self.prefixes <= MAX_PREFIXES {
            return Ok(());
        }
        let message = format!("more than {MAX_PREFIXES} `NOT`, `-`, `+` or `!` in a row");
        let help = "two of them cancel out: remove pairs";
        Err(Error::new(ErrorKind::Limit, message)
            .with_span(token.span)
            .with_help(help))
    }

    fn push(&mut self, token: Token) -> Result<()> {
        if self.open.len() < MAX_NESTING {
            self.open.push(token);
            return Ok(());
        }
        let message = format!("brackets are nested more than {MAX_NESTING} deep");
        let help = "remove brackets that change nothing, or compute a part first with WITH or LET";
        Err(Error::new(ErrorKind::Limit, message)
            .with_span(token.span)
            .with_help(help))
    }

    fn close(&mut self, token: Token) -> Result<()> {
        let found = token.text(self.text);
        while let Some(open) = self.open.pop() {
            if open.kind != TokenKind::Open {
                continue;
            }
            let wanted = closing(open.text(self.text));
            if wanted == found {
                return Ok(());
            }
            let opened = open.text(self.text);
            let message = format!("expected `{wanted}` to close the `{opened}`, found `{found}`");
            let place = line_and_column(self.text, open.span.start);
            let help = format!("the `{opened}` was opened at {place}");
            return Err(Error::syntax(message, token.span).with_help(help));
        }
        Err(
            Error::syntax(format!("`{found}` closes nothing"), token.span)
                .with_help("remove it, or add the bracket that it closes"),
        )
    }
}

/// The bracket that closes an opening one.
pub(super) fn closing(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

fn never_closed(text: &str, open: Token) -> Error {
    let opened = open.text(text);
    Error::syntax(format!("this `{opened}` is never closed"), open.span)
        .with_help(format!("add a `{}` where it ends", closing(opened)))
}

fn unclosed(token: Token) -> Error {
    let (what, help) = match token.kind {
        TokenKind::Comment => ("this comment is never closed", "end it with `*/`"),
        TokenKind::String => (
            "this string is never closed",
            "a quote inside a string is written twice, or after a backslash",
        ),
        TokenKind::Quoted
        | TokenKind::Word
        | TokenKind::Number
        | TokenKind::Parameter
        | TokenKind::Open
        | TokenKind::Close
        | TokenKind::Symbol => (
            "this quoted name is never closed",
            "a backtick inside a name is written twice",
        ),
    };
    Error::syntax(what, Span::new(token.span.start, token.span.start + 1)).with_help(help)
}

fn line_and_column(text: &str, position: usize) -> String {
    let before = text.get(..position).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("{line}:{column}")
}
