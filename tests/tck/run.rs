//! One scenario run, and what came of it.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use portolan::{Error, ErrorKind, Rows, Snapshot};
use serde_json::Value as Json;

use super::answer::{Order, difference};
use super::model;
use super::scenario::{Expected, Scenario};

/// Why a scenario failed: one line to group by, and the whole for people.
pub(crate) struct Failure {
    pub(crate) cause: String,
    pub(crate) text: String,
}

pub(crate) fn run(scenario: &Scenario) -> Result<(), Failure> {
    let outcome = catch_unwind(AssertUnwindSafe(|| attempt(scenario)));
    let (cause, got) = match outcome {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(failed)) => failed,
        Err(_) => ("panicked".to_owned(), String::new()),
    };
    let text = described(scenario, &cause, &got);
    Err(Failure { cause, text })
}

type Failed = (String, String);

fn attempt(scenario: &Scenario) -> Result<(), Failed> {
    let snapshot = model::snapshot(scenario).map_err(|error| {
        let cause = format!(
            "set-up refused: {}",
            error.lines().next().unwrap_or_default()
        );
        (cause, error)
    })?;
    let answer = snapshot.query(&scenario.query, scenario.parameters());
    match &scenario.expect {
        Expected::Table {
            ordered,
            ignore_list_order,
            columns,
            rows,
        } => {
            let got = answer.map_err(|error| refused(&error))?;
            let order = Order {
                columns: !scenario.query.contains("RETURN *"),
                rows: *ordered,
                lists: !*ignore_list_order,
            };
            match difference(columns, rows, &got, order) {
                None => Ok(()),
                Some(difference) => Err((format!("wrong answer: {difference}"), shown(&got))),
            }
        }
        Expected::Error { phase, .. } => match answer {
            Ok(rows) => Err((format!("no error at {phase}"), shown(&rows))),
            Err(error) => fails_at(scenario, phase, &snapshot, &error),
        },
    }
}

fn refused(error: &Error) -> Failed {
    let cause = format!("{:?}: {}", error.kind(), error.message());
    (cause, format!("{error:#}"))
}

/// What fails at compile time fails without being run, as a text that is not right. What fails
/// at run time compiles.
fn fails_at(
    scenario: &Scenario,
    phase: &str,
    snapshot: &Snapshot,
    error: &Error,
) -> Result<(), Failed> {
    let compiled = snapshot
        .explain(&scenario.query, scenario.parameters())
        .is_ok();
    let right = match (error.kind(), phase) {
        (ErrorKind::Syntax, "compile time") => !compiled,
        (ErrorKind::Invalid | ErrorKind::Syntax, "runtime") => compiled,
        (ErrorKind::Syntax | ErrorKind::Invalid, "any time") => true,
        _ => false,
    };
    if right {
        return Ok(());
    }
    let (cause, text) = refused(error);
    let when = if compiled { "runtime" } else { "compile time" };
    Err((format!("error at {when}, not {phase}: {cause}"), text))
}

fn shown(rows: &Rows) -> String {
    let mut text = rows.columns().join(" | ");
    for row in rows.iter() {
        let cells: Vec<String> = row
            .iter()
            .map(|value| value.to_json().to_string())
            .collect();
        write!(text, "\n{}", cells.join(" | ")).unwrap();
    }
    text
}

fn described(scenario: &Scenario, cause: &str, got: &str) -> String {
    let expected = match &scenario.expect {
        Expected::Table {
            columns,
            rows,
            ordered,
            ..
        } => {
            let mut text = columns.join(" | ");
            for row in rows {
                let cells: Vec<String> = row.iter().map(Json::to_string).collect();
                write!(text, "\n{}", cells.join(" | ")).unwrap();
            }
            text + if *ordered { "\n(in this order)" } else { "" }
        }
        Expected::Error {
            kind,
            phase,
            detail,
        } => format!("{kind} at {phase}: {detail}"),
    };
    let Scenario {
        id,
        title,
        query,
        category,
        params,
        ..
    } = scenario;
    let group = scenario.group().name();
    let parameters = if params.is_empty() {
        String::new()
    } else {
        format!("-- parameters\n{}\n", Json::Object(params.clone()))
    };
    format!(
        "{id} ({category}; {group})\n{title}\n-- query\n{query}\n{parameters}-- expected\n{expected}\n\
         -- cause\n{cause}\n-- got\n{got}\n"
    )
}
