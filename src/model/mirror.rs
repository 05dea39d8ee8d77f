//! A mirror property: a property of a related entity, read as if it were one's own.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Meta;
use super::identifier::Identifies;
use super::json::At;
use super::limits;
use crate::error::{Error, ErrorKind, Result, did_you_mean};

/// A mirror property: one or more relations, then a property or meta-property.
///
/// Through a many relation it is a list, flattened, without nulls and duplicates.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    /// The name that queries use.
    pub name: Arc<str>,
    /// The relations to follow, at least one.
    pub relations: Vec<Arc<str>>,
    /// What is read at the end: a property, a mirror, or a meta-property such as `$title`.
    pub property: Arc<str>,
    /// Every other key of the JSON form (title ..), given back unchanged.
    pub other: Map<String, Json>,
}

impl Mirror {
    /// Reads a mirror property of Port's JSON form.
    pub(crate) fn read(name: &str, at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let at = fields.need("path")?;
        let mut steps: Vec<Arc<str>> = at.string()?.split('.').map(Arc::from).collect();
        let property = steps.pop().filter(|_| !steps.is_empty()).ok_or_else(|| {
            at.error("a mirror path is one or more relations, then what to read")
                .with_help("write for instance `team.$title`")
        })?;
        at.at_most(
            steps.len(),
            limits::MIRROR_RELATIONS,
            "relations in a mirror path",
        )?;
        for step in &steps {
            check_step(step).map_err(|error| at.place(error))?;
        }
        check_property(&property).map_err(|error| at.place(error))?;
        Ok(Self {
            name: name.into(),
            relations: steps,
            property,
            other: fields.rest(),
        })
    }

    /// The path in dotted form.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = self.relations.join(".");
        path.push('.');
        path.push_str(&self.property);
        path
    }

    /// The mirror property in Port's JSON form.
    pub(crate) fn to_json(&self) -> Json {
        let mut map = self.other.clone();
        map.insert("path".to_owned(), Json::from(self.path()));
        Json::Object(map)
    }
}

fn check_step(step: &str) -> Result<()> {
    if step == Meta::Team.name() {
        let message = "a mirror path through `$team` is not supported yet";
        let help = "declare a relation to the blueprint of the teams and go through that";
        return Err(Error::new(ErrorKind::Unsupported, message).with_help(help));
    }
    if step.starts_with('$') {
        return Err(Error::invalid(format!(
            "`{step}` is not a relation: it can only end a path"
        )));
    }
    Identifies::Name.check(step)
}

fn check_property(property: &str) -> Result<()> {
    if !property.starts_with('$') {
        return Identifies::Name.check(property);
    }
    if Meta::named(property).is_some() {
        return Ok(());
    }
    let error = Error::invalid(format!("unknown meta-property `{property}`"));
    Err(
        match did_you_mean(property, Meta::ALL.map(|(name, _)| name)) {
            Some(help) => error.with_help(help),
            None => error,
        },
    )
}
