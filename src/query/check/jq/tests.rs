//! Real filters, of calculation properties and of the mappings that fill catalogs; without the
//! folder of data the tests say so.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests fail by panicking and say what they skip or find"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::build;
use super::expression;
use super::parse::parse;
use super::root::Root;
use super::scan::scan;
use super::translate::translate;
use crate::error::{Error, Span};
use crate::model::{Blueprint, Model};
use crate::query::ir::{ExprKind, Slot};

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/port");
    if !path.is_dir() {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}

fn files(root: &Path, kinds: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|kind| kinds.iter().any(|known| kind == *known))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The calculations in a document, with the blueprint around each.
fn calculations(json: &Json, found: &mut Vec<(Json, String)>) {
    if let Some(all) = json["calculationProperties"].as_object() {
        let texts = all.values().filter_map(|one| one["calculation"].as_str());
        found.extend(texts.map(|text| (json.clone(), text.to_owned())));
    }
    match json {
        Json::Array(values) => values.iter().for_each(|value| calculations(value, found)),
        Json::Object(fields) => fields.values().for_each(|value| calculations(value, found)),
        _ => {}
    }
}

/// A model with the properties of a blueprint.
fn model(blueprint: &Json) -> Model {
    let schema = &blueprint["schema"];
    let alone = json!({"identifier": "thing", "schema": schema});
    let alone = Blueprint::from_json(&alone)
        .or_else(|_| Blueprint::from_json(&json!({"identifier": "thing"})))
        .unwrap();
    Model::default().with(vec![alone], Vec::new()).unwrap()
}

/// Calculations that are refused: each was looked at.
const REFUSED: [(&str, &str); 3] = [
    // It would change with every look at it.
    ("now | todateiso8601", "`now` of jq is not supported yet"),
    // These are no jq.
    (
        "@blueprint/environment.properties.name",
        "jq has no `@blueprint`",
    ),
    ("test-rel.$identifier", "expected"),
];

#[test]
fn every_real_calculation_translates() {
    let Some(root) = corpus() else {
        return;
    };
    let mut found = Vec::new();
    for path in files(&root, &["json"]) {
        let text = fs::read_to_string(path).unwrap();
        if let Ok(json) = serde_json::from_str(&text) {
            calculations(&json, &mut found);
        }
    }
    let mut wrong = Vec::new();
    for (blueprint, text) in &found {
        let model = model(blueprint);
        let known = REFUSED.iter().find(|(refused, _)| refused == text);
        let translated = expression(&model, model.blueprint_id("thing").unwrap(), text);
        match (translated, known) {
            (Ok(_), None) => {}
            (Err(error), Some((_, message))) if error.message().starts_with(message) => {}
            (translated, _) => wrong.push(format!("{text}: {:?}", translated.err())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found.len() > 10, "{}", found.len());
}

/// The scalars of a mapping file that are filters: those below `mappings`, and `query` and
/// `itemsToParse` everywhere.
fn filters(yaml: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let lines: Vec<&str> = yaml
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let (mut found, mut below) = (Vec::new(), None);
    for (at, line) in lines.iter().enumerate() {
        let depth = indent(line);
        below = below.filter(|mappings| depth > *mappings);
        let Some((key, value)) = line
            .trim_start_matches([' ', '-'])
            .split_once(": ")
            .or_else(|| {
                let key = line.trim_start_matches([' ', '-']).strip_suffix(':')?;
                Some((key, ""))
            })
        else {
            continue;
        };
        if key == "mappings" {
            below = Some(depth);
        }
        if below.is_none() && !["query", "itemsToParse"].contains(&key) {
            continue;
        }
        let rest = lines
            .iter()
            .skip(at + 1)
            .take_while(|line| indent(line) > depth);
        let rest: Vec<&str> = rest.map(|line| line.trim()).collect();
        if let Some(text) = scalar(value.trim(), &rest) {
            found.push(text);
        }
    }
    found
}

fn scalar(value: &str, rest: &[&str]) -> Option<String> {
    match value.chars().next()? {
        '|' => Some(rest.join("\n")),
        '>' => Some(rest.join(" ")),
        '\'' => Some(value.trim_matches('\'').replace("''", "'")),
        '"' => serde_json::from_str(value).ok(),
        '{' | '[' if value.ends_with(['}', ']']) && rest.is_empty() && value.len() < 4 => None,
        _ if rest
            .iter()
            .any(|line| line.contains(": ") && !line.contains('|')) =>
        {
            None
        }
        _ => Some([&[value], rest].concat().join(" ")),
    }
}

/// Pieces that make texts that nearly are filters.
const PIECES: [&str; 48] = [
    ".", "..", ".a", ".[", "]", "[", "(", ")", "{", "}", "\"", "'", "\\(", "\\", "\\u12", "|", ",",
    ";", ":", "?", "//", "-", "+", "=", "|=", "==", "<", "if ", " then ", " else ", " end ",
    " as ", "$x", "$", "@", "@json ", "reduce ", "foreach ", "try ", "catch ", "def f: ", "now",
    "map", "1", "1e", "é", "#", "sub",
];

proptest! {
    #[test]
    fn nothing_written_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24)) {
        let model = model(&json!({}));
        let text = pieces.concat();
        if let Err(error) = expression(&model, model.blueprint_id("thing").unwrap(), &text) {
            let span = error.span().unwrap_or_default();
            prop_assert!(text.is_char_boundary(span.start), "{}: {:?}", text, span);
            prop_assert!(text.get(span.start..span.end).is_some(), "{}: {:?}", text, span);
        }
    }
}

/// What a refusal is about, for the count.
fn cause(error: &Error) -> String {
    let message = error.message();
    let pattern = message.starts_with("the pattern");
    if pattern { "a pattern" } else { message }.to_owned()
}

#[test]
fn nearly_all_real_mappings_translate() {
    let Some(root) = corpus() else {
        return;
    };
    let mut all = Vec::new();
    for path in files(&root, &["yaml", "yml"]) {
        if path
            .parent()
            .is_some_and(|folder| folder.ends_with("mappings"))
        {
            all.extend(filters(&fs::read_to_string(path).unwrap()));
        }
    }
    all.sort();
    all.dedup();
    let (mut read, mut done, mut causes) = (0, 0, BTreeMap::<String, Vec<&str>>::new());
    for text in &all {
        let whole = build::any(ExprKind::Slot(Slot(0)), Span::default());
        let tree = scan(text).and_then(|scanned| parse(&scanned, |_| Ok(())));
        read += usize::from(tree.is_ok());
        match translate(Root::value(whole), text) {
            Ok(_) => done += 1,
            Err(error) => causes.entry(cause(&error)).or_default().push(text),
        }
    }
    eprintln!("{} filters, {read} parse, {done} translate", all.len());
    for (cause, texts) in &causes {
        eprintln!("  {} x {cause}: {}", texts.len(), texts.first().unwrap());
    }
    assert!(all.len() > 500, "{}", all.len());
    assert!(done * 100 >= read * 98, "{done} of {read}");
}
