//! The requests of the protocol, answered over one catalog.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use portolan::{
    Catalog, Durability, ImportOptions, Instant as Time, Options, QueryOptions, Viewer,
};
use serde_json::{Map, Value as Json, json};

use super::failure::{Failure, Result};
use super::measure::{budget, disk, median, memory, ns, summary};
use super::model::declare;
use super::queries::Questions;
use super::updates::{Update, all_levels, levels};

/// The point in time that the data is about.
const NOW: &str = "2026-11-01T00:00:00Z";

#[derive(Default)]
pub(crate) struct Session {
    catalog: Option<Catalog>,
    questions: Questions,
    folder: PathBuf,
}

/// No limit of rows or time: the harness has its own.
pub(crate) fn no_limits() -> QueryOptions {
    let mut options = QueryOptions::default();
    options.limits.rows = u64::MAX;
    options.limits.time = None;
    options
}

fn viewer() -> Viewer {
    Viewer::system("workload")
}

fn options() -> Result<Options> {
    let now = Time::parse(NOW).ok_or_else(|| Failure::wrong("the time is no time"))?;
    Ok(Options::default().clock(move || now))
}

impl Session {
    pub(crate) fn handle(&mut self, request: &Json) -> Result<Json> {
        match request["op"].as_str().unwrap_or_default() {
            "hello" => Ok(hello()),
            "load" => self.load(request),
            "open" => self.open(request),
            "query" => self.query(request),
            "update" => self.update(request),
            "scorecards" => self.scorecards(request),
            "score_updates" => self.score_updates(request),
            "stats" => Ok(
                json!({"rss_bytes": memory("VmRSS"), "peak_rss_bytes": memory("VmHWM"),
                "disk_bytes": disk(&self.folder)}),
            ),
            "close" => {
                if let Some(catalog) = self.catalog.take() {
                    catalog.close()?;
                }
                Ok(json!({}))
            }
            other => Err(Failure::na(format!("there is no request `{other}`"))),
        }
    }

    fn catalog(&self) -> Result<&Catalog> {
        self.catalog
            .as_ref()
            .ok_or_else(|| Failure::wrong("no catalog is open"))
    }

    fn path(&mut self, request: &Json) -> PathBuf {
        self.folder = PathBuf::from(request["db"].as_str().unwrap_or_default());
        self.folder.join("catalog.portolan")
    }

    fn load(&mut self, request: &Json) -> Result<Json> {
        let path = self.path(request);
        fs::create_dir_all(&self.folder)?;
        let data = Path::new(request["data"].as_str().unwrap_or_default());
        let start = Instant::now();
        let catalog = Catalog::open_with(&path, options()?)?;
        declare(&catalog, &viewer(), data)?;
        let entities = fs::File::open(data.join("entities.jsonl"))?;
        let report = catalog.load(&viewer(), entities, ImportOptions::default())?;
        if !report.refused.is_empty() {
            return Err(Failure::wrong(format!("entities were refused: {report}")));
        }
        let imported = ns(start);
        catalog.checkpoint()?;
        let total = ns(start);
        self.catalog = Some(catalog);
        Ok(
            json!({"ns": total, "phases": {"import_ns": imported, "checkpoint_ns": total - imported}}),
        )
    }

    fn open(&mut self, request: &Json) -> Result<Json> {
        let (path, options) = (self.path(request), options()?);
        let before = memory("VmRSS");
        let start = Instant::now();
        let catalog = Catalog::open_with(&path, options)?;
        let opened = ns(start);
        let first = &request["first"];
        let name = first["name"].as_str().unwrap_or_default();
        let snapshot = catalog.read(&viewer());
        let result = self.questions.answer(&snapshot, name, &first["params"])?;
        let answered = ns(start);
        self.catalog = Some(catalog);
        Ok(
            json!({"open_ns": opened, "first_query_ns": answered, "result": result,
            "rss_before": before, "rss_after": memory("VmRSS")}),
        )
    }

    fn query(&self, request: &Json) -> Result<Json> {
        let snapshot = self.catalog()?.read(&viewer());
        let name = request["name"].as_str().unwrap_or_default();
        let repeat = request["repeat"].as_u64().unwrap_or(5);
        let (budget, start) = (budget(request), Instant::now());
        let (mut per_parameter, mut results) = (Vec::new(), Vec::new());
        for parameters in request["params"].as_array().into_iter().flatten() {
            if ns(start) > budget && per_parameter.len() >= 2 {
                break;
            }
            let ask = || self.questions.answer(&snapshot, name, parameters);
            results.push(ask()?);
            let mut times = Vec::new();
            for _ in 0..repeat {
                let start = Instant::now();
                black_box(ask()?);
                times.push(ns(start));
                if times.last() > Some(&(budget / 20)) {
                    break;
                }
            }
            per_parameter.push(median(&times));
        }
        let mut answer = summary(&per_parameter);
        answer["results"] = json!(results);
        Ok(answer)
    }

    fn update(&self, request: &Json) -> Result<Json> {
        let catalog = self.catalog()?;
        let durability = durability(request);
        let (budget, start) = (budget(request), Instant::now());
        let mut times = Vec::new();
        for update in request["updates"].as_array().into_iter().flatten() {
            let update = Update::read(update);
            let begin = Instant::now();
            black_box(update.apply(catalog, &viewer(), durability)?);
            times.push(ns(begin));
            if ns(start) > budget {
                break;
            }
        }
        Ok(json!({"ns_each": times}))
    }

    fn scorecards(&self, request: &Json) -> Result<Json> {
        let start = Instant::now();
        let levels = all_levels(&self.catalog()?.read(&viewer()))?;
        let time = ns(start);
        let count = levels.len();
        let wanted = request["want"] == true;
        Ok(json!({"ns": time, "n": count, "levels": wanted.then_some(levels)}))
    }

    fn score_updates(&self, request: &Json) -> Result<Json> {
        let catalog = self.catalog()?;
        let mode = request["mode"].as_str().unwrap_or("targeted");
        if mode != "targeted" {
            return Err(Failure::na("levels are kept in one way only"));
        }
        let durability = durability(request);
        let (budget, start) = (budget(request), Instant::now());
        let (mut apply, mut score, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        let mut told = Map::new();
        for update in request["updates"].as_array().into_iter().flatten() {
            let update = Update::read(update);
            let begin = Instant::now();
            let affected = update.affected(&catalog.read(&viewer()))?;
            let commit = update.apply(catalog, &viewer(), durability)?;
            let applied = ns(begin);
            let levels = levels(&catalog.read(&viewer()), &commit, affected)?;
            let done = ns(begin);
            apply.push(applied);
            score.push(done - applied);
            counts.push(levels.len());
            told.extend(levels);
            if ns(start) > budget {
                break;
            }
        }
        let done = apply.len();
        Ok(
            json!({"apply_ns": apply, "score_ns": score, "affected": counts, "levels": told,
            "done": done}),
        )
    }
}

/// A durable update is synced before it returns; another is written with the next that is.
fn durability(request: &Json) -> Durability {
    if request["durable"] == false {
        Durability::Deferred
    } else {
        Durability::Synced
    }
}

fn hello() -> Json {
    json!({"system": "portolan", "version": env!("CARGO_PKG_VERSION"), "notes": [
        "one process, the catalog in memory and in one file; every query a prepared statement",
        "levels are kept true by every commit: `scorecards` reads them, it does not compute them",
        "the import checks every entity against its blueprint",
    ]})
}
