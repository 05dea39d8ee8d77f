//! The model of the workload's data, as the workload means it.

use std::fs;
use std::path::Path;

use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Viewer};
use serde_json::Value;

use super::failure::Result;

/// Declares the blueprints and scorecards of a folder.
pub(crate) fn declare(catalog: &Catalog, viewer: &Viewer, data: &Path) -> Result<()> {
    let mut blueprints = read(&data.join("blueprints.json"))?;
    blueprints.iter_mut().for_each(walk_from_the_owner);
    let blueprints = blueprints.iter().map(Blueprint::from_json);
    let scorecards = read(&data.join("scorecards.json"))?;
    let scorecards = scorecards.iter().map(Scorecard::from_json);
    let mut tx = catalog.write(viewer)?;
    tx.declare(
        blueprints.collect::<portolan::Result<Vec<_>>>()?,
        scorecards.collect::<portolan::Result<Vec<_>>>()?,
    )?;
    tx.commit()?;
    Ok(())
}

fn read(path: &Path) -> Result<Vec<Value>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// The data names the target of every aggregation as the start of its path. Where a blueprint
/// aggregates itself that would be the way back; the workload counts what a service depends on.
fn walk_from_the_owner(blueprint: &mut Value) {
    let own = blueprint["identifier"].clone();
    let Some(aggregations) = blueprint["aggregationProperties"].as_object_mut() else {
        return;
    };
    for aggregation in aggregations.values_mut().filter(|one| one["target"] == own) {
        for path in aggregation["pathFilter"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            if let Some(path) = path.as_object_mut() {
                path.remove("fromBlueprint");
            }
        }
    }
}
