//! A blueprint: one kind of entity, with its properties, relations and derived properties.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::identifier::Identifies;
use super::json::{At, Fields, insert_named, insert_text, one_or_list};
use super::{Aggregation, Calculation, Mirror, Ownership, Property, Relation, limits};
use crate::error::{Result, did_you_mean};

/// One kind of entity, as its owner declares it. Reads and writes Port's JSON form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blueprint {
    /// The name that queries and relations use.
    pub identifier: Arc<str>,
    /// The name that people see.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The icon name.
    pub icon: Option<String>,
    /// Stored properties, by name; in the order of their declaration where the host turns on
    /// `serde_json/preserve_order`.
    pub properties: Vec<Property>,
    /// The properties that every entity must have.
    pub required: Vec<Arc<str>>,
    /// Relations, in the same order.
    pub relations: Vec<Relation>,
    /// Mirror properties, in the same order.
    pub mirrors: Vec<Mirror>,
    /// Calculation properties, in the same order.
    pub calculations: Vec<Calculation>,
    /// Aggregation properties, in the same order.
    pub aggregations: Vec<Aggregation>,
    /// Who owns entities of this kind.
    pub ownership: Option<Ownership>,
    /// Every other key of the JSON form, given back unchanged.
    pub other: Map<String, Json>,
}

impl Blueprint {
    /// Reads Port's JSON form.
    ///
    /// # Errors
    /// `Invalid` with the path of what is wrong.
    pub fn from_json(json: &Json) -> Result<Self> {
        Self::read(&At::root(json)?)
    }

    /// Reads a document that holds one blueprint or a list of them.
    ///
    /// # Errors
    /// `Invalid` with the path of what is wrong.
    pub fn list_from_json(json: &Json) -> Result<Vec<Self>> {
        one_or_list(json, Self::read)
    }

    fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let identifier = fields
            .need("identifier")?
            .identifier(Identifies::Blueprint)?;
        Self::read_fields(identifier, fields)
            .map_err(|error| error.context(format_args!("blueprint `{identifier}`")))
    }

    fn read_fields(identifier: &str, mut fields: Fields<'_>) -> Result<Self> {
        let (properties, required, schema) = match fields.take("schema") {
            Some(at) => read_schema(&at)?,
            None => (Vec::new(), Vec::new(), Map::new()),
        };
        let mut blueprint = Self {
            identifier: identifier.into(),
            title: fields.text("title")?,
            description: fields.text("description")?,
            icon: fields.text("icon")?,
            properties,
            required,
            relations: read_named(&mut fields, "relations", Relation::read)?,
            mirrors: read_named(&mut fields, MIRRORS, Mirror::read)?,
            calculations: read_named(&mut fields, CALCULATIONS, Calculation::read)?,
            aggregations: read_named(&mut fields, AGGREGATIONS, |name, at| {
                Aggregation::read(name, at, identifier)
            })?,
            ownership: fields
                .take("ownership")
                .map(|at| Ownership::read(&at))
                .transpose()?,
            other: Map::new(),
        };
        if blueprint.relations.iter().any(Relation::is_of_teams) {
            blueprint.ownership = blueprint.ownership.map(Ownership::overruled);
        }
        blueprint.check_names(fields.at())?;
        fields
            .at()
            .at_most(blueprint.relations.len(), limits::RELATIONS, "relations")?;
        let declared = fields.peek("schema").is_some();
        blueprint.other = fields.rest();
        // What a schema holds beyond its properties, or that it was given though it is empty.
        if declared && (!schema.is_empty() || blueprint.has_no_schema()) {
            blueprint
                .other
                .insert("schema".to_owned(), Json::Object(schema));
        }
        Ok(blueprint)
    }

    fn has_no_schema(&self) -> bool {
        self.properties.is_empty() && self.required.is_empty()
    }

    /// Stored and derived properties share one name space: their values stand side by side on an
    /// entity. Relations have their own.
    fn check_names(&self, at: &At<'_>) -> Result<()> {
        let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
        let stored = self.properties.iter().map(|p| (&p.name, "property", ""));
        let mirrors = self
            .mirrors
            .iter()
            .map(|m| (&m.name, "mirror property", MIRRORS));
        let calculations = self
            .calculations
            .iter()
            .map(|c| (&c.name, "calculation property", CALCULATIONS));
        let aggregations = self
            .aggregations
            .iter()
            .map(|a| (&a.name, "aggregation property", AGGREGATIONS));
        for (name, kind, key) in stored
            .chain(mirrors)
            .chain(calculations)
            .chain(aggregations)
        {
            if let Some(first) = kinds.insert(name, kind) {
                let message = format!("`{name}` is declared twice: as {first} and as {kind}");
                return Err(at
                    .error_under(&[key, name], message)
                    .with_help("rename one of the two"));
            }
        }
        at.at_most(kinds.len(), limits::PROPERTIES, "properties")
    }

    /// Writes Port's JSON form; what was read comes back.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut map = self.other.clone();
        map.insert("identifier".to_owned(), Json::from(&*self.identifier));
        insert_text(&mut map, "title", self.title.as_ref());
        insert_text(&mut map, "description", self.description.as_ref());
        insert_text(&mut map, "icon", self.icon.as_ref());
        if !self.has_no_schema() {
            let mut schema = match map.remove("schema") {
                Some(Json::Object(schema)) => schema,
                _ => Map::new(),
            };
            let properties = self.properties.iter().map(|p| (&*p.name, p.to_json()));
            insert_named(&mut schema, "properties", properties);
            if !self.required.is_empty() {
                let required = self
                    .required
                    .iter()
                    .map(|name| Json::from(&**name))
                    .collect();
                schema.insert("required".to_owned(), required);
            }
            map.insert("schema".to_owned(), Json::Object(schema));
        }
        let relations = self.relations.iter().map(|r| (&*r.name, r.to_json()));
        insert_named(&mut map, "relations", relations);
        insert_named(
            &mut map,
            MIRRORS,
            self.mirrors.iter().map(|m| (&*m.name, m.to_json())),
        );
        let calculations = self.calculations.iter();
        let calculations = calculations.map(|c| (&*c.name, c.to_json()));
        insert_named(&mut map, CALCULATIONS, calculations);
        let aggregations = self.aggregations.iter();
        let aggregations = aggregations.map(|a| (&*a.name, a.to_json(&self.identifier)));
        insert_named(&mut map, AGGREGATIONS, aggregations);
        if let Some(ownership) = &self.ownership {
            map.insert("ownership".to_owned(), ownership.to_json());
        }
        Json::Object(map)
    }

    /// A stored property by name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|p| *p.name == *name)
    }

    /// A relation by name.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|r| *r.name == *name)
    }

    /// A calculation property by name.
    #[must_use]
    pub fn calculation(&self, name: &str) -> Option<&Calculation> {
        self.calculations.iter().find(|c| *c.name == *name)
    }

    /// An aggregation property by name.
    #[must_use]
    pub fn aggregation(&self, name: &str) -> Option<&Aggregation> {
        self.aggregations.iter().find(|a| *a.name == *name)
    }

    /// A mirror property by name.
    #[must_use]
    pub fn mirror(&self, name: &str) -> Option<&Mirror> {
        self.mirrors.iter().find(|m| *m.name == *name)
    }
}

