//! A stored property: its type, format and rules.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::json::{At, shown};
use super::{Format, PropertyType, limits};
use crate::error::Result;

/// A stored property of a blueprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The name that queries use.
    pub name: Arc<str>,
    /// Its type.
    pub kind: PropertyType,
    /// Its format, where it has one.
    pub format: Option<Format>,
    /// The type and format of the elements of an array property, where declared.
    pub items: Option<(PropertyType, Option<Format>)>,
    /// The only values allowed, where listed.
    pub enumeration: Option<Vec<Json>>,
    /// The value that a new entity gets where none is given.
    pub default: Option<Json>,
    /// Whether an index is asked for (`"index": true`) or refused; `None` leaves it to the engine.
    pub index: Option<bool>,
    /// The whole definition as declared, given back unchanged; validation reads its JSON Schema
    /// keywords.
    pub definition: Map<String, Json>,
}

impl Property {
    /// Reads a property definition of Port's JSON form.
    pub(crate) fn read(name: &str, at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let kind = PropertyType::read(&fields.need("type")?)?;
        let format = fields
            .take("format")
            .map(|at| Format::read(&at, kind))
            .transpose()?;
        let items = fields
            .take("items")
            .map(|at| read_items(&at))
            .transpose()?
            .flatten();
        let enumeration = fields
            .take("enum")
            .map(|at| read_enum(&at, Some(kind)))
            .transpose()?;
        let default = fields.take("default");
        if let Some(at) = &default
            && !kind.holds(at.json())
        {
            let (wanted, got) = (kind.described(), shown(at.json()));
            return Err(at.error(format!("the default must be {wanted}, got {got}")));
        }
        Ok(Self {
            name: name.into(),
            kind,
            format,
            items,
            enumeration,
            default: default.map(|at| at.json().clone()),
            index: fields.take("index").map(|at| at.bool()).transpose()?,
            definition: at.map()?.clone(),
        })
    }

    /// The definition in Port's JSON form: as it was read, with what the fields say now.
    pub(crate) fn to_json(&self) -> Json {
        let mut map = self.definition.clone();
        let mut set = |key: &str, value: Option<Json>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), value);
            }
        };
        set("type", Some(Json::from(self.kind.name())));
        set(
            "format",
            self.format.map(|format| Json::from(format.name())),
        );
        set("enum", self.enumeration.clone().map(Json::Array));
        set("default", self.default.clone());
        set("index", self.index.map(Json::from));
        if let Some((kind, format)) = self.items {
            let items = map
                .entry("items")
                .or_insert_with(|| Json::Object(Map::new()));
            if let Some(items) = items.as_object_mut() {
                items.insert("type".to_owned(), Json::from(kind.name()));
                if let Some(format) = format {
                    items.insert("format".to_owned(), Json::from(format.name()));
                }
            }
        }
        Json::Object(map)
    }

    /// Whether values are points in time.
    #[must_use]
    pub fn is_instant(&self) -> bool {
        matches!(self.format, Some(Format::DateTime | Format::Timer))
    }

    /// Whether the engine keeps an index of this property: asked for, or a type and format whose
    /// values are short and worth looking up.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        let short = |kind: PropertyType, format: Option<Format>| match kind {
            PropertyType::Number | PropertyType::Boolean => true,
            PropertyType::String => !matches!(
                format,
                Some(Format::Url | Format::Markdown | Format::Yaml | Format::Proto)
            ),
            PropertyType::Array | PropertyType::Object => false,
        };
        self.index.unwrap_or_else(|| match self.items {
            Some((kind, format)) if self.kind == PropertyType::Array => short(kind, format),
            _ => short(self.kind, self.format),
        })
    }
}

/// The type and format of the elements of an array.
pub(super) fn read_items(at: &At<'_>) -> Result<Option<(PropertyType, Option<Format>)>> {
    let mut fields = at.fields()?;
    let kind = fields
        .take("type")
        .map(|at| PropertyType::read(&at))
        .transpose()?;
    if let Some(at) = fields.take("enum") {
        read_enum(&at, kind)?;
    }
    let Some(kind) = kind else { return Ok(None) };
    let format = fields
        .take("format")
        .map(|at| Format::read(&at, kind))
        .transpose()?;
    Ok(Some((kind, format)))
}

fn read_enum(at: &At<'_>, kind: Option<PropertyType>) -> Result<Vec<Json>> {
    let values = at.array()?;
    at.at_most(values.len(), limits::ENUM_VALUES, "values in `enum`")?;
    let mut seen = std::collections::BTreeSet::new();
    for value in values {
        if let Some(kind) = kind.filter(|kind| !kind.holds(value.json())) {
            let (wanted, got) = (kind.described(), shown(value.json()));
            return Err(value.error(format!("a value of `enum` must be {wanted}, got {got}")));
        }
        // The canonical text tells equal values apart from others: keys are sorted.
        if !seen.insert(value.json().to_string()) {
            return Err(value.error(format!("`enum` lists {} twice", shown(value.json()))));
        }
    }
    if seen.is_empty() {
        return Err(at.error("`enum` lists no value"));
    }
    Ok(at.json().as_array().cloned().unwrap_or_default())
}
