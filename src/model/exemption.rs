//! The entities that pass a rule without meeting it, and until when.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::identifier::Identifies;
use super::json::{At, insert_text};
use super::limits;
use crate::error::Result;
use crate::value::Instant;

/// An entity that passes a rule without meeting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The identifier of the entity.
    pub entity: Arc<str>,
    /// When it ends; `None`: never.
    pub until: Option<Instant>,
    /// Why, for people.
    pub reason: Option<String>,
}

impl Exemption {
    fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let entity = fields.need("entity")?.identifier(Identifies::Entity)?;
        let until = fields.take("until");
        let exemption = Self {
            entity: entity.into(),
            until: until.map(|at| read_instant(&at)).transpose()?,
            reason: fields.text("reason")?,
        };
        fields.close("an exemption", &["entity", "until", "reason"])?;
        Ok(exemption)
    }

    pub(super) fn to_json(&self) -> Json {
        let mut map = Map::new();
        map.insert("entity".to_owned(), Json::from(&*self.entity));
        let until = self.until.map(|until| until.to_string());
        insert_text(&mut map, "until", until.as_ref());
        insert_text(&mut map, "reason", self.reason.as_ref());
        Json::Object(map)
    }
}

/// The exemptions of a rule: at most one for each entity.
pub(super) fn read_exemptions(at: &At<'_>) -> Result<Vec<Exemption>> {
    let list = at.array()?;
    at.at_most(list.len(), limits::EXEMPTIONS, "exemptions")?;
    let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut exemptions = Vec::with_capacity(list.len());
    for at in list {
        let exemption = Exemption::read(&at)?;
        if !seen.insert(Arc::clone(&exemption.entity)) {
            return Err(at.error(format!("entity `{}` is exempt twice", exemption.entity)));
        }
        exemptions.push(exemption);
    }
    Ok(exemptions)
}

/// A point in time, RFC 3339, as values of date-time properties are.
pub(super) fn read_instant(at: &At<'_>) -> Result<Instant> {
    Instant::parse(at.string()?).ok_or_else(|| {
        at.expected("a date-time with an offset such as `2025-01-31T12:00:00Z`, or a date")
    })
}
