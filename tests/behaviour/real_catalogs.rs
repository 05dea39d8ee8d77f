//! Real catalogs that nobody here wrote: imported, counted, reopened, asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::common::{real_data, viewer};
use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, ImportOptions, params};
use serde_json::Value as Json;

/// What every set holds: its folder and how many references of it lead nowhere.
const SETS: [(&str, usize); 6] = [
    ("cncf", 3),
    ("more/endoflife", 0),
    ("more/govuk", 0),
    ("more/microservice-demos", 1),
    ("backstage/acme", 2),
    ("debian/out-small", 0),
];

fn read_json(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The entities of each blueprint as the set's own report counts them, or as its lines do.
fn expected_counts(folder: &Path) -> BTreeMap<String, u64> {
    let report = folder.join("report.json");
    if report.exists() {
        return serde_json::from_value(read_json(&report)["entities"].clone()).unwrap();
    }
    let mut counts = BTreeMap::new();
    for line in fs::read_to_string(folder.join("entities.jsonl"))
        .unwrap()
        .lines()
    {
        let entity: Json = serde_json::from_str(line).unwrap();
        *counts
            .entry(entity["blueprint"].as_str().unwrap().to_owned())
            .or_insert(0) += 1;
    }
    counts
}

fn counts(catalog: &Catalog) -> BTreeMap<String, u64> {
    let stats = catalog.read(&viewer()).stats();
    let present = stats.entities.into_iter().filter(|(_, count)| *count > 0);
    present
        .map(|(blueprint, count)| (blueprint.to_string(), count))
        .collect()
}

#[test]
fn every_set_imports_and_comes_back() {
    for (set, dangling) in SETS {
        let Some(folder) = real_data(set) else {
            continue;
        };
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("set.portolan");
        let catalog = Catalog::open(&path).unwrap();
        let mut lines = 0;
        let options = ImportOptions::default().progress(|progress| lines = progress.lines);
        let report = catalog.import(&viewer(), &folder, options).unwrap();
        let expected = expected_counts(&folder);
        assert_eq!(
            lines,
            expected.values().sum::<u64>(),
            "{set}: progress saw every line"
        );
        assert_eq!(report.refused.len(), dangling, "{set}: {report}");
        assert!(
            report
                .refused
                .iter()
                .all(|refused| !refused.whole && refused.line > 0),
            "{report}"
        );
        assert_eq!(counts(&catalog), expected, "{set}");
        let relations = catalog.read(&viewer()).stats().relations;
        catalog.close().unwrap();

        let catalog = Catalog::open(&path).unwrap();
        assert_eq!(
            catalog.open_report().rebuilt.len(),
            0,
            "{set}: {}",
            catalog.open_report()
        );
        assert_eq!(counts(&catalog), expected, "{set} after reopening");
        assert_eq!(
            catalog.read(&viewer()).stats().relations,
            relations,
            "{set} after reopening"
        );
    }
}

/// The relation counts that a set's report states, less the references that lead nowhere.
#[test]
fn relations_are_those_the_reports_count() {
    for (set, dangling) in SETS {
        let Some(folder) = real_data(set) else {
            continue;
        };
        let report = folder.join("report.json");
        if !report.exists() {
            continue;
        }
        let report = read_json(&report);
        let catalog = Catalog::in_memory().unwrap();
        catalog
            .import(&viewer(), &folder, ImportOptions::default())
            .unwrap();
        let total = catalog.read(&viewer()).stats().relation_count();
        let stated = report["relations_total"].as_u64().unwrap();
        assert_eq!(total + dangling as u64, stated, "{set}");
    }
}

#[test]
fn transitive_dependents_of_a_package_match_an_independent_walk() {
    let Some(folder) = real_data("debian/out-small") else {
        return;
    };
    let mut dependents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in fs::read_to_string(folder.join("entities.jsonl"))
        .unwrap()
        .lines()
    {
        let entity: Json = serde_json::from_str(line).unwrap();
        let name = entity["identifier"].as_str().unwrap();
        for dependency in entity["relations"]["depends"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let dependency = dependency.as_str().unwrap().to_owned();
            dependents
                .entry(dependency)
                .or_default()
                .insert(name.to_owned());
        }
    }
    let catalog = Catalog::in_memory().unwrap();
    catalog
        .import(&viewer(), &folder, ImportOptions::default())
        .unwrap();
    let snapshot = catalog.read(&viewer());
    let hub = dependents
        .iter()
        .max_by_key(|(_, direct)| direct.len())
        .unwrap()
        .0;
    let mut sample: Vec<&String> = dependents.keys().step_by(97).collect();
    sample.push(hub);
    for package in sample {
        let (mut reached, mut waiting) = (BTreeSet::from([package.clone()]), vec![package]);
        while let Some(next) = waiting.pop() {
            for dependent in dependents.get(next).into_iter().flatten() {
                if reached.insert(dependent.clone()) {
                    waiting.push(dependent);
                }
            }
        }
        let rows = snapshot
            .query(
                "MATCH (d:debPackage)-[:depends]->*(p:debPackage {$identifier: $package}) \
                 RETURN d.$identifier",
                params! { "package" => package.as_str() },
            )
            .unwrap();
        let answered: BTreeSet<String> = rows
            .iter()
            .map(|row| row[0].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(answered.len(), rows.len(), "each dependent once");
        assert_eq!(answered, reached, "dependents of {package}");
    }
}

/// Every integration's blueprints, declared together as they come: accepted, or refused with a
/// reason that a person checked.
#[test]
fn integration_blueprints_are_accepted_or_refused_for_a_right_reason() {
    let Some(folder) = real_data("port/ocean") else {
        return;
    };
    let (mut accepted, mut refused) = (0, Vec::new());
    for integration in fs::read_dir(folder).unwrap() {
        let integration = integration.unwrap().path();
        let mut blueprints = Vec::new();
        let Ok(files) = fs::read_dir(integration.join("blueprints")) else {
            continue;
        };
        for file in files {
            let file = file.unwrap().path();
            match Blueprint::list_from_json(&read_json(&file)) {
                Ok(list) => blueprints.extend(list),
                Err(error) => refused.push(format!("{}: {error}", file.display())),
            }
        }
        let catalog = Catalog::in_memory().unwrap();
        let mut tx = catalog.write(&viewer()).unwrap();
        let count = blueprints.len();
        match tx.declare(blueprints, []) {
            Ok(()) => {
                tx.commit().unwrap();
                accepted += count;
            }
            Err(error) => refused.push(format!("{}: {error}", integration.display())),
        }
    }
    assert!(accepted > 50, "{accepted} accepted, refused: {refused:#?}");
    for reason in &refused {
        assert!(
            RIGHT_REASONS.iter().any(|known| reason.contains(known)),
            "{reason}"
        );
    }
}

/// Why a file or a set of files may be refused.
const RIGHT_REASONS: [&str; 1] = ["does not exist"];

#[test]
fn integration_scorecards_are_read() {
    let Some(folder) = real_data("port") else {
        return;
    };
    let mut read = 0;
    for set in [
        "k8s-exporter/scorecards",
        "ocean/gitlab/scorecards",
        "ocean/azure-devops/scorecards",
    ] {
        for file in fs::read_dir(folder.join(set)).unwrap() {
            let json = read_json(&file.unwrap().path());
            let list = Scorecard::list_from_json(&json).unwrap();
            assert!(!list.is_empty());
            for scorecard in &list {
                assert_eq!(
                    Scorecard::from_json(&scorecard.to_json()).unwrap(),
                    *scorecard
                );
            }
            read += list.len();
        }
    }
    assert!(read >= 3);
}
