//! The index of one property of one blueprint: equality, range, prefix, presence and order.

use std::ops::Bound;

use roaring::RoaringBitmap;
use smallvec::SmallVec;

use super::Postings;
use super::key::Key;
use crate::cow::SortedMap;
use crate::value::{EntityId, Value, compare, equal};

/// Value → entities, in the global order of values.
///
/// Date-times are kept as instants. A list has an entry for every distinct element that is not
/// null, and the list itself has none; an empty list is like no value. `1` and `1.0` are one
/// entry under whichever was there first. What the language converts in a comparison (a text
/// compared with an instant or a level) is converted by the caller, who knows the property.
#[derive(Clone, Debug, Default)]
pub(crate) struct PropertyIndex {
    /// No set is empty.
    values: SortedMap<Key, Postings>,
    present: Postings,
}

/// What has entries: the elements of a list, or the value itself.
fn elements(value: &Value) -> &[Value] {
    if let Value::List(elements) = value {
        elements
    } else if value.is_null() {
        &[]
    } else {
        std::slice::from_ref(value)
    }
}

/// The distinct keys that a value has entries under, ascending.
fn keys(value: &Value) -> SmallVec<[&Value; 4]> {
    let elements = elements(value).iter().filter(|element| !element.is_null());
    let mut keys: SmallVec<[&Value; 4]> = elements.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What two values must have in common to be comparable at all, by the rules of [`compare`]:
/// values that share it lie next to each other in the global order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    Bool,
    Number,
    Text,
    Instant,
    Date,
    /// With the months, since only spans of the same months compare.
    Duration(i32),
    Level,
    List,
}

/// The scale of a value; `None` where it compares with nothing.
fn scale(value: &Value) -> Option<Scale> {
    match value {
        Value::Bool(_) => Some(Scale::Bool),
        Value::Float(number) if number.is_nan() => None,
        Value::Int(_) | Value::Float(_) => Some(Scale::Number),
        Value::String(_) => Some(Scale::Text),
        Value::Instant(..) => Some(Scale::Instant),
        Value::Date(_) => Some(Scale::Date),
        Value::Duration(duration) => Some(Scale::Duration(duration.months)),
        Value::Level(_) => Some(Scale::Level),
        Value::List(_) => Some(Scale::List),
        Value::Null | Value::Map(_) | Value::Entity(_) | Value::Relation(_) | Value::Path(_) => {
            None
        }
    }
}

fn scale_of(key: &Key) -> Option<Scale> {
    match key.text() {
        Some(_) => Some(Scale::Text),
        None => scale(&key.value()),
    }
}

const fn bound_value(bound: Bound<&Value>) -> Option<&Value> {
    match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
        Bound::Unbounded => None,
    }
}

/// Whether the language finds a value between two bounds.
fn within(value: &Value, from: Bound<&Value>, to: Bound<&Value>) -> bool {
    let above = match from {
        Bound::Included(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_ge),
        Bound::Excluded(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_gt),
        Bound::Unbounded => true,
    };
    above
        && match to {
            Bound::Included(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_le),
            Bound::Excluded(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_lt),
            Bound::Unbounded => true,
        }
}

fn union<'a>(entries: impl Iterator<Item = (&'a Key, &'a Postings)>) -> RoaringBitmap {
    let mut bitmap = RoaringBitmap::new();
    for (_, postings) in entries {
        postings.union_into(&mut bitmap);
    }
    bitmap
}

impl PropertyIndex {
    /// The index of whole entries and of the entities that have a value, as an image holds them.
    /// `None` where the values do not ascend. In time linear in the entries.
    pub(crate) fn from_entries(
        entries: impl IntoIterator<Item = (Value, Postings)>,
        present: &RoaringBitmap,
    ) -> Option<Self> {
        let mut ascending = true;
        let mut last: Option<Key> = None;
        let entries = entries.into_iter().map(|(value, ids)| {
            let key = Key::of(&value);
            let after = last.as_ref().is_none_or(|last| *last < key);
            ascending &= after && !value.is_null();
            last = Some(key.clone());
            (key, ids)
        });
        let values = entries.collect();
        ascending.then(|| Self {
            values,
            present: Postings::from_bitmap(present),
        })
    }

