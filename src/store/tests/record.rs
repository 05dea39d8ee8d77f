//! Entity records: what is written comes back, and nothing else is taken for a record.

use std::sync::Arc;

use proptest::prelude::*;

use super::made;
use crate::error::ErrorKind;
use crate::store::Entity;
use crate::store::value_codec::MAX_DEPTH;
use crate::store::value_codec::{decode_value, encode_value};
use crate::value::{EntityId, NameId, Value};

/// Whether two values are the same to the bit: `=` holds -0.0 and 0.0, 1 and 1.0 for equal.
fn same(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

fn nested(depth: u32) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::list([inner]))
}

#[test]
fn the_edges_of_every_kind_of_value_come_back() {
    let map = Value::Map(Arc::new([(Arc::from(""), Value::Null)].into()));
    let values = [
        Value::Null,
        Value::from(0),
        Value::from(i64::MIN),
        Value::from(i64::MAX),
        Value::from(0.0),
        Value::from(-0.0),
        Value::from(f64::NAN),
        Value::from(1.0),
        Value::from(""),
        Value::list([]),
        Value::list([Value::Null, Value::from(""), Value::list([]), map.clone()]),
        map,
        Value::Map(Arc::default()),
    ];
    for value in values {
        let back = decode_value(&encode_value(&value).unwrap()).unwrap();
        assert!(same(&back, &value), "{back:?} is not {value:?}");
    }
}

#[test]
fn nesting_is_bounded_both_ways() {
    let deepest = nested(MAX_DEPTH);
    let bytes = encode_value(&deepest).unwrap();
    assert_eq!(decode_value(&bytes).unwrap(), deepest);
    let deeper = encode_value(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(deeper.kind(), ErrorKind::Limit);
    // A list of one list, one level more than may be written: tag, length, then what was there.
    let mut wrapped = vec![bytes[0], bytes[0]];
    let mut length = bytes.len() - 1;
    while length >= 0x80 {
        wrapped.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    wrapped.push(u8::try_from(length).unwrap());
    wrapped.extend_from_slice(&bytes[1..]);
    let error = decode_value(&wrapped).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.message().contains("nested deeper"), "{error}");
}

#[test]
fn a_body_beyond_64_kib_uses_the_wide_table() {
    let mut record = made::entity(1, 2);
    record.properties = vec![
        (NameId(1), Value::string("a".repeat(70_000))),
        (NameId(20_000), Value::from(true)),
    ];
    let bytes = record.encode().unwrap();
    assert_eq!(bytes[1], 1);
    assert_eq!(Entity::decode(record.id, &bytes).unwrap(), record);
}

#[test]
fn a_record_of_another_version_is_refused_by_name() {
    let mut bytes = made::entity(1, 2).encode().unwrap();
    bytes[0] = 2;
    let error = Entity::decode(EntityId(1), &bytes).unwrap_err();
    assert_eq!(
        error.message(),
        "a record has version 2, and this release reads version 1"
    );
}

#[test]
fn a_record_without_a_required_field_is_refused() {
    // Version 1, narrow, no fields.
    assert!(Entity::decode(EntityId(1), &[1, 0, 0, 0]).is_err());
}

proptest! {
    #[test]
    fn values_come_back(value in made::value()) {
        let back = decode_value(&encode_value(&value).unwrap()).unwrap();
        prop_assert!(same(&back, &value), "{:?} is not {:?}", back, value);
    }

    #[test]
    fn records_come_back(record in made::record()) {
        let bytes = record.encode().unwrap();
        let back = Entity::decode(record.id, &bytes).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{record:?}"));
        // The bytes are a function of the record.
        prop_assert_eq!(back.encode().unwrap(), bytes);
    }

    #[test]
    fn a_record_cut_short_is_refused(record in made::record(), at: prop::sample::Index) {
        let bytes = record.encode().unwrap();
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(Entity::decode(record.id, cut).is_err());
    }

    #[test]
    fn a_longer_record_is_refused(record in made::record(), more in 0..=255_u8) {
        let mut bytes = record.encode().unwrap();
        bytes.push(more);
        prop_assert!(Entity::decode(record.id, &bytes).is_err());
    }

    #[test]
    fn a_flipped_bit_gives_an_error_or_a_valid_record(record in made::record(), at: prop::sample::Index) {
        let mut bytes = record.encode().unwrap();
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Entity::decode(record.id, &bytes) {
            let again = Entity::decode(other.id, &other.encode().unwrap()).unwrap();
            prop_assert_eq!(format!("{again:?}"), format!("{other:?}"));
        }
    }

    #[test]
    fn any_bytes_give_an_error_or_a_record(mut bytes: Vec<u8>, version: bool) {
        if let (true, Some(first)) = (version, bytes.first_mut()) {
            *first = 1;
        }
        drop(Entity::decode(EntityId(0), &bytes));
        drop(decode_value(&bytes));
    }
}

#[test]
fn offsets_and_days_come_back_and_cost_nothing_where_there_are_none() {
    use crate::value::{Date, Duration, Instant, Offset};
    let instant = Instant(1_700_000_000_000_000);
    let length = |value: &Value| encode_value(value).unwrap().len();
    let shown = Value::Instant(instant, Offset::parse("+05:30").unwrap());
    let written = Duration::from_parts(1, -14, 3_600_000_000).unwrap();
    let plain = Duration::new(1, written.micros);
    for (value, text) in [
        (shown.clone(), "2023-11-15T03:43:20+05:30"),
        (Value::Date(Date(19_675)), "2023-11-14"),
        (Value::Date(Date(i32::MIN)), "-2147483648d"),
        (Value::Duration(written), "P1M-14DT1H"),
        (Value::Duration(plain), "P1M-13DT-23H"),
    ] {
        let back = decode_value(&encode_value(&value).unwrap()).unwrap();
        assert_eq!(
            (back.kind(), back.time_text().as_deref()),
            (value.kind(), Some(text))
        );
    }
    assert!(length(&instant.into()) < length(&shown));
    assert!(length(&Value::Duration(plain)) < length(&Value::Duration(written)));
}
