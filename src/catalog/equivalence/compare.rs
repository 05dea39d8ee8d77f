//! One case: a catalog and a query of the same choices, and whether both ways agree on the answer.

use std::cmp::Ordering;

use super::choices::Choices;
use super::naive::{Naive, in_order};
use super::random::{self, Asked};
use super::world;
use crate::error::{Error, ErrorKind};
use crate::query::{self, Cancel, Limits};
use crate::state::{EntityName, State};
use crate::value::{Instant, Value};
use crate::{Snapshot, Viewer};

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Both ways gave the same rows, and there were some.
    Rows,
    /// Both ways gave none.
    Nothing,
    /// The query is not well typed.
    Refused,
    /// It takes too long to try everything.
    GivenUp,
}

/// Checks the case of the choices that make a catalog and of those that make a query.
///
/// # Panics
/// Where the two ways do not agree, with the query and both answers.
#[must_use]
pub fn check(world: &[u8], query: &[u8]) -> Outcome {
    let snapshot = world::catalog(&mut Choices::new(world)).read(&Viewer::system("test"));
    let asked = random::query(&mut Choices::new(query));
    compare(&snapshot, &asked)
}

fn compare(snapshot: &Snapshot, asked: &Asked) -> Outcome {
    let state = snapshot.state();
    let query = match query::statement(state.model(), &asked.text) {
        Ok(query) => query,
        Err(error) => {
            assert!(
                error.kind() != ErrorKind::Internal,
                "{}: {error}",
                asked.text
            );
            return Outcome::Refused;
        }
    };
    let now = state.time();
    let expected = match Naive::new(state, now).answer(&query) {
        Err(error) if error.kind() == ErrorKind::Limit => return Outcome::GivenUp,
        other => other,
    };
    let found = planned(state, &query, now);
    match (expected, found) {
        (Ok(expected), Ok(found)) => {
            let rows = |rows: Vec<Vec<Value>>| -> Vec<Vec<Value>> {
                let rows = rows.into_iter();
                rows.map(|row| plain_row(state, asked, row)).collect()
            };
            let (mut expected, mut found) = (rows(expected), rows(found));
            assert_ordered(asked, &found);
            expected.sort();
            found.sort();
            assert!(
                expected == found,
                "{}\nexpected {}\nfound {}",
                asked.text,
                shown(&expected),
                shown(&found)
            );
            if found.is_empty() {
                Outcome::Nothing
            } else {
                Outcome::Rows
            }
        }
        (Err(_), Err(_)) => Outcome::Nothing,
        (Ok(_), Err(error)) => panic!("{}\nfound {error:#}", asked.text),
        (Err(error), Ok(_)) => panic!("{}\nexpected {error:#}", asked.text),
    }
}

fn planned(state: &State, query: &query::Query, now: Instant) -> Result<Vec<Vec<Value>>, Error> {
    let answer = query::run(state, query, &[], now, &Limits::default(), &Cancel::new());
    answer.map(|answer| answer.rows)
}

/// A row with the names of entities in their place, and sorted where order does not count.
fn plain_row(state: &State, asked: &Asked, row: Vec<Value>) -> Vec<Value> {
    let values = row.into_iter().map(|value| plain(state, &value));
    let columns = values.zip(&asked.bags);
    columns
        .map(|(value, bag)| match value {
            Value::List(values) if *bag => {
                let mut values = values.to_vec();
                values.sort();
                Value::list(values)
            }
            other => other,
        })
        .collect()
}

/// Entities as their names, whether they come as ids or as an answer shows them.
fn plain(state: &State, value: &Value) -> Value {
    match value {
        Value::Entity(id) => {
            let EntityName {
                blueprint,
                identifier,
            } = EntityName::of(state, *id);
            Value::string(format!("{blueprint}/{identifier}"))
        }
        Value::Relation(of) => Value::list([
            plain(state, &Value::Entity(of.source)),
            Value::string(state.model().names().text(of.relation)),
            plain(state, &Value::Entity(of.target)),
        ]),
        Value::Path(path) => {
            let entities = path
                .entities
                .iter()
                .map(|id| plain(state, &Value::Entity(*id)));
            let relations = path
                .relations
                .iter()
                .map(|of| plain(state, &Value::Relation(*of)));
            Value::list([Value::list(entities), Value::list(relations)])
        }
        Value::List(values) => Value::list(values.iter().map(|value| plain(state, value))),
        Value::Map(fields) => {
            let field = |name: &str| fields.get(name).map(|value| plain(state, value));
            if let Some((blueprint, identifier)) = field("$blueprint").zip(field("$identifier")) {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                return Value::string(text(&blueprint) + "/" + &text(&identifier));
            }
            if let Some(name) = field("$relation") {
                return Value::list([field("$source").into(), name, field("$target").into()]);
            }
            match field("$entities").zip(field("$relations")) {
                Some((entities, relations)) => Value::list([entities, relations]),
                None => value.clone(),
            }
        }
        other => other.clone(),
    }
}

fn assert_ordered(asked: &Asked, rows: &[Vec<Value>]) {
    for pair in rows.windows(2) {
        let each = asked.order.iter().map(|key| {
            let (a, b) = (&pair[0][key.column], &pair[1][key.column]);
            in_order(key.descending, key.nulls_first, a, b)
        });
        let order = each.fold(Ordering::Equal, Ordering::then);
        assert!(
            order.is_le(),
            "{}\nout of order: {}",
            asked.text,
            shown(pair)
        );
    }
}

fn shown(rows: &[Vec<Value>]) -> String {
    let cells = |row: &Vec<Value>| {
        let cells: Vec<String> = row.iter().map(Value::to_string).collect();
        cells.join(", ")
    };
    let rows: Vec<String> = rows.iter().map(cells).collect();
    rows.join(" | ")
}
