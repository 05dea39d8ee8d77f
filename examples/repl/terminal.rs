//! What the shell knows of the terminal: whether there is one, colours, the error stream.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Writes a failure to the error stream; one that cannot be told is dropped.
pub(crate) fn complain(failure: &impl Display) {
    let mut stream = io::stderr().lock();
    let (begin, end) = if colours(&io::stderr()) {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    let failure = harmless(&failure.to_string());
    drop(writeln!(stream, "{begin}error{end}: {failure}"));
}

/// Writes a remark that is not part of the answer to the error stream.
pub(crate) fn remark(text: &impl Display) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Whether a stream shows colours: see <https://no-color.org>.
pub(crate) fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A text without the characters that steer a terminal, so that no value can.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, '\n' | '\t') || !steers(*c))
        .collect()
}

/// Whether a character makes a terminal do something: control characters, and those that turn
/// the direction of the text behind them.
pub(crate) fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_steer_the_terminal() {
        let text = "a\n\tb\r\u{1b}[31m\u{9b}2J\u{7}\u{7f}\u{202e}é";
        assert_eq!(harmless(text), "a\n\tb[31m2Jé");
    }
}
