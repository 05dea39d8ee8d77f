//! What is wrong with an export is said with its line, and what to do.

use super::import;
use super::page::example;
use crate::error::ErrorKind;
use crate::value::Instant;

/// A part of the example, what stands in its place, and what is said of it.
const WRONG: [(&str, &str, ErrorKind, &str); 27] = [
    (
        "{\"portolan\":\"export\"",
        "{\"portolan\":\"backup\"",
        ErrorKind::Invalid,
        "line 1: this is not the header of an export",
    ),
    (
        "{\"portolan\":",
        "[",
        ErrorKind::Invalid,
        "line 1: this is not the header of an export",
    ),
    (
        "\"version\":1",
        "\"version\":2",
        ErrorKind::Unsupported,
        "line 1: a newer release wrote this export",
    ),
    (
        "\"version\":1",
        "\"version\":0",
        ErrorKind::Invalid,
        "line 1: no release ever wrote",
    ),
    (
        "\"version\":1",
        "\"version\":\"1\"",
        ErrorKind::Invalid,
        "line 1: `/version`: expected a whole number",
    ),
    (
        "\"seq\":1",
        "\"seqq\":1",
        ErrorKind::Invalid,
        "line 1: `/seqq`: unknown key `seqq`",
    ),
    (
        "\"entities\":3",
        "\"entities\":4",
        ErrorKind::Invalid,
        "line 7: the export ends after 3 entities, but its header says 4",
    ),
    (
        "\"blueprints\":2",
        "\"blueprints\":1",
        ErrorKind::Invalid,
        "line 7: the export ends after 2 blueprints",
    ),
    (
        "{\"blueprint\":{\"identifier\":\"team\"",
        "{\"blueprint\":{\"identifier\":7",
        ErrorKind::Invalid,
        "line 3: `/identifier`",
    ),
    (
        "{\"blueprint\":{\"identifier\":\"team\"",
        "{\"blueprint\":{\"identifier\":\"service\"",
        ErrorKind::Invalid,
        "line 3: blueprint `service` stands on line 2 already",
    ),
    (
        "\"target\":\"team\"",
        "\"target\":\"tea\"",
        ErrorKind::Invalid,
        "the model of lines 2 to 4: ",
    ),
    (
        "tier <= 2",
        "tier <= ",
        ErrorKind::Syntax,
        "1:8: the model of lines 2 to 4",
    ),
    (
        "{\"scorecard\":",
        "{\"scorecrd\":",
        ErrorKind::Invalid,
        "line 4: an export has no line of kind `scorecrd`",
    ),
    (
        "\"title\":\"Ready\"}}",
        "\"title\":\"Ready\"}",
        ErrorKind::Invalid,
        "line 4: not JSON",
    ),
    (
        "{\"scorecard\":{",
        "{\"x\":1,\"scorecard\":{",
        ErrorKind::Invalid,
        "line 4: a line is an object with one key",
    ),
    (
        "{\"entity\":{\"blueprint\":\"team\"",
        "{\"entity\":{\"blueprint\":\"tem\"",
        ErrorKind::NotFound,
        "line 7: there is no blueprint `tem`",
    ),
    (
        "\"identifier\":\"cart\",\"title\"",
        "\"title\"",
        ErrorKind::Invalid,
        "line 5: `/identifier`: an entity needs an `identifier`",
    ),
    (
        "\"identifier\":\"mail\",\"properties\"",
        "\"identifier\":\"cart\",\"properties\"",
        ErrorKind::Invalid,
        "line 6: the entity of line 5 once more",
    ),
    (
        "\"tier\":2.5",
        "\"tier\":\"high\"",
        ErrorKind::Invalid,
        "line 6: service `mail`: `/properties/tier`",
    ),
    (
        "\"tier\":2.5",
        "\"tear\":2.5",
        ErrorKind::Invalid,
        "line 6: service `mail`: `/properties/te",
    ),
    (
        "\"team\":[\"payments\"]",
        "\"team\":\"payments\"",
        ErrorKind::Invalid,
        "line 5: `/team`: must be a list of teams",
    ),
    (
        "\"icon\":\"Cart\"",
        "\"icon\":1",
        ErrorKind::Invalid,
        "line 5: service `cart`: `/icon`",
    ),
    (
        "\"icon\":\"Cart\"",
        "\"icons\":\"Cart\"",
        ErrorKind::Invalid,
        "line 5: service `cart`: `/icons`: an entity has no key `icons`",
    ),
    (
        "\"updatedBy\":\"bob\"",
        "\"updatedBy\":null",
        ErrorKind::Invalid,
        "line 6: `/updatedBy`: expected a string",
    ),
    (
        "\"createdAt\":\"2025-02-01T00:00:00Z\"",
        "\"createdAt\":\"yesterday\"",
        ErrorKind::Invalid,
        "line 6: `/createdAt`: expected a point in time",
    ),
    (
        "\"identifier\":\"mail\"}",
        "\"identifier\":\"male\"}",
        ErrorKind::Invalid,
        "line 5: service `cart`: `/relations/about`",
    ),
    (
        "],\"owner\":\"payments\"},\"createdAt\":\"2025-02",
        "]},\"createdAt\":\"2025-02",
        ErrorKind::Invalid,
        "line 6: service `mail`: `/relations/owner`: relation `owner` is required",
    ),
];

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let lines = example();
    for (part, instead, kind, message) in WRONG {
        assert!(lines.contains(part), "{part} is not in the example");
        let error = import(&lines.replacen(part, instead, 1), Instant(0)).unwrap_err();
        assert_eq!(error.kind(), kind, "{instead}: {error:#}");
        assert!(
            error.to_string().starts_with(message),
            "{instead}: {error:#}"
        );
    }
}

/// Every beginning of an export that is not the whole is refused, wherever it ends.
#[test]
fn an_export_that_was_cut_short_is_refused() {
    let lines = example();
    for end in (0..lines.len()).filter(|end| lines.is_char_boundary(*end)) {
        // Only the end of the last line may be missing.
        let whole = end + 1 == lines.len();
        let outcome = import(&lines[..end], Instant(0));
        assert_eq!(outcome.is_ok(), whole, "cut at byte {end}");
        if let Err(error) = outcome {
            assert!(
                error.to_string().starts_with("line "),
                "cut at {end}: {error}"
            );
            assert!(
                error.help().is_some() || error.path().is_some(),
                "cut at {end}: {error}"
            );
        }
    }
}

#[test]
fn the_model_comes_before_the_entities() {
    let lines = example();
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.swap(3, 4);
    let error = import(&lines.join("\n"), Instant(0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 5: a blueprint or scorecard after an entity"
    );
}
