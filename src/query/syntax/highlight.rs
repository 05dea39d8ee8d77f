//! What each part of a text is, for colouring; any text will do, also an unfinished one.

use super::token::{Token, TokenKind, tokens};
use super::words;
use crate::error::Span;

/// What a part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// A word of the language.
    Keyword,
    /// A variable or an alias.
    Name,
    /// A property, relation or meta property after a dot, or the key of a map.
    Property,
    /// A blueprint or relation in a pattern.
    Label,
    /// A function or aggregate.
    Function,
    /// A text in quotes.
    String,
    /// A number or a duration.
    Number,
    /// A `$parameter`.
    Parameter,
    /// A comment.
    Comment,
    /// A sign that computes, compares or draws an arrow.
    Operator,
}

/// The parts of a text in order; brackets, commas and white space are in none. O(length).
#[must_use]
pub fn highlight(text: &str) -> Vec<(Span, Class)> {
    let all = tokens(text);
    let mut painter = Painter {
        text,
        open: Vec::new(),
        previous: None,
        after_label: false,
    };
    let mut parts = Vec::with_capacity(all.len());
    for (index, token) in all.iter().enumerate() {
        if token.kind == TokenKind::Comment {
            parts.push((token.span, Class::Comment));
            continue;
        }
        let rest = all.get(index + 1..).unwrap_or(&[]);
        let next = rest.iter().find(|token| token.kind != TokenKind::Comment);
        let class = painter.class(*token, next.copied());
        painter.after_label = class == Some(Class::Label)
            || (painter.after_label
                && ["|", "&", ":", "!"]
                    .into_iter()
                    .any(|symbol| token.is(text, symbol)));
        painter.previous = Some(*token);
        parts.extend(class.map(|class| (token.span, class)));
    }
    parts
}

struct Painter<'t> {
    text: &'t str,
    open: Vec<Token>,
    previous: Option<Token>,
    /// Whether the last tokens were a label and signs that join labels.
    after_label: bool,
}

impl Painter<'_> {
    fn class(&mut self, token: Token, next: Option<Token>) -> Option<Class> {
        match token.kind {
            TokenKind::Comment => Some(Class::Comment),
            TokenKind::String => Some(Class::String),
            TokenKind::Number => Some(Class::Number),
            TokenKind::Parameter => Some(if self.follows(".") || self.is_key(next) {
                Class::Property
            } else {
                Class::Parameter
            }),
            TokenKind::Open => {
                self.open.push(token);
                None
            }
            TokenKind::Close => {
                self.open.pop();
                None
            }
            TokenKind::Symbol => {
                let punctuation = matches!(token.text(self.text), "," | ";" | "." | ":");
                (!punctuation).then_some(Class::Operator)
            }
            TokenKind::Word | TokenKind::Quoted => Some(self.word(token, next)),
        }
    }

    fn word(&self, token: Token, next: Option<Token>) -> Class {
        if self.follows(".") || self.is_key(next) {
            return Class::Property;
        }
        if self.is_label() {
            return Class::Label;
        }
        let word = token.text(self.text);
        let before = |symbol: &str| next.is_some_and(|next| next.is(self.text, symbol));
        if token.kind == TokenKind::Word && words::is_keyword(word) {
            // Most keywords are names too; what follows tells.
            let reserved = words::is_reserved(word);
            let called = before("(") && words::is_function_too(word);
            let named = before(".") || before("=");
            return match (called, named) {
                (true, _) if !reserved => Class::Function,
                (_, true) if !reserved => Class::Name,
                _ => Class::Keyword,
            };
        }
        let typed = ["date", "datetime", "timestamp", "duration"];
        if next.is_some_and(|next| next.kind == TokenKind::String)
            && typed.iter().any(|kind| kind.eq_ignore_ascii_case(word))
        {
            return Class::Keyword;
        }
        if before("(") || (before("{") && words::is_aggregate(word)) {
            Class::Function
        } else {
            Class::Name
        }
    }

    fn follows(&self, symbol: &str) -> bool {
        self.previous
            .is_some_and(|previous| previous.is(self.text, symbol))
    }

    fn in_braces(&self) -> bool {
        self.open.last().is_some_and(|open| open.is(self.text, "{"))
    }

    /// Whether the word is followed by the colon of a map.
    fn is_key(&self, next: Option<Token>) -> bool {
        self.in_braces()
            && (self.follows("{") || self.follows(","))
            && next.is_some_and(|next| next.is(self.text, ":"))
    }

    fn is_label(&self) -> bool {
        let joined = ["|", "&", ":", "!"]
            .into_iter()
            .any(|symbol| self.follows(symbol));
        (self.follows(":") && !self.in_braces()) || (self.after_label && joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a letter under each painted character.
    fn painted(text: &str) -> String {
        let mut line = vec![b' '; text.len()];
        for (span, class) in highlight(text) {
            let letter = match class {
                Class::Keyword => b'K',
                Class::Name => b'N',
                Class::Property => b'P',
                Class::Label => b'L',
                Class::Function => b'F',
                Class::String => b'S',
                Class::Number => b'#',
                Class::Parameter => b'$',
                Class::Comment => b'C',
                Class::Operator => b'O',
            };
            line.iter_mut()
                .take(span.end)
                .skip(span.start)
                .for_each(|place| *place = letter);
        }
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    #[test]
    fn every_part_has_its_class() {
        let table = [
            (
                "MATCH (s:service {$identifier: $id})-[r:owner|lead]->(t) // who",
                "KKKKK  N LLLLLLL  PPPPPPPPPPP  $$$  O N LLLLLOLLLL OO N  CCCCCC",
            ),
            (
                "RETURN s.limit, count(*) FILTER (WHERE s.a >= 30d) AS n ORDER BY n",
                "KKKKKK N PPPPP  FFFFF O  KKKKKK  KKKKK N P OO ###  KK N KKKKK KK N",
            ),
            (
                "DATE '2026-01-01' < d AND NOT x:a&!b LIMIT 1",
                "KKKK SSSSSSSSSSSS O N KKK KKK N LOOL KKKKK #",
            ),
            ("limit.a = order", "NNNNN P O KKKKK"),
            ("SUM { (a)-->(b) | b.x }", "FFF    N OOO N  O N P"),
            ("'unfinished", "SSSSSSSSSSS"),
            ("a /* open", "N CCCCCCC"),
        ];
        for (text, expected) in table {
            assert_eq!(painted(text), expected, "\n{text}");
        }
    }
}
