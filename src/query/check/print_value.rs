//! Constants and names back to text, quoted where they have to be.

use crate::value::Value;

/// A constant.
pub(super) fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(whole) => out.push_str(&whole.to_string()),
        Value::Float(number) => {
            // The debug form keeps the fraction or exponent that tells a float from a whole number.
            let text = format!("{number:?}");
            out.push_str(&text);
        }
        Value::String(text) => string(out, text),
        Value::Level(level) => string(out, &level.title),
        Value::Instant(instant, offset) => {
            out.push_str("DATETIME ");
            string(out, &instant.text_at(*offset));
        }
        Value::Date(date) => {
            out.push_str("DATE ");
            string(out, &date.to_string());
        }
        Value::Duration(duration) => {
            out.push_str("DURATION ");
            string(out, &duration.to_string());
        }
        Value::List(values) => {
            out.push('[');
            for (at, value) in values.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_value(out, value);
            }
            out.push(']');
        }
        Value::Map(fields) => {
            out.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_name(out, name);
                out.push_str(": ");
                write_value(out, value);
            }
            out.push('}');
        }
        // No text denotes an entity; no tree holds one.
        Value::Entity(id) => out.push_str(&id.0.to_string()),
        Value::Relation(_) | Value::Path(_) => out.push_str(&value.to_string()),
    }
}

fn string(out: &mut String, text: &str) {
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let code = format!("\\u{:04x}", u32::from(c));
                out.push_str(&code);
            }
            c => out.push(c),
        }
    }
    out.push('\'');
}

const RESERVED: [&str; 26] = [
    "and", "as", "between", "case", "contains", "distinct", "else", "ends", "false", "in", "is",
    "match", "not", "null", "optional", "or", "return", "starts", "then", "true", "union",
    "unwind", "when", "where", "with", "xor",
];

/// Whether a character may stand in a name or parameter without quotes.
pub(super) const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| is_word(c) && !c.is_ascii_digit()) && text.chars().all(is_word)
}

/// A variable; quoted where it could be taken for a keyword.
pub(super) fn write_variable(out: &mut String, text: &str) {
    let reserved = RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text));
    if reserved {
        quote(out, text);
    } else {
        write_name(out, text);
    }
}

/// A property, label or key, where every word may stand.
pub(super) fn write_name(out: &mut String, text: &str) {
    let bare = text.strip_prefix('$').unwrap_or(text);
    if is_identifier(bare) {
        out.push_str(text);
    } else {
        quote(out, text);
    }
}

/// A name in backticks.
pub(super) fn quote(out: &mut String, text: &str) {
    out.push('`');
    out.push_str(&text.replace('`', "``"));
    out.push('`');
}
