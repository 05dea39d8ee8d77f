//! The look at the text before jaq sees it: single quotes become double ones, and its length and
//! depth are bounded, because jaq recurses.

use crate::error::{Error, ErrorKind, Result, Span};

/// The most bytes of a text.
const MAX_TEXT: usize = 32 * 1024;
/// How deep a tree jaq may build: operators that may stand within each other, and brackets, each of
/// which counts for [`BRACKET`]. What is let through fits a stack of 2 MiB, without optimisation too.
const MAX_DEPTH: usize = 160;
const BRACKET: usize = 3;
/// How many `elif` may follow each other.
const MAX_ARMS: usize = 400;

/// A text that jaq may parse, with where backslashes were put in.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) text: String,
    /// The places of bytes that the text as written does not have, in order.
    added: Vec<usize>,
}

impl Scanned {
    /// The place in the text as written.
    pub(super) fn original(&self, place: usize) -> usize {
        let added = self.added.partition_point(|added| *added < place);
        place.saturating_sub(added)
    }
}

/// Reads the text as Port does, which takes single quotes for quotes too.
///
/// # Errors
/// `Limit` where it is too long or may nest too deep.
pub(super) fn scan(text: &str) -> Result<Scanned> {
    if text.len() > MAX_TEXT {
        let message = format!("the text has {} bytes, the limit is {MAX_TEXT}", text.len());
        let span = Span::new(text.floor_char_boundary(MAX_TEXT), text.len());
        return Err(Error::new(ErrorKind::Limit, message).with_span(span));
    }
    let mut scan = Scan {
        rest: text,
        length: text.len(),
        to: Scanned {
            text: String::with_capacity(text.len()),
            added: Vec::new(),
        },
        open: vec![Level::default()],
    };
    while !scan.rest.is_empty() {
        scan.token()?;
    }
    Ok(scan.to)
}

/// What is around a place.
#[derive(Debug, Default)]
struct Level {
    /// The quote of the string that goes on after this bracket, where it is an interpolation.
    within: Option<char>,
    /// How many operators may stand around the place within this bracket.
    operators: usize,
    /// How many `elif` came within this `if`.
    arms: usize,
    /// Whether commas here only separate fields.
    fields: bool,
}

struct Scan<'t> {
    rest: &'t str,
    length: usize,
    to: Scanned,
    open: Vec<Level>,
}

