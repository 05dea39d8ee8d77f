//! Since when, why, what next and what if: how derived results are asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use portolan::{
    Card, Catalog, ErrorKind, Instant, Options, Origin, RuleState, Seq, Value, Viewer,
    model::Scorecard,
};
use serde_json::{Value as Json, json};

use crate::common::{blueprint, declare, options, readiness, scorecard, service, viewer};

/// Writes as somebody; gives the number of the commit.
fn write(catalog: &Catalog, who: &str, blueprint: &str, document: &Json) -> Seq {
    let mut tx = catalog.write(&Viewer::system(who)).unwrap();
    tx.merge(blueprint, document).unwrap();
    tx.commit().unwrap().seq
}

fn cart(properties: &Json) -> Json {
    json!({"identifier": "cart", "properties": properties})
}

/// A catalog in which `cart` is owned by `payments` (commits 2 and 3), and gets a readme (4).
fn fill(catalog: &Catalog) {
    declare(catalog);
    write(
        catalog,
        "ann",
        "team",
        &json!({"identifier": "payments", "title": "Payments"}),
    );
    write(
        catalog,
        "bo",
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 1}, "relations": {"owner": "payments"}}),
    );
    write(
        catalog,
        "cy",
        "service",
        &cart(&json!({"readme": "# Cart"})),
    );
}

fn card_of_cart(catalog: &Catalog) -> Card {
    let snapshot = catalog.read(&viewer());
    snapshot.scorecard("readiness", "cart").unwrap()
}

fn filled() -> Catalog {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    fill(&catalog);
    catalog
}

/// A clock that is set by hand.
fn clock(start: &str) -> (Arc<AtomicI64>, Options) {
    let time = Arc::new(AtomicI64::new(Instant::parse(start).unwrap().0));
    let read = Arc::clone(&time);
    let options = Options::default().clock(move || Instant(read.load(Ordering::Relaxed)));
    (time, options)
}

#[test]
fn the_time_of_commits_never_goes_back() {
    let (time, options) = clock("2026-11-01T12:00:00Z");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("clock.portolan");
    let catalog = Catalog::open_with(&path, options.clone()).unwrap();
    declare(&catalog);
    let noon = catalog.read(&viewer()).time();
    time.fetch_sub(60_000_000, Ordering::Relaxed);
    write(&catalog, "ann", "team", &json!({"identifier": "payments"}));
    let snapshot = catalog.read(&viewer());
    assert_eq!(snapshot.time(), noon);
    let written = snapshot.get("team", "payments").unwrap();
    assert_eq!(written["createdAt"], json!(noon.to_string()));
    // Also where only the file knows how late it was.
    catalog.close().unwrap();
    let catalog = Catalog::open_with(&path, options).unwrap();
    assert_eq!(catalog.read(&viewer()).time(), noon);
    write(&catalog, "ann", "team", &json!({"identifier": "growth"}));
    assert_eq!(catalog.read(&viewer()).time(), noon);
    let before = Instant(noon.0 - 1);
    let error = catalog.advance(&viewer(), before).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.help().is_some());
}

#[test]
fn where_nothing_is_due_time_passes_without_a_commit() {
    let catalog = filled();
    let before = catalog.read(&viewer());
    assert_eq!(before.next_due(), None);
    let later = Instant(before.time().0 + 1_000_000);
    let commit = catalog.advance(&viewer(), later).unwrap();
    assert!(commit.is_empty() && !commit.is_what_if());
    assert_eq!((commit.seq, commit.time), (before.seq(), before.time()));
    assert_eq!(catalog.read(&viewer()).seq(), before.seq());
}

/// A query never takes the time to be before what is derived.
#[test]
fn now_in_a_query_is_not_before_its_version() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let service = json!({
        "identifier": "service",
        "schema": {"properties": {"made": {"type": "string", "format": "date-time"}}, "required": []},
        "calculationProperties": {"old": {"type": "boolean", "expression": "made < now() - 30d"}}
    });
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint(service)], []).unwrap();
    let made = json!({"identifier": "cart", "properties": {"made": "2026-10-20T00:00:00Z"}});
    tx.upsert("service", &made).unwrap();
    tx.commit().unwrap();
    let due = catalog.read(&viewer()).next_due().unwrap();
    assert!(!catalog.advance(&viewer(), due).unwrap().is_empty());
    let snapshot = catalog.read(&viewer());
    let text = "MATCH (s:service) RETURN s.old AS old, s.made < now() - 30d AS same";
    let rows = snapshot.query(text, ()).unwrap();
    let row = rows.json().next().unwrap();
    assert_eq!(Json::from(row), json!({"old": true, "same": true}));
}

