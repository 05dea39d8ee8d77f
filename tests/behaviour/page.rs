//! The page for users: every example of `docs/language.md` runs and gives what stands below it.

use std::fs;
use std::path::Path;

use crate::cases::answer;
use crate::language::{parameters, snapshot};

#[test]
fn every_example_of_the_page_gives_what_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    let page = fs::read_to_string(path).unwrap();
    let snapshot = snapshot();
    let mut blocks = page.split("```").skip(1).step_by(2);
    let (mut examples, mut wrong) = (0, Vec::new());
    while let Some(block) = blocks.next() {
        let Some(query) = block.strip_prefix("query\n") else {
            continue;
        };
        examples += 1;
        let found = answer(&snapshot, query.trim(), &parameters);
        let expected = blocks.next().and_then(|block| block.strip_prefix("text\n"));
        if expected.map(str::trim_end) != Some(found.trim_end()) {
            wrong.push(format!("{query}-- given\n{found}\n"));
        }
    }
    assert!(examples >= 30, "only {examples} examples were found");
    assert!(
        wrong.is_empty(),
        "{} of {examples} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
