//! Breaks each rule in a small made-up crate: every break is caught, and what is allowed is not.

use super::Tree;
use super::rules::{LINES_MAX, check};

const ARCHITECTURE: &str = "# Made up

## Layers

The lowest first.

| module | what it is |
|---|---|
| `error` | what can go wrong |
| `graph` | who is related to whom |
| `store` | the file |
| `query` | questions |
| `query/syntax` | text |
| `query/plan` | order of work |
| `catalog` | the front door |

## Else

| `nothing` | not a layer |
";

/// A crate that keeps every rule; `changes` replace or add files.
fn tree(changes: &[(&str, &str)]) -> Tree {
    let sound = [
        (
            "lib.rs",
            "mod catalog; mod error; mod graph; mod query; mod store;\npub use error::Error;",
        ),
        ("error.rs", "pub struct Error;"),
        ("graph/mod.rs", "pub struct NodeIndex;"),
        (
            "store/mod.rs",
            "use crate::error::Error;\nmod log;\npub use log::Log;",
        ),
        (
            "store/log.rs",
            "use super::Log as _; use crate::Error;\npub struct Log;",
        ),
        ("query/mod.rs", "mod plan;\nmod syntax;\nuse plan::Plan;"),
        ("query/syntax.rs", "use crate::store::Log;"),
        (
            "query/plan.rs",
            "use super::syntax; use crate::{error::Error, graph::{self, NodeIndex}};",
        ),
        (
            "catalog.rs",
            "use crate::query; use crate::store::{Log, *};",
        ),
    ];
    let mut tree = Tree::new();
    for (path, text) in sound.iter().chain(changes) {
        let header = if text.starts_with("//!") {
            ""
        } else {
            "//! What it is for.\n\n"
        };
        tree.insert((*path).to_owned(), format!("{header}{text}"));
    }
    tree
}

/// The one failure of the crate with one file changed.
fn failure(path: &str, text: &str) -> String {
    failure_in(&tree(&[(path, text)]))
}

fn failure_in(tree: &Tree) -> String {
    let failures = check(ARCHITECTURE, tree);
    assert_eq!(failures.len(), 1, "exactly one failure in {failures:#?}");
    failures.concat()
}

fn assert_quiet(path: &str, text: &str) {
    assert_eq!(
        check(ARCHITECTURE, &tree(&[(path, text)])),
        [""; 0],
        "for {text}"
    );
}

#[test]
fn a_sound_crate_is_quiet() {
    assert_eq!(check(ARCHITECTURE, &tree(&[])), [""; 0]);
}

#[test]
fn every_form_of_a_path_that_points_up_is_caught() {
    for text in [
        "use crate::query::Plan;",
        "use crate::query;",
        "use crate::{error::Error, query};",
        "use crate::{error::{self, Error}, query::{plan::{Deep}}};",
        "use crate::{graph::*, catalog::*};",
        "use crate::catalog as front;",
        "pub(crate) use crate::catalog::Catalog;",
        "fn f() -> crate::catalog::Catalog { todo() }",
        "fn f() { let x = 1 + crate::query::COUNT; }",
        "mod inner { fn f() { crate::query::run(); } }",
        "macro_rules! m { () => { $crate::query::run() }; }",
        "fn f<'a>(x: &'a str) -> char { crate::query::run(); 'x' }",
        "#[cfg(not(test))] use crate::query;",
    ] {
        let failure = failure("graph/mod.rs", text);
        assert!(
            failure.starts_with("src/graph/mod.rs:3: `crate::"),
            "{failure}"
        );
        assert!(
            failure.contains("points up: `graph` stands below `"),
            "{failure}"
        );
    }
}

#[test]
fn a_path_that_points_up_through_a_re_export_is_caught() {
    let lib = "mod catalog; mod error; mod graph; mod query; mod store;\n\
               pub use error::Error; pub use catalog::Catalog as Front;";
    let caught = failure_in(&tree(&[
        ("lib.rs", lib),
        ("graph/mod.rs", "use crate::Front;"),
    ]));
    assert!(
        caught.contains("`graph` stands below `catalog`"),
        "{caught}"
    );
}