#[test]
fn a_level_tells_since_when_it_is_held() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("since.portolan");
    let catalog = Catalog::open_with(&path, options()).unwrap();
    fill(&catalog);
    let since = |catalog: &Catalog| {
        let card = card_of_cart(catalog);
        let since = card.since.unwrap();
        (
            card.level.unwrap().to_string(),
            since.seq.0,
            since.actor.map(|it| it.to_string()),
        )
    };
    let bo = |level: &str, seq: u64, who: &str| (level.to_owned(), seq, Some(who.to_owned()));
    assert_eq!(since(&catalog), bo("Bronze", 3, "bo"));
    let held = catalog.read(&viewer());
    write(
        &catalog,
        "dee",
        "team",
        &json!({"identifier": "payments", "properties": {"onCall": "eve"}}),
    );
    assert_eq!(since(&catalog), bo("Gold", 5, "dee"));
    catalog.checkpoint().unwrap();
    assert_eq!(since(&catalog), bo("Gold", 5, "dee"));
    let card = held.scorecard("readiness", "cart").unwrap();
    assert_eq!(
        card.since.unwrap().seq,
        Seq(3),
        "a version knows nothing of what came later"
    );
    write(&catalog, "flo", "service", &cart(&json!({"readme": null})));
    assert_eq!(since(&catalog), bo("Bronze", 6, "flo"));
    catalog.close().unwrap();
    let catalog = Catalog::open_with(&path, options()).unwrap();
    assert_eq!(since(&catalog), bo("Bronze", 6, "flo"));
    write(&catalog, "gus", "service", &cart(&json!({"tier": 2})));
    assert_eq!(since(&catalog), bo("Bronze", 6, "flo"), "it did not change");
    catalog.checkpoint().unwrap();
    catalog.trim_log(Seq(99)).unwrap();
    assert_eq!(since(&catalog), ("Bronze".to_owned(), 6, None));
}

/// A snapshot that is held tells the same whatever happens to its entities later, as long as
/// somebody knows.
#[test]
fn a_held_snapshot_knows_the_past_of_what_is_gone() {
    let catalog = filled();
    let held = catalog.read(&viewer());
    let since = || {
        let card = held.scorecard("readiness", "cart").unwrap();
        let rules = card.rules.into_iter();
        rules
            .map(|rule| rule.since.map(|since| since.seq.0))
            .collect::<Vec<_>>()
    };
    let right = [Some(3), Some(4), Some(3), Some(3), Some(3)];
    assert_eq!(since(), right);
    write(&catalog, "dee", "service", &cart(&json!({"readme": null})));
    let mut tx = catalog.write(&Viewer::system("eli")).unwrap();
    tx.delete("service", "cart").unwrap();
    tx.commit().unwrap();
    assert_eq!(since(), right);
    catalog.checkpoint().unwrap();
    assert_eq!(since(), right);
    catalog.trim_log(Seq(99)).unwrap();
    assert_eq!(since(), [None; 5], "nobody knows any more");
}

#[test]
fn a_scorecard_that_comes_later_holds_since_it_came() {
    let catalog = filled();
    let mut tx = catalog.write(&Viewer::system("hal")).unwrap();
    let late = json!({
        "identifier": "late", "title": "Late", "blueprint": "service",
        "rules": [{"identifier": "tiered", "level": "Bronze", "when": "tier = 1"}]
    });
    tx.declare([], [scorecard(late)]).unwrap();
    let seq = tx.commit().unwrap().seq;
    let card = catalog.read(&viewer()).scorecard("late", "cart").unwrap();
    assert_eq!(card.since.as_ref().unwrap().seq, seq);
    assert_eq!(card.rules[0].since, card.since);
    assert_eq!(card.since.unwrap().actor.as_deref(), Some("hal"));
    // An entity that comes after it, since the entity came.
    let document = json!({"identifier": "mail", "properties": {"tier": 1}});
    let created = write(&catalog, "ida", "service", &document);
    let card = catalog.read(&viewer()).scorecard("late", "mail").unwrap();
    assert_eq!(card.since.as_ref().unwrap().seq, created);
    assert_eq!(card.rules[0].since, card.since);
}

