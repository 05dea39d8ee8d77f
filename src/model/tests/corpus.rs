//! Real blueprints, scorecards and entities: all of them are taken, but for a short list.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::{Blueprint, Model, Scorecard};
use crate::error::Result;
use crate::model::{EntitySchema, Target, check_entity_identifier};

/// Where the corpora lie beside the crate; `None` where there are none.
fn corpora() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if path.is_dir() {
        return Some(path);
    }
    skipped(&path);
    None
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn skipped(path: &Path) {
    eprintln!("skipped: there is no {}", path.display());
}

/// Every `.json` file below `root` that one of the folders or names in `named` holds.
fn files(root: &Path, named: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let in_folder = path.parent().is_some_and(|parent| parent.ends_with(named));
            let is_file = path
                .file_name()
                .is_some_and(|name| *name == *format!("{named}.json"));
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "json") && (in_folder || is_file)
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Files whose blueprint is refused, and why: each was looked at.
const REFUSED: [(&str, &str); 3] = [
    // Not among the formats of Port's API description.
    ("ocean_hubspotFeatureRequest.json", "unknown format `date`"),
    // A template that was not filled in.
    (
        "ex.port_action.nested_dataset_rules.permission_set.json",
        "`$` is not allowed",
    ),
    (
        "ex.port_action.nested_dataset_rules.service.json",
        "`$` is not allowed",
    ),
];

/// Reads a file and compares what would be written with what was read.
fn round_trip<T>(
    path: &Path,
    read_list: impl Fn(&Json) -> Result<Vec<T>>,
    write: impl Fn(&T) -> Json,
) -> Result<Vec<T>> {
    let json = read(path);
    let list = read_list(&json)?;
    let written: Vec<Json> = list.iter().map(write).collect();
    let written = if json.is_array() {
        Json::Array(written)
    } else {
        written[0].clone()
    };
    assert_eq!(written, json, "{} does not come back", path.display());
    Ok(list)
}

#[test]
fn real_blueprints_are_read_compiled_and_written() {
    let Some(root) = corpora() else { return };
    let mut refused = Vec::new();
    let mut count = 0;
    for path in files(&root, "blueprints") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match round_trip(&path, Blueprint::list_from_json, Blueprint::to_json) {
            Ok(list) => {
                for blueprint in list {
                    count += 1;
                    EntitySchema::compile(&blueprint).unwrap();
                }
            }
            Err(error) => refused.push((name, error.to_string())),
        }
    }
    assert!(count > 300, "only {count} blueprints were found");
    check_refused(&refused, &REFUSED);
}

#[test]
fn real_scorecards_are_read_and_written() {
    let Some(root) = corpora() else { return };
    let mut count = 0;
    for path in files(&root, "scorecards") {
        let read = round_trip(&path, Scorecard::list_from_json, Scorecard::to_json);
        count += read.unwrap().len();
    }
    assert!(count > 5, "only {count} scorecards were found");
}

/// Aggregation properties whose file is refused, and why.
const REFUSED_AGGREGATIONS: [(&str, &str); 1] = [(
    // The conversion lost the default that the provider fills in.
    "test.aggregation-properties.parent_aggregation_properties~2.json",
    "an average of entities is by a period",
)];

#[test]
fn real_aggregations_are_read_and_written() {
    let Some(root) = corpora() else { return };
    let (mut count, mut refused) = (0, Vec::new());
    for path in files(&root, "aggregations") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut json = read(&path);
        let document = json.as_object_mut().unwrap();
        let owner = document.remove("blueprint").unwrap();
        document.insert("identifier".to_owned(), owner);
        match Blueprint::from_json(&json) {
            Ok(read) => {
                assert_eq!(read.to_json(), json, "{name} does not come back");
                count += read.aggregations.len();
            }
            Err(error) => refused.push((name, error.to_string())),
        }
    }
    assert!(count >= 8, "only {count} aggregation properties were found");
    check_refused(&refused, &REFUSED_AGGREGATIONS);
}