#[test]
fn what_the_crate_root_itself_defines_stands_above_all() {
    let caught = failure("store/log.rs", "use crate::HELPER;\npub struct Log;");
    assert!(
        caught.contains("`store` stands below the crate root"),
        "{caught}"
    );
    let caught = failure("store/log.rs", "use crate::*;\npub struct Log;");
    assert!(
        caught.contains("`store` stands below the crate root"),
        "{caught}"
    );
}

#[test]
fn climbing_to_the_crate_root_is_caught() {
    for (path, text) in [
        (
            "store/log.rs",
            "use super::super::error::Error;\npub struct Log;",
        ),
        ("catalog.rs", "use super::query;"),
        ("catalog.rs", "mod inner { use super::super::query; }"),
    ] {
        assert!(
            failure(path, text).contains("climbs to the crate root"),
            "{text}"
        );
    }
    assert_quiet("catalog.rs", "struct A; mod inner { use super::A; }");
}

#[test]
fn an_order_inside_a_module_holds_as_well() {
    for text in ["use super::plan::Plan;", "use crate::query::plan::Plan;"] {
        let caught = failure("query/syntax.rs", text);
        assert!(
            caught.contains("`query/syntax` stands below `query/plan`"),
            "{caught}"
        );
    }
    // Through a name that the module around brings in.
    let caught = failure("query/syntax.rs", "use super::Plan;");
    assert!(
        caught.contains("`query/syntax` stands below `query/plan`"),
        "{caught}"
    );
    let caught = failure("query/syntax.rs", "use super::helper;");
    assert!(
        caught.contains("`query/syntax` stands below `query`"),
        "{caught}"
    );
}

#[test]
fn a_module_missing_from_the_list_is_caught() {
    let lib = "mod catalog; mod error; mod extra; mod graph; mod query; mod store;\n\
               pub use error::Error;";
    let caught = failure_in(&tree(&[("lib.rs", lib), ("extra.rs", "")]));
    assert_eq!(caught, "ARCHITECTURE.md: `extra` is in src but not listed");
    let query = [
        ("query/mod.rs", "mod exec; mod plan; mod syntax;"),
        ("query/exec.rs", ""),
    ];
    let caught = failure_in(&tree(&query));
    assert_eq!(
        caught,
        "ARCHITECTURE.md: `query/exec` is in src but not listed"
    );
}

#[test]
fn a_listed_module_missing_from_the_source_is_caught() {
    let mut without = tree(&[("query/mod.rs", "mod plan;")]);
    without.remove("query/syntax.rs");
    without.insert("query/plan.rs".to_owned(), "//! A plan.".to_owned());
    let failure = failure_in(&without);
    assert_eq!(
        failure,
        "ARCHITECTURE.md: `query/syntax` is listed but not in src"
    );
}

#[test]
fn an_architecture_without_the_table_is_caught() {
    assert_eq!(check("## Layer\n| `error` | |", &tree(&[])).len(), 1);
}

#[test]
fn a_file_that_no_module_declares_is_caught() {
    let caught = failure("store/forgotten.rs", "");
    assert_eq!(
        caught,
        "src/store/forgotten.rs: no `mod forgotten;` declares this file"
    );
}

#[test]
fn a_header_that_is_not_one_sentence_is_caught() {
    let without = |text: &str| {
        let mut tree = tree(&[]);
        tree.insert("error.rs".to_owned(), text.to_owned());
        failure_in(&tree)
    };
    for text in [
        "",
        "pub struct Error;",
        "\n//! Late.",
        "/// Of an item.",
        "//!\n//! Late.",
        "//!Tight.",
    ] {
        assert!(
            without(text).contains("does not begin with `//! `"),
            "{text}"
        );
    }
    for text in [
        "//! No period",
        "//! No period\n//! on two lines\n\n//! Else.",
        "//! A list:\n//! * item",
    ] {
        assert!(
            without(text).contains("does not end with a period"),
            "{text}"
        );
    }
    assert!(without("//! One. Two.").contains("more than one sentence"));
    assert!(without("//! One.\n//! Two.").contains("more than one sentence"));
    assert_quiet(
        "error.rs",
        "//! One sentence\n//! on two lines, i.e. `a. b`.\n//!\n//! More. Much more.\n",
    );
}

