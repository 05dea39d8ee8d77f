//! Filters by name: those that take values are calls, those that take filters are in `special`.

use jaq_core::load::parse::Term;

use super::build::{Yield, call, literal, test, truth};
use super::construct::FORMATS;
use super::root::Place;
use super::translate::{Out, Translator};
use super::{refuse, regex, special};
use crate::error::Result;
use crate::query::ir::{Expr, ExprKind};
use crate::value::Value;

/// Filters by name and number of arguments, and the function that gets their input and arguments.
const PLAIN: [(&str, usize, &str); 60] = [
    ("length", 0, "jq_length"),
    ("utf8bytelength", 0, "jq_bytes"),
    ("keys", 0, "jq_keys"),
    ("keys_unsorted", 0, "jq_keys"),
    ("has", 1, "jq_has"),
    ("contains", 1, "jq_contains"),
    ("inside", 1, "jq_inside"),
    ("startswith", 1, "jq_starts_with"),
    ("endswith", 1, "jq_ends_with"),
    ("ltrimstr", 1, "jq_trim_start_text"),
    ("rtrimstr", 1, "jq_trim_end_text"),
    ("trim", 0, "jq_trim"),
    ("ltrim", 0, "jq_trim_start"),
    ("rtrim", 0, "jq_trim_end"),
    ("split", 1, "jq_split"),
    ("join", 1, "jq_join"),
    ("ascii_downcase", 0, "jq_ascii_lower"),
    ("ascii_upcase", 0, "jq_ascii_upper"),
    ("explode", 0, "jq_explode"),
    ("implode", 0, "jq_implode"),
    ("tojson", 0, "jq_to_json"),
    ("fromjson", 0, "jq_from_json"),
    ("tonumber", 0, "jq_to_number"),
    ("type", 0, "jq_type"),
    ("to_entries", 0, "jq_to_entries"),
    ("from_entries", 0, "jq_from_entries"),
    ("reverse", 0, "jq_reverse"),
    ("add", 0, "jq_sum"),
    ("transpose", 0, "jq_transpose"),
    ("toarray", 0, "jq_to_array"),
    ("flatten", 1, "jq_flatten"),
    ("indices", 1, "jq_indices"),
    ("_indices", 1, "jq_indices"),
    ("index", 1, "jq_first_index"),
    ("rindex", 1, "jq_last_index"),
    ("getpath", 1, "jq_get_path"),
    ("setpath", 2, "jq_set_path"),
    ("delpaths", 1, "jq_delete_paths"),
    ("floor", 0, "jq_floor"),
    ("ceil", 0, "jq_ceil"),
    ("round", 0, "jq_round"),
    ("trunc", 0, "jq_truncate"),
    ("fabs", 0, "jq_absolute"),
    ("abs", 0, "jq_absolute"),
    ("sqrt", 0, "jq_square_root"),
    ("log", 0, "jq_log"),
    ("log2", 0, "jq_log2"),
    ("log10", 0, "jq_log10"),
    ("exp", 0, "jq_exp"),
    ("exp2", 0, "jq_exp2"),
    ("exp10", 0, "jq_exp10"),
    ("fromdate", 0, "jq_from_date"),
    ("fromdateiso8601", 0, "jq_from_date"),
    ("todate", 0, "jq_to_date"),
    ("todateiso8601", 0, "jq_to_date"),
    ("date", 0, "jq_to_date"),
    ("gmtime", 0, "jq_broken_down"),
    ("mktime", 0, "jq_make_time"),
    ("strptime", 1, "jq_parse_time"),
    ("strftime", 1, "jq_format_time"),
];

/// Functions that go by a key, with their keys the elements themselves.
const ORDERED: [(&str, &str); 4] = [
    ("sort", "jq_sort"),
    ("unique", "jq_unique"),
    ("min", "jq_min"),
    ("max", "jq_max"),
];

/// Tests of what a value is.
const TESTS: [(&str, &str); 3] = [
    ("isnan", "nan"),
    ("isinfinite", "infinite"),
    ("isnormal", "normal"),
];

/// Every filter that is translated, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let plain = PLAIN.iter().map(|(name, ..)| *name);
    let ordered = ORDERED.iter().chain(&TESTS).chain(&FORMATS);
    plain
        .chain(ordered.map(|(name, _)| *name))
        .chain(regex::names())
        .chain(special::names())
        .chain(["true", "false", "null", "not", "nan", "infinite", "pow"])
}

impl Translator<'_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Out> {
        let count = arguments.len();
        if let Some(constant) = constant(name).filter(|_| count == 0) {
            return Ok(literal(constant, self.here).into());
        }
        let plain = PLAIN
            .iter()
            .find(|(known, takes, _)| (*known, *takes) == (name, count));
        if let Some((.., function)) = plain {
            return self.plain(function, arguments, input);
        }
        if let Some(out) = self.search(name, arguments, input)? {
            return Ok(out);
        }
        if let Some(out) = self.special(name, arguments, input)? {
            return Ok(out);
        }
        let by_name = |table: &[(&str, &'static str)]| {
            let found = table.iter().find(|(known, _)| *known == name);
            found.map(|(_, function)| *function).filter(|_| count == 0)
        };
        let value = self.value(input)?;
        if let Some(function) = by_name(&ORDERED) {
            return Ok(call(function, vec![value.clone(), value], self.here)?.into());
        }
        if let Some(kind) = by_name(&TESTS) {
            return Ok(self.is(value, kind)?.into());
        }
        if let Some(function) = by_name(&FORMATS) {
            return Ok(call(function, vec![value], self.here)?.into());
        }
        match (name, count) {
            ("not", 0) => {
                let kind = ExprKind::Not(Box::new(truth(value)?));
                Ok(super::build::boolean(kind, self.here).into())
            }
            ("flatten", 0) => {
                let deep = literal(i64::MAX, self.here);
                Ok(call("jq_flatten", vec![value, deep], self.here)?.into())
            }
            ("pow", 2) => {
                let parts = self.arguments(arguments, input)?;
                self.combine(parts, |this, parts| {
                    Ok(call("jq_power", parts, this.here)?.into())
                })
            }
            _ => Err(refuse::named(name, count, self.here)),
        }
    }

    pub(super) fn arguments(
        &mut self,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Vec<Yield>> {
        arguments
            .iter()
            .map(|term| self.yields(term, input))
            .collect()
    }

    fn plain(&mut self, function: &str, arguments: &[Term<&str>], input: &Place) -> Result<Out> {
        let parts = self.arguments(arguments, input)?;
        let value = self.value(input)?;
        self.combine(parts, |this, parts| {
            let arguments = std::iter::once(value).chain(parts).collect();
            Ok(call(function, arguments, this.here)?.into())
        })
    }

    pub(super) fn is(&self, value: Expr, kind: &str) -> Result<Expr> {
        test("jq_is", vec![value, literal(kind, self.here)], self.here)
    }
}

fn constant(name: &str) -> Option<Value> {
    match name {
        "null" => Some(Value::Null),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "nan" => Some(Value::Float(f64::NAN)),
        "infinite" => Some(Value::Float(f64::INFINITY)),
        _ => None,
    }
}
