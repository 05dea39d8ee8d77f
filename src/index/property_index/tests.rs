//! The property index against a scan of all values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::value::{Duration, Instant, Level};

type Rows = BTreeMap<u32, Value>;

fn scalar() -> impl Strategy<Value = Value> {
    let float = prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-0.0),
        (-6..6i32).prop_map(|n| f64::from(n) / 2.0),
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-3..3i64).prop_map(Value::Int),
        Just(Value::Int(i64::MAX)),
        float.prop_map(Value::Float),
        "[ab]{0,3}".prop_map(Value::from),
        (-2..2i64).prop_map(|at| Value::from(Instant(at))),
        (0..2i32, 0..3i64).prop_map(|(months, micros)| Duration::new(months, micros).into()),
        (0..3u16, "[ab]").prop_map(|(rank, title)| Level {
            rank,
            title: title.into()
        }
        .into()),
        (0..2u32).prop_map(|id| Value::Entity(EntityId(id))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            prop::collection::btree_map("[ab]".prop_map(Arc::from), inner, 0..2)
                .prop_map(|fields| Value::Map(Arc::new(fields))),
        ]
    })
}

fn bound() -> impl Strategy<Value = Bound<Value>> {
    prop_oneof![
        value().prop_map(Bound::Included),
        value().prop_map(Bound::Excluded),
        Just(Bound::Unbounded),
    ]
}

fn parts(value: &Value) -> &[Value] {
    if let Value::List(elements) = value {
        elements
    } else {
        std::slice::from_ref(value)
    }
}

fn scan(rows: &Rows, mut wanted: impl FnMut(&Value) -> bool) -> RoaringBitmap {
    let mut any = |value: &Value| parts(value).iter().any(&mut wanted);
    rows.iter()
        .filter(|(_, value)| any(value))
        .map(|(id, _)| *id)
        .collect()
}

/// The naive form of every question that an index answers.
fn check(index: &PropertyIndex, rows: &Rows, probe: &Value) -> Result<(), TestCaseError> {
    let found = index
        .equal(probe)
        .map(Postings::to_bitmap)
        .unwrap_or_default();
    let expected = scan(rows, |value| {
        value == probe && equal(value, probe) == Some(true)
    });
    prop_assert_eq!(found, expected);
    let empty_list = |value: &Value| matches!(value, Value::List(list) if list.is_empty());
    let present = rows
        .iter()
        .filter(|(_, value)| !value.is_null() && !empty_list(value));
    prop_assert!(
        index
            .present()
            .iter()
            .map(|id| id.0)
            .eq(present.map(|(id, _)| *id))
    );

    let mut entries: BTreeMap<&Value, BTreeSet<u32>> = BTreeMap::new();
    for (id, value) in rows {
        for element in parts(value).iter().filter(|element| !element.is_null()) {
            entries.entry(element).or_default().insert(*id);
        }
    }
    prop_assert_eq!(index.distinct(), entries.len());
    let ids = |postings: &Postings| postings.iter().map(|id| id.0).collect::<BTreeSet<u32>>();
    let found: Vec<_> = index
        .iter()
        .map(|(value, postings)| (value, ids(postings)))
        .collect();
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(value, ids)| (value.clone(), ids))
        .collect();
    prop_assert_eq!(&found, &entries);
    let found: Vec<_> = index
        .iter()
        .rev()
        .map(|(value, postings)| (value, ids(postings)))
        .collect();
    prop_assert!(found.into_iter().eq(entries.into_iter().rev()));
    Ok(())
}