impl Scan<'_> {
    fn token(&mut self) -> Result<()> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(());
        };
        match first {
            '"' | '\'' => {
                self.replace_quote();
                return self.string(first);
            }
            '#' => {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.copy(end);
            }
            '(' | '[' | '{' => {
                self.copy(1);
                return self.enter(Level {
                    fields: first == '{',
                    ..Level::default()
                });
            }
            ')' | ']' | '}' => {
                self.copy(1);
                if let Some(quote) = self.leave() {
                    return self.string(quote);
                }
            }
            ',' if self.open.last().is_some_and(|level| level.fields) => {
                self.copy(1);
                self.restart();
            }
            ';' => {
                self.copy(1);
                self.restart();
            }
            '.' | '@' | '$' | 'a'..='z' | 'A'..='Z' | '_' | '0'..='9' => return self.word(),
            ',' => {
                self.copy(1);
                return self.operator();
            }
            '|' | '+' | '-' | '*' | '/' | '%' | '=' | '<' | '>' | '!' => {
                let goes_on = |c: char| "|+*/%=<>!".contains(c);
                let more = self.rest.get(1..).unwrap_or_default();
                let more = more.find(|c| !goes_on(c)).unwrap_or(more.len());
                self.copy(1 + more);
                return self.operator();
            }
            other => self.copy(other.len_utf8()),
        }
        Ok(())
    }

    fn copy(&mut self, length: usize) {
        let (copied, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.to.text.push_str(copied);
        self.rest = rest;
    }

    fn replace_quote(&mut self) {
        self.to.text.push('"');
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    /// The rest of a string, up to its end or its next interpolation.
    fn string(&mut self, quote: char) -> Result<()> {
        while let Some(next) = self.rest.chars().next() {
            match next {
                '\\' if self.rest.starts_with("\\(") => {
                    self.copy(2);
                    return self.enter(Level {
                        within: Some(quote),
                        ..Level::default()
                    });
                }
                '\\' => {
                    let escaped = self.rest.chars().nth(1).map_or(0, char::len_utf8);
                    self.copy(1 + escaped);
                }
                end if end == quote => {
                    self.replace_quote();
                    return Ok(());
                }
                '"' => {
                    self.to.added.push(self.to.text.len());
                    self.to.text.push('\\');
                    self.copy(1);
                }
                other => self.copy(other.len_utf8()),
            }
        }
        Ok(())
    }

    fn word(&mut self) -> Result<()> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@' | '$');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let word = self.rest.get(..end).unwrap_or_default();
        match word {
            "if" => {
                self.copy(end);
                self.enter(Level::default())
            }
            "elif" => {
                self.copy(end);
                self.restart();
                let arms = self.open.last_mut().map_or(0, |level| {
                    level.arms += 1;
                    level.arms
                });
                if arms > MAX_ARMS {
                    return Err(self.too_deep(&format!("more than {MAX_ARMS} `elif`")));
                }
                Ok(())
            }
            "then" | "else" => {
                self.copy(end);
                self.restart();
                Ok(())
            }
            "end" => {
                self.copy(end);
                // Where no `if` is open jaq has the better message.
                self.leave();
                Ok(())
            }
            "and" | "or" | "as" | "def" | "reduce" | "foreach" | "try" | "catch" | "label" => {
                self.copy(end);
                self.operator()
            }
            _ => {
                self.copy(end);
                Ok(())
            }
        }
    }

    fn enter(&mut self, level: Level) -> Result<()> {
        self.open.push(level);
        self.bounded()
    }

    /// Leaves a bracket; gives the quote of the string that goes on after it.
    fn leave(&mut self) -> Option<char> {
        if self.open.len() > 1 {
            return self.open.pop()?.within;
        }
        None
    }

    fn restart(&mut self) {
        if let Some(level) = self.open.last_mut() {
            level.operators = 0;
        }
    }

    fn operator(&mut self) -> Result<()> {
        if let Some(level) = self.open.last_mut() {
            level.operators += 1;
        }
        self.bounded()
    }

    fn bounded(&self) -> Result<()> {
        let operators: usize = self.open.iter().map(|level| level.operators).sum();
        if operators + self.open.len() * BRACKET <= MAX_DEPTH + BRACKET {
            return Ok(());
        }
        Err(self.too_deep("operators and brackets that nest too deep"))
    }

    fn too_deep(&self, message: &str) -> Error {
        let at = self.length - self.rest.len();
        Error::new(ErrorKind::Limit, message)
            .with_span(Span::new(at.saturating_sub(1), at))
            .with_help("this limit is fixed: split the calculation in several")
    }
}

#[cfg(test)]
mod tests {
    use super::scan;

    fn scanned(text: &str) -> String {
        scan(text).map_or_else(|error| error.to_string(), |scanned| scanned.text)
    }

    #[test]
    fn single_quotes_become_double_ones_outside_strings() {
        assert_eq!(scanned(".a == 'x y'"), r#".a == "x y""#);
        assert_eq!(scanned(".properties.'x-y'"), r#".properties."x-y""#);
        assert_eq!(
            scanned("\"it's\" + 'a \"b\"'"),
            "\"it's\" + \"a \\\"b\\\"\""
        );
        assert_eq!(scanned(r"'\('a')b'"), r#""\("a")b""#);
        assert_eq!(
            scanned(r#""\({a: "'"})'" # don't"#),
            r#""\({a: "'"})'" # don't"#
        );
        let scanned = scan("'a\"b' + c").map(|scanned| scanned.original(9));
        assert_eq!(scanned.ok(), Some(8));
    }

    #[test]
    fn depth_is_what_stands_within_each_other() {
        let refused = |text: &str| scan(text).is_err();
        assert!(refused(&"[".repeat(200)));
        assert!(refused(&"-".repeat(200)));
        assert!(refused(&"1|".repeat(200)));
        assert!(refused(&"\"\\(".repeat(200)));
        assert!(refused(&"if 1 then ".repeat(200)));
        assert!(!refused(&"if 1 == 1 then 2 + 3 else 4 end ".repeat(100)));
        assert!(!refused(&format!(
            "if . then 1 {}end",
            "elif . == 2 then 3 ".repeat(300)
        )));
        assert!(!refused(&format!("{{{}}}", "a: 1 + 2, ".repeat(300))));
        assert!(refused(&format!("[{}]", "1, ".repeat(300))));
        assert!(refused(&format!(
            "if 1 then 2 {}end",
            "elif 1 then 2 ".repeat(401)
        )));
        assert!(refused(&" ".repeat(40_000)));
    }
}
