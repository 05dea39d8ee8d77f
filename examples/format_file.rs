//! Makes the file of a release that every later release must open: see tests/format/README.md.

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Instant, Options, Seq, Viewer};
use serde_json::{Value as Json, json};

/// 2026-11-24T09:00:00Z.
const START: i64 = 1_795_510_800_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).map(PathBuf::from);
    let path =
        path.ok_or("give the path of the file to make, such as tests/format/0.1.0.portolan")?;
    let catalog = make()?;
    // A backup keeps what is in the log alone where it is, as a crash would.
    catalog.backup(&path)?;
    let lines = File::create_new(path.with_extension("jsonl"))?;
    catalog.read(&Viewer::system("export")).export(&lines)?;
    Ok(lines.sync_all()?)
}

/// A catalog with something of everything: the same in every run.
fn make() -> Result<Catalog, Box<dyn Error>> {
    let now = Arc::new(AtomicI64::new(START));
    let clock = Arc::clone(&now);
    let options = Options::default().clock(move || Instant(clock.load(Ordering::Relaxed)));
    let catalog = Catalog::in_memory_with(options)?;
    let write = |who: &str, stage: &dyn Fn(&mut portolan::WriteTx) -> portolan::Result<()>| {
        now.fetch_add(60_000_000, Ordering::Relaxed);
        let mut tx = catalog.write(&Viewer::system(who))?;
        stage(&mut tx)?;
        tx.commit()
    };
    let [service, team, spare] = blueprints()?;
    let ready = scorecard(&json!([tiered(), {"identifier": "owned", "level": "Silver",
                                            "when": "owner IS NOT NULL"}]))?;
    write("model", &|tx| {
        tx.declare(
            [service.clone(), team.clone(), spare.clone()],
            [ready.clone()],
        )
    })?;
    write("ann", &|tx| {
        tx.upsert(
            "team",
            &json!({"identifier": "payments", "title": "Payments"}),
        )?;
        for at in 0..40 {
            tx.upsert("service", &entity(at))?;
        }
        tx.upsert("spare", &json!({"identifier": "only"}))
    })?;
    write("bob", &|tx| {
        tx.merge(
            "service",
            &json!({"identifier": "s7", "properties": {"tier": 1}}),
        )?;
        tx.delete("service", "s39")
    })?;
    // The log begins with the third commit, and goes on after the checkpoint.
    catalog.checkpoint()?;
    catalog.trim_log(Seq(2))?;
    write("bob", &|tx| {
        tx.merge(
            "service",
            &json!({"identifier": "s8", "title": null, "properties": {"tier": 3}}),
        )?;
        tx.delete("service", "s38")?;
        tx.upsert("service", &entity(40))
    })?;
    let strict =
        scorecard(&json!([{"identifier": "new", "level": "Gold", "when": "on_call"}, tiered()]))?;
    write("model", &|tx| {
        tx.delete("spare", "only")?;
        tx.remove_blueprint("spare")?;
        tx.declare([], [strict.clone()])
    })?;
    Ok(catalog)
}

fn blueprints() -> portolan::Result<[Blueprint; 3]> {
    let service = json!({
        "identifier": "service", "title": "Service", "x-note": {"kept": [1, 2.0, null]},
        "schema": {"properties": {
            "tier": {"type": "number"}, "on_call": {"type": "boolean"}, "notes": {"type": "object"},
            "tags": {"type": "array", "items": {"type": "string"}}, "share": {"type": "number"},
            "released": {"type": "string", "format": "date-time"}
        }, "required": ["tier"]},
        "relations": {
            "owner": {"target": "team", "required": false, "many": false},
            "uses": {"target": "service", "required": false, "many": true}
        },
        "mirrorProperties": {"owner_title": {"path": "owner.$title"}},
        "aggregationProperties": {"users": {"title": "Users", "target": "service",
            "calculationSpec": {"calculationBy": "entities", "func": "count"}}}
    });
    Ok([
        Blueprint::from_json(&service)?,
        Blueprint::from_json(&json!({"identifier": "team", "title": "Team"}))?,
        Blueprint::from_json(&json!({"identifier": "spare", "title": "Spare"}))?,
    ])
}

fn tiered() -> Json {
    json!({"identifier": "tiered", "level": "Bronze", "when": "tier <= 2"})
}

fn scorecard(rules: &Json) -> portolan::Result<Scorecard> {
    Scorecard::from_json(&json!({
        "identifier": "ready", "title": "Ready", "blueprint": "service", "groups": ["owner"],
        "rules": rules
    }))
}

fn entity(at: u32) -> Json {
    json!({
        "identifier": format!("s{at}"),
        "title": format!("Sérvice {at}"),
        "icon": "Service",
        "team": ["payments", "shop"],
        "properties": {
            "tier": at % 4 + 1, "on_call": at.is_multiple_of(3), "share": f64::from(at) / 3.0,
            "tags": ["a", format!("t{}", at % 5)], "notes": {"n": null, "deep": [[at], {}]},
            "released": "2026-01-31T08:15:00.5+02:00"
        },
        "relations": {
            "owner": if at.is_multiple_of(2) { json!("payments") } else { json!(null) },
            "uses": [format!("s{}", (at + 1) % 40), format!("s{}", at / 2)]
        }
    })
}
