//! One round: a catalog on a disk that fails, beside what it should hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::step::{End, Step};
use super::world::World;
use crate::access::Viewer;
use crate::commit::Durability;
use crate::error::{ErrorKind, Result};
use crate::store::LogLimit;
use crate::store::fault::{Choices, Disk};
use crate::value::{Instant, Seq};
use crate::{Catalog, Snapshot};

mod act;
mod end;

/// What went otherwise than it should, in words.
pub(super) type Outcome<T = ()> = std::result::Result<T, String>;

const DAY: i64 = 86_400_000_000;
/// The first of January 2026.
const START: i64 = 20_454 * DAY;

/// How a round opens its catalog.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) durability: Durability,
    pub(super) deferral: Option<u64>,
    pub(super) checkpoint: Option<u64>,
    pub(super) retention: Option<u64>,
}

impl Settings {
    pub(super) fn choose(choices: &mut Choices) -> Self {
        let mut some = |of, more| (choices.below(of) > 0).then(|| choices.below(more));
        Self {
            deferral: some(3, 6),
            checkpoint: some(2, 7),
            retention: some(2, 5),
            durability: match choices.below(3) {
                0 => Durability::Deferred,
                _ => Durability::Synced,
            },
        }
    }
}

/// A catalog, its disk, and what it should hold.
pub(super) struct Round {
    settings: Settings,
    disk: Disk,
    time: Arc<AtomicI64>,
    catalog: Option<Catalog>,
    /// What the catalog is after every commit that it acknowledged.
    worlds: Vec<World>,
    /// What it might be after one more, which failed.
    tried: Vec<World>,
    /// The last commit that nothing may take back.
    durable: usize,
    /// How often the disk had failed when the catalog was opened.
    failed: u64,
    held: Vec<(Snapshot, String)>,
}

fn viewer() -> Viewer {
    Viewer::system("test")
}

fn limit(commits: Option<u64>) -> LogLimit {
    LogLimit {
        commits,
        ..LogLimit::default()
    }
}

/// Everything that a snapshot says without the file.
fn read_out(snapshot: &Snapshot) -> String {
    let mut lines = Vec::new();
    match snapshot.export(&mut lines) {
        Ok(_) => String::from_utf8_lossy(&lines).into_owned() + &snapshot.stats().to_string(),
        Err(error) => error.to_string(),
    }
}

impl Round {
    pub(super) fn run(settings: Settings, steps: &[Step]) -> Outcome {
        let mut round = Self {
            settings,
            disk: Disk::default(),
            time: Arc::new(AtomicI64::new(START)),
            catalog: None,
            worlds: vec![World::default()],
            tried: Vec::new(),
            durable: 0,
            failed: 0,
            held: Vec::new(),
        };
        round.open()?;
        round.step(&Step::Model { seed: 1 })?;
        for (at, step) in steps.iter().enumerate() {
            let done = round.step(step).and_then(|()| round.look());
            done.map_err(|what| format!("step {at}: {what}"))?;
        }
        let end = |how| Step::End {
            how,
            seed: 7,
            attempts: Vec::new(),
        };
        round.step(&end(End::PowerCut))?;
        round.step(&Step::Write {
            seed: 5,
            changes: 3,
            durability: Some(Durability::Synced),
        })?;
        round.step(&end(End::Close))?;
        round.look()
    }

    fn catalog(&self) -> Outcome<&Catalog> {
        self.catalog
            .as_ref()
            .ok_or_else(|| "there is no catalog".to_owned())
    }

    fn world(&self) -> &World {
        self.worlds.last().unwrap()
    }

