//! Wrong input of every kind: each is a clear error that says what, where and what to do, and
//! leaves the catalog as it was.

use std::fs;

use crate::common::{blueprint, declare, empty_catalog, service, team, viewer};
use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Error, ErrorKind, ImportOptions};
use serde_json::{Value as Json, json};

/// Stages one service and commits.
fn write_service(document: &Json) -> Result<(), Error> {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer())?;
    let done = tx
        .upsert("service", document)
        .and_then(|()| tx.commit().map(|_| ()));
    let snapshot = catalog.read(&viewer());
    assert_eq!(
        (snapshot.seq().0, snapshot.count("service")?),
        (1, 0),
        "nothing is left behind"
    );
    done
}

#[test]
fn wrong_entities_are_refused_with_path_and_help() {
    let cases: [(Json, &str); 14] = [
        (json!([1]), "an entity must be an object, not a list"),
        (json!("cart"), "an entity must be an object, not a string"),
        (json!({}), "an entity needs an `identifier`"),
        (
            json!({"identifier": 7}),
            "an identifier is a string, not a number",
        ),
        (
            json!({"identifier": "a b", "properties": {"tier": 1}}),
            "not allowed",
        ),
        (
            json!({"identifier": "", "properties": {"tier": 1}}),
            "empty",
        ),
        (json!({"identifier": "cart"}), "tier"),
        (
            json!({"identifier": "cart", "properties": {"tier": "one"}}),
            "/properties/tier",
        ),
        (
            json!({"identifier": "cart", "properties": {"tier": 9}}),
            "/properties/tier",
        ),
        (
            json!({"identifier": "cart", "properties": {"tier": 1, "langage": "Go"}}),
            "langage",
        ),
        (
            json!({"identifier": "cart", "properties": {"tier": 1, "language": "Cobol"}}),
            "Cobol",
        ),
        (
            json!({"identifier": "cart", "properties": {"tier": 1, "created": "yesterday"}}),
            "created",
        ),
        (
            json!({"identifier": "cart", "tier": 1}),
            "an entity has no key `tier`",
        ),
        (
            json!({"identifier": "cart", "properties": {"tier": 1, "ownerOnCall": "x"}}),
            "mirror",
        ),
    ];
    for (document, expected) in cases {
        let error = write_service(&document).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Invalid),
            "{document}: {error:?}"
        );
        let shown = format!("{error:#}");
        assert!(
            shown.contains(expected),
            "{document}: expected `{expected}` in: {shown}"
        );
    }
}

#[test]
fn wrong_relations_are_refused_with_path_and_help() {
    let with = |relations: Json| json!({"identifier": "cart", "properties": {"tier": 1}, "relations": relations});
    let cases: [(Json, &str); 6] = [
        (with(json!({"ownr": "shop"})), "did you mean `owner`?"),
        (
            with(json!({"owner": "shop"})),
            "relation `owner` points to team `shop`, which does not exist",
        ),
        (
            with(json!({"owner": ["a", "b"]})),
            "relation `owner` takes one entity, not 2",
        ),
        (
            with(json!({"owner": 3})),
            "a relation points to an identifier, not to a number",
        ),
        (
            with(json!({"dependsOn": ["cart", 1]})),
            "`/relations/dependsOn/1`",
        ),
        (
            with(json!({"owner": {"blueprint": "service", "identifier": "x"}})),
            "not to `service`",
        ),
    ];
    for (document, expected) in cases {
        let error = write_service(&document).unwrap_err();
        let shown = format!("{error:#}");
        assert!(
            shown.contains(expected),
            "{document}: expected `{expected}` in: {shown}"
        );
    }
}

#[test]
fn a_wrong_blueprint_name_is_answered_with_the_nearest() {
    let catalog = empty_catalog();
    let mut tx = catalog.write(&viewer()).unwrap();
    let error = tx
        .upsert("servce", &json!({"identifier": "cart"}))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.help()),
        (ErrorKind::NotFound, Some("did you mean `service`?"))
    );
}

