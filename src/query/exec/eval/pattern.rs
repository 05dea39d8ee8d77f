//! `LIKE`, `ILIKE` and `=~`: text patterns, compiled once per query, matched in linear time.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::error::{Error, Result};

/// How large one compiled pattern may be in memory.
const SIZE_LIMIT: usize = 1 << 20;
/// How many compiled patterns a query keeps; patterns may come from data, one per row.
const KEPT: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Like,
    LikeIgnoreCase,
    Regex,
}

/// The patterns that a query has used, the latest last.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    known: Vec<(Syntax, Arc<str>, Regex)>,
}

impl Patterns {
    /// Whether the whole text matches the pattern.
    pub(super) fn is_match(
        &mut self,
        syntax: Syntax,
        pattern: &Arc<str>,
        text: &str,
    ) -> Result<bool> {
        let same = |(kind, known, _): &(Syntax, Arc<str>, Regex)| {
            *kind == syntax && (Arc::ptr_eq(known, pattern) || known == pattern)
        };
        if let Some((.., regex)) = self.known.iter().rev().find(|known| same(known)) {
            return Ok(regex.is_match(text));
        }
        let regex = compile(syntax, pattern)?;
        let matched = regex.is_match(text);
        if self.known.len() >= KEPT {
            self.known.remove(0);
        }
        self.known.push((syntax, Arc::clone(pattern), regex));
        Ok(matched)
    }
}

fn compile(syntax: Syntax, pattern: &str) -> Result<Regex> {
    let text = match syntax {
        Syntax::Regex => format!(r"\A(?:{pattern})\z"),
        Syntax::Like | Syntax::LikeIgnoreCase => like(pattern),
    };
    let mut builder = RegexBuilder::new(&text);
    builder.size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT);
    builder.case_insensitive(syntax == Syntax::LikeIgnoreCase);
    builder.dot_matches_new_line(syntax != Syntax::Regex);
    builder.build().map_err(|error| {
        if let regex::Error::CompiledTooBig(_) = error {
            let message = format!("the pattern needs more than {SIZE_LIMIT} bytes when compiled");
            return Error::new(crate::error::ErrorKind::Limit, message)
                .with_help("this limit is fixed: use shorter repetitions");
        }
        // The crate's message shows the pattern over several lines; its last says what is wrong.
        let detail = error.to_string();
        let detail = detail
            .lines()
            .last()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        Error::invalid(format!("`{pattern}` is not a pattern: {detail}"))
    })
}

/// `LIKE` as a regular expression: `%` any text, `_` any character, `\` takes the next as it is.
fn like(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + 8);
    text.push_str(r"\A");
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '%' => {
                text.push_str(".*");
                continue;
            }
            '_' => {
                text.push('.');
                continue;
            }
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        };
        text.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4])));
    }
    text.push_str(r"\z");
    text
}
