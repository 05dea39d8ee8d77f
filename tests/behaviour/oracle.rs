//! Derived state against from-scratch: however a catalog came to be what it is, everything that
//! can be asked of it is the same.
//!
//! `oracle_*`: equal to a catalog that is loaded with the final entities in one commit.
//! `differential_*`: equal however the writes were split into commits, and after reopening.

use std::collections::BTreeMap;

use crate::common::{declare, empty_catalog, options, viewer};
use portolan::{Catalog, Snapshot, WriteTx};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const TEAMS: u32 = 4;
const SERVICES: u32 = 12;

/// One write, over a small set of names so that writes meet each other.
#[derive(Clone, Debug)]
enum Write {
    Team {
        team: u32,
        on_call: bool,
        parent: Option<u32>,
    },
    Service {
        service: u32,
        tier: u32,
        readme: bool,
        archived: bool,
        owner: Option<u32>,
        on: Vec<u32>,
    },
    Readme {
        service: u32,
        readme: bool,
    },
    DeleteTeam(u32),
    DeleteService(u32),
}

fn write() -> impl Strategy<Value = Write> {
    let team = (0..TEAMS, any::<bool>(), prop::option::of(0..TEAMS)).prop_map(
        |(team, on_call, parent)| Write::Team {
            team,
            on_call,
            parent,
        },
    );
    let service = (
        (
            0..SERVICES,
            1..5u32,
            any::<bool>(),
            prop::bool::weighted(0.2),
        ),
        prop::option::of(0..TEAMS),
        prop::collection::vec(0..SERVICES, 0..4),
    )
        .prop_map(
            |((service, tier, readme, archived), owner, on)| Write::Service {
                service,
                tier,
                readme,
                archived,
                owner,
                on,
            },
        );
    let readme = (0..SERVICES, any::<bool>())
        .prop_map(|(service, readme)| Write::Readme { service, readme });
    prop_oneof![
        2 => team,
        5 => service,
        3 => readme,
        1 => (0..TEAMS).prop_map(Write::DeleteTeam),
        1 => (0..SERVICES).prop_map(Write::DeleteService),
    ]
}

/// What the catalog should hold, as documents by blueprint and identifier.
#[derive(Clone, Default)]
struct Expected {
    teams: BTreeMap<String, Json>,
    services: BTreeMap<String, Json>,
}

impl Expected {
    /// References only to what is there: dangling ones are another test's matter.
    fn apply(&mut self, write: &Write, tx: &mut WriteTx) {
        match write {
            Write::Team {
                team,
                on_call,
                parent,
            } => {
                let name = format!("t{team}");
                let parent = parent
                    .map(|p| format!("t{p}"))
                    .filter(|p| self.teams.contains_key(p));
                let properties = if *on_call {
                    json!({"onCall": "ann"})
                } else {
                    json!({})
                };
                let document = json!({"identifier": name, "properties": properties,
                    "relations": {"parent": parent}});
                tx.upsert("team", &document).unwrap();
                self.teams.insert(name, document);
            }
            Write::Service {
                service,
                tier,
                readme,
                archived,
                owner,
                on,
            } => {
                let name = format!("s{service}");
                let owner = owner
                    .map(|o| format!("t{o}"))
                    .filter(|o| self.teams.contains_key(o));
                let on: Vec<String> = on
                    .iter()
                    .map(|on| format!("s{on}"))
                    .filter(|on| *on == name || self.services.contains_key(on))
                    .collect();
                let readme = if *readme {
                    json!("# Readme")
                } else {
                    json!(null)
                };
                let document = json!({"identifier": name,
                    "properties": {"tier": tier, "readme": readme, "archived": archived},
                    "relations": {"owner": owner, "dependsOn": on}});
                tx.upsert("service", &document).unwrap();
                self.services.insert(name, document);
            }
            Write::Readme { service, readme } => {
                let name = format!("s{service}");
                let Some(document) = self.services.get_mut(&name) else {
                    return;
                };
                let readme = if *readme { json!("# New") } else { json!(null) };
                tx.merge(
                    "service",
                    &json!({"identifier": name, "properties": {"readme": readme}}),
                )
                .unwrap();
                document["properties"]["readme"] = readme;
            }
            Write::DeleteTeam(team) => self.delete("team", &format!("t{team}"), tx),
            Write::DeleteService(service) => self.delete("service", &format!("s{service}"), tx),
        }
    }

    fn delete(&mut self, blueprint: &str, name: &str, tx: &mut WriteTx) {
        let from = if blueprint == "team" {
            &mut self.teams
        } else {
            &mut self.services
        };
        if from.remove(name).is_none() {
            return;
        }
        tx.delete(blueprint, name).unwrap();
        let keep = |value: &mut Json| match value {
            Json::String(text) if text == name => *value = Json::Null,
            Json::Array(list) => list.retain(|one| one != name),
            _ => {}
        };
        let relations: &[&str] = if blueprint == "team" {
            &["owner", "parent"]
        } else {
            &["dependsOn"]
        };
        for document in self.teams.values_mut().chain(self.services.values_mut()) {
            for relation in relations {
                if let Some(value) = document["relations"].get_mut(relation) {
                    keep(value);
                }
            }
        }
    }

    fn loaded_at_once(&self) -> Catalog {
        let catalog = empty_catalog();
        let mut tx = catalog.write(&viewer()).unwrap();
        for document in self.services.values() {
            tx.upsert("service", document).unwrap();
        }
        for document in self.teams.values() {
            tx.upsert("team", document).unwrap();
        }
        tx.commit().unwrap();
        catalog
    }
}

