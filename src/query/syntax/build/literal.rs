//! Literals: numbers, durations, dates, instants and strings.

use super::super::grammar::Pair;
use super::super::token::slice;
use super::{Builder, Children};
use crate::error::{Error, Result, Span};
use crate::value::{Date, Duration, Instant, Value};

const UNITS: &str =
    "the units of durations are ms, s, m, h, d, w, mo and y, as in `90d` or `1h30m`";

/// A whole number that may stand behind a minus: `-9223372036854775808` is one number, but its digits
/// alone are out of range.
pub(super) fn integer(pair: &Pair<'_>, negative: bool) -> Result<Value> {
    let written = pair.as_str();
    let digits = written.replace('_', "").to_ascii_lowercase();
    let sign = if negative { "-" } else { "" };
    let parsed = match digits.get(..2) {
        Some("0x") => i64::from_str_radix(&format!("{sign}{}", digits.get(2..).unwrap_or("")), 16),
        Some("0o") => i64::from_str_radix(&format!("{sign}{}", digits.get(2..).unwrap_or("")), 8),
        _ => format!("{sign}{digits}").parse(),
    };
    parsed.map(Value::Int).map_err(|_| {
        let message = format!("the whole number `{sign}{written}` is out of range");
        Error::syntax(message, place(pair))
            .with_help("whole numbers have 64 bits; write `1e30` for a larger number")
    })
}

pub(super) fn float(pair: &Pair<'_>) -> Result<Value> {
    let written = pair.as_str();
    match written.replace('_', "").parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Value::Float(number)),
        _ => Err(Error::syntax(
            format!("the number `{written}` is out of range"),
            place(pair),
        )),
    }
}

pub(super) fn duration(pair: &Pair<'_>) -> Result<Value> {
    let written = pair.as_str();
    Duration::parse(written)
        .map(Value::Duration)
        .ok_or_else(|| {
            Error::syntax(
                format!("the duration `{written}` is out of range"),
                place(pair),
            )
        })
}

/// What starts like a number and is none.
pub(super) fn bad_number(pair: &Pair<'_>) -> Error {
    let written = pair.as_str();
    let help = if written.contains(|c: char| c.is_alphabetic()) && !written.starts_with("0x") {
        UNITS
    } else {
        "numbers are written like 12, 1_000, 0xFF, 0o17, 1.5 or 1e-3"
    };
    Error::syntax(format!("`{written}` is not a number"), place(pair)).with_help(help)
}

fn place(pair: &Pair<'_>) -> Span {
    Span::new(pair.as_span().start(), pair.as_span().end())
}

impl Builder<'_> {
    pub(super) fn string(&self, pair: &Pair<'_>) -> Result<Value> {
        let span = self.span(pair);
        Ok(Value::string(unescape(slice(self.text, span), span.start)?))
    }

    /// `DATE '..'`, `DATETIME '..'`, `TIMESTAMP '..'`, `DURATION '..'`
    pub(super) fn typed_literal(&self, pair: Pair<'_>) -> Result<Value> {
        let mut children = Children::of(pair);
        let keyword = children.next()?.as_str().to_ascii_uppercase();
        let string = children.next()?;
        let span = self.span(&string);
        let text = unescape(slice(self.text, span), span.start)?;
        let (value, help) = match keyword.as_str() {
            "DURATION" => (
                Duration::parse_iso(&text)
                    .or_else(|| Duration::parse(&text))
                    .map(Value::Duration),
                "write it as in `P1Y2M`, `PT36H` or `90d`",
            ),
            "DATE" => (
                Date::parse(&text).map(Value::Date),
                "write it as in `2026-11-23`",
            ),
            _ => (
                date_time(&text),
                "write it as in `2026-11-23T10:00:00Z`, with `Z` or an offset such as `+02:00`",
            ),
        };
        value.ok_or_else(|| {
            let what = if keyword == "TIMESTAMP" {
                "DATETIME"
            } else {
                keyword.as_str()
            };
            let message = format!("`{text}` is not a {}", what.to_ascii_lowercase());
            Error::syntax(message, span).with_help(help)
        })
    }
}

