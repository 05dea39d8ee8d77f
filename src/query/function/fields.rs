//! The fields of the maps that dates, date-times and durations are put together from.

use crate::error::{Error, Result, did_you_mean};
use crate::value::{Fields as Map, Value};

/// The fields of a map, each of which must be known.
pub(super) struct Fields<'a> {
    map: &'a Map,
}

impl<'a> Fields<'a> {
    /// The fields of a map, all of which are among those of some tables.
    pub(super) fn of(map: &'a Map, known: &[&[&str]]) -> Result<Self> {
        let all = || known.iter().copied().flatten().copied();
        if let Some(unknown) = map.keys().find(|key| all().all(|known| known != &***key)) {
            let error = Error::invalid(format!("there is no field `{unknown}`"));
            return Err(match did_you_mean(unknown, all()) {
                Some(help) => error.with_help(help),
                None => error.with_help(format!(
                    "the fields are {}",
                    all().collect::<Vec<_>>().join(", ")
                )),
            });
        }
        Ok(Self { map })
    }

    /// Whether one of the fields is null, which makes the whole unknown.
    pub(super) fn has_null(&self) -> bool {
        self.map.values().any(Value::is_null)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name)
    }

    /// A whole number; `None` where the field is left out.
    pub(super) fn whole(&self, name: &str) -> Result<Option<i64>> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Int(whole)) => Ok(Some(*whole)),
            Some(other) => Err(wrong(name, "a whole number", other)),
        }
    }

    /// The whole numbers of several fields.
    pub(super) fn wholes<const N: usize>(&self, names: [&str; N]) -> Result<[Option<i64>; N]> {
        let mut wholes = [None; N];
        for (place, name) in wholes.iter_mut().zip(names) {
            *place = self.whole(name)?;
        }
        Ok(wholes)
    }

    /// Refuses a field that makes no sense without a larger one.
    pub(super) fn refuse_alone(&self, name: &str, larger: &str) -> Result<()> {
        if self.get(name).is_some() && self.get(larger).is_none() {
            return Err(Error::invalid(format!("`{name}` needs `{larger}`")));
        }
        Ok(())
    }
}

/// The error of a field of the wrong kind.
pub(super) fn wrong(name: &str, expected: &str, found: &Value) -> Error {
    let found = found.kind();
    Error::invalid(format!("`{name}` must be {expected}, found {found}"))
}
