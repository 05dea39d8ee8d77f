//! What a catalog answers beside what it should: every place where they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portolan::{Catalog, Commit, GroupSummary, Snapshot, Summary, Viewer};
use serde_json::{Map, Value as Json, json};

use super::naive::World;

/// Everything that is derived, as it should be.
pub(super) fn expected(world: &World<'_>) -> Json {
    let keys = world.keys();
    let documents = keys.map(|key| (format!("{}/{}", key.0, key.1), world.document(key)));
    let documents: Map<String, Json> = documents.collect();
    let (mut summaries, mut groups) = (Map::new(), Map::new());
    for scorecard in world.scorecards() {
        let name = scorecard["identifier"].as_str().unwrap();
        summaries.insert(name.to_owned(), world.summary(scorecard));
        let paths = scorecard["groups"].as_array().into_iter().flatten();
        for path in paths.filter_map(Json::as_str) {
            groups.insert(format!("{name} by {path}"), world.groups(scorecard, path));
        }
    }
    json!({"entities": documents, "summaries": summaries, "groups": groups})
}

/// Everything that is derived, as the catalog answers.
pub(super) fn actual(snapshot: &Snapshot) -> Json {
    let mut documents = Map::new();
    let all = "MATCH (e) RETURN e.$blueprint AS blueprint, e.$identifier AS identifier";
    for row in snapshot.query(all, ()).unwrap().json() {
        let name = |key: &str| row[key].as_str().unwrap().to_owned();
        let (blueprint, identifier) = (name("blueprint"), name("identifier"));
        let mut document = snapshot.get(&blueprint, &identifier).unwrap();
        let document_fields = document.as_object_mut().unwrap();
        for stamp in ["icon", "createdBy", "updatedAt", "updatedBy"] {
            document_fields.remove(stamp);
        }
        documents.insert(format!("{blueprint}/{identifier}"), document);
    }
    let (mut summaries, mut groups) = (Map::new(), Map::new());
    for (_, scorecard) in snapshot.model().scorecards() {
        let name = &*scorecard.identifier;
        let summary = snapshot.scorecard_summary(name).unwrap();
        summaries.insert(name.to_owned(), counts(&summary));
        for path in &scorecard.groups {
            let kept = snapshot.scorecard_groups(name, path).unwrap();
            groups.insert(format!("{name} by {path}"), by_group(&kept));
        }
    }
    json!({"entities": documents, "summaries": summaries, "groups": groups})
}

fn counts(summary: &Summary) -> Json {
    let counts = |counts: &[(Arc<str>, u64)]| -> Map<String, Json> {
        let counts = counts.iter();
        counts
            .map(|(name, count)| (name.to_string(), json!(count)))
            .collect()
    };
    json!({"graded": summary.graded, "levels": counts(&summary.levels),
        "rules": counts(&summary.rules)})
}

/// The counts of every group; no group comes twice.
fn by_group(groups: &[GroupSummary]) -> Json {
    let mut all = Map::new();
    for group in groups {
        let name = group.group.to_json().to_string();
        let twice = all.insert(name, counts(&group.summary));
        assert_eq!(twice, None, "{}", group.group.to_json());
    }
    Json::Object(all)
}

pub(super) fn viewer() -> Viewer {
    Viewer::system("oracle")
}

/// What a catalog answers now.
pub(super) fn everything(catalog: &Catalog) -> Json {
    actual(&catalog.read(&viewer()))
}

/// What a commit, or the question what it would do, tells.
pub(super) fn report(commit: &Commit) -> Json {
    let mut report = json!({"seq": commit.seq.0, "time": commit.time.to_string(),
        "counts": [commit.created, commit.updated, commit.deleted],
        "flips": flips(commit), "work": format!("{:?}", commit.work)});
    for change in commit.changes() {
        report["changes"][change.entity.to_string()] = json!(format!("{:?}", change.kind));
    }
    report
}

/// Every level and every result that a commit changed.
pub(super) fn flips(commit: &Commit) -> Json {
    let mut flips = Map::new();
    for flip in commit.level_changes() {
        let at = format!("{} {}", flip.entity, flip.scorecard);
        flips.insert(at, json!([flip.from.as_deref(), flip.to.as_deref()]));
    }
    for flip in commit.rule_changes() {
        let at = format!("{} {} {}", flip.entity, flip.scorecard, flip.rule);
        flips.insert(at, json!([flip.from, flip.to]));
    }
    Json::Object(flips)
}

/// The same as it should be, from everything before and after: the levels of all entities under
/// the scorecards there are, and the results under rules that were there before, of entities that
/// were there before and still are.
pub(super) fn expected_flips(before: &Json, after: &Json) -> Json {
    let (from, to) = (results(before), results(after));
    let mut flips = Map::new();
    for at in from.keys().chain(to.keys()) {
        let (entity, scorecard, rule) = at;
        let declared = |side: &Json| match rule {
            Some(rule) => side["summaries"][scorecard]["rules"].get(rule).is_some(),
            None => side["summaries"].get(scorecard).is_some(),
        };
        let lives = |side: &Json| side["entities"].get(entity).is_some();
        let stayed = declared(before) && lives(before) && lives(after);
        let of = |side: &BTreeMap<Place, Json>| side.get(at).cloned().unwrap_or_default();
        let (from, to) = (of(&from), of(&to));
        if from != to && declared(after) && (rule.is_none() || stayed) {
            let rule = rule.iter().map(|rule| format!(" {rule}"));
            let name = format!("{entity} {scorecard}{}", rule.collect::<String>());
            flips.insert(name, json!([from, to]));
        }
    }
    Json::Object(flips)
}

