//! docs/format.md says what the code does: constants and whole examples, byte by byte.

use super::made;
use crate::store::fields::RECORD_VERSION;
use crate::store::image_pages::IMAGE_VERSION;
use crate::store::log_record::LOG_VERSION;
use crate::store::packed::PACKED_VERSION;
use crate::store::tables::{FORMAT_VERSION, MAGIC};
use crate::store::value_codec::MAX_DEPTH;
use crate::store::{LevelChange, LogRecord, RuleChange};
use crate::value::{EntityId, ScorecardId};

const DOCUMENT: &str = include_str!("../../../docs/format.md");

/// The bytes of the fenced block under a heading, written as hexadecimal with `;` comments.
fn example(heading: &str) -> Vec<u8> {
    let block = DOCUMENT
        .split_once(heading)
        .unwrap()
        .1
        .split("```")
        .nth(1)
        .unwrap();
    let lines = block
        .lines()
        .skip(1)
        .map(|line| line.split(';').next().unwrap());
    let bytes = lines.flat_map(str::split_whitespace);
    bytes
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

#[test]
fn the_documented_constants_are_the_real_ones() {
    let constants = [
        ("format version", u64::from(FORMAT_VERSION)),
        ("record version", u64::from(RECORD_VERSION)),
        ("log record version", u64::from(LOG_VERSION)),
        ("packed version", u64::from(PACKED_VERSION)),
        ("image version", u64::from(IMAGE_VERSION)),
        ("deepest nesting", u64::from(MAX_DEPTH)),
    ];
    for (name, value) in constants {
        let row = format!("| {name} | {value} |");
        assert!(DOCUMENT.contains(&row), "{row} is not in docs/format.md");
    }
    assert!(DOCUMENT.contains(&format!("| magic | `{}` |", str::from_utf8(MAGIC).unwrap())));
}

#[test]
fn the_documented_record_is_the_real_one() {
    assert_eq!(
        example("### Example of a record"),
        made::entity(6, 14).encode().unwrap()
    );
}

#[test]
fn the_documented_packed_entity_is_the_real_one() {
    assert_eq!(
        example("### Example of a packed entity"),
        made::packed(&made::entity(6, 14))
    );
}

#[test]
fn the_documented_log_record_is_the_real_one() {
    let mut model = made::Model::default();
    model.apply(model.next(&[]));
    let mut record = model.next(&[6]);
    record.changes[0].before = Some(made::entity(6, 7).into());
    record.changes[0].after = Some(made::entity(6, 14).into());
    record.levels = vec![LevelChange {
        scorecard: ScorecardId(1),
        entity: EntityId(6),
        from: Some(0),
        to: Some(2),
    }];
    record.rules = [(6, Some(false)), (9, None)]
        .map(|(entity, from)| RuleChange {
            scorecard: ScorecardId(1),
            entity: EntityId(entity),
            rule: 2,
            from,
            to: Some(true),
        })
        .into();
    assert_eq!(
        example("### Example of a log record"),
        record.encode().unwrap()
    );
    assert_eq!(
        LogRecord::decode(&example("### Example of a log record")).unwrap(),
        record
    );
}
