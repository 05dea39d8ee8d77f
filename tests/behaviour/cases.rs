//! Files of cases: queries with their answers as text, and the runner that holds one to the other.
//!
//! A case is a query, a line of dashes, and what it gives: the columns and rows, or the error as
//! people see it. Lines `$name = expression` before the query bind its parameters. Cases are
//! separated by lines of equal signs. `UPDATE=1 cargo test --test behaviour` writes what the
//! queries give now into the files; read the difference before you keep it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use portolan::{Parameters, Snapshot};

const BETWEEN: &str = "\n====\n";
const ANSWER: &str = "\n----\n";

/// A folder of the tests' data.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// Runs every case of a folder, and fails with those that differ.
pub(crate) fn check(
    folder: &Path,
    least: usize,
    snapshot: &Snapshot,
    given: impl Fn(&str) -> Parameters,
) {
    let update = std::env::var_os("UPDATE").is_some();
    let (mut cases, mut wrong) = (0, Vec::new());
    for file in files(folder) {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let mut rewritten = Vec::new();
        for case in text.split(BETWEEN) {
            let (asked, expected) = case
                .split_once(ANSWER)
                .unwrap_or((case.trim_end_matches("\n----\n"), ""));
            let found = answer(snapshot, asked.trim(), &given);
            if found.trim_end() != expected.trim_end() {
                wrong.push(format!(
                    "{name}:\n{asked}\n-- expected\n{expected}\n-- given\n{found}\n"
                ));
            }
            rewritten.push(format!("{}{ANSWER}{}", asked.trim(), found.trim_end()));
            cases += 1;
        }
        if update {
            fs::write(&file, rewritten.join(BETWEEN) + "\n").unwrap();
        }
    }
    assert!(cases >= least, "only {cases} cases were found");
    assert!(
        update || wrong.is_empty(),
        "{} of {cases} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == "case"))
        .collect();
    files.sort();
    files
}

pub(crate) fn answer(
    snapshot: &Snapshot,
    case: &str,
    given: &impl Fn(&str) -> Parameters,
) -> String {
    let (parameters, query) = bound(snapshot, case, given);
    match snapshot.query(query, parameters) {
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

/// The parameters that the lines before a query bind, over those that are given, and the query.
fn bound<'c>(
    snapshot: &Snapshot,
    case: &'c str,
    given: &impl Fn(&str) -> Parameters,
) -> (Parameters, &'c str) {
    let mut parameters = given(case);
    let mut query = case;
    while let Some((line, rest)) = query.split_once('\n')
        && let Some((name, expression)) = line
            .strip_prefix('$')
            .and_then(|line| line.split_once(" = "))
    {
        let rows = snapshot.query(&format!("RETURN {expression}"), ());
        parameters.set(name, rows.unwrap().iter().next().unwrap()[0].clone());
        query = rest;
    }
    (parameters, query)
}
