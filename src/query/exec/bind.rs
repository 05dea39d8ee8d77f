//! Parameters: values by name to values in the order of the query.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result, did_you_mean};
use crate::query::ir::Query;
use crate::value::Value;

/// The values of a query's parameters in its order.
///
/// # Errors
/// `Invalid` for a parameter without a value, or a value that the query has no parameter for.
pub(crate) fn bind(query: &Query, mut values: BTreeMap<Arc<str>, Value>) -> Result<Vec<Value>> {
    let given: Vec<Arc<str>> = values.keys().cloned().collect();
    let mut bound = Vec::with_capacity(query.parameters.len());
    for name in &query.parameters {
        let unused = given
            .iter()
            .filter(|given| !query.parameters.contains(given));
        let value = values.remove(name);
        bound.push(value.ok_or_else(|| missing(name, unused.map(|given| &**given)))?);
    }
    if let Some(unused) = values.into_keys().next() {
        let error = Error::invalid(format!("the query has no parameter `${unused}`"));
        let known = query.parameters.iter().map(|name| &**name);
        return Err(match did_you_mean(&unused, known) {
            Some(help) => error.with_help(help),
            None => error,
        });
    }
    Ok(bound)
}

fn missing<'a>(name: &str, given: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::invalid(format!("the parameter `${name}` has no value"));
    match did_you_mean(name, given) {
        Some(_) => error.with_help(format!(
            "a value was given under a similar name; name it `{name}`"
        )),
        None => error.with_help(format!("give a value for `{name}` with the query")),
    }
}

/// Refuses to run a query with too few values.
pub(super) fn check(query: &Query, parameters: &[Value]) -> Result<()> {
    match query.parameters.get(parameters.len()) {
        Some(name) => Err(missing(name, std::iter::empty())),
        None => Ok(()),
    }
}
