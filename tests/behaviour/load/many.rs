//! What costs its size and no more: chains that go link by link, hubs, the same name over and over.

use std::time::{Duration, Instant};

use super::{declared, load, refused};
use crate::common::viewer;
use serde_json::{Value as Json, json};

/// Each of these takes seconds where its cost grows with the size, and many minutes where it
/// grows with the square of it.
const LONG: Duration = Duration::from_mins(2);

fn lines(documents: impl Iterator<Item = Json>) -> Vec<u8> {
    documents
        .flat_map(|it| format!("{it}\n").into_bytes())
        .collect()
}

fn part(identifier: &str, of: Json) -> Json {
    json!({"blueprint": "part", "identifier": identifier, "properties": {"tier": 1},
        "relations": {"of": of}})
}

/// Each link needs the one before it and the first needs nothing that is there. Two hubs mention
/// all of them; one needs the last, and goes with it.
#[test]
fn a_chain_goes_link_by_link_and_a_hub_of_all_links_once() {
    const LINKS: usize = 20_000;
    let started = Instant::now();
    let catalog = declared();
    let name = |at: usize| format!("l{at}");
    let all: Vec<String> = (0..LINKS).map(name).collect();
    let links = (0..LINKS).map(|at| {
        part(
            &name(at),
            json!(at.checked_sub(1).map_or("nothing".to_owned(), name)),
        )
    });
    let mut hub = part("hub", json!(all[LINKS - 1]));
    let mut other = part("other", json!("other"));
    for part in [&mut hub, &mut other] {
        part["relations"]["on"] = json!(all);
    }
    let report = load(&catalog, &lines([hub, other].into_iter().chain(links)));
    assert_eq!(report.entity_count(), 1);
    let refused = refused(&report);
    let whole = refused.iter().filter(|(_, whole)| *whole).count();
    assert_eq!((whole, refused.len()), (LINKS + 1, LINKS * 2 + 1));
    assert!(catalog.read(&viewer()).get("part", "other").is_ok());
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

/// First as a whole, then some more that are few beside those.
#[test]
fn a_hundred_thousand_references_of_a_hub_and_to_it() {
    const SPOKES: usize = 100_000;
    const MORE: usize = SPOKES / 5;
    let started = Instant::now();
    let catalog = declared();
    let name = |at: usize| format!("s{at}");
    let mut hub = part("hub", json!("hub"));
    for spokes in [0..SPOKES, SPOKES..SPOKES + MORE] {
        let count = spokes.end;
        hub["relations"]["on"] = (0..count).map(name).collect();
        let spokes = spokes.map(|at| part(&name(at), json!("hub")));
        let report = load(&catalog, &lines(spokes.chain([hub.clone()])));
        assert!(report.refused.is_empty(), "{report}");
        let document = catalog.read(&viewer()).get("part", "hub").unwrap();
        assert_eq!(document["properties"]["parts"], count + 1);
        let on = document["relations"]["on"].as_array().unwrap();
        assert_eq!(on.len(), count);
    }
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

/// The last of equal names is written, and nothing of the others is kept.
#[test]
fn a_hundred_thousand_times_the_same_name() {
    const TIMES: usize = 100_000;
    let started = Instant::now();
    let catalog = declared();
    let times = (0..TIMES).map(|at| {
        let mut part = part("p", json!(if at + 1 == TIMES { "p" } else { "nothing" }));
        part["properties"]["tier"] = json!(at + 1);
        part
    });
    let report = load(&catalog, &lines(times));
    assert!(report.refused.is_empty(), "{report}");
    let document = catalog.read(&viewer()).get("part", "p").unwrap();
    assert_eq!(document["properties"]["tier"], TIMES);
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}
