//! Values, ids, interned names, dates, instants and durations, their total order, JSON in and out.

mod byte_count;
mod compare;
mod deserialize;
mod id;
mod json;
mod name;
mod path;
mod size;
mod sum;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use byte_count::ByteCount;
pub(crate) use compare::{compare, equal, order, point};
pub(crate) use deserialize::Cell;
pub use id::{BlueprintId, EntityId, NameId, ScorecardId, Seq};
pub(crate) use id::{CHUNK, CHUNK_BITS};
pub use name::Names;
pub use path::{Path, Relationship};
pub(crate) use size::ARC;
pub(crate) use sum::Sum;
pub(crate) use time::{
    DAY, HOUR, MINUTE, Measure, SECOND, Unit, Units, between, ordinal_date, quarter_date, scaled,
    week_date,
};
pub use time::{Date, Duration, Instant, Offset};

/// The fields of an object value, in the order of their names.
pub(crate) type Fields = BTreeMap<Arc<str>, Value>;

/// One value of the language: what a property holds and what an expression yields.
///
/// Cloning is cheap: texts, lists and maps are shared. `==` and `<` are those of keys and of
/// `ORDER BY`: total, with null equal to null and after everything else.
///
/// ```
/// use portolan::{Value, params};
///
/// let tags = Value::list(["a", "b"].map(Value::from));
/// let parameters = params! { "tags" => tags, "tier" => 1, "owner" => None::<&str> };
/// assert_eq!(parameters.iter().next().unwrap(), ("owner", &Value::Null));
/// assert_eq!(Value::from(1), Value::from(1.0));
/// ```
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Missing or unknown; a missing property and an explicit null are the same.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction (never NaN when it comes from JSON).
    Float(f64),
    /// A text.
    String(Arc<str>),
    /// A point in time, and the offset in which it is written.
    Instant(Instant, Offset),
    /// A calendar date.
    Date(Date),
    /// A span of time.
    Duration(Duration),
    /// A level of a scorecard; levels of one scorecard are ordered by rank.
    Level(Level),
    /// Values in order.
    List(Arc<[Value]>),
    /// Values by name.
    Map(Arc<Fields>),
    /// An entity, by id.
    Entity(EntityId),
    /// A relation between two entities.
    Relation(Relationship),
    /// A walk along relations.
    Path(Arc<Path>),
}

/// A level of a scorecard: its rank (0 is the lowest) and its title.
///
/// ```
/// use portolan::{Level, Value};
///
/// let level = |rank, title: &str| Value::Level(Level { rank, title: title.into() });
/// assert!(level(3, "Gold") > level(1, "Bronze"), "by rank, not by title");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The place among the scorecard's levels, from 0.
    pub rank: u16,
    /// The title that the scorecard gives it.
    pub title: Arc<str>,
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A list value.
    #[must_use]
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().collect())
    }

    /// Whether the value is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is null, an empty text, an empty list or an empty map.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::String(text) => text.is_empty(),
            Self::List(values) => values.is_empty(),
            Self::Map(fields) => fields.is_empty(),
            Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Instant(..)
            | Self::Date(_)
            | Self::Duration(_)
            | Self::Level(_)
            | Self::Entity(_)
            | Self::Relation(_)
            | Self::Path(_) => false,
        }
    }

    /// The text, where the value is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The value of a name, where this is a map (an entity of an answer is one) that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        if let Self::Map(fields) = self {
            fields.get(name)
        } else {
            None
        }
    }

    /// What users call this kind of value.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Float(_) => "number",
            Self::String(_) => "string",
            Self::Instant(..) => "instant",
            Self::Date(_) => "date",
            Self::Duration(_) => "duration",
            Self::Level(_) => "level",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Entity(_) => "entity",
            Self::Relation(_) => "relation",
            Self::Path(_) => "path",
        }
    }
}

impl PartialEq for Value {
    /// Equality as a key: same kind or both numbers, null equals null. The language's own `=` is
    /// three-valued and another matter.
    fn eq(&self, other: &Self) -> bool {
        order(self, other).is_eq()
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    /// The global order of openCypher: map < entity < relation < list < path < instant < date < duration < level < string
    /// < boolean < number < null, numbers of both kinds by their exact value, NaN last.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        order(self, other)
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

value_from! {
    bool => Bool, i64 => Int, i32 => Int, u32 => Int, f64 => Float, &str => String, String => String,
    Arc<str> => String, Date => Date, Duration => Duration, EntityId => Entity, Level => Level,
}

impl From<Instant> for Value {
    fn from(instant: Instant) -> Self {
        Self::Instant(instant, Offset::UTC)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::list(values.into_iter().map(Into::into))
    }
}