fn check_range(
    index: &PropertyIndex,
    rows: &Rows,
    from: &Bound<Value>,
    to: &Bound<Value>,
) -> Result<(), TestCaseError> {
    let kind = |bound: Bound<&Value>| match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value.kind()),
        Bound::Unbounded => None,
    };
    let (from, to) = (from.as_ref(), to.as_ref());
    let found = index.range(from, to);
    if (from, to) == (Bound::Unbounded, Bound::Unbounded) {
        prop_assert_eq!(found, index.present().to_bitmap());
        return Ok(());
    }
    let expected = scan(rows, |value| {
        let same = |bound| kind(bound).is_none_or(|kind| kind == value.kind());
        let below = |low: &Value, high: &Value, or_equal: bool| {
            compare(low, high).is_some_and(|order| order.is_lt() || or_equal && order.is_eq())
        };
        let above_from = match from {
            Bound::Included(from) => below(from, value, true),
            Bound::Excluded(from) => below(from, value, false),
            Bound::Unbounded => true,
        };
        let below_to = match to {
            Bound::Included(to) => below(value, to, true),
            Bound::Excluded(to) => below(value, to, false),
            Bound::Unbounded => true,
        };
        same(from) && same(to) && above_from && below_to
    });
    prop_assert_eq!(found, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn answers_like_a_scan(
        steps in prop::collection::vec((0..40u32, value(), any::<bool>()), 0..120),
        probes in prop::collection::vec(value(), 4),
        bounds in prop::collection::vec((bound(), bound()), 6),
        prefix in "[ab]{0,2}",
    ) {
        let (mut index, mut rows) = (PropertyIndex::default(), Rows::new());
        let mut before = None;
        for (at, (id, value, in_one)) in steps.iter().enumerate() {
            if at == steps.len() / 2 {
                before = Some((index.clone(), rows.clone()));
            }
            let old = rows.insert(*id, value.clone()).unwrap_or_default();
            if *in_one {
                index.replace(&old, value, EntityId(*id));
            } else {
                index.replace(&old, &Value::Null, EntityId(*id));
                index.replace(&Value::Null, value, EntityId(*id));
            }
        }
        let from_rows = PropertyIndex::from_rows(rows.iter().map(|(id, v)| (v, EntityId(*id))));
        let entries = index.iter().map(|(value, ids)| (value.clone(), ids.clone()));
        let from_entries = PropertyIndex::from_entries(entries, &index.present().to_bitmap());
        prop_assert!(from_entries.is_some());
        let from_entries = from_entries.unwrap_or_default();
        let all = [(from_rows, rows.clone()), (from_entries, rows.clone()), (index, rows)];
        for (index, rows) in all.iter().chain(&before) {
            for probe in &probes {
                check(index, rows, probe)?;
            }
            for (from, to) in &bounds {
                check_range(index, rows, from, to)?;
                check_range(index, rows, from, &Bound::Unbounded)?;
                check_range(index, rows, &Bound::Unbounded, to)?;
            }
            let starts = |value: &Value| value.as_str().is_some_and(|text| text.starts_with(&prefix));
            prop_assert_eq!(index.prefix(&prefix), scan(rows, starts));
        }
    }

    /// Ranges over many values of one kind, so that they span leaves and all bounds hit.
    #[test]
    fn ranges_of_numbers_answer_like_a_scan(
        numbers in prop::collection::vec(-500..500i32, 0..1_500),
        low in -520..520i32,
        high in -520..520i32,
    ) {
        let half = |n: i32| if n % 2 == 0 {
            Value::Int(i64::from(n / 2))
        } else {
            Value::Float(f64::from(n) / 2.0)
        };
        let rows: Rows = (0..).zip(numbers).map(|(id, n)| (id, half(n))).collect();
        let index = PropertyIndex::from_rows(rows.iter().map(|(id, v)| (v, EntityId(*id))));
        let (low, high) = (half(low), half(high));
        let bounds = |value: &Value| {
            [Bound::Included(value.clone()), Bound::Excluded(value.clone()), Bound::Unbounded]
        };
        for from in bounds(&low) {
            for to in bounds(&high) {
                check_range(&index, &rows, &from, &to)?;
            }
        }
    }
}

#[test]
fn only_ascending_entries_make_an_index() {
    let index = |values: &[Value]| {
        let entries = values.iter().map(|value| {
            let ids = Postings::from_sorted(&[EntityId(1)]);
            (value.clone(), ids)
        });
        PropertyIndex::from_entries(entries, &RoaringBitmap::from_iter([1])).is_some()
    };
    let [one, two] = [1, 2].map(Value::Int);
    assert!(index(&[]) && index(&[one.clone(), two.clone()]));
    for wrong in [
        [two, one.clone()],
        [one.clone(), one.clone()],
        [one.clone(), Value::Float(1.0)],
        [one, Value::Null],
    ] {
        assert!(!index(&wrong), "{wrong:?}");
    }
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    let mut index = PropertyIndex::default();
    index.replace(&Value::Null, &Value::from("a"), EntityId(1));
    index.replace(&Value::from("b"), &Value::Null, EntityId(1));
    index.replace(&Value::from("a"), &Value::Null, EntityId(2));
    assert_eq!(
        (
            index.distinct(),
            index.equal(&Value::from("a")).map(Postings::len)
        ),
        (1, Some(1))
    );
}
