//! What a rule or filter tests: expression text, or Port's conditions.

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
///
/// In the JSON of scorecards the list stands under `conditions`, in that of aggregation properties,
/// which are searches, under `rules`.
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
    /// A test of something else that Port's searches have: what an entity is related to, a path,
    /// all properties of a schema, a scorecard, the user. As declared.
    Search(Map<String, Json>),
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
            (None, Some(query)) => {
                let conditions = Conditions::read_all(&query, Form::Scorecard)?;
                Ok(Self::Conditions(conditions))
            }
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
            let conditions = Conditions::read_all(at, Form::Scorecard)?;
            return Ok(Self::Conditions(conditions));
        };
        fields.close("a filter with `when`", &["when"])?;
        Ok(Self::Expression(read_expression(&when)?))
    }

    /// Reads expression text.
    pub(crate) fn read_expression(at: &At<'_>) -> Result<Self> {
        Ok(Self::Expression(read_expression(at)?))
    }

    /// Reads Port's search query; one without rules matches everything, and so says nothing.
    pub(crate) fn read_search(at: &At<'_>) -> Result<Option<Self>> {
        let conditions = Conditions::read_all(at, Form::Search)?;
        Ok((!conditions.conditions.is_empty()).then_some(Self::Conditions(conditions)))
    }

    /// Port's search query of conditions.
    pub(crate) fn search_to_json(&self) -> Json {
        match self {
            Self::Expression(_) => Json::Null,
            Self::Conditions(conditions) => conditions.to_json(Form::Search),
        }
    }

    /// The key of a rule, and the value under it.
    pub(crate) fn rule_to_json(&self) -> (&'static str, Json) {
        match self {
            Self::Expression(text) => ("when", Json::from(&**text)),
            Self::Conditions(conditions) => ("query", conditions.to_json(Form::Scorecard)),
        }
    }

    pub(crate) fn filter_to_json(&self) -> Json {
        match self {
            Self::Expression(text) => Json::Object(
                [("when".to_owned(), Json::from(&**text))]
                    .into_iter()
                    .collect(),
            ),
            Self::Conditions(conditions) => conditions.to_json(Form::Scorecard),
        }
    }
}

fn read_expression(at: &At<'_>) -> Result<Arc<str>> {
    Ok(at.text(limits::EXPRESSION_BYTES, "expression")?.into())
}

/// Where the JSON comes from, which decides the key of the list.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Scorecard,
    Search,
}

impl Form {
    const fn key(self) -> &'static str {
        match self {
            Self::Scorecard => "conditions",
            Self::Search => "rules",
        }
    }

    /// Takes the list of a query. A search may use the key of scorecards too: the two are one thing
    /// to those who write them.
    fn list<'a>(self, fields: &mut Fields<'a>) -> Result<At<'a>> {
        let own = fields.take(self.key());
        let other = match self {
            Self::Scorecard => Self::Search,
            Self::Search => Self::Scorecard,
        };
        let at = fields.at().clone();
        match (own, fields.peek(other.key())) {
            (Some(_), Some(_)) => Err(at.error("a query has `rules` or `conditions`, not both")),
            (Some(own), None) => Ok(own),
            (None, Some(_)) if self == Self::Search => fields.need(other.key()),
            (None, Some(_)) => Err(at
                .error("missing `conditions`")
                .with_help("`rules` is for searches: rename it to `conditions`")),
            (None, None) => Err(at.error(format!("missing `{}`", self.key()))),
        }
    }
}

/// What Port's searches test beyond properties and relations of the entity.
const SEARCHES: [&str; 3] = ["propertySchema", "scorecard", "blueprint"];

/// Whether a rule is of a kind that only searches have.
fn is_search(fields: &Fields<'_>) -> bool {
    let property = fields.peek("property");
    let of_user_or_path = property.is_some_and(|property| {
        let has = |key| property.json().get(key).is_some();
        has("context") || has("path")
    });
    of_user_or_path || SEARCHES.iter().any(|key| fields.peek(key).is_some())
}

impl Conditions {
    /// The JSON form that scorecards have.
    pub(crate) fn json(&self) -> Json {
        self.to_json(Form::Scorecard)
    }

    fn read_all(at: &At<'_>, form: Form) -> Result<Self> {
        let conditions = Self::read(at, limits::CONDITION_DEPTH, form)?;
        at.at_most(conditions.count(), limits::CONDITIONS, "conditions")?;
        Ok(conditions)
    }

    /// `depth` more levels of nesting are allowed.
    fn read(at: &At<'_>, depth: usize, form: Form) -> Result<Self> {
        let outermost = depth == limits::CONDITION_DEPTH;
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
        let list = form.list(&mut fields)?;
        let conditions: Vec<Condition> = list
            .array()?
            .map(|at| Condition::read(&at, depth, form))
            .collect::<Result<_>>()?;
        if conditions.is_empty() && !(outermost && form == Form::Search) {
            return Err(list.error("at least one condition is needed"));
        }
        fields.close("a query", &["combinator", form.key()])?;
        Ok(Self {
            combinator,
            conditions,
        })
    }

    fn count(&self) -> usize {
        let count = |condition: &Condition| match condition {
            Condition::Group(group) => group.count(),
            Condition::Test { .. } | Condition::Search(_) => 1,
        };
        self.conditions.iter().map(count).sum()
    }

    fn to_json(&self, form: Form) -> Json {
        let combinator = match self.combinator {
            Combinator::And => "and",
            Combinator::Or => "or",
        };
        let mut map = Map::new();
        map.insert("combinator".to_owned(), Json::from(combinator));
        let conditions = self.conditions.iter();
        let conditions = conditions.map(|condition| condition.to_json(form));
        map.insert(form.key().to_owned(), conditions.collect());
        Json::Object(map)
    }
}

impl Condition {
    fn read(at: &At<'_>, depth: usize, form: Form) -> Result<Self> {
        let mut fields = at.fields()?;
        let of_group = ["combinator", "conditions", "rules"];
        if of_group.iter().any(|key| fields.peek(key).is_some()) {
            return Ok(Self::Group(Conditions::read(at, depth, form)?));
        }
        if is_search(&fields) {
            fields.need("operator")?.string()?;
            return Ok(Self::Search(at.map()?.clone()));
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

    fn to_json(&self, form: Form) -> Json {
        match self {
            Self::Group(group) => group.to_json(form),
            Self::Search(definition) => Json::Object(definition.clone()),
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
