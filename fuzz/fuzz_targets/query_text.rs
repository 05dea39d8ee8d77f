//! Any text as a query over the sample catalog: it is answered or refused, never a panic.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, ErrorKind, QueryOptions, Snapshot, Viewer, params};
use serde_json::Value as Json;

static SAMPLE: LazyLock<Snapshot> =
    LazyLock::new(|| sample().expect("the sample is a catalog that holds together"));

fuzz_target!(|text: &str| {
    let mut options = QueryOptions::default();
    options.limits.rows = 10_000;
    options.limits.time = Some(Duration::from_secs(2));
    let parameters = params! { "id" => "cart", "tier" => 1 };
    let answer = SAMPLE.query_with(text, parameters.clone(), &options);
    if let Err(error) = &answer {
        assert_ne!(error.kind(), ErrorKind::Internal, "{text}\n{error:#}");
        assert_in_text(text, error);
        // Showing an error must hold for any text as well.
        drop(format!("{error:#}"));
    }
    // A text that is planned is explained, and one that is answered is planned.
    let plan = SAMPLE.explain(text, parameters);
    assert!(
        plan.is_ok() || answer.is_err(),
        "answered but not explained: {text}"
    );
    for (span, _) in portolan::highlight(text) {
        assert!(
            text.get(span.start..span.end).is_some(),
            "{span:?} of {text}"
        );
    }
    for candidate in SAMPLE.complete(text, text.len()) {
        let replaced = candidate.replace;
        assert!(
            text.get(replaced.start..replaced.end).is_some(),
            "{replaced:?} of {text}"
        );
    }
});

fn assert_in_text(text: &str, error: &portolan::Error) {
    if let Some(span) = error.span() {
        assert!(
            text.get(span.start..span.end).is_some(),
            "{span:?} of {text}: {error}"
        );
    }
}

fn sample() -> portolan::Result<Snapshot> {
    let catalog = Catalog::in_memory()?;
    let viewer = Viewer::system("fuzz");
    let mut tx = catalog.write(&viewer)?;
    let blueprints = serde_json::from_str(include_str!("../../examples/sample/blueprints.json"))?;
    let scorecards = serde_json::from_str(include_str!("../../examples/sample/scorecards.json"))?;
    tx.declare(
        Blueprint::list_from_json(&blueprints)?,
        Scorecard::list_from_json(&scorecards)?,
    )?;
    for line in include_str!("../../examples/sample/entities.jsonl").lines() {
        let entity: Json = serde_json::from_str(line)?;
        let blueprint = entity
            .get("blueprint")
            .and_then(Json::as_str)
            .unwrap_or_default();
        tx.upsert(blueprint, &entity)?;
    }
    tx.commit()?;
    Ok(catalog.read(&viewer))
}
