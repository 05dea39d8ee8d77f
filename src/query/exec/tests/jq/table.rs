//! Filters one by one, over documents that they are made for.

use serde_json::Value as Json;

use super::oracle::{Outputs, jaq, translated};
use crate::value::Value;

/// Documents stand on lines with a `#`; filters on the lines after theirs. Where jaq differs from
/// jq, what jq yields stands after `=>`: all outputs, or `error`.
const TABLE: &str = include_str!("table.txt");

fn noted(note: &str) -> Outputs {
    if note == "error" {
        return Outputs {
            first: Value::Null,
            all: None,
        };
    }
    let Value::List(all) = Value::from_json(&serde_json::from_str(note).unwrap()) else {
        unreachable!("not a list: {note}")
    };
    Outputs {
        first: all.first().cloned().unwrap_or_default(),
        all: Some(all.to_vec()),
    }
}

#[test]
fn filters_yield_what_jq_yields() {
    let (mut document, mut filters, mut wrong) = (Json::Null, 0, Vec::new());
    for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(json) = line.strip_prefix('#') {
            document = serde_json::from_str(json).unwrap();
            continue;
        }
        filters += 1;
        let (filter, note) = match line.split_once(" => ") {
            Some((filter, note)) => (filter, Some(note)),
            None => (line, None),
        };
        let by_jaq = jaq(filter, &document);
        let expected = match (note, by_jaq) {
            (None, Ok(outputs)) => outputs,
            (None, Err(error)) => {
                wrong.push(format!("{line}: jaq has no such filter: {error}"));
                continue;
            }
            (Some(note), by_jaq) => {
                let noted = noted(note);
                if by_jaq.is_ok_and(|by_jaq| by_jaq == noted) {
                    wrong.push(format!("{line}: jaq yields that too"));
                }
                noted
            }
        };
        match translated(filter, &document) {
            Ok(found) if found == expected => {}
            Ok(found) => wrong.push(format!(
                "{line}\n  over {document}\n  expected {expected:?}\n  found    {found:?}"
            )),
            Err(error) => wrong.push(format!("{line}: {error:#}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {filters}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(filters > 300, "{filters}");
}
