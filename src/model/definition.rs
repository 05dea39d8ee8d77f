//! The JSON Schema inside a property definition: its keywords alone, without references.

use serde_json::{Map, Value as Json};

use super::Format;
use super::format::is_standard;
use super::json::{pointer, shortened};
use crate::error::{Error, Result, did_you_mean};

/// What the value of a keyword is.
#[derive(Clone, Copy)]
enum Shape {
    /// Data: kept as it is.
    Data,
    /// A schema, or a list of schemas.
    Schema,
    /// Schemas by name.
    Named,
}

/// Every keyword that is kept (JSON Schema 2019-09); all other keys are Port's own or notes.
const KEYWORDS: [(&str, Shape); 36] = [
    ("type", Shape::Data),
    ("enum", Shape::Data),
    ("const", Shape::Data),
    ("minLength", Shape::Data),
    ("maxLength", Shape::Data),
    ("pattern", Shape::Data),
    ("minimum", Shape::Data),
    ("maximum", Shape::Data),
    ("exclusiveMinimum", Shape::Data),
    ("exclusiveMaximum", Shape::Data),
    ("multipleOf", Shape::Data),
    ("minItems", Shape::Data),
    ("maxItems", Shape::Data),
    ("uniqueItems", Shape::Data),
    ("minContains", Shape::Data),
    ("maxContains", Shape::Data),
    ("minProperties", Shape::Data),
    ("maxProperties", Shape::Data),
    ("required", Shape::Data),
    ("dependentRequired", Shape::Data),
    ("items", Shape::Schema),
    ("additionalItems", Shape::Schema),
    ("unevaluatedItems", Shape::Schema),
    ("contains", Shape::Schema),
    ("additionalProperties", Shape::Schema),
    ("unevaluatedProperties", Shape::Schema),
    ("propertyNames", Shape::Schema),
    ("not", Shape::Schema),
    ("if", Shape::Schema),
    ("then", Shape::Schema),
    ("else", Shape::Schema),
    ("allOf", Shape::Schema),
    ("anyOf", Shape::Schema),
    ("oneOf", Shape::Schema),
    ("properties", Shape::Named),
    ("patternProperties", Shape::Named),
];

/// Keywords that would change what a schema accepts and are not kept: better refused than ignored.
const REFUSED: [(&str, &str); 6] = [
    (
        "$ref",
        "write the definition out in place: nothing is fetched or looked up",
    ),
    (
        "$dynamicRef",
        "write the definition out in place: nothing is fetched or looked up",
    ),
    (
        "$recursiveRef",
        "write the definition out in place: nothing is fetched or looked up",
    ),
    ("dependencies", "use `dependentRequired`"),
    ("dependentSchemas", "use `if` and `then`"),
    ("prefixItems", "use a list of schemas as `items`"),
];

/// The schema of a definition, which lies at `path` of the blueprint.
///
/// The recursion is bounded by the depth that the JSON reader allows.
pub(super) fn schema_of(definition: &Map<String, Json>, path: &str) -> Result<Json> {
    for (keyword, help) in REFUSED {
        if definition.contains_key(keyword) {
            let error = Error::invalid(format!("`{keyword}` is not supported"));
            return Err(error.with_path(pointer(path, keyword)).with_help(help));
        }
    }
    let mut schema = Map::new();
    for (keyword, shape) in KEYWORDS {
        if let Some(value) = definition.get(keyword) {
            let kept = keep(value, shape, &pointer(path, keyword))?;
            schema.insert(keyword.to_owned(), kept);
        }
    }
    if let Some(format) = definition.get("format") {
        insert_format(&mut schema, format, &pointer(path, "format"))?;
    }
    Ok(Json::Object(schema))
}

fn keep(value: &Json, shape: Shape, path: &str) -> Result<Json> {
    match (shape, value) {
        (Shape::Schema, Json::Object(schema)) => schema_of(schema, path),
        (Shape::Schema, Json::Array(schemas)) => {
            let schemas = schemas.iter().enumerate();
            schemas
                .map(|(at, one)| keep(one, shape, &format!("{path}/{at}")))
                .collect()
        }
        (Shape::Named, Json::Object(schemas)) => {
            let schemas = schemas.iter().map(|(name, one)| {
                Ok((
                    name.clone(),
                    keep(one, Shape::Schema, &pointer(path, name))?,
                ))
            });
            Ok(Json::Object(schemas.collect::<Result<_>>()?))
        }
        (Shape::Data | Shape::Schema | Shape::Named, _) => Ok(value.clone()),
    }
}

/// Formats that say something about the value are checked; the others only tell what it is for.
fn insert_format(schema: &mut Map<String, Json>, format: &Json, path: &str) -> Result<()> {
    let Some(name) = format.as_str() else {
        return Err(Error::invalid("expected a string").with_path(path));
    };
    let Some((_, known)) = Format::ALL.iter().find(|(known, _)| *known == name) else {
        // Below the top of a definition the formats of JSON Schema are good as well.
        if is_standard(name) {
            schema.insert("format".to_owned(), Json::from(name));
            return Ok(());
        }
        let error = Error::invalid(format!("unknown format `{}`", shortened(name)));
        let error = error.with_path(path);
        return Err(
            match did_you_mean(name, Format::ALL.map(|(known, _)| known)) {
                Some(help) => error.with_help(help),
                None => error,
            },
        );
    };
    match known {
        Format::LabeledUrl => {
            let all = schema
                .entry("allOf")
                .or_insert_with(|| Json::Array(Vec::new()));
            if let Some(all) = all.as_array_mut() {
                all.push(labeled_url());
            }
        }
        Format::DateTime
        | Format::Timer
        | Format::Url
        | Format::Email
        | Format::IdnEmail
        | Format::Ipv4
        | Format::Ipv6 => {
            schema.insert("format".to_owned(), Json::from(name));
        }
        Format::Markdown
        | Format::Yaml
        | Format::Proto
        | Format::User
        | Format::Team
        | Format::Blueprints => {}
    }
    Ok(())
}

fn labeled_url() -> Json {
    serde_json::json!({
        "type": "object",
        "required": ["url"],
        "properties": {
            "url": {"type": "string", "format": "url"},
            "displayText": {"type": "string"},
        },
    })
}
