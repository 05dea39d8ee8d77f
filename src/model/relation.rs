//! A relation: from entities of one blueprint to entities of one, several or any blueprints.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::json::At;
use super::limits;
use crate::error::Result;

/// A relation of a blueprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// The name that queries use.
    pub name: Arc<str>,
    /// What it may point to.
    pub target: Target,
    /// Whether every entity must have it.
    pub required: bool,
    /// Whether it may point to more than one entity.
    pub many: bool,
    /// Every other key of the JSON form (title, description ..), given back unchanged.
    pub other: Map<String, Json>,
}

/// The blueprints that a relation may point to. In JSON: `"team"`, `["team", "user"]` or `"*"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// These blueprints; one for Port's own form.
    Blueprints(Vec<Arc<str>>),
    /// Any blueprint.
    Any,
}

impl Target {
    /// Whether entities of a blueprint may be pointed to.
    #[must_use]
    pub fn allows(&self, blueprint: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Blueprints(known) => known.iter().any(|known| **known == *blueprint),
        }
    }
}

impl Relation {
    /// Reads a relation of Port's JSON form.
    pub(crate) fn read(name: &str, at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let place = fields
            .peek("target")
            .ok_or_else(|| at.error("missing `target`"))?;
        let target = Target::read(&place)?;
        // A list of one stays with the other keys: the field alone would be written as a text.
        if !matches!((place.json(), &target), (Json::Array(_), Target::Blueprints(one)) if one.len() == 1)
        {
            fields.take("target");
        }
        let (required, many) = (fields.flag("required")?, fields.flag("many")?);
        if required && many {
            let error = at.error("a relation cannot be both `many` and `required`");
            return Err(
                error.with_help("drop `required`, or test for at least one in a scorecard rule")
            );
        }
        Ok(Self {
            name: name.into(),
            target,
            required,
            many,
            other: fields.rest(),
        })
    }

    /// Whether it points to Port's own blueprint of teams and to nothing else.
    pub(super) fn is_of_teams(&self) -> bool {
        matches!(&self.target, Target::Blueprints(only) if matches!(&**only, [one] if **one == *"_team"))
    }

    /// The relation in Port's JSON form.
    pub(crate) fn to_json(&self) -> Json {
        let mut map = self.other.clone();
        let target = self.target.to_json();
        if map.get("target") != Some(&Json::Array(vec![target.clone()])) {
            map.insert("target".to_owned(), target);
        }
        for (key, set) in [("required", self.required), ("many", self.many)] {
            if set {
                map.insert(key.to_owned(), Json::Bool(true));
            }
        }
        Json::Object(map)
    }
}

impl Target {
    fn read(at: &At<'_>) -> Result<Self> {
        if !at.json().is_array() {
            return Ok(match at.string()? {
                "*" => Self::Any,
                one => Self::Blueprints(vec![one.into()]),
            });
        }
        let targets = at.array()?;
        at.at_most(targets.len(), limits::TARGETS, "targets")?;
        let mut known: Vec<Arc<str>> = Vec::with_capacity(targets.len());
        for target in targets {
            let name = target.string()?;
            if name == "*" {
                return Err(target
                    .error("`*` stands alone")
                    .with_help("write `\"target\": \"*\"`"));
            }
            if known.iter().any(|known| **known == *name) {
                return Err(target.error(format!("target `{name}` is listed twice")));
            }
            known.push(name.into());
        }
        if known.is_empty() {
            return Err(at.error("the list of targets is empty"));
        }
        Ok(Self::Blueprints(known))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Any => Json::from("*"),
            Self::Blueprints(targets) => match targets.as_slice() {
                [one] => Json::from(&**one),
                several => several.iter().map(|target| Json::from(&**target)).collect(),
            },
        }
    }
}