#[test]
fn wrong_models_are_refused() {
    let with_relation = |target: &str| {
        json!({"identifier": "a", "title": "A",
            "relations": {"r": {"target": target, "required": false, "many": false}}})
    };
    let mirrors = |one: &str, two: &str| {
        json!({"identifier": "a", "title": "A",
            "relations": {"r": {"target": "a", "required": false, "many": false}},
            "mirrorProperties": {"one": {"path": one}, "two": {"path": two}}})
    };
    let cases: [(Json, &str); 4] = [
        (with_relation("nowhere"), "nowhere"),
        (mirrors("r.two", "r.one"), "one"),
        (mirrors("s.$title", "r.$title"), "`s`"),
        (mirrors("r.missing", "r.$title"), "missing"),
    ];
    for (json, expected) in cases {
        let catalog = Catalog::in_memory().unwrap();
        let mut tx = catalog.write(&viewer()).unwrap();
        let read = Blueprint::from_json(&json);
        let error = read.and_then(|read| tx.declare([read], [])).unwrap_err();
        assert!(error.to_string().contains(expected), "{json}: {error}");
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    }
    assert_eq!(
        Blueprint::from_json(&json!([])).unwrap_err().kind(),
        ErrorKind::Invalid
    );
    let rule = json!({"identifier": "s", "title": "S", "blueprint": "service", "rules": [
        {"identifier": "r", "level": "Gold", "when": "teir < 2"}]});
    let catalog = Catalog::in_memory().unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    let rule = Scorecard::from_json(&rule).unwrap();
    let error = tx.declare([team(), service()], [rule]).unwrap_err();
    let shown = format!("{error:#}");
    assert!(
        shown.contains("teir") && shown.contains('^') && shown.contains("`tier`"),
        "{shown}"
    );
}

#[test]
fn hostile_query_texts_are_refused_quickly() {
    let snapshot = empty_catalog().read(&viewer());
    let texts = [
        format!("RETURN '{}'", "x".repeat(1 << 20)),
        format!("RETURN {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("RETURN {}1{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("RETURN {}true", "NOT ".repeat(10_000)),
        format!("RETURN {}1", "-".repeat(10_000)),
        format!("RETURN 1{}", "+1".repeat(30_000)),
        format!("MATCH {} RETURN 1", "(".repeat(10_000)),
    ];
    for text in texts {
        let start = std::time::Instant::now();
        let error = snapshot.query(&text, ()).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Limit | ErrorKind::Syntax),
            "{}: {error}",
            &text[..30]
        );
        assert!(error.help().is_some() || error.span().is_some(), "{error}");
        assert!(start.elapsed().as_secs() < 5, "{}", &text[..30]);
    }
}

#[test]
fn wrong_queries_show_the_place() {
    let snapshot = empty_catalog().read(&viewer());
    let cases = [
        ("MATCH (s:servce) RETURN s", "`service`"),
        ("MATCH (s:service) RETURN s.teir", "`tier`"),
        ("MATCH (s:service) WERE s.tier = 1 RETURN s", "`WHERE`"),
        ("MATCH (s:service) RETURN t", "`t`"),
        ("MATCH (s:service)-[:onwer]->(t) RETURN t", "`owner`"),
        ("MATCH (s:service) RETURN s.tier + ", "^"),
        ("RETURN 1 / 0", "zero"),
        ("MATCH (s:service) WITH s.tier RETURN 1", "`WITH`"),
        ("MATCH (s:service) WITH s.tier AS t RETURN s", "`s`"),
    ];
    for (text, expected) in cases {
        let error = snapshot.query(text, ()).unwrap_err();
        let shown = format!("{error:#}");
        assert!(
            shown.contains(expected) && shown.contains('^'),
            "{text}: {shown}"
        );
    }
    let error = snapshot.query("RETURN $x", ()).unwrap_err();
    assert!(error.to_string().contains("`$x`"), "{error}");
}

