//! The parameters that queries are run with.

use std::collections::BTreeMap;

use portolan::{Class, Value};
use serde_json::Value as Json;

/// Parameters by name, as they were set.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, Json>);

impl Parameters {
    /// Sets a parameter to a JSON value, or to the text itself where it is none.
    pub(crate) fn set(&mut self, name: &str, text: &str) {
        let value = serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()));
        self.0
            .insert(name.trim_start_matches('$').to_owned(), value);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Those that a query names: it would refuse the others, which are set for other queries.
    pub(crate) fn bound(&self, query: &str) -> portolan::Parameters {
        let mut bound = portolan::Parameters::default();
        for (span, class) in portolan::highlight(query) {
            let name = query.get(span.start..span.end).unwrap_or_default();
            let name = name.trim_start_matches('$').trim_matches('`');
            if let (Class::Parameter, Some(value)) = (class, self.0.get(name)) {
                bound.set(name, Value::from_json(value));
            }
        }
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_json_or_else_text() {
        let mut parameters = Parameters::default();
        for (name, text) in [("a", "1"), ("$b", "cart"), ("c", "[\"x\"]"), ("a", "\"1\"")] {
            parameters.set(name, text);
        }
        let all: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(all, ["a=\"1\"", "b=\"cart\"", "c=[\"x\"]"]);
    }

    #[test]
    fn a_query_is_given_what_it_names() {
        let mut parameters = Parameters::default();
        for name in ["a", "b", "identifier"] {
            parameters.set(name, "1");
        }
        for (query, named) in [
            ("RETURN 1", vec![]),
            ("RETURN $b + $b, '$a' // $a", vec!["b"]),
            (
                "MATCH (c {$identifier: $a}) RETURN c.$identifier",
                vec!["a"],
            ),
        ] {
            let bound = parameters.bound(query);
            let names: Vec<&str> = bound.iter().map(|(name, _)| name).collect();
            assert_eq!(names, named, "{query}");
        }
    }
}