/// An entity, a scorecard, and a rule or none for the level.
pub(super) type Place = (String, String, Option<String>);

/// Which commit every card says its level and its results are since.
pub(super) fn since(snapshot: &Snapshot, everything: &Json) -> BTreeMap<Place, u64> {
    let mut since = BTreeMap::new();
    for (name, document) in fields(&everything["entities"]) {
        let identifier = document["identifier"].as_str().unwrap();
        for (scorecard, _) in fields(&document["scorecards"]) {
            let card = snapshot.scorecard(scorecard, identifier).unwrap();
            let results = card.rules.iter();
            let results = results.map(|rule| (Some(rule.identifier.to_string()), &rule.since));
            for (rule, changed) in results.chain([(None, &card.since)]) {
                let seq = changed.as_ref().map(|changed| changed.seq.0);
                since.extend(seq.map(|seq| ((name.clone(), scorecard.clone(), rule), seq)));
            }
        }
    }
    since
}

/// Fails where a reason is given for something else than what is so.
pub(super) fn assert_reasons(snapshot: &Snapshot, everything: &Json) {
    let results = results(everything);
    for (name, document) in fields(&everything["entities"]) {
        let text = |key: &str| document[key].as_str().unwrap();
        let (blueprint, identifier) = (text("blueprint"), text("identifier"));
        for (property, value) in fields(&document["properties"]) {
            let why = snapshot.why_property(blueprint, identifier, property);
            let told = why.unwrap_or_else(|error| panic!("{error:#}")).value;
            assert_same(value, &told.to_json(), &format!("why {property} of {name}"));
        }
        for (_, scorecard) in snapshot.model().scorecards() {
            let own = *scorecard.blueprint == *blueprint;
            for rule in scorecard.rules.iter().filter(|_| own) {
                let (card, rule) = (&*scorecard.identifier, &*rule.identifier);
                let why = snapshot.why(card, rule, identifier);
                let why = why.unwrap_or_else(|error| panic!("{error:#}"));
                let place = (name.clone(), card.to_owned(), Some(rule.to_owned()));
                let passed = results.get(&place).is_some_and(|passed| *passed == true);
                assert_eq!(why.state.passes(), passed, "{why}");
            }
        }
    }
}

/// Every level and every result of a rule.
pub(super) fn results(everything: &Json) -> BTreeMap<Place, Json> {
    let mut results = BTreeMap::new();
    for (name, document) in fields(&everything["entities"]) {
        for (scorecard, card) in fields(&document["scorecards"]) {
            let at = |rule| (name.clone(), scorecard.clone(), rule);
            results.insert(at(None), card["level"].clone());
            for rule in card["rules"].as_array().into_iter().flatten() {
                let identifier = rule["identifier"].as_str().map(str::to_owned);
                results.insert(at(identifier), json!(rule["status"] == "SUCCESS"));
            }
        }
    }
    results
}

fn fields(of: &Json) -> impl Iterator<Item = (&String, &Json)> {
    of.as_object().into_iter().flatten()
}

/// How the scorecards stand after a commit, as its report tells, for those of a document.
pub(super) fn standings(commit: &Commit, like: &Json) -> Json {
    let (mut summaries, mut groups) = (Map::new(), Map::new());
    for (name, _) in fields(&like["summaries"]) {
        let summary = commit.summary_after(name).unwrap();
        summaries.insert(name.clone(), counts(&summary));
    }
    for (at, _) in fields(&like["groups"]) {
        let (name, path) = at.split_once(" by ").unwrap();
        groups.insert(
            at.clone(),
            by_group(&commit.groups_after(name, path).unwrap()),
        );
    }
    json!({"summaries": summaries, "groups": groups, "entities": like["entities"]})
}

/// Fails with every place where two documents differ; numbers are equal by value.
#[track_caller]
pub(super) fn assert_same(expected: &Json, actual: &Json, when: &str) {
    let mut places = Vec::new();
    differences(expected, actual, "", &mut places);
    assert!(
        places.is_empty(),
        "{when}, {} places differ:\n{}",
        places.len(),
        places.join("\n")
    );
}

fn differences(expected: &Json, actual: &Json, at: &str, places: &mut Vec<String>) {
    match (expected, actual) {
        (Json::Object(left), Json::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let of = |side: &Map<String, Json>| side.get(key).cloned().unwrap_or_default();
                differences(&of(left), &of(right), &format!("{at}/{key}"), places);
            }
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (place, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{at}/{place}"), places);
            }
        }
        (Json::Number(left), Json::Number(right)) if left.as_f64() == right.as_f64() => {}
        (left, right) if left == right => {}
        (left, right) => places.push(format!("{at}: expected {left}, got {right}")),
    }
}
