//! A hand-written lexer that never fails: the pre-scan, error messages, highlighting and completion read
//! its tokens, also those of an unfinished text.

use crate::error::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword or a name.
    Word,
    /// A name in backticks.
    Quoted,
    String,
    /// A number or a duration.
    Number,
    /// `$name`; also a meta name after a dot.
    Parameter,
    Comment,
    /// `(`, `[` or `{`
    Open,
    /// `)`, `]` or `}`
    Close,
    Symbol,
}

/// A token; white space is between tokens. Tokens cover everything that is not white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
    /// False for a string, quoted name or block comment that the text ends in.
    pub(super) closed: bool,
}

impl Token {
    pub(super) fn text(self, text: &str) -> &str {
        slice(text, self.span)
    }

    /// Whether this is the given symbol or bracket.
    pub(super) fn is(self, text: &str, symbol: &str) -> bool {
        matches!(
            self.kind,
            TokenKind::Symbol | TokenKind::Open | TokenKind::Close
        ) && self.text(text) == symbol
    }

    /// Whether this is the given keyword, in any case.
    pub(super) fn is_word(self, text: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(text).eq_ignore_ascii_case(word)
    }
}

/// The text under a span; empty where the span is not one of this text.
pub(super) fn slice(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or("")
}

/// Symbols of more than one character; no two of them start each other.
const LONG_SYMBOLS: [&str; 9] = ["<=", ">=", "<>", "!=", "=~", "==", "||", "&&", ".."];

/// All tokens of a text, comments included. O(length).
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, position: 0 };
    let mut tokens = Vec::with_capacity(text.len() / 4);
    while let Some(token) = lexer.next_token() {
        tokens.push(token);
    }
    tokens
}

struct Lexer<'t> {
    text: &'t str,
    position: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.position..).unwrap_or("")
    }

    fn next_token(&mut self) -> Option<Token> {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start_matches(is_space).len();
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '\'' | '"' => (TokenKind::String, string_length(rest, first)),
            '`' => (TokenKind::Quoted, quoted_length(rest)),
            '$' => (TokenKind::Parameter, parameter_length(rest)),
            '(' | '[' | '{' => (TokenKind::Open, Some(1)),
            ')' | ']' | '}' => (TokenKind::Close, Some(1)),
            '/' if rest.starts_with("//") => (
                TokenKind::Comment,
                rest.find(['\n', '\r']).or(Some(rest.len())),
            ),
            '/' if rest.starts_with("/*") => (
                TokenKind::Comment,
                rest.find("*/").map(|end| end + 2).filter(|end| *end >= 4),
            ),
            '0'..='9' => (TokenKind::Number, Some(number_length(rest))),
            '.' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => (
                TokenKind::Number,
                Some(1 + number_length(rest.get(1..).unwrap_or(""))),
            ),
            _ if is_word(first) => (TokenKind::Word, Some(word_length(rest))),
            _ => (TokenKind::Symbol, Some(symbol_length(rest, first))),
        };
        let start = self.position;
        self.position += length.unwrap_or(rest.len());
        Some(Token {
            kind,
            span: Span::new(start, self.position),
            closed: length.is_some(),
        })
    }
}

/// White space as the grammar's `WHITESPACE` has it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c) || c == '\u{feff}'
}

/// Close to `XID_CONTINUE`; where they differ pest finds the error.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || (!c.is_ascii() && !is_space(c))
}

fn word_length(rest: &str) -> usize {
    rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

/// A quote is escaped by a backslash, or by doubling it.
fn string_length(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

fn quoted_length(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '`' && chars.next_if(|(_, next)| *next == '`').is_none() {
            return Some(at + 1);
        }
    }
    None
}

fn parameter_length(rest: &str) -> Option<usize> {
    let name = rest.get(1..).unwrap_or("");
    let length = if name.starts_with('`') {
        quoted_length(name)?
    } else {
        word_length(name)
    };
    Some(1 + length)
}

/// `12`, `0xFF`, `1.5e-3`, `1h30m`; of `1..3` only the `1`.
fn number_length(rest: &str) -> usize {
    let mut length = word_length(rest);
    let fraction = rest
        .get(length..)
        .and_then(|tail| tail.strip_prefix('.'))
        .unwrap_or("");
    if fraction.starts_with(|c: char| c.is_ascii_digit()) {
        length += 1 + word_length(fraction);
    }
    let whole = rest.get(..length).unwrap_or("");
    let tail = rest.get(length..).unwrap_or("");
    let exponent = whole.ends_with(['e', 'E']) && !whole.starts_with("0x");
    match tail.strip_prefix(['+', '-']) {
        Some(digits) if exponent && digits.starts_with(|c: char| c.is_ascii_digit()) => {
            length + 1 + word_length(digits)
        }
        _ => length,
    }
}

fn symbol_length(rest: &str, first: char) -> usize {
    let long = LONG_SYMBOLS
        .iter()
        .find(|symbol| rest.starts_with(**symbol));
    long.map_or(first.len_utf8(), |symbol| symbol.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(TokenKind, &str)> {
        tokens(text)
            .into_iter()
            .map(|token| (token.kind, token.text(text)))
            .collect()
    }

    #[test]
    fn every_kind_of_token_is_cut_where_it_ends() {
        use TokenKind::{Close, Comment, Number, Open, Parameter, Quoted, String, Symbol, Word};
        let table: [(&str, &[(TokenKind, &str)]); 11] = [
            (
                "a1 _b naïve",
                &[(Word, "a1"), (Word, "_b"), (Word, "naïve")],
            ),
            ("`a``b`c", &[(Quoted, "`a``b`"), (Word, "c")]),
            (
                r"'it''s' 'a\'b'",
                &[(String, "'it''s'"), (String, r"'a\'b'")],
            ),
            (
                "[1..3]",
                &[
                    (Open, "["),
                    (Number, "1"),
                    (Symbol, ".."),
                    (Number, "3"),
                    (Close, "]"),
                ],
            ),
            (
                "1.5e-3-1",
                &[(Number, "1.5e-3"), (Symbol, "-"), (Number, "1")],
            ),
            ("0xE-1", &[(Number, "0xE"), (Symbol, "-"), (Number, "1")]),
            ("1h30m .5", &[(Number, "1h30m"), (Number, ".5")]),
            (
                "$p.$id",
                &[(Parameter, "$p"), (Symbol, "."), (Parameter, "$id")],
            ),
            ("$`a b`", &[(Parameter, "$`a b`")]),
            (
                "a//b\nc/*d*/e",
                &[
                    (Word, "a"),
                    (Comment, "//b"),
                    (Word, "c"),
                    (Comment, "/*d*/"),
                    (Word, "e"),
                ],
            ),
            (
                "<=<->||",
                &[
                    (Symbol, "<="),
                    (Symbol, "<"),
                    (Symbol, "-"),
                    (Symbol, ">"),
                    (Symbol, "||"),
                ],
            ),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_the_text_ends_in_is_marked_as_unclosed() {
        for text in ["'abc", "\"a\\\"", "`a", "$`a", "/* a", "/*/", "'a''"] {
            let tokens = tokens(text);
            assert_eq!(tokens.len(), 1, "{text}");
            assert!(
                tokens
                    .iter()
                    .all(|token| !token.closed && token.span.end == text.len()),
                "{text}"
            );
        }
    }
}
