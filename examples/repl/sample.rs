//! The sample catalog: an online shop's domains, systems, components, resources, APIs and teams.

use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Result, Viewer};
use serde_json::Value as Json;

const BLUEPRINTS: &str = include_str!("../sample/blueprints.json");
const SCORECARDS: &str = include_str!("../sample/scorecards.json");
const ENTITIES: &str = include_str!("../sample/entities.jsonl");

/// Questions that the sample has good answers to, each with what it asks.
pub(crate) const QUESTIONS: [(&str, &str); 3] = [
    (
        "What stands on the user profile, directly or not, and wakes somebody at night?",
        "MATCH (c:component {tier: 1})-[:depends_on]->+(:component {$identifier: 'user-profile'})\n\
         RETURN c.$title AS component, c.owner.$title AS owner, c.on_call AS on_call ORDER BY component;",
    ),
    (
        "How ready for production is each domain?",
        "MATCH (c:component) WHERE c.type = 'service'\n\
         RETURN c.domain AS domain, c.$scorecards.production_readiness.level AS level, count(*) AS services\n\
         ORDER BY domain, level DESC;",
    ),
    (
        "Which components keep cardholders' or personal data where encryption is not known?",
        "MATCH (c:component)-[:uses]->(r:resource)\n\
         WHERE c.tags CONTAINS ANY ['pci', 'gdpr'] AND (r.encrypted IS NULL OR NOT r.encrypted)\n\
         RETURN c.$title AS component, r.$title AS resource, r.region AS region;",
    ),
];

/// The sample in memory.
pub(crate) fn load() -> Result<Catalog> {
    let catalog = Catalog::in_memory()?;
    let mut tx = catalog.write(&Viewer::system("sample"))?;
    let blueprints = Blueprint::list_from_json(&serde_json::from_str(BLUEPRINTS)?)?;
    let scorecards = Scorecard::list_from_json(&serde_json::from_str(SCORECARDS)?)?;
    tx.declare(blueprints, scorecards)?;
    for line in ENTITIES.lines() {
        let entity: Json = serde_json::from_str(line)?;
        let blueprint = entity
            .get("blueprint")
            .and_then(Json::as_str)
            .unwrap_or_default();
        tx.upsert(blueprint, &entity)?;
    }
    tx.commit()?;
    Ok(catalog)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_loads_and_its_questions_have_answers() -> Result<()> {
        let snapshot = load()?.read(&Viewer::system("test"));
        let entities = ENTITIES.lines().count() as u64;
        assert_eq!(snapshot.stats().entity_count(), entities);
        for (question, query) in QUESTIONS {
            let rows = snapshot.query(query.trim_end_matches(';'), ())?;
            assert!(!rows.is_empty(), "{question}");
        }
        Ok(())
    }

    #[test]
    fn the_sample_is_worth_looking_at() -> Result<()> {
        let snapshot = load()?.read(&Viewer::system("test"));
        let summary = snapshot.scorecard_summary("production_readiness")?;
        assert!(
            summary.levels.iter().all(|(_, count)| *count > 0),
            "{summary}"
        );
        let failed = summary
            .rules
            .iter()
            .all(|(_, passed)| *passed < summary.graded);
        assert!(failed, "every rule fails somewhere: {summary}");
        assert_eq!(snapshot.cycles("depends_on")?.len(), 2);
        // What the guide describes: the Order domain with its two systems and what is in them.
        for (blueprint, identifier) in [
            ("domain", "order"),
            ("system", "cart"),
            ("system", "products"),
            ("component", "cart"),
            ("component", "products"),
            ("component", "core-kafka"),
            ("component", "core-payment"),
            ("resource", "cart"),
            ("api", "cart-api"),
        ] {
            snapshot.get(blueprint, identifier)?;
        }
        Ok(())
    }
}
