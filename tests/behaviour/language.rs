//! The query language by example: every `tests/language/*.case` holds queries with their answers.

use crate::cases::{check, folder};
use crate::common::{options, viewer};
use portolan::{Catalog, ImportOptions, Parameters, Snapshot, params};

pub(crate) fn snapshot() -> Snapshot {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let report = catalog
        .import(
            &viewer(),
            folder("language/catalog"),
            ImportOptions::default(),
        )
        .unwrap();
    assert!(report.refused.is_empty(), "{report}");
    catalog.read(&viewer())
}

/// What the cases may use without saying so.
pub(crate) fn parameters(query: &str) -> Parameters {
    let all = params! { "who" => "cart", "tier" => 1, "tags" => vec!["web", "pci"], "count" => 2 };
    let used = |name: &str| query.contains(&format!("${name}"));
    let mut parameters = Parameters::default();
    for (name, value) in all.iter().filter(|(name, _)| used(name)) {
        parameters.set(name, value.clone());
    }
    parameters
}

#[test]
fn every_case_gives_what_it_says() {
    check(&folder("language"), 80, &snapshot(), parameters);
}
