//! What is done to a catalog while it is open.

use std::sync::atomic::Ordering;

use super::super::world::{Change, MANY, SERVICE, World, name};
use super::{DAY, Outcome, Round, viewer};
use crate::Catalog;
use crate::commit::Durability;
use crate::ingest::ImportOptions;
use crate::store::fault::Choices;

impl Round {
    pub(super) fn write(
        &mut self,
        choices: &mut Choices,
        changes: u64,
        model: bool,
        durability: Option<Durability>,
    ) -> Outcome {
        self.tick();
        let mut world = self.world().clone();
        let mut tx = self
            .catalog()?
            .write(&viewer())
            .map_err(|error| error.to_string())?;
        if let Some(durability) = durability {
            tx.durability(durability);
        }
        let first = (model || world.model.is_none()).then(|| world.choose_model(choices));
        let mut staged = |world: &mut World, change: Change| {
            let written = world.write(&change, &mut tx);
            world.apply(&change);
            written.map_err(|error| format!("{change:?}: {error}"))
        };
        if let Some(change) = first {
            staged(&mut world, change)?;
        }
        for _ in 0..changes {
            let change = world.choose(choices);
            staged(&mut world, change)?;
        }
        let done = tx.commit().map(|commit| commit.seq);
        self.settle(world, done, durability.unwrap_or(self.settings.durability))
    }

    pub(super) fn advance(&mut self, days: u64) -> Outcome {
        self.time
            .fetch_add(i64::try_from(days).unwrap() * DAY, Ordering::Relaxed);
        let (now, world) = (self.tick(), self.world().clone());
        let done = self
            .catalog()?
            .advance(&viewer(), now)
            .map(|commit| commit.seq);
        self.settle(world, done, self.settings.durability)
    }

    pub(super) fn load(&mut self, choices: &mut Choices, rows: u64) -> Outcome {
        self.tick();
        let mut world = self.world().clone();
        if world.model.is_none() {
            return Ok(());
        }
        let (mut lines, before) = (String::new(), world.docs.len() as u64);
        for _ in 0..rows {
            let kind = world.kind(choices);
            let (key, doc) = ((kind, choices.below(MANY)), world.doc(kind, choices));
            lines += &doc.line(key);
            world.apply(&Change::Put(key, doc));
        }
        lines += r#"{"blueprint": "service", "identifier": "wrong", "properties": {"number": []}}"#;
        let done = self
            .catalog()?
            .load(&viewer(), lines.as_bytes(), ImportOptions::default());
        if let Ok(report) = &done
            && report.refused.len() != 1
        {
            return Err(format!("lines were refused: {report}"));
        }
        // What is large beside the catalog goes past the log, and is on disk in any case.
        let whole = (world.docs.len() as u64 - before) * 4 > before;
        let durability = if whole {
            Durability::Synced
        } else {
            self.settings.durability
        };
        self.settle(world, done.map(|report| report.commit.seq), durability)
    }

    pub(super) fn backup(&mut self) -> Outcome {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("copy");
        let done = self.catalog()?.backup(&path);
        let Some(seq) = self.accept(done)? else {
            let left = std::fs::read_dir(directory.path()).unwrap().count();
            return if left == 0 {
                Ok(())
            } else {
                Err("a failed backup left a file".to_owned())
            };
        };
        self.durable = self.worlds.len() - 1;
        let copy = Catalog::open(&path).map_err(|error| format!("the backup: {error}"))?;
        self.compare(&copy.read(&viewer()), usize::try_from(seq.0).unwrap())
    }

    pub(super) fn check(&mut self) -> Outcome {
        let done = self.catalog()?.check();
        let Some(report) = self.accept(done)? else {
            return Ok(());
        };
        if !report.is_ok() && self.disk.failed() == self.failed {
            return Err(report.to_string());
        }
        Ok(())
    }

    pub(super) fn ask(&self, choices: &mut Choices) -> Outcome {
        let docs = &self.world().docs;
        let at = usize::try_from(choices.below(docs.len() as u64)).unwrap();
        let Some(key) = docs.keys().nth(at) else {
            return Ok(());
        };
        let snapshot = self.catalog()?.read(&viewer());
        let why = snapshot.why_property(key.0, &name(*key), "number");
        self.accept(why)?;
        if key.0 == SERVICE && self.world().model != Some(3) {
            self.accept(snapshot.scorecard("card", &name(*key)))?;
        }
        Ok(())
    }
}