#[test]
fn only_the_crate_root_may_have_the_readme_for_its_header() {
    let readme = "#![doc = include_str!(\"../README.md\")]";
    let mut tree = tree(&[]);
    let lib = tree.remove("lib.rs").unwrap_or_default();
    tree.insert("lib.rs".to_owned(), format!("{readme}\n{lib}"));
    assert_eq!(check(ARCHITECTURE, &tree), [""; 0]);
    tree.insert(
        "error.rs".to_owned(),
        format!("{readme}\npub struct Error;"),
    );
    assert!(failure_in(&tree).starts_with("src/error.rs:1: the file does not begin"));
}

#[test]
fn a_file_that_is_too_long_is_caught() {
    let lines = |count: usize| format!("//! Long.\n{}", "// x\n".repeat(count - 1));
    let caught = failure("error.rs", &lines(LINES_MAX + 1));
    assert_eq!(
        caught,
        format!(
            "src/error.rs: {} lines, more than {LINES_MAX}",
            LINES_MAX + 1
        )
    );
    assert_quiet("error.rs", &lines(LINES_MAX));
}

#[test]
fn words_of_graphs_are_caught_outside_the_graph() {
    for text in [
        "struct Node;",
        "struct TreeNode;",
        "fn node_count() {}",
        "fn f(edges: u8) {}",
        "struct A { edges: u8 }",
        "fn f() { let r#node = 1; }",
        "fn f() { for edge in all {} }",
        "fn f() { all.map(|node| 1) }",
    ] {
        assert!(
            failure("catalog.rs", text).contains("say entity or relation"),
            "{text}"
        );
    }
    assert_quiet(
        "catalog.rs",
        "fn acknowledge() {} struct Nodejs; struct Ledger; fn anode() {}",
    );
    // A pattern has nodes, the store has none.
    let caught = failure("store/log.rs", "pub struct Log { node: u8 }");
    assert!(caught.contains("`node`"), "{caught}");
    // What others named, petgraph for one, can be called.
    assert_quiet("catalog.rs", "fn f(x: EdgeId) { graph.add_node(1); }");
    assert_quiet("query/plan.rs", "struct Node; fn edge_count() {}");
}

#[test]
fn comments_texts_and_tests_are_not_source() {
    for text in [
        "// use crate::query; node",
        "/* use crate::query; /* node */ crate::catalog::x */",
        "/// See [`crate::catalog::Catalog`], a node.\nstruct S;",
        "const A: &str = \"crate::query::x \\\" node crate::query::y\";",
        "const A: &str = r#\"crate::query::x \" crate::query\"#;",
        "const A: &[u8] = b\"crate::query::x node\";",
        "const A: char = '\"'; // crate::query \"\nconst B: char = '\\''; /* crate::query */",
        "#[cfg(test)]\nmod tests { use super::super::query; use crate::query; struct Node; }",
        "#[cfg(test)] #[expect(clippy::unwrap_used, reason = \"proven\")] mod tests { use crate::query; }",
        "#[cfg(all(test, unix))] use crate::query;",
        "#[test] fn f() { crate::query::run([1; 2]); }",
    ] {
        assert_quiet("store/log.rs", &format!("{text}\npub struct Log;"));
        let caught = failure(
            "store/log.rs",
            &format!("{text}\npub struct Log; use crate::query;"),
        );
        assert!(caught.contains("points up"), "what follows {text} is read");
    }
    let tests = tree(&[
        (
            "store/mod.rs",
            "mod log;\n#[cfg(test)]\nmod tests;\npub use log::Log;",
        ),
        ("store/tests.rs", "use crate::catalog; struct Node;"),
    ]);
    assert_eq!(check(ARCHITECTURE, &tests), [""; 0]);
}
