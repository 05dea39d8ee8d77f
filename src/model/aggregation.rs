//! An aggregation property: a number or value computed over the entities related to an entity.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::aggregation_path::read_paths;
use super::identifier::Identifies;
use super::json::{At, Fields, insert_as_read};
use super::{AggregationFunction, AggregationPath, PropertyType, RuleTest};
use crate::error::{Result, did_you_mean};

/// A property computed over the set of entities of one blueprint that are related to an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    /// The name that queries use.
    pub name: Arc<str>,
    /// The blueprint of the entities that are aggregated.
    pub target: Arc<str>,
    /// What is computed over them.
    pub function: AggregationFunction,
    /// The property of theirs that is read; `None` where the entities themselves are counted.
    pub property: Option<Arc<str>>,
    /// The property by which time they are ordered or spread over periods; `$createdAt` where
    /// absent.
    pub measure_time_by: Option<Arc<str>>,
    /// Which of them take part; all where absent.
    pub query: Option<RuleTest>,
    /// The ways to them; where there are none, every shortest way between the two blueprints.
    pub paths: Vec<AggregationPath>,
    /// Whether an index is asked for (`"index": true`) or refused; `None` leaves it to the engine.
    pub index: Option<bool>,
    /// Every other key of the JSON form, given back unchanged; and as they were read, those that
    /// can be written in more than one way (`query`, `pathFilter`).
    pub other: Map<String, Json>,
    /// Every other key of its `calculationSpec`, given back unchanged; and as they were read, those
    /// that can be written in more than one way (`averageOf`, `percentile`).
    pub other_specification: Map<String, Json>,
}

/// The keys that decide what is computed.
const KEYS: [&str; 7] = [
    "target",
    "calculationSpec",
    "query",
    "when",
    "pathFilter",
    "type",
    "index",
];
const SPECIFICATION_KEYS: [&str; 6] = [
    "calculationBy",
    "func",
    "property",
    "averageOf",
    "measureTimeBy",
    "percentile",
];

/// What is computed: the `calculationSpec`.
pub(crate) struct Specification {
    pub(crate) function: AggregationFunction,
    pub(crate) property: Option<Arc<str>>,
    pub(crate) measure_time_by: Option<Arc<str>>,
    other: Map<String, Json>,
}

impl Aggregation {
    /// Reads an aggregation property of the blueprint `own` in Port's JSON form, which it widens:
    /// several paths, steps against the direction of a relation, more functions, `when` in place of
    /// `query`.
    pub(crate) fn read(name: &str, at: &At<'_>, own: &str) -> Result<Self> {
        let mut fields = at.fields()?;
        fields.refuse_misspelled("an aggregation property", &KEYS)?;
        let target = fields.need("target")?.identifier(Identifies::Blueprint)?;
        let specification = Specification::read(&fields.need("calculationSpec")?)?;
        check_type(&fields, specification.function)?;
        let query = read_query(&mut fields)?;
        let paths = fields.peek("pathFilter");
        let paths = paths.map(|at| read_paths(&at, own, target)).transpose()?;
        let index = fields.take("index").map(|at| at.bool()).transpose()?;
        Ok(Self {
            name: name.into(),
            target: target.into(),
            function: specification.function,
            property: specification.property,
            measure_time_by: specification.measure_time_by,
            query,
            paths: paths.unwrap_or_default(),
            index,
            other: fields.rest(),
            other_specification: specification.other,
        })
    }

    /// The aggregation property of the blueprint `own` in Port's JSON form.
    pub(crate) fn to_json(&self, own: &str) -> Json {
        let mut map = self.other.clone();
        map.insert("target".to_owned(), Json::from(&*self.target));
        map.insert("calculationSpec".to_owned(), self.specification());
        let (when, query) = match &self.query {
            Some(RuleTest::Expression(when)) => (Some(when), None),
            query => (None, query.clone()),
        };
        insert_as_read(
            &mut map,
            "query",
            &query,
            &None,
            RuleTest::read_search,
            |query| query.as_ref().map_or(Json::Null, RuleTest::search_to_json),
        );
        if let Some(when) = when {
            map.insert("when".to_owned(), Json::from(&**when));
        }
        insert_as_read(
            &mut map,
            "pathFilter",
            &self.paths,
            &Vec::new(),
            |at| read_paths(at, own, &self.target),
            |paths| {
                let paths = paths.iter();
                paths.map(|path| path.to_json(&self.target)).collect()
            },
        );
        if let Some(index) = self.index {
            map.insert("index".to_owned(), Json::from(index));
        }
        Json::Object(map)
    }

    fn specification(&self) -> Json {
        let mut map = self.other_specification.clone();
        let by = match self.property {
            Some(_) => "property",
            None => "entities",
        };
        map.insert("calculationBy".to_owned(), Json::from(by));
        self.function.write(&mut map);
        let named = [
            ("property", &self.property),
            ("measureTimeBy", &self.measure_time_by),
        ];
        for (key, name) in named {
            if let Some(name) = name {
                map.insert(key.to_owned(), Json::from(&**name));
            }
        }
        Json::Object(map)
    }

    /// The type of the result, where it is declared.
    #[must_use]
    pub fn kind(&self) -> Option<PropertyType> {
        let name = self.other.get("type")?.as_str()?;
        let known = PropertyType::ALL.iter().find(|(known, _)| *known == name);
        known.map(|(_, kind)| *kind)
    }
}

impl Specification {
    pub(crate) fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        fields.refuse_misspelled("a `calculationSpec`", &SPECIFICATION_KEYS)?;
        let of_property = read_by(&fields.need("calculationBy")?)?;
        let function = AggregationFunction::read(&mut fields, of_property)?;
        let property = if of_property {
            Some(fields.need("property")?.string()?.into())
        } else if let Some(at) = fields.peek("property") {
            let error = at.error("`property` goes with `\"calculationBy\": \"property\"`");
            return Err(error);
        } else {
            None
        };
        let time = fields.take("measureTimeBy");
        Ok(Self {
            function,
            property,
            measure_time_by: time.map(|at| at.string().map(Arc::from)).transpose()?,
            other: fields.rest(),
        })
    }
}

/// Whether it is a property that is computed with, rather than the entities that are counted.
fn read_by(at: &At<'_>) -> Result<bool> {
    match at.string()? {
        "entities" => Ok(false),
        "property" => Ok(true),
        other => {
            let error = at.error(format!(
                "unknown `calculationBy` `{}`",
                other.escape_debug()
            ));
            let help = did_you_mean(other, ["entities", "property"]);
            Err(error.with_help(help.unwrap_or_else(|| "use `entities` or `property`".to_owned())))
        }
    }
}

fn check_type(fields: &Fields<'_>, function: AggregationFunction) -> Result<()> {
    let Some(at) = fields.peek("type") else {
        return Ok(());
    };
    let kind = PropertyType::read(&at)?;
    if function.gives_number() && kind != PropertyType::Number {
        let (name, kind) = (function.name(), kind.described());
        return Err(at.error(format!("`{name}` gives a number, not {kind}")));
    }
    Ok(())
}

/// Which entities take part. A `query` stays untaken, since it can be written in more than one way.
fn read_query(fields: &mut Fields<'_>) -> Result<Option<RuleTest>> {
    match (fields.take("when"), fields.peek("query")) {
        (None, None) => Ok(None),
        (None, Some(query)) => RuleTest::read_search(&query),
        (Some(when), None) => RuleTest::read_expression(&when).map(Some),
        (Some(_), Some(_)) => Err(fields
            .at()
            .error("an aggregation has `query` or `when`, not both")),
    }
}
