//! A filter run by jaq, and the same filter translated and evaluated.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Num, Val};
use serde_json::{Value as Json, json};

use super::super::{fixture, now};
use crate::error::{Error, ErrorKind};
use crate::query::check::jq::expression;
use crate::query::exec::evaluate;
use crate::state::State;
use crate::value::{EntityId, Value};

/// What a filter yields: its first output, null where there is none or an error comes first, and
/// all outputs; `None` where an error ends them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outputs {
    pub(super) first: Value,
    pub(super) all: Option<Vec<Value>>,
}

/// More outputs than any filter of the tests has.
const MANY: usize = 10_000;

/// What jaq makes of a filter; an error where it does not compile.
pub(super) fn jaq(filter: &str, input: &Json) -> Result<Outputs, String> {
    let definitions = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let functions = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let arena = Arena::default();
    let file = File {
        code: filter,
        path: (),
    };
    let modules = Loader::new(definitions)
        .load(&arena, file)
        .map_err(|errors| format!("{} errors", errors.len()))?;
    let compiled = Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .map_err(|errors| format!("{errors:?}"))?;
    let context = Ctx::<data::JustLut<Val>>::new(&compiled.lut, Vars::new([]));
    let input = jaq_json::read::parse_single(input.to_string().as_bytes()).unwrap();
    let outputs = compiled.id.run((context, input)).map(unwrap_valr);
    let mut all = Vec::new();
    for output in outputs.take(MANY) {
        let Ok(value) = output else {
            let first = all.into_iter().next().unwrap_or_default();
            return Ok(Outputs { first, all: None });
        };
        all.push(ours(&value));
    }
    let first = all.first().cloned().unwrap_or_default();
    Ok(Outputs {
        first,
        all: Some(all),
    })
}

fn ours(value: &Val) -> Value {
    match value {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(Num::Int(whole)) => Value::Int(i64::try_from(*whole).unwrap()),
        Val::Num(_) => Value::Float(jaq_std::ValT::as_f64(value).unwrap()),
        Val::TStr(text) | Val::BStr(text) => {
            Value::string(String::from_utf8_lossy(text).into_owned())
        }
        Val::Arr(values) => Value::list(values.iter().map(ours)),
        Val::Obj(fields) => {
            let fields = fields.iter().map(|(key, value)| match ours(key) {
                Value::String(key) => (key, ours(value)),
                other => (other.to_string().into(), ours(value)),
            });
            Value::Map(std::sync::Arc::new(fields.collect()))
        }
    }
}

/// A catalog with one entity, whose property `doc` holds a document under `v`.
pub(super) fn holding(input: &Json) -> State {
    let blueprint = json!({
        "identifier": "thing",
        "schema": {"properties": {"doc": {"type": "object"}}, "required": []},
        "relations": {},
    });
    let entity = json!({
        "blueprint": "thing", "identifier": "one", "properties": {"doc": {"v": input}},
    });
    fixture::state(&[blueprint], &[], &[entity])
}

/// The value of a filter over the one entity of a catalog; `None` where it has none.
pub(super) fn value(state: &State, filter: &str) -> Result<Option<Value>, Error> {
    let blueprint = state.model().blueprint_id("thing").unwrap();
    let rule = expression(state.model(), blueprint, filter)?;
    match evaluate(state, &rule, EntityId(0), now()) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::Invalid => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the translation of a filter makes of a document.
pub(super) fn translated(filter: &str, input: &Json) -> Result<Outputs, Error> {
    let state = holding(input);
    let over = |filter: &str| value(&state, &format!(".properties.doc.v | {filter}"));
    let first = over(&format!("({filter}\n)"))?.unwrap_or_default();
    let all = over(&format!("[{filter}\n]"))?.map(|all| match all {
        Value::List(all) => all.to_vec(),
        other => vec![other],
    });
    Ok(Outputs { first, all })
}
