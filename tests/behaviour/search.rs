//! Search and the text conditions of queries: what the indexes say is what a look at every entity
//! says, before and after commits.

use crate::common::{blueprint, options, viewer};
use portolan::{Catalog, Hit, Match, SearchOptions, params};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// An entity as it is written.
#[derive(Clone, Debug)]
struct Written {
    blueprint: &'static str,
    identifier: String,
    title: Option<String>,
    note: Option<String>,
    tags: Vec<String>,
}

fn written() -> impl Strategy<Value = Written> {
    let text = "[abAB]{1,4}( [abc-]{1,4})?|[ſsSΣσς]{1,3}|[a-c]{0,2}";
    (
        prop::sample::select(vec!["api", "service"]),
        "[abA]{1,3}(-[ab]{1,2})?",
        prop::option::of(text),
        prop::option::of(text),
        prop::collection::vec("[ab]{1,3}", 0..3),
    )
        .prop_map(|(blueprint, identifier, title, note, tags)| Written {
            blueprint,
            identifier,
            title,
            note,
            tags,
        })
}

fn catalog() -> Catalog {
    let catalog = Catalog::in_memory_with(options()).unwrap();
    let declared = ["api", "service"].map(|identifier| {
        blueprint(
            json!({"identifier": identifier, "title": identifier, "schema": {"properties": {
                "note": {"type": "string", "index": true},
                "tags": {"type": "array", "items": {"type": "string"}, "index": true},
                "plain": {"type": "string", "index": false}
            }}}),
        )
    });
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.declare(declared, []).unwrap();
    tx.commit().unwrap();
    catalog
}

fn write(catalog: &Catalog, all: &[Written]) {
    let mut tx = catalog.write(&viewer()).unwrap();
    for one in all {
        // What was there goes first, so that what is missing now is missing.
        if catalog
            .read(&viewer())
            .get(one.blueprint, &one.identifier)
            .is_ok()
        {
            tx.delete(one.blueprint, &one.identifier).unwrap();
        }
        tx.upsert(
            one.blueprint,
            &json!({"identifier": one.identifier, "title": one.title,
                "properties": {"note": one.note, "tags": one.tags, "plain": one.note}}),
        )
        .unwrap();
    }
    tx.commit().unwrap();
}

/// Every hit by a look at every entity.
fn looked_for(catalog: &Catalog, wanted: &str) -> Vec<(Match, String)> {
    let lower = |text: String| -> String { text.chars().flat_map(char::to_lowercase).collect() };
    let fold = |text: &str| {
        let upper = lower(text.to_owned())
            .chars()
            .flat_map(char::to_uppercase)
            .collect();
        lower(upper)
    };
    let wanted = fold(wanted.trim());
    let rows = catalog
        .read(&viewer())
        .query(
            "MATCH (e) RETURN e.$blueprint AS b, e.$identifier AS i, e.$title AS t, e.note AS n, e.tags AS g",
            (),
        )
        .unwrap();
    let place = |text: &str| {
        let text = fold(text);
        let at = text.find(&wanted)?;
        let starts_word = |at: usize| {
            text[..at]
                .chars()
                .next_back()
                .is_none_or(|before| !before.is_alphanumeric())
        };
        Some(if at == 0 {
            Match::Prefix
        } else if text.match_indices(&wanted).any(|(at, _)| starts_word(at)) {
            Match::Word
        } else {
            Match::Inside
        })
    };
    let mut hits = Vec::new();
    for row in rows.json() {
        let text = |key: &str| row[key].as_str().map(str::to_owned);
        let (identifier, title) = (text("i").unwrap(), text("t"));
        let name = format!("{}/{identifier}", text("b").unwrap());
        let titled = title.as_deref();
        let tags = row["g"].as_array().cloned().unwrap_or_default();
        let in_property = [text("n")]
            .into_iter()
            .flatten()
            .chain(tags.iter().filter_map(Json::as_str).map(str::to_owned));
        let found = if fold(&identifier) == wanted {
            Some(Match::Identifier)
        } else if titled.map(fold).as_deref() == Some(&wanted) {
            Some(Match::Title)
        } else {
            let named = [Some(&*identifier), titled]
                .into_iter()
                .flatten()
                .filter_map(place)
                .min();
            named.or_else(|| {
                in_property
                    .into_iter()
                    .any(|text| place(&text).is_some())
                    .then_some(Match::Property)
            })
        };
        hits.extend(
            found
                .filter(|_| !wanted.is_empty())
                .map(|found| (found, name)),
        );
    }
    hits.sort();
    hits
}

fn shown(hits: &[Hit]) -> Vec<(Match, String)> {
    let name = |hit: &Hit| (hit.found, format!("{}/{}", hit.blueprint, hit.identifier));
    hits.iter().map(name).collect()
}