#[test]
fn files_that_are_no_catalogs_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for content in [&b"hello, this is a text file\n"[..], &[0u8; 8192][..], b"x"] {
        fs::write(&path, content).unwrap();
        let error = Catalog::open(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        assert!(error.to_string().contains("notes.txt"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), content, "the file is untouched");
    }
    let error = Catalog::open(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let error = Catalog::open(folder.path().join("no/such/folder/x")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

#[test]
fn truncated_files_are_refused_or_right_and_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.portolan");
    let catalog = Catalog::open(&path).unwrap();
    declare(&catalog);
    for number in 0..200 {
        let mut tx = catalog.write(&viewer()).unwrap();
        tx.upsert("team", &json!({"identifier": format!("t{number}")}))
            .unwrap();
        tx.commit().unwrap();
    }
    catalog.close().unwrap();
    let whole = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.portolan");
    for part in 0..20 {
        fs::write(&cut, &whole[..whole.len() * part / 20]).unwrap();
        match Catalog::open(&cut) {
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Io),
                "{part}/20: {error:?}"
            ),
            // An empty file is a new catalog.
            Ok(catalog) => assert_eq!((part, catalog.read(&viewer()).seq().0), (0, 0)),
        }
    }
}

#[test]
fn a_file_in_use_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.portolan");
    let catalog = Catalog::open(&path).unwrap();
    let error = Catalog::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.help().is_some());
    catalog.close().unwrap();
    Catalog::open(&path).unwrap();
}

#[test]
fn import_reports_every_refused_line() {
    let folder = tempfile::tempdir().unwrap();
    let blueprints = json!([
        team().to_json(),
        service().to_json(),
        blueprint(json!({
            "identifier": "deployment", "title": "Deployment",
            "relations": {"service": {"target": "service", "required": true, "many": false}}
        }))
        .to_json()
    ]);
    fs::write(
        folder.path().join("blueprints.json"),
        blueprints.to_string(),
    )
    .unwrap();
    let lines = [
        r#"{"blueprint":"team","identifier":"shop"}"#,
        "not json",
        "[1, 2]",
        "",
        r#"{"identifier":"x"}"#,
        r#"{"blueprint":"tem","identifier":"x"}"#,
        r#"{"blueprint":"service","identifier":"late","properties":{"tier":1},"relations":{"owner":"after"}}"#,
        r#"{"blueprint":"service","identifier":"wrong","properties":{"tier":"x"}}"#,
        r#"{"blueprint":"service","identifier":"lost","properties":{"tier":1},"relations":{"owner":"nobody"}}"#,
        r#"{"blueprint":"deployment","identifier":"d1","relations":{"service":"wrong"}}"#,
        r#"{"blueprint":"team","identifier":"after"}"#,
    ];
    fs::write(folder.path().join("entities.jsonl"), lines.join("\n")).unwrap();
    let catalog = Catalog::in_memory().unwrap();
    let report = catalog
        .import(&viewer(), folder.path(), ImportOptions::default())
        .unwrap();
    let refused: Vec<(u64, bool)> = report.refused.iter().map(|r| (r.line, r.whole)).collect();
    let expected = [
        (2, true),
        (3, true),
        (5, true),
        (6, true),
        (8, true),
        (9, false),
        (10, true),
    ];
    assert_eq!(refused, expected, "{report}");
    assert_eq!(report.entity_count(), 4);
    let snapshot = catalog.read(&viewer());
    assert_eq!(
        snapshot.get("service", "late").unwrap()["relations"]["owner"],
        "after"
    );
    assert_eq!(
        snapshot.get("service", "lost").unwrap()["relations"]["owner"],
        json!(null)
    );
    assert_eq!(snapshot.count("deployment").unwrap(), 0);

    let nothing = tempfile::tempdir().unwrap();
    let error = catalog
        .import(&viewer(), nothing.path(), ImportOptions::default())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
