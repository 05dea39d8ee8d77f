//! A mirror property: a property of a related entity, read as if it were one's own.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::json::At;
use super::limits;
use super::path::{check_end, check_relation};
use crate::error::Result;

/// A mirror property: one or more relations, then a property or meta-property.
///
/// Through a many relation it is a list, flattened, without nulls and duplicates.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    /// The name that queries use.
    pub name: Arc<str>,
    /// The relations to follow, at least one.
    pub relations: Vec<Arc<str>>,
    /// What is read at the end: a property, stored or derived, or a meta-property such as `$title`.
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
            limits::PATH_RELATIONS,
            "relations in a mirror path",
        )?;
        for step in &steps {
            check_relation(step, "a mirror path").map_err(|error| at.place(error))?;
        }
        check_end(&property).map_err(|error| at.place(error))?;
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