const MIRRORS: &str = "mirrorProperties";
const CALCULATIONS: &str = "calculationProperties";
const AGGREGATIONS: &str = "aggregationProperties";

type Schema = (Vec<Property>, Vec<Arc<str>>, Map<String, Json>);

/// The properties, which of them are required, and the rest of the schema.
fn read_schema(at: &At<'_>) -> Result<Schema> {
    let mut fields = at.fields()?;
    let properties = read_named(&mut fields, "properties", Property::read)?;
    let mut required: Vec<Arc<str>> = Vec::new();
    if let Some(at) = fields.peek("required") {
        for at in at.array()? {
            let name = at.string()?;
            check_required(&at, name, &properties, &required)?;
            required.push(name.into());
        }
        if !required.is_empty() {
            fields.take("required");
        }
    }
    Ok((properties, required, fields.rest()))
}

fn check_required(
    at: &At<'_>,
    name: &str,
    properties: &[Property],
    required: &[Arc<str>],
) -> Result<()> {
    if required.iter().any(|known| **known == *name) {
        return Err(at.error(format!("`{name}` is required twice")));
    }
    if properties.iter().any(|property| *property.name == *name) {
        return Ok(());
    }
    let error = at.error(format!(
        "`{name}` is required, but there is no such property"
    ));
    Err(
        match did_you_mean(name, properties.iter().map(|property| &*property.name)) {
            Some(help) => error.with_help(help),
            None => error,
        },
    )
}

/// Reads the members of an object by name; an empty one stays untaken, as if it were absent.
fn read_named<T>(
    fields: &mut Fields<'_>,
    key: &'static str,
    read: impl Fn(&str, &At<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let Some(at) = fields.peek(key) else {
        return Ok(Vec::new());
    };
    let members: Vec<T> = at
        .named()?
        .map(|(name, at)| read(name, &at))
        .collect::<Result<_>>()?;
    if !members.is_empty() {
        fields.take(key);
    }
    Ok(members)
}
