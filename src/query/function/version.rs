//! Semantic versions as values that compare as versions do.

use super::argument::{or_null, text};
use super::{Context, Function, function};
use crate::error::Result;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[function(
    "semver",
    (1, 1),
    "semver(string) -> list",
    "A version such as `1.2.3-rc.1` as a list that compares as versions do; null where it is none.",
    semver,
)];

fn semver(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let text = or_null!(text(arguments, 0));
    Ok(version(text).map(Value::list).into())
}

/// The numbers of a version, then 1 for a release, or 0 and the identifiers of a pre-release. By
/// the precedence of Semantic Versioning 2.0.0, section 11: what stands behind a `+` does not
/// count. A `v` in front may stand, and numbers left out at the end are 0.
fn version(text: &str) -> Option<Vec<Value>> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, build) = text.split_once('+').unwrap_or((text, "0"));
    if !build.split('.').all(is_identifier) {
        return None;
    }
    let (core, pre) = match text.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (text, None),
    };
    let mut numbers: Vec<i64> = core.split('.').map(number).collect::<Option<_>>()?;
    if numbers.len() > 3 {
        return None;
    }
    numbers.resize(3, 0);
    numbers.push(i64::from(pre.is_none()));
    let mut version: Vec<Value> = numbers.into_iter().map(Value::Int).collect();
    for identifier in pre.into_iter().flat_map(|pre| pre.split('.')) {
        if !is_identifier(identifier) {
            return None;
        }
        // Numbers come before words.
        version.push(Value::list(match number(identifier) {
            Some(number) => [Value::Int(0), Value::Int(number)],
            None => [Value::Int(1), Value::from(identifier)],
        }));
    }
    Some(version)
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
}

fn number(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use std::cmp::Ordering;

    use super::*;
    use crate::value::{compare, equal};

    fn value(text: &str) -> Value {
        Value::list(version(text).unwrap())
    }

    #[test]
    fn versions_are_in_the_order_of_their_precedence() {
        let ascending = [
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2",
            "1.10.0",
            "2",
        ];
        for (at, lower) in ascending.iter().enumerate() {
            for higher in ascending.iter().skip(at + 1) {
                let order = compare(&value(lower), &value(higher));
                assert_eq!(order, Some(Ordering::Less), "{lower} {higher}");
            }
        }
        assert_eq!(equal(&value("v1.2.0+build.5"), &value("1.2")), Some(true));
    }

    #[test]
    fn what_is_no_version_is_null() {
        for text in [
            "",
            "v",
            "1.",
            "1.2.3.4",
            "1.x",
            "latest",
            "1.0-",
            "1.0-a..b",
            "1.0+",
            "-1",
            "99999999999999999999",
        ] {
            assert_eq!(version(text), None, "{text}");
        }
    }
}
