//! Formats: a value as text of base 64, a URI, CSV, HTML or a shell word.

use super::super::argument::any;
use super::text::push;
use super::{Context, Function, document, list_of, row, text_of, wrong};
use crate::error::{Error, Result};
use crate::value::Value;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_base64", 1, |_, arguments| escaped(arguments, base64)),
    row("jq_from_base64", 1, from_base64),
    row("jq_uri", 1, |_, arguments| escaped(arguments, uri)),
    row("jq_html", 1, |_, arguments| escaped(arguments, html)),
    row("jq_shell", 1, shell),
    row("jq_csv", 1, |_, arguments| {
        cells(arguments, ",", |text| {
            format!("\"{}\"", text.replace('"', "\"\""))
        })
    }),
    row("jq_tsv", 1, |_, arguments| {
        cells(arguments, "\t", tab_separated)
    }),
];

fn escaped(arguments: &[Value], escape: fn(&str) -> String) -> Result<Value> {
    let mut text = String::new();
    push(&mut text, &escape(&document::text(any(arguments, 0))?))?;
    Ok(Value::string(text))
}

/// The character of six bits.
fn digit(bits: u32) -> char {
    let at = usize::try_from(bits & 63).unwrap_or(0);
    ALPHABET.get(at).copied().map_or('=', char::from)
}

fn base64(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let filled = at <= chunk.len();
            encoded.push(if filled { digit(bits >> shift) } else { '=' });
        }
    }
    encoded
}

/// Padding may be left out; what is no UTF-8 becomes U+FFFD.
fn from_base64(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let text = document::text(any(arguments, 0))?;
    let wrong = || Error::invalid("not a text in base 64");
    let digits = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(digits.len());
    for chunk in digits.chunks(4) {
        let mut bits = 0_u32;
        for at in 0..4 {
            let sextet = match chunk.get(at) {
                None => 0,
                Some(byte) => ALPHABET
                    .iter()
                    .position(|known| known == byte)
                    .ok_or_else(wrong)?,
            };
            bits = bits << 6 | u32::try_from(sextet).unwrap_or(0);
        }
        let [_, all @ ..] = bits.to_be_bytes();
        bytes.extend(all.iter().take(chunk.len() - 1));
        if chunk.len() == 1 {
            return Err(wrong());
        }
    }
    Ok(Value::string(String::from_utf8_lossy(&bytes).into_owned()))
}

fn uri(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                escaped.push(digit.to_ascii_uppercase());
            }
        }
    }
    escaped
}

fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\'' => escaped.push_str("&#39;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A shell word, or those of an array.
fn shell(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let value = any(arguments, 0);
    let values = match value {
        Value::List(values) => values,
        _ => std::slice::from_ref(value),
    };
    let mut line = String::new();
    for (at, value) in values.iter().enumerate() {
        push(&mut line, if at == 0 { "" } else { " " })?;
        match value {
            Value::String(text) => {
                push(&mut line, &format!("'{}'", text.replace('\'', "'\\''")))?;
            }
            Value::List(_) | Value::Map(_) => return Err(wrong("a single value", value)),
            other => push(&mut line, &document::json(other)?)?,
        }
    }
    Ok(Value::string(line))
}

fn tab_separated(text: &str) -> String {
    let escapes = [('\\', "\\\\"), ('\t', "\\t"), ('\n', "\\n"), ('\r', "\\r")];
    let escapes = escapes.into_iter();
    escapes.fold(text.to_owned(), |text, (character, escape)| {
        text.replace(character, escape)
    })
}

fn cells(arguments: &[Value], separator: &str, quoted: fn(&str) -> String) -> Result<Value> {
    let mut line = String::new();
    for (at, value) in list_of(any(arguments, 0))?.iter().enumerate() {
        push(&mut line, if at == 0 { "" } else { separator })?;
        match value {
            Value::Null => {}
            Value::String(_) => push(&mut line, &quoted(text_of(value)?))?,
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                push(&mut line, &document::json(value)?)?;
            }
            other => return Err(wrong("single values in a row", other)),
        }
    }
    Ok(Value::string(line))
}
