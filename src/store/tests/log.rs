//! Log records: what is written comes back, and damage is always noticed.

use std::sync::Arc;

use proptest::prelude::*;

use super::made;
use crate::error::ErrorKind;
use crate::store::{Change, LogRecord};
use crate::value::{NameId, Value};

#[test]
fn an_update_stores_only_what_changed_twice() {
    let mut before = made::entity(1, 6);
    before.properties = (0..40)
        .map(|n| (NameId(n), Value::string("text of a property")))
        .collect();
    let mut after = before.clone();
    after.properties[7].1 = Value::from(7);
    let size = |change: Change| {
        let mut record = made::Model::default().next(&[]);
        record.changes = vec![change];
        record.encode().unwrap().len()
    };
    let id = before.id;
    let (before, after) = (Arc::new(before), Arc::new(after));
    let created = size(Change {
        id,
        before: None,
        after: Some(Arc::clone(&after)),
    });
    let updated = size(Change {
        id,
        before: Some(before),
        after: Some(after),
    });
    let grown = updated - created;
    assert!(
        grown < 40,
        "the earlier image of one property took {grown} bytes"
    );
}

#[test]
fn a_change_without_images_is_refused() {
    let mut record = made::Model::default().next(&[1]);
    record.changes[0].after = None;
    assert_eq!(record.encode().unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn a_record_of_another_version_is_refused_by_name() {
    let mut bytes = made::Model::default().next(&[1]).encode().unwrap();
    let end = bytes.len() - 4;
    bytes[0] = 9;
    let checksum = crc32fast::hash(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    let error = LogRecord::decode(&bytes).unwrap_err();
    assert_eq!(
        error.message(),
        "the record has version 9, and this release reads version 1"
    );
}

proptest! {
    #[test]
    fn log_records_come_back(record in made::log_record()) {
        let bytes = record.encode().unwrap();
        let back = LogRecord::decode(&bytes).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{record:?}"));
        prop_assert_eq!(back.encode().unwrap(), bytes);
    }

    #[test]
    fn a_log_record_cut_short_or_flipped_is_refused(record in made::log_record(), at: prop::sample::Index) {
        let mut bytes = record.encode().unwrap();
        prop_assert!(LogRecord::decode(&bytes[..at.index(bytes.len())]).is_err());
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(LogRecord::decode(&bytes).is_err());
    }

    #[test]
    fn damage_under_a_right_checksum_gives_an_error_or_a_record(record in made::log_record(), at: prop::sample::Index) {
        let mut bytes = record.encode().unwrap();
        let end = bytes.len() - 4;
        let bit = at.index(end * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let checksum = crc32fast::hash(&bytes[..end]).to_le_bytes();
        bytes[end..].copy_from_slice(&checksum);
        drop(LogRecord::decode(&bytes));
    }
}