    fn step(&mut self, step: &Step) -> Outcome {
        match step {
            Step::Write {
                seed,
                changes,
                durability,
            } => self.write(&mut Choices::new(*seed), *changes, false, *durability),
            Step::Model { seed } => self.write(&mut Choices::new(*seed), 1, true, None),
            Step::Advance { days } => self.advance(*days),
            Step::Load { seed, rows } => self.load(&mut Choices::new(*seed), *rows),
            Step::Checkpoint => self.synced(Catalog::checkpoint),
            Step::Sync => self.synced(Catalog::sync),
            Step::Backup => self.backup(),
            Step::Trim { kept } => {
                let upto = Seq((self.worlds.len() as u64).saturating_sub(1 + kept));
                let done = self.catalog()?.trim_log(upto).map(drop);
                self.accept(done).map(drop)
            }
            Step::Compact => {
                let done = self.catalog()?.compact();
                self.accept(done).map(drop)
            }
            Step::Check => self.check(),
            Step::Ask { seed } => self.ask(&mut Choices::new(*seed)),
            Step::Hold => {
                let snapshot = self.catalog()?.read(&viewer());
                let said = read_out(&snapshot);
                self.held.push((snapshot, said));
                Ok(())
            }
            Step::Fault { fault, full } => {
                if *full {
                    self.disk.arm_full(*fault);
                } else {
                    self.disk.arm(*fault);
                }
                Ok(())
            }
            Step::Room { bytes } => {
                let room = self.disk.bytes().len() + usize::try_from(*bytes).unwrap();
                self.disk.limit(room);
                Ok(())
            }
            Step::End {
                how,
                seed,
                attempts,
            } => self.end(*how, &mut Choices::new(*seed), attempts),
        }
    }

    /// What failed must have failed for the disk, and say so. Gives what did not.
    fn accept<T>(&self, done: Result<T>) -> Outcome<Option<T>> {
        let error = match done {
            Ok(value) => return Ok(Some(value)),
            Err(error) => error,
        };
        if self.disk.failed() == self.failed {
            return Err(format!("failed without a cause: {error}"));
        }
        if error.kind() != ErrorKind::Io {
            return Err(format!("{:?} instead of Io: {error}", error.kind()));
        }
        Ok(None)
    }

    fn tick(&self) -> Instant {
        Instant(self.time.fetch_add(1_000_000, Ordering::Relaxed) + 1_000_000)
    }

    /// Notes a commit that was acknowledged as of a seq, or failed.
    fn settle(&mut self, world: World, done: Result<Seq>, durability: Durability) -> Outcome {
        let Some(seq) = self.accept(done)? else {
            self.tried.push(world);
            return Ok(());
        };
        let (seq, next) = (usize::try_from(seq.0).unwrap(), self.worlds.len());
        if seq == next {
            self.worlds.push(world);
            self.tried.clear();
        } else if seq + 1 != next || world != *self.world() {
            return Err(format!("commit {next} was acknowledged as commit {seq}"));
        }
        if durability == Durability::Synced {
            self.durable = seq;
        }
        Ok(())
    }

    fn synced(&mut self, act: impl FnOnce(&Catalog) -> Result<()>) -> Outcome {
        let done = act(self.catalog()?);
        if self.accept(done)?.is_some() {
            self.durable = self.worlds.len() - 1;
        }
        Ok(())
    }

    /// Readers see the last commit that was acknowledged, and what they saw before.
    fn look(&self) -> Outcome {
        let snapshot = self.catalog()?.read(&viewer());
        self.compare(&snapshot, self.worlds.len() - 1)?;
        let changed = self
            .held
            .iter()
            .find(|(held, said)| read_out(held) != *said);
        changed.map_or(Ok(()), |(held, _)| {
            Err(format!("the snapshot of commit {} changed", held.seq()))
        })
    }

    fn compare(&self, snapshot: &Snapshot, seq: usize) -> Outcome {
        if snapshot.seq().0 != seq as u64 {
            return Err(format!("commit {} is seen, not {seq}", snapshot.seq()));
        }
        let differs = self.worlds[seq].differs(snapshot);
        differs.map_or(Ok(()), |what| Err(format!("as of commit {seq}: {what}")))
    }
}
