//! Each expression of the model beside what it means, written out by hand.

use serde_json::{Value as Json, json};

use super::World;
use super::base::Key;
use super::condition::is_empty;
use super::time::DAY;

/// What an expression gives for an entity. A condition gives true, false or null.
type Meaning = fn(&World<'_>, &Key) -> Json;

/// The meaning of a text of the model.
pub(super) fn value(text: &str) -> Meaning {
    let found = EXPRESSIONS.iter().find(|(known, _)| *known == text);
    found
        .unwrap_or_else(|| panic!("the meaning of `{text}` is not written down"))
        .1
}

const EXPRESSIONS: [(&str, Meaning); 38] = [
    ("coalesce(onCall, parentOnCall, 'nobody')", |world, of| {
        let known = ["onCall", "parentOnCall"].map(|name| world.value(of, name));
        let known = known.into_iter().find(|value| !value.is_null());
        known.unwrap_or_else(|| json!("nobody"))
    }),
    (
        "CASE WHEN services = 0 THEN 'empty' WHEN goldServices * 2 >= services THEN 'good' ELSE 'poor' END",
        |world, of| {
            let count = |name| world.num(of, name).unwrap_or_default();
            if count("services") == 0.0 {
                json!("empty")
            } else if count("goldServices") * 2.0 >= count("services") {
                json!("good")
            } else {
                json!("poor")
            }
        },
    ),
    (
        "CASE WHEN okDeploys + failedDeploys > 0 THEN toFloat(failedDeploys) / (okDeploys + failedDeploys) END",
        |world, of| match world.numbers(of, ["okDeploys", "failedDeploys"]) {
            Some((ok, failed)) if ok + failed > 0.0 => json!(failed / (ok + failed)),
            _ => Json::Null,
        },
    ),
    ("riskSum + tier * 1.5", |world, of| {
        let both = world.numbers(of, ["riskSum", "tier"]);
        both.map_or(Json::Null, |(risk, tier)| json!(risk + tier * 1.5))
    }),
    ("created < now() - 30d", |world, of| {
        let created = world.instant(of, "created");
        created.map_or(Json::Null, |created| json!(created < world.now - 30 * DAY))
    }),
    ("minutes > 30", |world, of| {
        above(world.num(of, "minutes"), 30.0)
    }),
    (".properties.tags | length", |world, of| {
        json!(world.value(of, "tags").as_array().map_or(0, Vec::len))
    }),
    (".title // .identifier", |world, of| {
        match world.value(of, "$title") {
            Json::Null => json!(of.1),
            title => title,
        }
    }),
    (
        "if (.properties.openVulns // 0) > 2 then \"bad\" else \"good\" end",
        |world, of| {
            let bad = world.num(of, "openVulns").unwrap_or_default() > 2.0;
            json!(if bad { "bad" } else { "good" })
        },
    ),
    (".properties.tier * 10", |world, of| {
        let tier = world.num(of, "tier");
        tier.map_or(Json::Null, |tier| json!(tier * 10.0))
    }),
    (
        "if .properties.severity == \"critical\" then 10 elif .properties.severity == \"high\" then 5 else 1 end",
        |world, of| match world.value(of, "severity").as_str() {
            Some("critical") => json!(10),
            Some("high") => json!(5),
            _ => json!(1),
        },
    ),
    ("open", |world, of| world.value(of, "open")),
    ("slow", |world, of| world.value(of, "slow")),
    ("status = 'ok'", |world, of| {
        json!(world.is(of, "status", "ok"))
    }),
    ("status = 'failed'", |world, of| {
        json!(world.is(of, "status", "failed"))
    }),
    ("at >= now() - 30d", |world, of| {
        let at = world.instant(of, "at");
        json!(at.is_some_and(|at| at >= world.now - 30 * DAY))
    }),
    ("lifecycle = 'deprecated'", |world, of| {
        json!(world.is(of, "lifecycle", "deprecated"))
    }),
    ("this.$scorecards.readiness.level = 'Gold'", |world, of| {
        json!(world.level("readiness", of).as_deref() == Some("Gold"))
    }),
    ("lifecycle <> 'experimental'", |world, of| {
        let lifecycle = world.value(of, "lifecycle");
        json!(lifecycle.as_str().is_some_and(|is| is != "experimental"))
    }),
    ("readme IS NOT EMPTY", |world, of| {
        json!(!is_empty(&world.value(of, "readme")))
    }),
    ("tags IS NOT EMPTY", |world, of| {
        json!(!is_empty(&world.value(of, "tags")))
    }),
    ("coverage >= 50", |world, of| {
        json!(world.num(of, "coverage").is_some_and(|of| of >= 50.0))
    }),
    ("coverage >= 80", |world, of| {
        json!(world.num(of, "coverage").is_some_and(|of| of >= 80.0))
    }),
    (
        "openVulns = 0 OR (tier >= 3 AND openVulns <= 1)",
        |world, of| {
            let open = world.num(of, "openVulns").unwrap_or_default();
            let minor = world.num(of, "tier").is_some_and(|tier| tier >= 3.0);
            json!(open == 0.0 || (minor && open <= 1.0))
        },
    ),
    ("recentDeploys >= 1", |world, of| {
        json!(world.num(of, "recentDeploys").unwrap_or_default() >= 1.0)
    }),
    ("created >= now() - 30d", |world, of| {
        let created = world.instant(of, "created");
        json!(created.is_some_and(|created| created >= world.now - 30 * DAY))
    }),
    (
        "NOT EXISTS { (this)-[:dependsOn]->(d:service) WHERE d.tier > this.tier }",
        |world, of| {
            let own = world.num(of, "tier");
            let higher = |other: &Key| {
                let other = world.num(other, "tier");
                other.zip(own).is_some_and(|(other, own)| other > own)
            };
            json!(!world.targets(of, "dependsOn").iter().any(higher))
        },
    ),
    (
        "COUNT { (this)-[:dependsOn]->(:service) } <= 2",
        |world, of| json!(world.targets(of, "dependsOn").len() <= 2),
    ),
    (
        "NOT EXISTS { (this)<-[:service]-(v:vulnerability) WHERE v.open AND v.severity = 'critical' }",
        |world, of| {
            let sources = world.sources(of, "service");
            let found = sources.iter().any(|from| {
                from.0 == "vulnerability"
                    && world.is(from, "open", true)
                    && world.is(from, "severity", "critical")
            });
            json!(!found)
        },
    ),
    (
        "this.$scorecards.readiness.level >= 'Silver'",
        |world, of| {
            let level = world.level("readiness", of);
            json!(matches!(level.as_deref(), Some("Silver" | "Gold")))
        },
    ),
    ("pii = false", |world, of| json!(world.is(of, "pii", false))),
    (
        "openIncidents = 0 AND failRate < 0.5 OR failRate IS NULL",
        |world, of| {
            let calm = world.num(of, "openIncidents") == Some(0.0);
            let rate = world.num(of, "failRate");
            json!(rate.is_none_or(|rate| calm && rate < 0.5))
        },
    ),
    (
        "onCall IS NOT NULL OR parent.onCall IS NOT NULL",
        |world, of| {
            let parent = world.target(of, "parent");
            let known = |of: &Key| !world.value(of, "onCall").is_null();
            json!(known(of) || parent.is_some_and(|parent| known(&parent)))
        },
    ),
    (
        "NOT EXISTS { (this)<-[:owner]-(s:service) WHERE s.$scorecards.security.level < 'Mid' }",
        |world, of| {
            let owned = world.sources(of, "owner");
            let weak = |of: &Key| {
                let level = world.level("security", of);
                matches!(level.as_deref(), Some("None" | "Low"))
            };
            json!(!owned.iter().any(weak))
        },
    ),
    ("services <= 3", |world, of| {
        json!(world.num(of, "services").is_some_and(|of| of <= 3.0))
    }),
    ("services > 0", |world, of| {
        above(world.num(of, "services"), 0.0)
    }),
    ("incidents = 0", |world, of| {
        json!(world.num(of, "incidents") == Some(0.0))
    }),
    ("health = 'good'", |world, of| {
        json!(world.is(of, "health", "good"))
    }),
];

fn above(number: Option<f64>, limit: f64) -> Json {
    number.map_or(Json::Null, |number| json!(number > limit))
}
