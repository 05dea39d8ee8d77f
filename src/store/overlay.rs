//! A file as it would be with writes that are held back in memory.

use std::collections::BTreeMap;
use std::io;

use redb::StorageBackend;

const PAGE: usize = 4096;
const PAGE_BYTES: u64 = PAGE as u64;

/// The first bytes of every redb file.
const REDB_MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// What stands at the start of a catalog while it is being created.
pub(super) const UNFINISHED: &[u8] = b"portolan: this catalog was never finished\n";

/// What the bytes under a backend are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing yet, or a catalog whose creation was cut short.
    Nothing,
    /// A redb file.
    Redb,
    /// Something else.
    Foreign,
}

/// The file as it would be with the writes that are held back.
#[derive(Debug)]
pub(super) struct Overlay {
    found: Found,
    len: u64,
    /// How much of the file below still shows through.
    below: u64,
    pages: BTreeMap<u64, Box<[u8; PAGE]>>,
}

impl Overlay {
    pub(super) fn new(inner: &dyn StorageBackend) -> io::Result<Self> {
        let len = inner.len()?;
        let mut start = [0; PAGE];
        let (start, _) = start.split_at_mut(usize::try_from(len).unwrap_or(PAGE).min(PAGE));
        inner.read(0, start)?;
        let found = classify(len, start);
        let len = if found == Found::Nothing { 0 } else { len };
        Ok(Self {
            found,
            len,
            below: len,
            pages: BTreeMap::new(),
        })
    }

    pub(super) fn found(&self) -> Found {
        self.found
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Brings everything that was held back to the file below.
    ///
    /// The first page, which says what the rest is, goes last and after a sync: until then an old
    /// catalog is what it was, and a new one is marked as unfinished.
    pub(super) fn bring_down(&mut self, inner: &dyn StorageBackend) -> io::Result<()> {
        if self.found == Found::Nothing {
            inner.set_len(0)?;
            inner.set_len(PAGE_BYTES)?;
            inner.write(0, UNFINISHED)?;
            inner.sync_data()?;
        }
        if inner.len()? != self.len {
            inner.set_len(self.len)?;
        }
        for (page, bytes) in self.pages.range(1..) {
            self.write_page(inner, *page, bytes)?;
        }
        inner.sync_data()?;
        if let Some(first) = self.pages.get(&0) {
            self.write_page(inner, 0, first)?;
            inner.sync_data()?;
        }
        self.pages.clear();
        Ok(())
    }

    fn write_page(
        &self,
        inner: &dyn StorageBackend,
        page: u64,
        bytes: &[u8; PAGE],
    ) -> io::Result<()> {
        let start = page * PAGE_BYTES;
        let count = usize::try_from(self.len.saturating_sub(start))
            .unwrap_or(PAGE)
            .min(PAGE);
        inner.write(start, bytes.split_at(count).0)
    }

    pub(super) fn read(
        &self,
        inner: &dyn StorageBackend,
        offset: u64,
        out: &mut [u8],
    ) -> io::Result<()> {
        self.check(offset, out.len())?;
        for (at, out) in split(offset, out) {
            let (page, within) = (at / PAGE_BYTES, place(at));
            match self.pages.get(&page) {
                Some(bytes) => {
                    let bytes = bytes.get(within..within + out.len()).unwrap_or_default();
                    out.copy_from_slice(bytes);
                }
                None => self.read_below(inner, at, out)?,
            }
        }
        Ok(())
    }

    /// Reads what shows through from the file, and zeros beyond it.
    fn read_below(&self, inner: &dyn StorageBackend, at: u64, out: &mut [u8]) -> io::Result<()> {
        let count = usize::try_from(self.below.saturating_sub(at)).unwrap_or(out.len());
        let (below, beyond) = out.split_at_mut(count.min(out.len()));
        beyond.fill(0);
        if below.is_empty() {
            Ok(())
        } else {
            inner.read(at, below)
        }
    }

    pub(super) fn write(
        &mut self,
        inner: &dyn StorageBackend,
        offset: u64,
        data: &[u8],
    ) -> io::Result<()> {
        self.check(offset, data.len())?;
        let mut rest = data;
        let mut at = offset;
        while !rest.is_empty() {
            let (page, within) = (at / PAGE_BYTES, place(at));
            let (now, later) = rest.split_at(rest.len().min(PAGE - within));
            if !self.pages.contains_key(&page) {
                let mut bytes = Box::new([0; PAGE]);
                self.read_below(inner, page * PAGE_BYTES, bytes.as_mut_slice())?;
                self.pages.insert(page, bytes);
            }
            let bytes = self
                .pages
                .get_mut(&page)
                .and_then(|b| b.get_mut(within..within + now.len()));
            if let Some(bytes) = bytes {
                bytes.copy_from_slice(now);
            }
            at += now.len() as u64;
            rest = later;
        }
        Ok(())
    }

    pub(super) fn set_len(&mut self, len: u64) {
        self.below = self.below.min(len);
        drop(self.pages.split_off(&len.div_ceil(PAGE_BYTES)));
        let cut = place(len);
        if cut > 0
            && let Some(last) = self.pages.get_mut(&(len / PAGE_BYTES))
        {
            last.split_at_mut(cut).1.fill(0);
        }
        self.len = len;
    }

    fn check(&self, offset: u64, count: usize) -> io::Result<()> {
        if offset
            .checked_add(count as u64)
            .is_some_and(|end| end <= self.len)
        {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the file ends too early",
        ))
    }
}

/// What a file is, by its length and first page.
fn classify(len: u64, start: &[u8]) -> Found {
    // A page of zeros is what a power cut leaves of a file whose first write never arrived.
    let blank = len <= PAGE_BYTES && start.iter().all(|byte| *byte == 0);
    if blank || start.starts_with(UNFINISHED) {
        Found::Nothing
    } else if start.starts_with(REDB_MAGIC) {
        Found::Redb
    } else {
        Found::Foreign
    }
}

/// The place of an offset within its page.
fn place(offset: u64) -> usize {
    usize::try_from(offset % PAGE_BYTES).unwrap_or(0)
}

/// Cuts a buffer at page boundaries.
fn split(offset: u64, mut out: &mut [u8]) -> Vec<(u64, &mut [u8])> {
    let (mut at, mut parts) = (offset, Vec::new());
    while !out.is_empty() {
        let (now, later) = out.split_at_mut(out.len().min(PAGE - place(at)));
        let next = at + now.len() as u64;
        parts.push((at, now));
        (at, out) = (next, later);
    }
    parts
}
