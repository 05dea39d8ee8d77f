//! The values of a query's parameters: bound, never pasted into its text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::Value;

/// Values for the `$parameters` of a query.
///
/// ```
/// use portolan::{Parameters, params};
///
/// let none: Parameters = ().into();
/// let some: Parameters = params! { "id" => "checkout", "tier" => 1 };
/// let same: Parameters = [("id", "checkout")].into();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub(super) BTreeMap<Arc<str>, Value>);

impl Parameters {
    /// Binds one more value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// The names and values, in the order of names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

impl From<()> for Parameters {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<V: Into<Value>, const N: usize> From<[(&str, V); N]> for Parameters {
    fn from(values: [(&str, V); N]) -> Self {
        Self(
            values
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl<'a> FromIterator<(&'a str, Value)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (&'a str, Value)>>(values: I) -> Self {
        Self(
            values
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }
}

/// Names and values for the parameters of a query: `params! { "id" => "checkout" }`.
#[macro_export]
macro_rules! params {
    ($($name:expr => $value:expr),* $(,)?) => {
        <$crate::Parameters as ::core::iter::FromIterator<(&str, $crate::Value)>>::from_iter(
            [$(($name, $crate::Value::from($value))),*],
        )
    };
}