#[test]
fn a_card_says_what_to_fix_next() {
    let catalog = filled();
    let snapshot = catalog.read(&viewer());
    let card = snapshot.scorecard("readiness", "cart").unwrap();
    assert_eq!(card.level.as_deref(), Some("Bronze"));
    assert_eq!(card.score, Some(80));
    let next = card.next_level.clone().unwrap();
    assert_eq!(
        (&*next.level, next.rules),
        ("Silver", vec!["onCall".into()])
    );
    assert_eq!(card.rules[2].state, RuleState::Failed);
    let json = card.to_json();
    assert_eq!(
        json["nextLevel"],
        json!({"level": "Silver", "rules": ["onCall"]})
    );
    assert_eq!(json["score"], 80);
    assert_eq!(json["since"]["seq"], 3);
    assert_eq!(json["rules"][2]["status"], "FAILURE");
    let printed = card.to_string();
    assert!(printed.ends_with("for Silver: onCall"), "{printed}");
    assert!(
        printed.starts_with("level: Bronze, score 80 of 100, since commit 3, "),
        "{printed}"
    );

    write(
        &catalog,
        "dee",
        "team",
        &json!({"identifier": "payments", "properties": {"onCall": "eve"}}),
    );
    let card = card_of_cart(&catalog);
    assert_eq!(
        (card.level.as_deref(), card.score, card.next_level),
        (Some("Gold"), Some(100), None)
    );
    write(
        &catalog,
        "dee",
        "service",
        &cart(&json!({"archived": true})),
    );
    let card = card_of_cart(&catalog);
    assert_eq!(
        (card.level, card.score, card.since, card.next_level),
        (None, None, None, None)
    );
}

#[test]
fn why_shows_the_way_and_who_changed_what_on_it() {
    let catalog = filled();
    let snapshot = catalog.read(&viewer());
    let why = snapshot.why("readiness", "onCall", "cart").unwrap();
    assert_eq!((&why.state, why.passed), (&RuleState::Failed, false));
    assert_eq!(why.since.as_ref().unwrap().seq, Seq(3));
    // A mirror is followed to its end, which nobody wrote since the team was created.
    let input = &why.leaves[0].inputs[0];
    assert_eq!(
        (input.text.as_str(), &input.value),
        ("ownerOnCall", &Value::Null)
    );
    assert_eq!(input.way[0].to_string(), "owner -> team/payments");
    assert_eq!(input.changed.as_ref().unwrap().seq, Seq(3));
    let printed = why.to_string();
    assert!(printed.contains("ownerOnCall is missing"), "{printed}");
    assert!(
        printed.contains("owner -> team/payments; last changed by commit 3"),
        "{printed}"
    );

    write(
        &catalog,
        "dee",
        "team",
        &json!({"identifier": "payments", "properties": {"onCall": "eve"}}),
    );
    let why = catalog
        .read(&viewer())
        .why("readiness", "onCall", "cart")
        .unwrap();
    assert_eq!(why.state, RuleState::Passed);
    let changed = why.leaves[0].inputs[0].changed.clone().unwrap();
    assert_eq!(
        (changed.seq, changed.actor.as_deref()),
        (Seq(5), Some("dee"))
    );
}

#[test]
fn why_of_a_property_tells_who_wrote_it_or_what_it_reads() {
    let catalog = filled();
    let asked = |property: &str| {
        let snapshot = catalog.read(&viewer());
        snapshot.why_property("service", "cart", property).unwrap()
    };
    let tier = asked("tier");
    assert!(matches!(tier.origin, Origin::Written));
    assert_eq!(
        (tier.value, tier.changed.unwrap().seq),
        (Value::from(1), Seq(3))
    );
    let readme = asked("readme");
    assert_eq!(readme.changed.unwrap().actor.as_deref(), Some("cy"));
    let owner = asked("owner");
    assert_eq!(
        (owner.value.as_str(), owner.changed.unwrap().seq),
        (Some("payments"), Seq(3))
    );
    assert_eq!(asked("$updatedAt").changed.unwrap().seq, Seq(4));
    assert_eq!(asked("$createdBy").changed.unwrap().seq, Seq(3));
    assert_eq!(asked("$title").changed.unwrap().seq, Seq(3));

    let mirror = asked("ownerOnCall");
    let Origin::Mirror { path, way } = &mirror.origin else {
        panic!("{mirror}");
    };
    assert_eq!((path.as_str(), way.len()), ("owner.onCall", 1));
    write(
        &catalog,
        "dee",
        "team",
        &json!({"identifier": "payments", "properties": {"onCall": "eve"}}),
    );
    let mirror = asked("ownerOnCall");
    assert_eq!(
        (mirror.value.as_str(), mirror.changed.as_ref().unwrap().seq),
        (Some("eve"), Seq(5))
    );
    let printed = mirror.to_string();
    for part in [
        "mirror of owner.onCall",
        "owner -> team/payments",
        "last changed by commit 5",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
    let snapshot = catalog.read(&viewer());
    let error = snapshot
        .why_property("service", "cart", "tire")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.help().unwrap().contains("tier"), "{error}");
}