fn date_time(text: &str) -> Option<Value> {
    if let Some((instant, offset)) = Instant::parse_iso(text) {
        return Some(Value::Instant(instant, offset));
    }
    let instant = Instant::parse(text).filter(|_| has_offset(text));
    instant.map(Value::from)
}

/// Whether a date-time says which offset its time of day has; a plain date needs none.
fn has_offset(text: &str) -> bool {
    match text.find(['T', 't', ' ']).and_then(|at| text.get(at + 1..)) {
        Some(time) => time.contains(['Z', 'z', '+', '-', '[']),
        None => true,
    }
}

/// The text of a string literal with its quotes, which starts at `start` of the whole text.
pub(super) fn unescape(written: &str, start: usize) -> Result<String> {
    let mut chars = written.char_indices().peekable();
    let quote = chars.next().map_or('\'', |(_, quote)| quote);
    let mut text = String::with_capacity(written.len());
    let mut surrogate = None;
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.next_if(|(_, next)| *next == quote).is_some() {
                text.push(quote);
            }
            continue;
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        let kind = chars.next().map_or('\\', |(_, kind)| kind);
        if !matches!(kind, 'u' | 'U') {
            text.push(simple_escape(kind).ok_or_else(|| unknown_escape(kind, start + at))?);
            continue;
        }
        let most = if kind == 'u' { 4 } else { 8 };
        let mut digits = String::new();
        while digits.len() < most
            && let Some((_, digit)) = chars.next_if(|(_, c)| c.is_ascii_hexdigit())
        {
            digits.push(digit);
        }
        let span = Span::new(start + at, start + at + 2 + digits.len());
        let code = u32::from_str_radix(&digits, 16)
            .ok()
            .filter(|_| digits.len() >= most.min(6));
        let code = code.ok_or_else(|| bad_escape(most, span))?;
        let more = written.get(at + 2 + digits.len()..).unwrap_or("");
        match (surrogate.take(), char::from_u32(code)) {
            (None, Some(c)) => text.push(c),
            (None, None) if is_high(code) && more.starts_with("\\u") => surrogate = Some(code),
            (Some(high), None) if (0xDC00..0xE000).contains(&code) => {
                let joined = 0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00);
                text.push(char::from_u32(joined).ok_or_else(|| no_character(span))?);
            }
            _ => return Err(no_character(span)),
        }
    }
    Ok(text)
}

/// The first half of a surrogate pair, which the second half must follow at once.
fn is_high(code: u32) -> bool {
    (0xD800..0xDC00).contains(&code)
}

fn simple_escape(kind: char) -> Option<char> {
    Some(match kind {
        '\\' | '\'' | '"' | '`' | '/' => kind,
        'b' | 'B' => '\u{8}',
        'f' | 'F' => '\u{c}',
        'n' | 'N' => '\n',
        'r' | 'R' => '\r',
        't' | 'T' => '\t',
        _ => return None,
    })
}

fn unknown_escape(kind: char, at: usize) -> Error {
    let span = Span::new(at, at + 1 + kind.len_utf8());
    Error::syntax(format!("unknown escape `\\{kind}` in a string"), span)
        .with_help("a backslash itself is written `\\\\`")
}

fn bad_escape(digits: usize, span: Span) -> Error {
    let digits = if digits == 4 { "4" } else { "6 to 8" };
    Error::syntax(
        format!("this escape needs {digits} hexadecimal digits"),
        span,
    )
}

fn no_character(span: Span) -> Error {
    Error::syntax("this escape is not a character", span)
        .with_help("characters beyond `\\uFFFF` are written as a pair such as `\\uD83D\\uDE80`, or as `\\U0001F680`")
}
