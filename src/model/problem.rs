//! What is wrong with a property value, in words.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value as Json;

use super::format::expected;
use super::json::{shortened, shown};
use super::limits;
use crate::error::{Error, did_you_mean};

/// One problem with its place.
#[derive(Debug)]
pub(super) struct Problem {
    path: String,
    message: String,
    help: Option<String>,
}

impl Problem {
    pub(super) fn new(path: String, message: impl Into<String>, help: Option<String>) -> Self {
        Self {
            path,
            message: message.into(),
            help,
        }
    }

    /// A problem that the validator found in a value that lies at `path`.
    pub(super) fn of(error: &ValidationError<'_>, path: &str) -> Self {
        let path = format!("{path}{}", error.instance_path());
        Self::new(path, message(error), suggestion(error))
    }
}

/// One error that lists the problems; its path and help are those of the first.
pub(super) fn error_of(problems: Vec<Problem>) -> Option<Error> {
    let count = problems.len();
    let mut problems = problems.into_iter();
    let first = problems.next()?;
    let mut parts = vec![first.message];
    let others = problems.take(limits::LISTED_PROBLEMS - 1);
    parts.extend(others.map(|other| format!("`{}`: {}", other.path, other.message)));
    if count > limits::LISTED_PROBLEMS {
        parts.push(format!("and {} more", count - limits::LISTED_PROBLEMS));
    }
    let error = Error::invalid(parts.join("; ")).with_path(first.path);
    Some(match first.help {
        Some(help) => error.with_help(help),
        None => error,
    })
}

/// What was expected, and what was there.
fn message(error: &ValidationError<'_>) -> String {
    let instance = error.instance();
    match wanted(error.kind()) {
        Some(wanted) => format!("expected {wanted}, got {}", shown(instance)),
        None => bare_message(error),
    }
}

/// What a keyword wants, where that can be said in a few words.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rare rest is described elsewhere"
)]
fn wanted(kind: &Kind) -> Option<String> {
    let count = |limit: u64, least: &str, what: &str| {
        Some(format!(
            "{least} {limit} {what}{}",
            if limit == 1 { "" } else { "s" }
        ))
    };
    match kind {
        Kind::Type { kind } => Some(types(kind)),
        Kind::Enum { options } => Some(one_of(options)),
        Kind::Constant { expected_value } => Some(shown(expected_value)),
        Kind::Format { format } => Some(expected(format)),
        Kind::Pattern { pattern } => Some(format!("a match of `{}`", shortened(pattern))),
        Kind::Minimum { limit } => Some(format!("at least {limit}")),
        Kind::Maximum { limit } => Some(format!("at most {limit}")),
        Kind::ExclusiveMinimum { limit } => Some(format!("more than {limit}")),
        Kind::ExclusiveMaximum { limit } => Some(format!("less than {limit}")),
        Kind::MultipleOf { multiple_of } => Some(format!("a multiple of {multiple_of}")),
        Kind::MinLength { limit } => count(*limit, "at least", "character"),
        Kind::MaxLength { limit } => count(*limit, "at most", "character"),
        Kind::MinItems { limit } => count(*limit, "at least", "element"),
        Kind::MaxItems { limit } => count(*limit, "at most", "element"),
        Kind::AdditionalItems { limit } => count(
            u64::try_from(*limit).unwrap_or(u64::MAX),
            "at most",
            "element",
        ),
        Kind::MinProperties { limit } => count(*limit, "at least", "key"),
        Kind::MaxProperties { limit } => count(*limit, "at most", "key"),
        _ => None,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rare rest is said by the validator"
)]
fn bare_message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Required { property } => match property.as_str() {
            Some(name) => format!("missing `{}`", shortened(name)),
            None => "a required key is missing".to_owned(),
        },
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unexpected: Vec<String> = unexpected.iter().map(|key| shortened(key)).collect();
            format!("unknown key `{}`", unexpected.join("`, `"))
        }
        Kind::FalseSchema => format!("{} is not allowed here", shown(error.instance())),
        Kind::UniqueItems => "an element is listed twice".to_owned(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => {
            format!("{} fits none of the alternatives", shown(error.instance()))
        }
        _ => error.masked_with("the value").to_string(),
    }
}

fn types(kind: &TypeKind) -> String {
    let described = |name: &str| match name {
        "string" => "a string".to_owned(),
        "number" => "a number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        "integer" => "a whole number".to_owned(),
        other => other.to_owned(),
    };
    match kind {
        TypeKind::Single(kind) => described(kind.as_str()),
        TypeKind::Multiple(kinds) => {
            let kinds: Vec<String> = kinds.iter().map(|kind| described(kind.as_str())).collect();
            kinds.join(" or ")
        }
    }
}

fn one_of(options: &Json) -> String {
    const LISTED: usize = 10;
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    let text = |option: &Json| match option.as_str() {
        Some(text) => format!("`{}`", shortened(text)),
        None => shown(option),
    };
    let listed: Vec<String> = options.iter().take(LISTED).map(text).collect();
    let more = match options.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match listed.as_slice() {
        [one] => one.clone(),
        _ => format!("one of {}{more}", listed.join(", ")),
    }
}

/// The listed value that a mistyped one is near to.
fn suggestion(error: &ValidationError<'_>) -> Option<String> {
    let Kind::Enum { options } = error.kind() else {
        return None;
    };
    let wrong = error.instance().as_str()?;
    did_you_mean(wrong, options.as_array()?.iter().filter_map(Json::as_str))
}
