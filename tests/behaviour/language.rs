//! The query language by example: every `tests/language/*.case` holds queries with their answers.
//!
//! A case is a query, a line of dashes, and what it gives: the columns and rows, or the error as
//! people see it. Cases are separated by lines of equal signs. `UPDATE=1 cargo test --test
//! language` writes what the queries give now into the files; read the difference before you keep
//! it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{options, viewer};
use portolan::{Catalog, ImportOptions, Parameters, Snapshot, params};

const BETWEEN: &str = "\n====\n";
const ANSWER: &str = "\n----\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language")
}

fn snapshot() -> Snapshot {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let report = catalog
        .import(
            &viewer(),
            folder().join("catalog"),
            ImportOptions::default(),
        )
        .unwrap();
    assert!(report.refused.is_empty(), "{report}");
    catalog.read(&viewer())
}

/// What the cases may use without saying so.
fn parameters(query: &str) -> Parameters {
    let all = params! { "who" => "cart", "tier" => 1, "tags" => vec!["web", "pci"], "count" => 2 };
    let used = |name: &str| query.contains(&format!("${name}"));
    let mut parameters = Parameters::default();
    for (name, value) in all.iter().filter(|(name, _)| used(name)) {
        parameters.set(name, value.clone());
    }
    parameters
}

fn answer(snapshot: &Snapshot, query: &str) -> String {
    match snapshot.query(query, parameters(query)) {
        Ok(rows) => {
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
        Err(error) => format!("error: {error:#}"),
    }
}

#[test]
fn every_case_gives_what_it_says() {
    let snapshot = snapshot();
    let update = std::env::var_os("UPDATE").is_some();
    let (mut cases, mut wrong) = (0, Vec::new());
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "case")
        })
        .collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let mut rewritten = Vec::new();
        for case in text.split(BETWEEN) {
            let (query, expected) = case
                .split_once(ANSWER)
                .unwrap_or((case.trim_end_matches("\n----\n"), ""));
            let given = answer(&snapshot, query.trim());
            if given.trim_end() != expected.trim_end() {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                wrong.push(format!(
                    "{name}:\n{query}\n-- expected\n{expected}\n-- given\n{given}\n"
                ));
            }
            rewritten.push(format!("{}{ANSWER}{}", query.trim(), given.trim_end()));
            cases += 1;
        }
        if update {
            fs::write(&file, rewritten.join(BETWEEN) + "\n").unwrap();
        }
    }
    assert!(cases >= 80, "only {cases} cases were found");
    assert!(
        update || wrong.is_empty(),
        "{} of {cases} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
