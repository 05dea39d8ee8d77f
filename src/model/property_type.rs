//! The types of properties, and the formats of those that are texts.

use serde_json::Value as Json;

use super::json::{At, shortened};
use crate::error::{Error, Result, did_you_mean};

/// The type of a stored property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropertyType {
    /// A text.
    String,
    /// A number, whole or not.
    Number,
    /// True or false.
    Boolean,
    /// Values in order.
    Array,
    /// Values by name.
    Object,
}

/// What a text property holds, beyond being a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A point in time, RFC 3339.
    DateTime,
    /// A point in time at which something expires, RFC 3339.
    Timer,
    /// A web address.
    Url,
    /// A mail address.
    Email,
    /// A mail address, also beyond ASCII.
    IdnEmail,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// Markdown text.
    Markdown,
    /// YAML text.
    Yaml,
    /// Protocol buffer definitions.
    Proto,
    /// A user, by mail address.
    User,
    /// A team, by identifier.
    Team,
    /// A blueprint, by identifier.
    Blueprints,
    /// An object of an address and the text to show for it.
    LabeledUrl,
}

impl PropertyType {
    /// Every type with its name in JSON.
    pub const ALL: [(&'static str, Self); 5] = [
        ("string", Self::String),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
    ];

    /// Names that people write in place of one of the five, and what to write instead.
    const MISTAKEN: [(&'static str, &'static str); 7] = [
        ("integer", "use `number`"),
        ("float", "use `number`"),
        ("enum", "use `string` with `enum`"),
        ("date", "use `string` with `\"format\": \"date-time\"`"),
        ("date-time", "use `string` with `\"format\": \"date-time\"`"),
        ("list", "use `array`"),
        ("map", "use `object`"),
    ];

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether a JSON value is of this type.
    #[must_use]
    pub fn holds(self, json: &Json) -> bool {
        match self {
            Self::String => json.is_string(),
            Self::Number => json.is_number(),
            Self::Boolean => json.is_boolean(),
            Self::Array => json.is_array(),
            Self::Object => json.is_object(),
        }
    }

    /// The type as a message names one value of it.
    pub(crate) const fn described(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }

    pub(crate) fn read(at: &At<'_>) -> Result<Self> {
        let name = at.string()?;
        if let Some((_, kind)) = Self::ALL.iter().find(|(known, _)| *known == name) {
            return Ok(*kind);
        }
        let known = Self::ALL.map(|(known, _)| known);
        Err(unknown(at, "type", name, &Self::MISTAKEN, &known))
    }
}

impl Format {
    /// Every format with its name in JSON.
    pub const ALL: [(&'static str, Self); 14] = [
        ("date-time", Self::DateTime),
        ("timer", Self::Timer),
        ("url", Self::Url),
        ("email", Self::Email),
        ("idn-email", Self::IdnEmail),
        ("ipv4", Self::Ipv4),
        ("ipv6", Self::Ipv6),
        ("markdown", Self::Markdown),
        ("yaml", Self::Yaml),
        ("proto", Self::Proto),
        ("user", Self::User),
        ("team", Self::Team),
        ("blueprints", Self::Blueprints),
        ("labeled-url", Self::LabeledUrl),
    ];

    /// Names that people write in place of one of the above, and what to write instead.
    const MISTAKEN: [(&'static str, &'static str); 4] = [
        ("date", "use `date-time`, which also takes a plain date"),
        ("uri", "use `url`"),
        ("ip", "use `ipv4` or `ipv6`"),
        ("blueprint", "use `blueprints`"),
    ];

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, format)| *format == self)
            .map_or("", |(name, _)| name)
    }

    /// The type of the values that have this format.
    #[must_use]
    pub fn kind(self) -> PropertyType {
        if self == Self::LabeledUrl {
            PropertyType::Object
        } else {
            PropertyType::String
        }
    }

    pub(crate) fn read(at: &At<'_>, kind: PropertyType) -> Result<Self> {
        let name = at.string()?;
        let Some((_, format)) = Self::ALL.iter().find(|(known, _)| *known == name) else {
            let known = Self::ALL.map(|(known, _)| known);
            return Err(unknown(at, "format", name, &Self::MISTAKEN, &known));
        };
        if format.kind() != kind {
            let (wanted, kind) = (format.kind().name(), kind.name());
            let message = format!("format `{name}` is for type `{wanted}`, not `{kind}`");
            return Err(at.error(message));
        }
        Ok(*format)
    }
}

fn unknown(
    at: &At<'_>,
    what: &str,
    name: &str,
    mistaken: &[(&str, &str)],
    known: &[&str],
) -> Error {
    let error = at.error(format!("unknown {what} `{}`", shortened(name)));
    let instead = mistaken.iter().find(|(wrong, _)| *wrong == name);
    let help = match instead {
        Some((_, instead)) => (*instead).to_owned(),
        None => did_you_mean(name, known.iter().copied())
            .unwrap_or_else(|| format!("use one of `{}`", known.join("`, `"))),
    };
    error.with_help(help)
}
