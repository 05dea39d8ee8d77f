//! What a rule or filter of a scorecard tests: expression text, or Port's conditions.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::json::{At, Fields};
use super::limits;
use crate::error::{Error, ErrorKind, Result, did_you_mean};

/// What a rule or filter tests.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleTest {
    /// Expression text of the query language over the entity, in which a bare name is a property
    /// or relation of it.
    Expression(Arc<str>),
    /// Port's conditions.
    Conditions(Conditions),
}

/// Port's flat or nested list of conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// Whether all or any must hold.
    pub combinator: Combinator,
    /// At least one.
    pub conditions: Vec<Condition>,
}

/// Whether all conditions must hold, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combinator {
    /// All must hold.
    And,
    /// One must hold.
    Or,
}

/// One of Port's conditions.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Conditions within conditions.
    Group(Conditions),
    /// `property operator value`, or with `"relation"` in place of the property.
    Test {
        /// The property, mirror or meta-property, or the relation.
        property: Arc<str>,
        /// Whether the operand was given as `"relation"`.
        relation: bool,
        /// Port's operator, as written (`=`, `isNotEmpty`, `between` ..).
        operator: String,
        /// The value; null where the operator takes none.
        value: Json,
        /// The condition as declared, given back unchanged.
        definition: Map<String, Json>,
    },
}

impl RuleTest {
    /// Reads the `query` or the `when` of a rule.
    pub(crate) fn read_rule(fields: &mut Fields<'_>) -> Result<Self> {
        match (fields.take("when"), fields.take("query")) {
            (Some(when), None) => Ok(Self::Expression(read_expression(&when)?)),
            (None, Some(query)) => Ok(Self::Conditions(Conditions::read_all(&query)?)),
            (Some(_), Some(_)) => Err(fields.at().error("a rule has `query` or `when`, not both")),
            (None, None) => Err(fields
                .at()
                .error("missing `query`")
                .with_help("give Port's conditions as `query`, or an expression as `when`")),
        }
    }

    /// Reads a filter: Port's conditions, or `{"when": expression}`.
    pub(crate) fn read_filter(at: &At<'_>) -> Result<Self> {
        if at.json().is_string() {
            let error = at.error("expected an object, got a text");
            return Err(error.with_help("write `{\"when\": \"..\"}` to filter by an expression"));
        }
        let mut fields = at.fields()?;
        let Some(when) = fields.take("when") else {
            return Ok(Self::Conditions(Conditions::read_all(at)?));
        };
        fields.close("a filter with `when`")?;
        Ok(Self::Expression(read_expression(&when)?))
    }

    /// The key of a rule, and the value under it.
    pub(crate) fn rule_to_json(&self) -> (&'static str, Json) {
        match self {
            Self::Expression(text) => ("when", Json::from(&**text)),
            Self::Conditions(conditions) => ("query", conditions.to_json()),
        }
    }

    pub(crate) fn filter_to_json(&self) -> Json {
        match self {
            Self::Expression(text) => Json::Object(
                [("when".to_owned(), Json::from(&**text))]
                    .into_iter()
                    .collect(),
            ),
            Self::Conditions(conditions) => conditions.to_json(),
        }
    }
}

fn read_expression(at: &At<'_>) -> Result<Arc<str>> {
    let text = at.string()?;
    if text.trim().is_empty() {
        return Err(at.error("the expression is empty"));
    }
    at.at_most(
        text.len(),
        limits::EXPRESSION_BYTES,
        "bytes of expression text",
    )?;
    Ok(text.into())
}

impl Conditions {
    fn read_all(at: &At<'_>) -> Result<Self> {
        let conditions = Self::read(at, limits::CONDITION_DEPTH)?;
        at.at_most(conditions.count(), limits::CONDITIONS, "conditions")?;
        Ok(conditions)
    }

    /// `depth` more levels of nesting are allowed.
    fn read(at: &At<'_>, depth: usize) -> Result<Self> {
        let Some(depth) = depth.checked_sub(1) else {
            let message = format!(
                "conditions are nested deeper than {} levels",
                limits::CONDITION_DEPTH
            );
            return Err(at.place(Error::new(ErrorKind::Limit, message).with_help("flatten them")));
        };
        let mut fields = at.fields()?;
        let combinator = fields.need("combinator")?;
        let combinator = match combinator.string()? {
            "and" => Combinator::And,
            "or" => Combinator::Or,
            other => {
                let error =
                    combinator.error(format!("unknown combinator `{}`", other.escape_debug()));
                let help = did_you_mean(other, ["and", "or"]);
                return Err(error.with_help(help.unwrap_or_else(|| "use `and` or `or`".into())));
            }
        };
        let list = fields.need("conditions")?;
        let conditions: Vec<Condition> = list
            .array()?
            .map(|at| Condition::read(&at, depth))
            .collect::<Result<_>>()?;
        if conditions.is_empty() {
            return Err(list.error("at least one condition is needed"));
        }
        fields.close("a query")?;
        Ok(Self {
            combinator,
            conditions,
        })
    }

    fn count(&self) -> usize {
        let count = |condition: &Condition| match condition {
            Condition::Group(group) => group.count(),
            Condition::Test { .. } => 1,
        };
        self.conditions.iter().map(count).sum()
    }

    fn to_json(&self) -> Json {
        let combinator = match self.combinator {
            Combinator::And => "and",
            Combinator::Or => "or",
        };
        let mut map = Map::new();
        map.insert("combinator".to_owned(), Json::from(combinator));
        let conditions = self.conditions.iter().map(Condition::to_json).collect();
        map.insert("conditions".to_owned(), conditions);
        Json::Object(map)
    }
}

impl Condition {
    fn read(at: &At<'_>, depth: usize) -> Result<Self> {
        let mut fields = at.fields()?;
        if fields.peek("combinator").is_some() || fields.peek("conditions").is_some() {
            return Ok(Self::Group(Conditions::read(at, depth)?));
        }
        let (property, relation) = match (fields.take("property"), fields.take("relation")) {
            (Some(property), None) => (property, false),
            (None, Some(relation)) => (relation, true),
            (Some(_), Some(_)) => {
                return Err(at.error("a condition has `property` or `relation`, not both"));
            }
            (None, None) => return Err(at.error("missing `property`")),
        };
        Ok(Self::Test {
            property: property.string()?.into(),
            relation,
            operator: fields.need("operator")?.string()?.to_owned(),
            value: fields
                .peek("value")
                .map_or(Json::Null, |at| at.json().clone()),
            definition: at.map()?.clone(),
        })
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Group(group) => group.to_json(),
            Self::Test {
                property,
                relation,
                operator,
                value,
                definition,
            } => {
                let mut map = definition.clone();
                let key = if *relation { "relation" } else { "property" };
                map.insert(key.to_owned(), Json::from(&**property));
                map.insert("operator".to_owned(), Json::from(operator.as_str()));
                if !value.is_null() {
                    map.insert("value".to_owned(), value.clone());
                }
                Json::Object(map)
            }
        }
    }
}
