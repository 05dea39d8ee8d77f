//! The nine questions, as texts of the query language.

use portolan::{Rows, Snapshot, Value, params};
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

/// The answer of a question with its parameters.
pub(crate) fn answer(snapshot: &Snapshot, name: &str, parameters: &Json) -> Result<Json> {
    let text = |key: &str| parameters[key].as_str().unwrap_or_default();
    match name {
        "q1" => {
            let entity = snapshot.get(text("blueprint"), text("identifier"))?;
            Ok(json!([entity["identifier"], entity["title"]]))
        }
        "q2" => {
            let of = || params! {"tier" => text("tier"), "lifecycle" => text("lifecycle")};
            let count = single(&snapshot.query(Q2_COUNT, of())?);
            Ok(json!([count, column(&snapshot.query(Q2_FIRST, of())?)]))
        }
        "q3" => Ok(column(
            &snapshot.query(Q3, params! {"domain" => text("domain")})?,
        )),
        "q4" => Ok(table(&snapshot.query(Q4, ())?)),
        "q5" => {
            let of = params! {"service" => text("service")};
            Ok(column(&snapshot.query(Q5, of)?))
        }
        "q6" => {
            let ends = (("service", text("from")), ("service", text("to")));
            let path = snapshot.shortest_path(ends.0, ends.1, "depends_on")?;
            Ok(json!(path.map(|path| path.len().saturating_sub(1))))
        }
        "q7" => Ok(table(
            &snapshot.query(Q7, params! {"domain" => text("domain")})?,
        )),
        "q8" => {
            let query = format!(
                "MATCH (e:{}) WHERE e.$title STARTS WITH $prefix
                 RETURN e.$title, e.$identifier ORDER BY e.$title, e.$identifier LIMIT 20",
                text("blueprint")
            );
            Ok(table(
                &snapshot.query(&query, params! {"prefix" => text("prefix")})?,
            ))
        }
        "q9" => {
            let results = format!("s.$scorecards.{}", text("scorecard"));
            let query = format!(
                "MATCH (s:service)-[:owning_team]->(t:team)
                 WHERE {results}.level IS NOT NULL AND NOT {results}.rules.{}.passed
                 RETURN t.$identifier, count(*)",
                text("rule")
            );
            Ok(table(&snapshot.query(&query, ())?))
        }
        other => Err(Failure::na(format!("there is no question `{other}`"))),
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
