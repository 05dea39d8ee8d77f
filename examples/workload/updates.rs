//! Updates: written one a transaction, and the levels that each may have changed.

use std::collections::BTreeSet;

use portolan::{Catalog, Commit, Durability, Level, Snapshot, Value, Viewer, params};
use serde_json::{Map, Value as Json, json};

use super::failure::{Failure, Result};

/// The scorecards in the order in which levels are handed back.
pub(crate) const SCORECARDS: [&str; 4] = ["production_readiness", "security", "dora", "quality"];
const LEAVES: [&str; 5] = [
    "deployment",
    "pull_request",
    "incident",
    "vulnerability",
    "running_service",
];

/// What is written, taken out of a request before the clock runs.
pub(crate) struct Update<'a> {
    operation: &'a str,
    blueprint: &'a str,
    identifier: &'a str,
    document: Json,
}

impl<'a> Update<'a> {
    pub(crate) fn read(update: &'a Json) -> Self {
        let text = |key: &str| update[key].as_str().unwrap_or_default();
        let keys = ["identifier", "title", "team", "properties", "relations"];
        let named = keys.into_iter().filter_map(|key| {
            let value = update.get(key)?;
            Some((key.to_owned(), value.clone()))
        });
        Self {
            operation: text("op"),
            blueprint: text("blueprint"),
            identifier: text("identifier"),
            document: Json::Object(named.collect::<Map<_, _>>()),
        }
    }

    /// Writes it in a transaction of its own.
    pub(crate) fn apply(
        &self,
        catalog: &Catalog,
        viewer: &Viewer,
        durability: Durability,
    ) -> Result<Commit> {
        let mut tx = catalog.write(viewer)?;
        tx.durability(durability);
        match self.operation {
            "create" => tx.upsert(self.blueprint, &self.document)?,
            "patch" => tx.merge(self.blueprint, &self.document)?,
            "delete" => tx.delete(self.blueprint, self.identifier)?,
            other => return Err(Failure::na(format!("there is no update `{other}`"))),
        }
        Ok(tx.commit()?)
    }

    /// The services whose levels it may change, as they are before it.
    pub(crate) fn affected(&self, before: &Snapshot) -> Result<BTreeSet<String>> {
        let mut services = BTreeSet::new();
        if LEAVES.contains(&self.blueprint) {
            let mut service = self.document["relations"]["service"].clone();
            if service.is_null() {
                service =
                    before.get(self.blueprint, self.identifier)?["relations"]["service"].take();
            }
            let service = service.as_str().map(str::to_owned);
            services.extend(service);
            return Ok(services);
        }
        let text = match self.blueprint {
            "team" => {
                "MATCH (s:service)-[:owning_team]->(:team {$identifier: $of}) RETURN s.$identifier"
            }
            "repository" => {
                "MATCH (s:service)-[:repository]->(:repository {$identifier: $of}) RETURN s.$identifier"
            }
            "service" => {
                services.insert(self.identifier.to_owned());
                if self.document["properties"].get("lifecycle").is_none() {
                    return Ok(services);
                }
                "MATCH (s:service)-[:depends_on]->(:service {$identifier: $of}) RETURN s.$identifier"
            }
            _ => return Ok(services),
        };
        let rows = before.query(text, params! {"of" => self.identifier})?;
        let found = rows.iter().filter_map(|row| row.first()?.as_str());
        services.extend(found.map(str::to_owned));
        Ok(services)
    }
}

/// The levels of services under each scorecard: their ranks, -1 where a filter leaves one out.
///
/// Those that the commit changed are in its report; the others are read.
pub(crate) fn levels(
    after: &Snapshot,
    commit: &Commit,
    affected: BTreeSet<String>,
) -> Result<Map<String, Json>> {
    let mut services = affected;
    for flip in commit.level_changes() {
        services.insert(flip.entity.identifier.to_string());
    }
    let mut levels = Map::new();
    for service in services {
        let mut ranks = Vec::with_capacity(SCORECARDS.len());
        for scorecard in SCORECARDS {
            ranks.push(rank(after.level(scorecard, &service)?.as_ref()));
        }
        levels.insert(service, json!(ranks));
    }
    Ok(levels)
}

fn rank(level: Option<&Level>) -> Json {
    level.map_or_else(|| json!(-1), |level| level.rank.into())
}

/// The levels of every service.
pub(crate) fn all_levels(snapshot: &Snapshot) -> Result<Map<String, Json>> {
    let columns = SCORECARDS.map(|card| format!("s.$scorecards.{card}.level"));
    let text = format!(
        "MATCH (s:service) RETURN s.$identifier, {}",
        columns.join(", ")
    );
    let rows = snapshot.query_with(&text, (), &super::session::no_limits())?;
    let of = |row: &[Value]| {
        let (service, levels) = row.split_first()?;
        let rank = |level: &Value| {
            if let Value::Level(level) = level {
                level.rank.into()
            } else {
                json!(-1)
            }
        };
        let levels = levels.iter().map(rank);
        Some((service.as_str()?.to_owned(), levels.collect()))
    };
    Ok(rows.iter().filter_map(of).collect())
}
