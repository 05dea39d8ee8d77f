//! What an index holds a set of entities under: a value, short texts in place.

use std::cmp::Ordering;

use crate::value::Value;

/// The longest text that is held in place, in bytes.
const SHORT: usize = 22;

/// A value in 24 bytes. Most texts of a catalog (versions, hashes, names) are short, and one that
/// is costs no heap, which halves what an index of distinct texts takes.
#[derive(Clone, Debug)]
pub(crate) struct Key(Form);

#[derive(Clone, Debug)]
enum Form {
    /// A text of so many bytes.
    Short(u8, [u8; SHORT]),
    /// Anything but a short text.
    Value(Value),
}

impl Key {
    /// The key of a value.
    pub(crate) fn of(value: &Value) -> Self {
        if let Value::String(text) = value
            && let Ok(length) = u8::try_from(text.len())
        {
            let mut bytes = [0; SHORT];
            if let Some(place) = bytes.get_mut(..text.len()) {
                place.copy_from_slice(text.as_bytes());
                return Self(Form::Short(length, bytes));
            }
        }
        Self(Form::Value(value.clone()))
    }

    /// The text that the key is, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.0 {
            Form::Short(length, bytes) => {
                let bytes = bytes.get(..usize::from(*length))?;
                std::str::from_utf8(bytes).ok()
            }
            Form::Value(value) => value.as_str(),
        }
    }

    /// The value that the key is of.
    pub(crate) fn value(&self) -> Value {
        match &self.0 {
            Form::Short(..) => Value::from(self.text().unwrap_or_default()),
            Form::Value(value) => value.clone(),
        }
    }

    /// The heap that the key holds.
    pub(crate) fn heap_bytes(&self) -> usize {
        match &self.0 {
            Form::Short(..) => 0,
            Form::Value(value) => value.heap_bytes(),
        }
    }

    /// Whether the heap that the key holds is the other's too.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Value(a), Form::Value(b)) => a.shares(b),
            _ => true,
        }
    }

    /// The bytes of a text; their order is that of texts.
    fn bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Form::Short(length, bytes) => bytes.get(..usize::from(*length)),
            Form::Value(value) => value.as_str().map(str::as_bytes),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    /// The global order of values.
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Value(a), Form::Value(b)) => a.cmp(b),
            _ => match (self.bytes(), other.bytes()) {
                (Some(a), Some(b)) => a.cmp(b),
                _ => self.value().cmp(&other.value()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Key;
    use crate::value::Value;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            ".{0,30}".prop_map(Value::from),
            "[ab]{18,26}".prop_map(Value::from),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            any::<bool>().prop_map(Value::Bool),
            Just(Value::list([Value::from("a")])),
            Just(Value::Null),
        ]
    }

    #[test]
    fn a_key_is_as_small_as_a_value() {
        assert_eq!(size_of::<Key>(), size_of::<Value>());
    }

    proptest! {
        #[test]
        fn keys_are_like_their_values(a in value(), b in value()) {
            let (key, other) = (Key::of(&a), Key::of(&b));
            prop_assert_eq!(key.cmp(&other), a.cmp(&b));
            prop_assert_eq!(format!("{:?}", key.value()), format!("{a:?}"));
            prop_assert_eq!(key.text(), a.as_str());
        }
    }
}