/// The last change is found in memory, in the file, and told as unknown where it was trimmed.
#[test]
fn who_changed_a_property_is_known_as_far_as_the_log_reaches() {
    let catalog = filled();
    for (seq, tier) in (5..).zip([2, 3, 3, 1]) {
        let document = cart(&json!({"tier": tier, "tags": [seq.to_string()]}));
        assert_eq!(
            write(&catalog, &format!("w{seq}"), "service", &document),
            Seq(seq)
        );
    }
    let changed = |property: &str| {
        let snapshot = catalog.read(&viewer());
        let why = snapshot.why_property("service", "cart", property).unwrap();
        why.changed
            .map(|changed| (changed.seq.0, changed.actor.unwrap().to_string()))
    };
    let all = || ["tier", "readme", "owner", "tags"].map(changed);
    let right = [(8, "w8"), (4, "cy"), (3, "bo"), (8, "w8")];
    let right = right.map(|(seq, who)| Some((seq, who.to_owned())));
    assert_eq!(all(), right);
    catalog.checkpoint().unwrap();
    assert_eq!(all(), right);
    write(&catalog, "w9", "service", &cart(&json!({"tags": []})));
    assert_eq!(all()[..3], right[..3]);
    catalog.checkpoint().unwrap();
    catalog.trim_log(Seq(5)).unwrap();
    let [tier, readme, owner, tags] = all();
    assert_eq!((tier, tags), (right[0].clone(), Some((9, "w9".to_owned()))));
    assert_eq!((readme, owner), (None, None), "nobody knows any more");
}

#[test]
fn a_replaced_entity_has_no_past() {
    let catalog = filled();
    let mut tx = catalog.write(&Viewer::system("zoe")).unwrap();
    tx.delete("service", "cart").unwrap();
    tx.upsert(
        "service",
        &json!({"identifier": "cart", "properties": {"tier": 1}}),
    )
    .unwrap();
    let seq = tx.commit().unwrap().seq;
    let snapshot = catalog.read(&viewer());
    let why = snapshot.why_property("service", "cart", "tier").unwrap();
    assert_eq!(why.changed.unwrap().seq, seq);
    let card = snapshot.scorecard("readiness", "cart").unwrap();
    assert!(
        card.rules
            .iter()
            .all(|rule| rule.since.as_ref().unwrap().seq == seq)
    );
}

#[test]
fn what_if_tells_and_changes_nothing() {
    let catalog = filled();
    let before = catalog.read(&viewer());
    let mut tx = catalog.write(&Viewer::system("ann")).unwrap();
    tx.merge(
        "team",
        &json!({"identifier": "payments", "properties": {"onCall": "eve"}}),
    )
    .unwrap();
    tx.upsert(
        "service",
        &json!({"identifier": "mail", "properties": {"tier": 2}}),
    )
    .unwrap();
    for _ in 0..2 {
        let answer = tx.what_if().unwrap();
        assert!(answer.is_what_if() && !answer.is_empty());
        assert_eq!((answer.created, answer.updated), (1, 1));
        let flips: Vec<String> = answer
            .level_changes()
            .map(|flip| format!("{} {:?} {:?}", flip.entity, flip.from, flip.to))
            .collect();
        assert!(
            flips.contains(&"service/cart Some(\"Bronze\") Some(\"Gold\")".to_owned()),
            "{flips:?}"
        );
        let graded = |summary: portolan::Summary| (summary.graded, summary.levels[3].1);
        assert_eq!(graded(answer.summary_before("readiness").unwrap()), (1, 0));
        assert_eq!(graded(answer.summary_after("readiness").unwrap()), (2, 1));
        assert!(
            answer
                .to_string()
                .starts_with("not committed: 1 created, 1 updated"),
            "{answer}"
        );
    }
    let now = catalog.read(&viewer());
    assert_eq!(now.seq(), before.seq());
    assert_eq!(
        now.get("service", "cart").unwrap(),
        before.get("service", "cart").unwrap()
    );
    // The transaction is as it was.
    let commit = tx.commit().unwrap();
    assert_eq!((commit.seq, commit.created), (Seq(5), 1));
    assert!(!commit.is_what_if());
}

