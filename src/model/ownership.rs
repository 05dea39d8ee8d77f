//! Where the owning teams of an entity come from.

use serde_json::Value as Json;

use super::json::At;
use crate::error::{Result, did_you_mean};

/// Where the owning teams of an entity come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Ownership {
    /// They are written on the entity.
    Direct(Json),
    /// They are those of the entity at the end of a path; kept, not computed yet.
    Inherited(Json),
}

impl Ownership {
    pub(crate) fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let kind = fields.need("type")?;
        match kind.string()? {
            "Direct" => Ok(Self::Direct(at.json().clone())),
            "Inherited" => {
                fields.need("path")?.string()?;
                Ok(Self::Inherited(at.json().clone()))
            }
            other => {
                let error = kind.error(format!("unknown ownership `{}`", other.escape_debug()));
                let help = did_you_mean(other, ["Direct", "Inherited"]);
                Err(error.with_help(help.unwrap_or_else(|| "use `Direct` or `Inherited`".into())))
            }
        }
    }

    /// The definition as declared.
    pub(crate) const fn to_json(&self) -> &Json {
        match self {
            Self::Direct(json) | Self::Inherited(json) => json,
        }
    }
}
