//! The checks behind formats, and the options that every schema is compiled with.

use std::sync::OnceLock;

use jsonschema::{Draft, PatternOptions, ValidationOptions, Validator};
use serde_json::{Value as Json, json};

use super::limits;
use crate::value::Instant;

/// The draft whose keywords definitions may use.
const DRAFT: Draft = Draft::Draft201909;

/// What a value of each checked format looks like, as a message says it.
const EXPECTED: [(&str, &str); 7] = [
    (
        "date-time",
        "a date-time with an offset such as `2025-01-31T12:00:00Z`, or a date",
    ),
    (
        "timer",
        "a date-time with an offset such as `2025-01-31T12:00:00Z`, or a date",
    ),
    ("url", "a url such as `https://example.com/`"),
    ("email", "a mail address"),
    ("idn-email", "a mail address"),
    ("ipv4", "an IPv4 address"),
    ("ipv6", "an IPv6 address"),
];

/// What a value of a format looks like, as a message says it.
pub(super) fn expected(format: &str) -> String {
    let known = EXPECTED.iter().find(|(name, _)| *name == format);
    known.map_or_else(
        || format!("a value of format `{format}`"),
        |(_, text)| (*text).to_owned(),
    )
}

/// The options of every schema: no reference leaves the document whatever features the host turned
/// on, formats are checked, patterns run in linear time within a size limit.
pub(super) fn options() -> &'static ValidationOptions<'static> {
    static OPTIONS: OnceLock<ValidationOptions<'static>> = OnceLock::new();
    OPTIONS.get_or_init(|| {
        let patterns = PatternOptions::regex()
            .size_limit(limits::PATTERN_BYTES)
            .dfa_size_limit(limits::PATTERN_BYTES);
        jsonschema::options()
            .with_draft(DRAFT)
            .offline()
            .with_pattern_options(patterns)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .with_format("date-time", is_instant)
            .with_format("timer", is_instant)
            .with_format("url", is_url)
            .with_format("idn-email", is_idn_email)
    })
}

/// The schema of a text with one of the checked formats and no other rule. Most properties with a
/// rule are such, so they share one validator for each format.
pub(super) fn shared(schema: &Json) -> Option<&'static Validator> {
    static SHARED: OnceLock<Vec<(Json, Validator)>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        let schemas = EXPECTED.map(|(name, _)| json!({"type": "string", "format": name}));
        let built = schemas
            .into_iter()
            .map(|schema| Some((options().build(&schema).ok()?, schema)));
        built
            .flatten()
            .map(|(validator, schema)| (schema, validator))
            .collect()
    });
    shared
        .iter()
        .find(|(known, _)| known == schema)
        .map(|(_, validator)| validator)
}

/// Whether JSON Schema itself knows a format.
pub(super) fn is_standard(name: &str) -> bool {
    options().is_known_format(DRAFT, name)
}

/// What the engine can read as a point in time, so that no stored value lacks one.
fn is_instant(text: &str) -> bool {
    Instant::parse(text).is_some()
}

/// A scheme and something after it (RFC 3986, section 3), without ASCII spaces and control
/// characters. Characters from U+00A0 on pass, as in an IRI (RFC 3987): people paste what their
/// browser shows.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut scheme = scheme.chars();
    scheme
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && scheme.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.trim_start_matches('/').is_empty()
        && !rest.chars().any(|c| c == ' ' || c.is_control())
}

/// Something on both sides of the last `@`, without spaces: what RFC 6531 leaves to the mail
/// systems is not decided here.
fn is_idn_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    !local.is_empty()
        && domain.split('.').all(label)
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}