#[test]
fn what_if_of_a_rule_counts_who_would_fail() {
    let catalog = filled();
    let mut stricter = readiness();
    let rule = json!({"identifier": "critical", "level": "Bronze", "when": "tier >= 3"});
    let mut form = stricter.to_json();
    form["rules"].as_array_mut().unwrap().push(rule);
    stricter = Scorecard::from_json(&form).unwrap();
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([], [stricter]).unwrap();
    let answer = tx.what_if().unwrap();
    let lost: Vec<_> = answer.level_changes().collect();
    assert_eq!((lost.len(), lost[0].to.as_deref()), (1, Some("Basic")));
    assert_eq!(
        answer.summary_after("readiness").unwrap().rules[5],
        ("critical".into(), 0)
    );
    assert_eq!(answer.summary_before("readiness").unwrap().rules.len(), 5);
    drop(tx);
    assert_eq!(
        catalog
            .read(&viewer())
            .model()
            .scorecards()
            .next()
            .unwrap()
            .1
            .rules
            .len(),
        5
    );
}

#[test]
fn what_if_refuses_what_a_commit_refuses() {
    let catalog = filled();
    let mut tx = catalog.write(&viewer()).unwrap();
    assert!(tx.what_if().unwrap().is_empty());
    tx.merge(
        "service",
        &json!({"identifier": "cart", "relations": {"owner": "nobody"}}),
    )
    .unwrap();
    assert_eq!(tx.what_if().unwrap_err().kind(), ErrorKind::Invalid);
    // Mending it in the same transaction is enough.
    tx.merge(
        "service",
        &json!({"identifier": "cart", "relations": {"owner": null}}),
    )
    .unwrap();
    assert_eq!(tx.what_if().unwrap().updated, 1);
    assert_eq!(tx.commit().unwrap().updated, 1);
}

#[test]
fn groups_that_are_not_kept_are_refused_with_what_to_do() {
    let catalog = filled();
    let error = catalog
        .read(&viewer())
        .scorecard_groups("readiness", "owner")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.help().unwrap().contains("`groups`"), "{error:#}");
}

#[test]
fn a_blueprint_may_be_declared_with_what_if_and_dropped() {
    let catalog = filled();
    let mut tx = catalog.write(&viewer()).unwrap();
    let area = json!({"identifier": "area", "title": "Area"});
    tx.declare([blueprint(area), service()], []).unwrap();
    tx.upsert("area", &json!({"identifier": "shop"})).unwrap();
    assert_eq!(tx.what_if().unwrap().created, 1);
    drop(tx);
    assert!(catalog.read(&viewer()).count("area").is_err());
    write(&catalog, "ann", "team", &json!({"identifier": "growth"}));
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let snapshot = filled().read(&viewer());
    let help = |error: portolan::Error| {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        error.help().unwrap_or_default().to_owned()
    };
    let rule = |name| help(snapshot.why("readiness", name, "cart").unwrap_err());
    assert_eq!(rule("redme"), "did you mean `readme`?");
    let all = "use one of `owned`, `readme`, `onCall`, `small`, `trusted`";
    assert_eq!(rule("xyzzy"), all);
    let blueprint = snapshot.why_property("xyzzy", "cart", "tier").unwrap_err();
    assert_eq!(help(blueprint), "use one of `service`, `team`");
}

