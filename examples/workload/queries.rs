//! The nine questions, as texts of the query language.

use std::cell::RefCell;
use std::collections::BTreeMap;

use portolan::{Prepared, Rows, Snapshot, Value, params};
use serde_json::{Value as Json, json};

use super::failure::{Failure, Result};

const Q2_COUNT: &str = "
    MATCH (s:service) WHERE s.tier = $tier AND s.lifecycle = $lifecycle RETURN count(*)";
const Q2_FIRST: &str = "
    MATCH (s:service) WHERE s.tier = $tier AND s.lifecycle = $lifecycle
    RETURN s.$identifier ORDER BY s.$title, s.$identifier LIMIT 50";
const Q3: &str = "
    MATCH (:domain {$identifier: $domain})<-[:domain]-(:system)<-[:system]-(s:service)
    WHERE EXISTS { (s)<-[:service]-(v:vulnerability)
                   WHERE v.status = 'open' AND v.severity = 'critical' }
    RETURN s.$identifier";
const Q4: &str = "
    MATCH (v:vulnerability)-[:service]->(:service)-[:owning_team]->(t:team)
    WHERE v.status = 'open'
    RETURN t.$identifier, v.severity, count(*)";
const Q5: &str = "
    MATCH (o:service)-[:depends_on]->+(s:service {$identifier: $service})
    WHERE o <> s
    RETURN DISTINCT o.$identifier";
const Q7: &str = "
    MATCH (:domain {$identifier: $domain})<-[:domain]-(:system)<-[:system]-(s:service)
          -[:depends_on]->(:service)-[:consumes_api]->(a:api)-[:provided_by]->(p:service)
    WHERE p.owning_team <> s.owning_team
    RETURN DISTINCT s.$identifier, a.$identifier";

const Q1: &str = "MATCH (e:BLUEPRINT {$identifier: $of}) RETURN e";
const Q8: &str = "
    MATCH (e:BLUEPRINT) WHERE e.$title STARTS WITH $prefix
    RETURN e.$title, e.$identifier ORDER BY e.$title, e.$identifier LIMIT 20";
const Q9: &str = "
    MATCH (s:service)-[:owning_team]->(t:team)
    WHERE s.$scorecards.SCORECARD.level IS NOT NULL
          AND NOT s.$scorecards.SCORECARD.rules.RULE.passed
    RETURN t.$identifier, count(*)";

/// The statements that were prepared, by the question and the names in it.
#[derive(Debug, Default)]
pub(crate) struct Questions(RefCell<BTreeMap<[String; 3], Prepared>>);

impl Questions {
    /// The answer of a question with its parameters.
    pub(crate) fn answer(&self, on: &Snapshot, name: &str, parameters: &Json) -> Result<Json> {
        let text = |key: &str| parameters[key].as_str().unwrap_or_default();
        let bind = |key: &'static str| params! {key => text(key)};
        match name {
            "q1" => {
                let query = self.prepared(on, ["q1", text("blueprint"), ""], || {
                    Q1.replace("BLUEPRINT", text("blueprint"))
                })?;
                let of = params! {"of" => text("identifier")};
                let rows = query.bind(on, of)?.all()?;
                let entity = rows.row(0).and_then(|row| row.get("e"));
                let field = |name: &str| entity.and_then(|entity| entity.get(name));
                Ok(json!([field("$identifier"), field("$title")]))
            }
            "q2" => {
                let of = || params! {"tier" => text("tier"), "lifecycle" => text("lifecycle")};
                let count = self.prepared(on, ["q2", "count", ""], || Q2_COUNT.to_owned())?;
                let first = self.prepared(on, ["q2", "first", ""], || Q2_FIRST.to_owned())?;
                let count = single(&count.bind(on, of())?.all()?);
                Ok(json!([count, column(&first.bind(on, of())?.all()?)]))
            }
            "q3" => {
                let query = self.prepared(on, ["q3", "", ""], || Q3.to_owned())?;
                Ok(column(&query.bind(on, bind("domain"))?.all()?))
            }
            "q4" => {
                let query = self.prepared(on, ["q4", "", ""], || Q4.to_owned())?;
                Ok(table(&query.bind(on, ())?.all()?))
            }
            "q5" => {
                let query = self.prepared(on, ["q5", "", ""], || Q5.to_owned())?;
                Ok(column(&query.bind(on, bind("service"))?.all()?))
            }
            "q6" => {
                let ends = (("service", text("from")), ("service", text("to")));
                let path = on.shortest_path(ends.0, ends.1, "depends_on")?;
                Ok(json!(path.map(|path| path.len().saturating_sub(1))))
            }
            "q7" => {
                let query = self.prepared(on, ["q7", "", ""], || Q7.to_owned())?;
                Ok(table(&query.bind(on, bind("domain"))?.all()?))
            }
            "q8" => {
                let query = self.prepared(on, ["q8", text("blueprint"), ""], || {
                    Q8.replace("BLUEPRINT", text("blueprint"))
                })?;
                Ok(table(&query.bind(on, bind("prefix"))?.all()?))
            }
            "q9" => {
                let query = self.prepared(on, ["q9", text("scorecard"), text("rule")], || {
                    let query = Q9.replace("SCORECARD", text("scorecard"));
                    query.replace("RULE", text("rule"))
                })?;
                Ok(table(&query.bind(on, ())?.all()?))
            }
            other => Err(Failure::na(format!("there is no question `{other}`"))),
        }
    }

    /// A statement, prepared when it is first asked for.
    fn prepared(
        &self,
        on: &Snapshot,
        key: [&str; 3],
        text: impl FnOnce() -> String,
    ) -> Result<Prepared> {
        let mut known = self.0.borrow_mut();
        let key = key.map(str::to_owned);
        if let Some(statement) = known.get(&key) {
            return Ok(statement.clone());
        }
        let statement = on.prepare(&text())?;
        known.insert(key, statement.clone());
        Ok(statement)
    }
}

/// The one value of the one row.
fn single(rows: &Rows) -> Json {
    let value = rows.iter().next().and_then(<[_]>::first);
    value.map_or(Json::Null, Value::to_json)
}

/// The first value of each row.
fn column(rows: &Rows) -> Json {
    let values = rows.iter().filter_map(<[_]>::first);
    values.map(Value::to_json).collect()
}

fn table(rows: &Rows) -> Json {
    let row = |row: &[Value]| row.iter().map(Value::to_json).collect();
    rows.iter().map(row).collect::<Vec<Json>>().into()
}
