//! A disk for tests that loses what was not synced, tears writes and fails on demand.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redb::StorageBackend;

/// A power cut can tear a write between sectors, not within one.
const SECTOR: usize = 512;

/// What an operation does to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Read,
    /// A write or a change of length.
    Write,
    Sync,
}

/// When a disk starts to fail, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Operations of this kind count and fail; all kinds but reads where `None`.
    pub(crate) operation: Option<Operation>,
    /// How many of them succeed first.
    pub(crate) after: u64,
    /// Whether the disk stays dead; otherwise one operation fails and the next succeeds.
    pub(crate) lasting: bool,
}

/// A disk in memory, shared between a store and the test that looks at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    /// What reads see.
    seen: Vec<u8>,
    /// What a power cut leaves in any case.
    synced: Vec<u8>,
    /// What a power cut may leave or not, in order.
    pending: Vec<Pending>,
    fault: Option<Fault>,
    /// Whether the fault is that the disk is full.
    filling: bool,
    counted: u64,
    dead: bool,
    full: bool,
    /// How long the file may become.
    room: Option<usize>,
    /// How many operations failed.
    failed: u64,
    /// How long every sync takes.
    pace: Duration,
    /// How many syncs went well.
    syncs: u64,
}

#[derive(Clone, Debug)]
enum Pending {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

/// A small generator of choices (splitmix64, Steele, Lea and Flood 2014).
#[derive(Debug)]
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

impl Disk {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        let contents = Contents {
            seen: bytes.clone(),
            synced: bytes,
            ..Contents::default()
        };
        Self(Arc::new(Mutex::new(contents)))
    }

    /// A new disk with what reads of this one see, as after the death of the process.
    pub(crate) fn after_kill(&self) -> Self {
        Self::of(self.bytes())
    }

    /// A new disk with what a power cut leaves of this one: everything synced, and of the writes
    /// after that any subset, some of them torn.
    pub(crate) fn after_power_cut(&self, choices: &mut Choices) -> Self {
        let contents = self.contents();
        let mut bytes = contents.synced.clone();
        // Some cuts lose nothing, some everything, most a part.
        let (of, kept) = (4, choices.below(5));
        for pending in &contents.pending {
            if choices.below(of) < kept {
                pending.apply_torn(&mut bytes, choices);
            }
        }
        Self::of(bytes)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.contents().seen.clone()
    }

    /// Arms a fault and counts operations from here.
    pub(crate) fn arm(&self, fault: Fault) {
        let mut contents = self.contents();
        contents.counted = 0;
        contents.filling = false;
        contents.fault = Some(fault);
    }

    /// Arms a fault that is a full disk: where it lasts, writes fail and nothing else does.
    pub(crate) fn arm_full(&self, fault: Fault) {
        self.arm(fault);
        self.contents().filling = true;
    }

    /// Leaves room for a file of this many bytes and no more.
    pub(crate) fn limit(&self, room: usize) {
        self.contents().room = Some(room);
    }

    /// Fails everything from here on.
    pub(crate) fn die(&self) {
        self.contents().dead = true;
    }

    /// Takes every fault back. What was not synced is still not.
    pub(crate) fn heal(&self) {
        let mut contents = self.contents();
        (contents.fault, contents.filling, contents.room) = (None, false, None);
        (contents.dead, contents.full) = (false, false);
    }

    /// How many operations failed.
    pub(crate) fn failed(&self) -> u64 {
        self.contents().failed
    }

    /// How many operations of the armed kind there were.
    pub(crate) fn counted(&self) -> u64 {
        self.contents().counted
    }

    /// Makes every sync take this long, during which others may go on.
    pub(crate) fn slow_down(&self, pace: Duration) {
        self.contents().pace = pace;
    }

    /// How many syncs went well.
    pub(crate) fn syncs(&self) -> u64 {
        self.contents().syncs
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn pass(&mut self, operation: Operation) -> io::Result<()> {
        let passed = self.try_to_pass(operation);
        self.failed += u64::from(passed.is_err());
        passed
    }

    fn try_to_pass(&mut self, operation: Operation) -> io::Result<()> {
        if self.dead {
            return Err(io::Error::other("the disk is dead"));
        }
        if self.full && operation == Operation::Write {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let Some(fault) = self.fault else {
            return Ok(());
        };
        let counts = match fault.operation {
            Some(kind) => kind == operation,
            None => operation != Operation::Read,
        };
        if !counts {
            return Ok(());
        }
        self.counted += 1;
        if self.counted != fault.after + 1 {
            return Ok(());
        }
        if self.filling {
            self.full = fault.lasting;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.dead = fault.lasting;
        Err(io::Error::other("the disk failed"))
    }

    /// Whether there is room for a file of this length.
    fn make_room(&mut self, len: usize) -> io::Result<()> {
        if self
            .room
            .is_none_or(|room| len <= room.max(self.seen.len()))
        {
            return Ok(());
        }
        self.failed += 1;
        Err(io::ErrorKind::StorageFull.into())
    }
}

impl Pending {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::SetLen(len) => bytes.resize(*len, 0),
            Self::Write(at, data) => copy(bytes, *at, data),
        }
    }

    fn apply_torn(&self, bytes: &mut Vec<u8>, choices: &mut Choices) {
        match self {
            Self::Write(at, data) if choices.below(3) == 0 => {
                let mut at = *at;
                let mut rest = data.as_slice();
                while !rest.is_empty() {
                    let (sector, later) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
                    if choices.below(2) == 0 {
                        copy(bytes, at, sector);
                    }
                    at += sector.len();
                    rest = later;
                }
            }
            Self::Write(..) | Self::SetLen(_) => self.apply(bytes),
        }
    }
}

/// Writes data at a place, growing the file where it ends before.
fn copy(bytes: &mut Vec<u8>, at: usize, data: &[u8]) {
    let end = at + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    if let Some(place) = bytes.get_mut(at..end) {
        place.copy_from_slice(data);
    }
}

fn offset(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(|_| io::Error::other("beyond memory"))
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        let mut contents = self.contents();
        contents.pass(Operation::Read)?;
        Ok(contents.seen.len() as u64)
    }

    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        let mut contents = self.contents();
        contents.pass(Operation::Read)?;
        let at = offset(at)?;
        let end = at.checked_add(out.len());
        let from = end.and_then(|end| contents.seen.get(at..end));
        out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = offset(len)?;
        let pending = Pending::SetLen(len);
        let mut contents = self.contents();
        contents.pass(Operation::Write)?;
        contents.make_room(len)?;
        pending.apply(&mut contents.seen);
        contents.pending.push(pending);
        Ok(())
    }

    fn write(&self, at: u64, data: &[u8]) -> io::Result<()> {
        let pending = Pending::Write(offset(at)?, data.to_vec());
        let mut contents = self.contents();
        // What a failing write was about to store may still have reached the disk.
        let end = offset(at)?.saturating_add(data.len());
        let room = contents.make_room(end);
        let passed = room.and_then(|()| contents.pass(Operation::Write));
        if passed.is_ok() {
            pending.apply(&mut contents.seen);
        }
        contents.pending.push(pending);
        passed
    }

    fn sync_data(&self) -> io::Result<()> {
        let pace = self.contents().pace;
        if !pace.is_zero() {
            std::thread::sleep(pace);
        }
        let mut contents = self.contents();
        contents.pass(Operation::Sync)?;
        let Contents {
            synced, pending, ..
        } = &mut *contents;
        pending.drain(..).for_each(|pending| pending.apply(synced));
        contents.syncs += 1;
        Ok(())
    }
}