/// What is refused is what is listed, for the reason that is listed.
fn check_refused(refused: &[(String, String)], known: &[(&str, &str)]) {
    let listed = |(name, why): &&(String, String)| {
        let mut known = known.iter();
        known.any(|(file, reason)| file == name && why.contains(reason))
    };
    let (listed, unknown): (Vec<_>, Vec<_>) = refused.iter().partition(listed);
    let unknown: Vec<String> = unknown
        .iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    assert_eq!(listed.len(), known.len(), "{listed:?}");
}

/// Blueprints without properties for the targets that come with other integrations.
fn missing_targets(blueprints: &[Blueprint]) -> Vec<Blueprint> {
    let known: BTreeSet<&str> = blueprints.iter().map(|known| &*known.identifier).collect();
    let relations = blueprints.iter().flat_map(|known| &known.relations);
    let targets = relations.flat_map(|relation| match &relation.target {
        Target::Blueprints(targets) => &**targets,
        Target::Any => &[],
    });
    let missing: BTreeSet<&str> = targets.map(|target| &**target).collect();
    let missing = missing.difference(&known);
    missing
        .map(|identifier| super::blueprint(&serde_json::json!({"identifier": identifier})))
        .collect()
}

#[test]
fn blueprints_that_belong_together_make_a_model() {
    let Some(root) = corpora() else { return };
    let (mut count, mut ways, mut refused) = (0, 0, Vec::new());
    for entry in fs::read_dir(root.join("port/ocean")).unwrap() {
        let folder = entry.unwrap().path();
        let list = folder.join("blueprints");
        if !list.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files(&list, "blueprints").into_iter();
        let blueprints: Result<Vec<Blueprint>> = files
            .map(|path| Blueprint::from_json(&read(&path)))
            .collect();
        let model = blueprints.and_then(|mut blueprints| {
            count += blueprints.len();
            blueprints.extend(missing_targets(&blueprints));
            Model::default().with(blueprints, Vec::new())
        });
        match model {
            Ok(model) => ways += model.ways.len(),
            Err(error) => refused.push((name, format!("{error:#}"))),
        }
    }
    assert!(count > 100, "only {count} blueprints were found");
    assert!(
        ways > 2,
        "only {ways} aggregation properties found their ways"
    );
    check_refused(&refused, &[]);
}

/// The catalogs whose entities are all valid, with how many there are.
const CATALOGS: [(&str, usize); 10] = [
    ("cncf", 5_089),
    ("more/endoflife", 8_925),
    ("more/govuk", 187),
    ("more/microservice-demos", 76),
    ("backstage/acme", 62),
    ("backstage/backstage-demo", 4),
    ("backstage/backstage-own", 230),
    ("backstage/giantswarm", 100),
    ("backstage/software-templates", 9),
    ("debian/out-small", 7_235),
];

#[test]
fn real_entities_are_valid() {
    let Some(root) = corpora() else { return };
    for (set, count) in CATALOGS {
        let folder = root.join(set);
        let blueprints = Blueprint::list_from_json(&read(&folder.join("blueprints.json"))).unwrap();
        let model = Model::default().with(blueprints, Vec::new()).unwrap();
        let mut valid = 0;
        for line in fs::read_to_string(folder.join("entities.jsonl"))
            .unwrap()
            .lines()
        {
            let entity: Json = serde_json::from_str(line).unwrap();
            check_entity_identifier(entity["identifier"].as_str().unwrap()).unwrap();
            let blueprint = model
                .blueprint_named(entity["blueprint"].as_str().unwrap())
                .unwrap();
            blueprint
                .schema
                .validate(entity["properties"].as_object().unwrap())
                .unwrap();
            valid += 1;
        }
        assert_eq!(valid, count, "entities of {set}");
    }
}
