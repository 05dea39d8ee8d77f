//! How a catalog goes, how it comes back, and what must be in it then.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::super::step::End;
use super::{Outcome, Round, limit, viewer};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::fault::{Choices, Disk, Fault};
use crate::value::Instant;
use crate::{Catalog, Options};

impl Round {
    pub(super) fn end(&mut self, how: End, choices: &mut Choices, attempts: &[Fault]) -> Outcome {
        let catalog = self.catalog.take().ok_or("there is no catalog")?;
        match how {
            End::Close => {
                let done = catalog.close();
                if self.accept(done)?.is_some() {
                    self.durable = self.worlds.len() - 1;
                }
            }
            End::Drop => drop(catalog),
            End::Kill | End::PowerCut => {
                let after = self.remains(how, choices);
                self.disk.die();
                drop(catalog);
                self.disk = after;
            }
        }
        self.disk.heal();
        for fault in attempts {
            self.disk.arm(*fault);
            self.failed = self.disk.failed();
            let opened = self.attempt();
            if let Some(catalog) = self.accept(opened)? {
                self.adopt(&catalog)?;
                self.disk.die();
            }
            let how = if choices.below(3) == 0 {
                End::Kill
            } else {
                End::PowerCut
            };
            self.disk = self.remains(how, choices);
        }
        self.open()?;
        self.check()
    }

    pub(super) fn remains(&self, how: End, choices: &mut Choices) -> Disk {
        if how == End::Kill {
            self.disk.after_kill()
        } else {
            self.disk.after_power_cut(choices)
        }
    }

    pub(super) fn attempt(&self) -> Result<Catalog> {
        let (settings, time) = (self.settings, Arc::clone(&self.time));
        let options = Options::default()
            .clock(move || Instant(time.load(Ordering::Relaxed)))
            .durability(settings.durability)
            .deferral(limit(settings.deferral))
            .checkpoint(limit(settings.checkpoint))
            .retention(limit(settings.retention));
        Catalog::from_store(Store::with_backend(self.disk.clone())?, options)
    }

    pub(super) fn open(&mut self) -> Outcome {
        self.failed = self.disk.failed();
        let catalog = self
            .attempt()
            .map_err(|error: Error| format!("it does not open: {error}"))?;
        self.adopt(&catalog)?;
        self.catalog = Some(catalog);
        Ok(())
    }

    /// What was opened must be a whole commit, not before the last that was to stay; from here on
    /// it is the last one.
    pub(super) fn adopt(&mut self, catalog: &Catalog) -> Outcome {
        let snapshot = catalog.read(&viewer());
        let seq = usize::try_from(snapshot.seq().0).unwrap();
        if seq < self.durable {
            return Err(format!(
                "commit {seq} came back, {} was on disk",
                self.durable
            ));
        }
        if seq == self.worlds.len() {
            let world = self
                .tried
                .iter()
                .find(|world| world.differs(&snapshot).is_none());
            let world = world.ok_or_else(|| format!("commit {seq} is none that was tried"))?;
            self.worlds.push(world.clone());
        }
        if seq >= self.worlds.len() {
            return Err(format!("commit {seq} came back, which nobody made"));
        }
        self.compare(&snapshot, seq)?;
        self.worlds.truncate(seq + 1);
        self.tried.clear();
        self.durable = seq;
        Ok(())
    }
}