/// Pairs of a condition that an index may answer and one that says the same and none can.
const CONDITIONS: [(&str, &str); 8] = [
    ("e.$title CONTAINS $x", "e.$title || '' CONTAINS $x"),
    (
        "e.$identifier CONTAINS $x",
        "e.$identifier || '' CONTAINS $x",
    ),
    ("e.note CONTAINS $x", "e.plain CONTAINS $x"),
    ("e.note LIKE '%' + $x + '%'", "e.plain LIKE '%' + $x + '%'"),
    (
        "e.note ILIKE '%' + $x + '_%'",
        "e.plain ILIKE '%' + $x + '_%'",
    ),
    ("e.$title ILIKE $x + '%'", "e.$title || '' ILIKE $x + '%'"),
    (
        "e.$identifier ILIKE '%' + $x",
        "e.$identifier || '' ILIKE '%' + $x",
    ),
    ("e.tags CONTAINS $x", "any(t IN e.tags WHERE t = $x)"),
];

fn conditions_agree(catalog: &Catalog, wanted: &str) -> Result<(), TestCaseError> {
    let snapshot = catalog.read(&viewer());
    let ask = |condition: &str| {
        let text =
            format!("MATCH (e:service) WHERE {condition} RETURN e.$identifier AS i ORDER BY i");
        let rows = snapshot.query(&text, params! { "x" => wanted }).unwrap();
        rows.json()
            .map(|row| row["i"].to_string())
            .collect::<Vec<_>>()
    };
    for (indexed, scanned) in CONDITIONS {
        prop_assert_eq!(ask(indexed), ask(scanned), "{} of `{}`", indexed, wanted);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn indexes_say_what_a_look_at_every_entity_says(
        commits in prop::collection::vec(prop::collection::vec(written(), 1..8), 1..6),
        wanted in prop::collection::vec("[abAB]{1,4}|[abc -]{1,3}|[ſsΣσς]{1,2}", 1..6),
        searched_first in any::<bool>(),
    ) {
        let catalog = catalog();
        if searched_first {
            catalog.read(&viewer()).search("abc", &SearchOptions::default()).unwrap();
        }
        let all = SearchOptions { limit: 1000, ..SearchOptions::default() };
        for commit in &commits {
            write(&catalog, commit);
            for wanted in &wanted {
                conditions_agree(&catalog, wanted)?;
                let hits = catalog.read(&viewer()).search(wanted, &all).unwrap();
                prop_assert_eq!(shown(&hits), looked_for(&catalog, wanted), "`{}`", wanted);
            }
        }
    }
}

#[test]
fn the_best_come_first_and_no_more_than_asked_for() {
    let catalog = catalog();
    let titled = |blueprint, identifier: &str, title: &str| Written {
        blueprint,
        identifier: identifier.to_owned(),
        title: Some(title.to_owned()),
        note: None,
        tags: Vec::new(),
    };
    let mut all = vec![
        titled("service", "x1", "Cart"),
        titled("service", "cart", "Basket"),
        titled("api", "x2", "Cart API"),
        titled("service", "x3", "Shopping cart"),
        titled("service", "x4", "Descartes"),
        titled("service", "x5", "Ledger"),
    ];
    all[5].note = Some("books what is in the cart".to_owned());
    write(&catalog, &all);
    let snapshot = catalog.read(&viewer());
    let found = shown(
        &snapshot
            .search(" CART ", &SearchOptions::default())
            .unwrap(),
    );
    let expected = [
        (Match::Identifier, "service/cart"),
        (Match::Title, "service/x1"),
        (Match::Prefix, "api/x2"),
        (Match::Word, "service/x3"),
        (Match::Inside, "service/x4"),
        (Match::Property, "service/x5"),
    ];
    assert_eq!(
        found,
        expected.map(|(found, name)| (found, name.to_owned()))
    );
    let two = SearchOptions {
        limit: 2,
        ..SearchOptions::default()
    };
    assert_eq!(shown(&snapshot.search("cart", &two).unwrap()), found[..2]);
    let of_apis = SearchOptions {
        blueprints: vec!["api".to_owned()],
        ..SearchOptions::default()
    };
    assert_eq!(
        shown(&snapshot.search("cart", &of_apis).unwrap()),
        found[2..3]
    );
    assert!(
        snapshot
            .search("  ", &SearchOptions::default())
            .unwrap()
            .is_empty()
    );
    let unknown = SearchOptions {
        blueprints: vec!["apis".to_owned()],
        ..SearchOptions::default()
    };
    assert!(
        snapshot
            .search("cart", &unknown)
            .unwrap_err()
            .help()
            .unwrap()
            .contains("`api`")
    );
}
