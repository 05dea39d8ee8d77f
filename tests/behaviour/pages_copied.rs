//! What a commit copies of the version before: a few pages, however large the catalog is.

use portolan::{Catalog, Commit, Durability, Pages};
use serde_json::{Value as Json, json};

use crate::common::{options, readiness, service, team, viewer};

const STRUCTURES: [&str; 11] = [
    "entities",
    "identifiers",
    "indexes",
    "relations",
    "derived values",
    "derived indexes",
    "rules and levels",
    "aggregations",
    "counts",
    "calendar",
    "roots",
];

fn filled(catalog: &Catalog, services: usize) {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([team(), service()], [readiness()]).unwrap();
    for at in 0..services / 20 {
        let document = json!({"identifier": format!("t{at}"), "properties": {"onCall": "someone"}});
        tx.upsert("team", &document).unwrap();
    }
    for at in 0..services {
        let document = json!({
            "identifier": format!("s{at}"),
            "title": format!("Service {at}"),
            "properties": {"tier": 1 + at % 4, "language": "Go", "readme": "Read me"},
            "relations": {"owner": format!("t{}", at % (services / 20)), "dependsOn": []}
        });
        tx.upsert("service", &document).unwrap();
    }
    tx.commit().unwrap();
}

fn write(catalog: &Catalog, document: &Json, durability: Durability) -> Commit {
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.durability(durability);
    tx.merge("service", document).unwrap();
    tx.commit().unwrap()
}

/// What a commit copied, by the names of [`STRUCTURES`].
fn pages(commit: &Commit) -> [u64; 11] {
    let copied = commit.pages_copied();
    let names: Vec<_> = copied.structures.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, STRUCTURES);
    let all: u64 = copied.structures.iter().map(|(_, of)| of.pages).sum();
    assert_eq!(copied.total().pages, all);
    std::array::from_fn(|at| copied.structures[at].1.pages)
}

/// The numbers of the small catalog and the large one are known: they differ only where a set of
/// entities has become large enough to be in another form, which is of more and smaller pages.
#[test]
fn as_many_pages_in_a_large_catalog_as_in_a_small_one() {
    let steps = [
        (
            json!({"identifier": "s77", "properties": {"tier": 4}}),
            [4, 0, 5, 0, 0, 0, 0, 0, 0, 0, 2],
            [4, 0, 9, 0, 0, 0, 0, 0, 0, 0, 2],
        ),
        (
            json!({"identifier": "s77", "relations": {"owner": "t3"}}),
            [4, 0, 0, 8, 0, 0, 0, 0, 0, 0, 3],
            [4, 0, 0, 9, 0, 0, 0, 0, 0, 0, 3],
        ),
        (
            json!({"identifier": "new", "properties": {"tier": 4}}),
            [4, 3, 11, 0, 6, 0, 3, 0, 1, 0, 6],
            [4, 3, 21, 0, 6, 0, 3, 0, 1, 0, 6],
        ),
    ];
    let catalogs = [200, 20_000].map(|services| {
        let catalog = Catalog::in_memory_with(options()).unwrap();
        filled(&catalog, services);
        catalog
    });
    for (document, small, large) in &steps {
        let commits = catalogs
            .each_ref()
            .map(|of| write(of, document, Durability::Synced));
        assert_eq!(
            commits.each_ref().map(pages),
            [*small, *large],
            "{document}"
        );
        let bytes = commits.map(|commit| commit.pages_copied().total().bytes);
        assert!(bytes[1] < bytes[0] * 2 && bytes[1] < 24 << 10, "{bytes:?}");
    }
}

#[test]
fn nothing_is_copied_where_nothing_changes() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    filled(&catalog, 200);
    let document = json!({"identifier": "s77", "properties": {"tier": 2}});
    let commit = write(&catalog, &document, Durability::Synced);
    assert!(commit.is_empty());
    assert_eq!(commit.pages_copied().total(), Pages::default());
    let shown = commit.pages_copied().to_string();
    assert_eq!(shown.lines().count(), 2, "{shown}");
}

#[test]
fn a_deferred_commit_and_a_what_if_copy_what_a_synced_commit_copies() {
    let document = json!({"identifier": "s77", "properties": {"tier": 3}});
    let copied = [Durability::Synced, Durability::Deferred].map(|durability| {
        let catalog = Catalog::in_memory_with(options()).unwrap();
        filled(&catalog, 200);
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.merge("service", &document).unwrap();
        let asked = tx.what_if().unwrap().pages_copied();
        drop(tx);
        let made = write(&catalog, &document, durability).pages_copied();
        assert_eq!(asked, made);
        made
    });
    assert!(copied[0].total().pages > 0);
    assert_eq!(copied[0], copied[1]);
}
