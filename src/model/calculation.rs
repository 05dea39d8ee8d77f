//! A calculation property: a value computed from the entity itself.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::json::{At, Fields};
use super::property::read_items;
use super::{Format, PropertyType, limits};
use crate::error::Result;

/// A property computed from the entity by an expression, in jq or in the query language.
#[derive(Clone, Debug, PartialEq)]
pub struct Calculation {
    /// The name that queries use.
    pub name: Arc<str>,
    /// What is computed.
    pub formula: Formula,
    /// The type of the result; a result of another type is null.
    pub kind: PropertyType,
    /// The format of the result, where it has one.
    pub format: Option<Format>,
    /// Whether an index is asked for (`"index": true`) or refused; `None` leaves it to the engine.
    pub index: Option<bool>,
    /// Every other key of the JSON form (title ..), given back unchanged.
    pub other: Map<String, Json>,
}

/// The text of a calculation, by its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// jq over the entity's JSON, as Port writes it (`"calculation"`).
    Jq(Arc<str>),
    /// An expression of the query language over `this` (`"expression"`).
    Expression(Arc<str>),
}

/// The keys that decide what is computed.
const KEYS: [&str; 6] = [
    "calculation",
    "expression",
    "type",
    "format",
    "items",
    "index",
];

impl Calculation {
    /// Whether the engine keeps an index of the results: asked for, or true and false.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        self.index.unwrap_or(self.kind == PropertyType::Boolean)
    }

    /// Reads a calculation property of Port's JSON form, or with `"expression"`.
    pub(crate) fn read(name: &str, at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        fields.refuse_misspelled("a calculation property", &KEYS)?;
        let formula = read_formula(&mut fields)?;
        let kind = PropertyType::read(&fields.need("type")?)?;
        let format = fields
            .take("format")
            .map(|at| Format::read(&at, kind))
            .transpose()?;
        if let Some(at) = fields.peek("items") {
            read_items(&at)?;
        }
        let index = fields.take("index").map(|at| at.bool()).transpose()?;
        Ok(Self {
            name: name.into(),
            formula,
            kind,
            format,
            index,
            other: fields.rest(),
        })
    }

    /// The type and format of the elements of an array, where declared (`"items"`).
    #[must_use]
    pub fn items(&self) -> Option<(PropertyType, Option<Format>)> {
        let items = self.other.get("items").filter(|items| !items.is_null())?;
        let at = At::root(items).ok()?;
        read_items(&at).ok().flatten()
    }

    /// Whether values are points in time.
    #[must_use]
    pub fn is_instant(&self) -> bool {
        matches!(self.format, Some(Format::DateTime | Format::Timer))
    }

    /// The calculation property in Port's JSON form.
    pub(crate) fn to_json(&self) -> Json {
        let mut map = self.other.clone();
        let (key, text) = match &self.formula {
            Formula::Jq(text) => ("calculation", text),
            Formula::Expression(text) => ("expression", text),
        };
        map.insert(key.to_owned(), Json::from(&**text));
        map.insert("type".to_owned(), Json::from(self.kind.name()));
        if let Some(format) = self.format {
            map.insert("format".to_owned(), Json::from(format.name()));
        }
        if let Some(index) = self.index {
            map.insert("index".to_owned(), Json::from(index));
        }
        Json::Object(map)
    }
}

fn read_formula(fields: &mut Fields<'_>) -> Result<Formula> {
    match (fields.take("calculation"), fields.take("expression")) {
        (Some(jq), None) => {
            let text = jq.text(limits::JQ_BYTES, "calculation")?;
            Ok(Formula::Jq(text.into()))
        }
        (None, Some(expression)) => {
            let text = expression.text(limits::EXPRESSION_BYTES, "expression")?;
            Ok(Formula::Expression(text.into()))
        }
        (Some(_), Some(_)) => Err(fields
            .at()
            .error("a calculation has `calculation` or `expression`, not both")),
        (None, None) => Err(fields
            .at()
            .error("missing `calculation`")
            .with_help("give jq as `calculation`, or an expression as `expression`")),
    }
}