/// Everything that can be asked, but for who wrote what when.
fn everything(snapshot: &Snapshot) -> Json {
    let document = |blueprint: &str, identifier: &str| {
        let mut document = snapshot.get(blueprint, identifier).unwrap();
        for stamp in ["createdAt", "updatedAt"] {
            document[stamp] = Json::Null;
        }
        document
    };
    let queries = [
        "MATCH (s:service)-[:dependsOn]->*(d) RETURN s.$identifier AS s, d.$identifier AS d ORDER BY s, d",
        "MATCH (t:team) RETURN t.$identifier AS t, COUNT { (t)<-[:owner]-(s:service) WHERE s.tier < 3 } AS n ORDER BY t",
        "MATCH (s:service) RETURN s.$identifier AS s, s.ownerOnCall, s.dependencyTiers, s.owner.parent.onCall ORDER BY s",
        "MATCH (s:service) RETURN s.$scorecards.readiness.level AS level, count(*) AS n ORDER BY level",
        "MATCH (s:service) WHERE s.tier >= 2 AND s.readme IS NOT NULL RETURN s.$identifier AS s ORDER BY s",
    ];
    let answers: Vec<Json> = queries
        .iter()
        .map(|query| {
            let rows = snapshot
                .query(query, ())
                .unwrap_or_else(|error| panic!("{error:#}"));
            rows.json().map(Json::Object).collect()
        })
        .collect();
    let mut entities = BTreeMap::new();
    for blueprint in ["team", "service"] {
        let all = format!("MATCH (n:{blueprint}) RETURN n.$identifier AS id");
        for row in snapshot.query(&all, ()).unwrap().iter() {
            let identifier = row[0].as_str().unwrap();
            entities.insert(
                format!("{blueprint}/{identifier}"),
                document(blueprint, identifier),
            );
        }
    }
    let summary = snapshot.scorecard_summary("readiness").unwrap().to_string();
    json!({"answers": answers, "entities": entities, "summary": summary})
}

/// Levels by the rules of the fixture, written out by hand.
fn check_levels(expected: &Expected, snapshot: &Snapshot) {
    for (name, document) in &expected.services {
        let properties = &document["properties"];
        let card = snapshot.scorecard("readiness", name).unwrap();
        if properties["archived"] != false {
            assert_eq!(card.level, None, "{name}");
            continue;
        }
        let owner = document["relations"]["owner"].as_str();
        let on_call =
            owner.is_some_and(|team| expected.teams[team]["properties"]["onCall"].is_string());
        let on: std::collections::BTreeSet<&str> = document["relations"]["dependsOn"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Json::as_str)
            .collect();
        let tier = |name: &str| {
            expected.services[name]["properties"]["tier"]
                .as_u64()
                .unwrap()
        };
        let trusted = on.iter().all(|on| tier(on) <= tier(name));
        let bronze = owner.is_some();
        let silver = bronze && properties["readme"].is_string() && on_call;
        let gold = silver && on.len() <= 2 && trusted;
        let level = match (bronze, silver, gold) {
            (_, _, true) => "Gold",
            (_, true, _) => "Silver",
            (true, ..) => "Bronze",
            _ => "Basic",
        };
        assert_eq!(card.level.as_deref(), Some(level), "{name}: {document}");
    }
}

fn run(catalog: &Catalog, commits: &[Vec<Write>], expected: &mut Expected) {
    for writes in commits {
        let mut tx = catalog.write(&viewer()).unwrap();
        for write in writes {
            expected.apply(write, &mut tx);
        }
        tx.commit().unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn oracle_random_commits_equal_a_load_of_the_final_state(
        commits in prop::collection::vec(prop::collection::vec(write(), 1..6), 1..20)
    ) {
        let (catalog, mut expected) = (empty_catalog(), Expected::default());
        for writes in &commits {
            run(&catalog, std::slice::from_ref(writes), &mut expected);
            check_levels(&expected, &catalog.read(&viewer()));
        }
        let at_once = expected.loaded_at_once();
        prop_assert_eq!(everything(&catalog.read(&viewer())), everything(&at_once.read(&viewer())));
    }

    #[test]
    fn differential_split_and_merged_commits_and_reopening_agree(
        writes in prop::collection::vec(write(), 1..40), cut in 0usize..40
    ) {
        let one_by_one: Vec<Vec<Write>> = writes.iter().map(|write| vec![write.clone()]).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("split.portolan");
        let mut expected = Expected::default();
        let (first, rest) = one_by_one.split_at(cut.min(one_by_one.len()));
        let catalog = Catalog::open_with(&path, options()).unwrap();
        declare(&catalog);
        run(&catalog, first, &mut expected);
        // A checkpoint in the middle: the next open loads the image and replays what follows.
        catalog.checkpoint().unwrap();
        run(&catalog, rest, &mut expected);
        let split = everything(&catalog.read(&viewer()));

        let merged = empty_catalog();
        run(&merged, &[writes], &mut Expected::default());
        prop_assert_eq!(&everything(&merged.read(&viewer())), &split);

        let seq = catalog.read(&viewer()).seq();
        catalog.close().unwrap();
        let reopened = Catalog::open_with(&path, options()).unwrap();
        prop_assert!(reopened.open_report().rebuilt.is_empty(), "{}", reopened.open_report());
        prop_assert_eq!(reopened.read(&viewer()).seq(), seq);
        prop_assert_eq!(&everything(&reopened.read(&viewer())), &split);
    }
}