    /// The index of the values of many entities at once, by one sort.
    pub(crate) fn from_rows<'a>(rows: impl IntoIterator<Item = (&'a Value, EntityId)>) -> Self {
        let (mut entries, mut present) = (Vec::new(), RoaringBitmap::new());
        for (value, id) in rows {
            let elements = elements(value);
            if !elements.is_empty() {
                present.insert(id.0);
            }
            entries.extend(
                elements
                    .iter()
                    .filter(|key| !key.is_null())
                    .map(|key| (key, id)),
            );
        }
        entries.sort_unstable();
        entries.dedup();
        let values = entries
            .chunk_by(|(a, _), (b, _)| a == b)
            .filter_map(|entry| {
                let ids: Vec<EntityId> = entry.iter().map(|(_, id)| *id).collect();
                let (value, _) = entry.first()?;
                Some((Key::of(value), Postings::from_sorted(&ids)))
            });
        Self {
            values: values.collect(),
            present: Postings::from_bitmap(&present),
        }
    }

    /// Turns one value of an entity into another, null where it has none; a list has an entry for
    /// every element, and only those that differ are touched. O(log distinct) an element.
    pub(crate) fn replace(&mut self, before: &Value, after: &Value, id: EntityId) {
        match (elements(before).is_empty(), elements(after).is_empty()) {
            (true, false) => {
                self.present.insert(id);
            }
            (false, true) => {
                self.present.remove(id);
            }
            (true, true) | (false, false) => {}
        }
        let (before, after) = (keys(before), keys(after));
        for key in before
            .iter()
            .filter(|key| after.binary_search(key).is_err())
        {
            self.remove_entry(&Key::of(key), id);
        }
        for key in after
            .iter()
            .filter(|key| before.binary_search(key).is_err())
        {
            self.values
                .get_or_insert_with(&Key::of(key), Postings::default)
                .insert(id);
        }
    }

    fn remove_entry(&mut self, key: &Key, id: EntityId) {
        // An entry that is not there must not be made by the look at it.
        let Some(postings) = self
            .values
            .get(key)
            .filter(|postings| postings.contains(id))
        else {
            return;
        };
        if postings.len() == 1 {
            self.values.remove(key);
        } else {
            self.values
                .get_or_insert_with(key, Postings::default)
                .remove(id);
        }
    }

    /// The entities with exactly this value (or with it among their elements); `None` where
    /// there is none, and for what equals nothing, not even itself: null, NaN, and what has one
    /// inside.
    pub(crate) fn equal(&self, value: &Value) -> Option<&Postings> {
        if equal(value, value) == Some(true) {
            self.values.get(&Key::of(value))
        } else {
            None
        }
    }

    /// The entities with a value (or an element) in the range. Only values that compare with the
    /// bounds are seen: those of the same kind, numbers being one. Without bounds it is
    /// [`Self::present`]. O(entries in the range) unions.
    pub(crate) fn range(&self, from: Bound<&Value>, to: Bound<&Value>) -> RoaringBitmap {
        let (low, high) = (bound_value(from), bound_value(to));
        let Some(bound) = low.or(high) else {
            return self.present.to_bitmap();
        };
        let Some(wanted) = scale(bound) else {
            return RoaringBitmap::new();
        };
        if high.is_some_and(|high| scale(high) != Some(wanted)) {
            return RoaringBitmap::new();
        }
        let on_scale = |(key, _): &(&Key, &Postings)| scale_of(key) == Some(wanted);
        if wanted == Scale::List {
            // Lists compare where their elements do, which does not follow the global order.
            let lists = self.values.iter().filter(on_scale);
            return union(lists.filter(|(key, _)| within(&key.value(), from, to)));
        }
        let (from, to) = (from.map(Key::of), to.map(Key::of));
        let entries = self.values.range(from.as_ref(), to.as_ref());
        if low.is_some() {
            union(entries.take_while(on_scale))
        } else {
            union(entries.rev().take_while(on_scale))
        }
    }

    /// The entities whose text (or an element of it) starts with the prefix.
    pub(crate) fn prefix(&self, prefix: &str) -> RoaringBitmap {
        let first = Key::of(&Value::string(prefix));
        let entries = self.values.range(Bound::Included(&first), Bound::Unbounded);
        union(
            entries.take_while(|(key, _)| key.text().is_some_and(|text| text.starts_with(prefix))),
        )
    }

    /// The entities with a text (or an element that is one) of which a test holds. O(distinct
    /// values) tests.
    pub(crate) fn matching(&self, test: impl Fn(&str) -> bool) -> RoaringBitmap {
        let entries = self.values.iter();
        union(entries.filter(|(key, _)| key.text().is_some_and(&test)))
    }

    /// The entries from a value on in the order of values, or against it down to there.
    pub(crate) fn from<'a>(
        &'a self,
        from: Bound<&'a Key>,
        descending: bool,
    ) -> impl Iterator<Item = (&'a Key, &'a Postings)> {
        let mut entries = self.values.range(from, Bound::Unbounded);
        std::iter::from_fn(move || {
            if descending {
                entries.next_back()
            } else {
                entries.next()
            }
        })
    }

    /// The entities that have a value: not null and not an empty list.
    pub(crate) fn present(&self) -> &Postings {
        &self.present
    }

    /// Values in ascending order with their entities; reversible.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (Value, &Postings)> {
        self.values.iter().map(|(key, ids)| (key.value(), ids))
    }

    /// The entities of each value, in the order of values.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &Postings> {
        self.values.iter().map(|(_, ids)| ids)
    }

    /// The heap that the index holds, shared or not.
    pub(crate) fn heap_bytes(&self) -> usize {
        let values = self
            .values
            .heap_bytes(|key, ids| key.heap_bytes() + ids.heap_bytes());
        values + self.present.heap_bytes()
    }

    /// How many distinct values there are.
    pub(crate) fn distinct(&self) -> usize {
        self.values.len()
    }
}

mod unshared;

#[cfg(test)]
mod tests;