/// A condition on a relation asks for the relation, also where something derived has its name.
#[test]
fn conditions_on_relations_read_relations() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let service = json!({
        "identifier": "service",
        "relations": {"on": {"target": "service", "many": false, "required": false}},
        "calculationProperties": {"on": {"type": "number", "expression": "7"}}
    });
    let conditions = |operator: &str| {
        let condition = json!({"relation": "on", "operator": operator, "value": "ledger"});
        json!({"combinator": "and", "conditions": [condition]})
    };
    let card = json!({"identifier": "card", "blueprint": "service", "rules": [
        {"identifier": "some", "level": "Bronze", "query": conditions("isNotEmpty")},
        {"identifier": "that", "level": "Gold", "query": conditions("=")}
    ]});
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint(service)], [scorecard(card)]).unwrap();
    let related = json!({"identifier": "cart", "relations": {"on": "ledger"}});
    tx.upsert("service", &related).unwrap();
    tx.upsert("service", &json!({"identifier": "ledger"}))
        .unwrap();
    tx.commit().unwrap();
    let level = |identifier| {
        let snapshot = catalog.read(&viewer());
        let card = snapshot.scorecard("card", identifier).unwrap();
        card.level.unwrap().to_string()
    };
    assert_eq!(
        (level("cart"), level("ledger")),
        ("Gold".into(), "Basic".into())
    );
}

/// Inherited teams are found in an index, which follows the relations and what they lead to.
#[test]
fn inherited_teams_are_found_by_index() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let system = json!({"identifier": "system", "ownership": {"type": "Direct"}});
    let service = json!({
        "identifier": "service",
        "relations": {"system": {"target": "system", "many": false, "required": false}},
        "ownership": {"type": "Inherited", "path": "system"}
    });
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint(system), blueprint(service)], [])
        .unwrap();
    for at in 0..100 {
        let team = [format!("g{}", at % 50)];
        let (system, service) = (format!("y{at}"), format!("s{at}"));
        tx.upsert("system", &json!({"identifier": system, "team": team}))
            .unwrap();
        let document = json!({"identifier": service, "relations": {"system": system}});
        tx.upsert("service", &document).unwrap();
    }
    tx.commit().unwrap();
    let found = || {
        let snapshot = catalog.read(&viewer());
        let text = "MATCH (s:service) WHERE s.$team CONTAINS 'g1' RETURN s.$identifier AS id";
        let plan = snapshot.explain(text, ()).unwrap();
        assert!(plan.contains("Index (s:service) by $team"), "{plan}");
        let rows = snapshot.query(text, ()).unwrap();
        let ids = rows.iter().map(|row| row[0].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(found(), ["s1", "s51"]);
    let moved = json!({"identifier": "s2", "relations": {"system": "y1"}});
    write(&catalog, "ann", "service", &moved);
    write(
        &catalog,
        "ann",
        "system",
        &json!({"identifier": "y51", "team": ["g2"]}),
    );
    assert_eq!(found(), ["s1", "s2"]);
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.delete("system", "y1").unwrap();
    tx.commit().unwrap();
    assert_eq!(found(), [""; 0]);
}

/// Conditions are told apart by their texts, so these must differ.
#[test]
fn a_relation_and_a_property_of_one_name_are_different_conditions() {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let service = json!({
        "identifier": "service",
        "schema": {"properties": {"tier": {"type": "number"}}, "required": []},
        "relations": {"on": {"target": "service", "many": false, "required": false}},
        "calculationProperties": {"on": {"type": "number", "expression": "tier"}}
    });
    let card = json!({"identifier": "card", "blueprint": "service", "rules": [
        {"identifier": "value", "level": "Bronze", "when": "on IS NOT NULL"},
        {"identifier": "relation", "level": "Gold", "when": "$relations.on IS NOT NULL"}
    ]});
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([blueprint(service)], [scorecard(card)]).unwrap();
    let valued = json!({"identifier": "cart", "properties": {"tier": 1}});
    tx.upsert("service", &valued).unwrap();
    tx.upsert(
        "service",
        &json!({"identifier": "mail", "relations": {"on": "cart"}}),
    )
    .unwrap();
    tx.commit().unwrap();
    let passed = |identifier| {
        let card = catalog
            .read(&viewer())
            .scorecard("card", identifier)
            .unwrap();
        card.rules
            .iter()
            .map(|rule| rule.passed)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (passed("cart"), passed("mail")),
        (vec![true, false], vec![false, true])
    );
}

#[test]
fn a_level_that_is_inserted_moves_nobody() {
    let catalog = filled();
    let mut form = readiness().to_json();
    form["levels"] =
        json!(["Basic", "Iron", "Bronze", "Silver", "Gold"].map(|title| json!({"title": title})));
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare([], [Scorecard::from_json(&form).unwrap()])
        .unwrap();
    let commit = tx.commit().unwrap();
    assert_eq!(commit.level_changes().count(), 0);
    let card = card_of_cart(&catalog);
    assert_eq!(card.since.unwrap().seq, Seq(3));
}
