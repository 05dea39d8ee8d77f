//! Reads lines in blocks and parses them on all cores, in order.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::lines::{Line, read_line, without_mark};
use crate::error::{Error, ErrorKind, Result};

/// Lines are handed on in blocks of about so many bytes.
const BLOCK: usize = 256 << 10;
/// More threads than this do not help: one thread has to put in order what they read.
const THREADS_MAX: usize = 8;

/// Where lines come from.
pub(super) struct Source<R> {
    pub(super) reader: R,
    /// The number of the first line, from 1.
    pub(super) first: u64,
    /// The longest line, in bytes.
    pub(super) longest: u64,
}

/// Whole lines that follow each other.
struct Block {
    /// The number of the first line, from 1.
    line: u64,
    text: Vec<u8>,
    /// Where each line ends; `Err` where it was too long and is not in the text.
    ends: Vec<Result<usize>>,
    /// How many bytes of the source it stands for.
    bytes: u64,
}

/// What a block came to.
pub(super) struct Parsed<T> {
    /// Of every line that is not blank.
    pub(super) rows: Vec<T>,
    pub(super) bytes: u64,
    pub(super) lines: u64,
}

/// A block, and where to send what it comes to.
type Task<T> = (Block, SyncSender<Parsed<T>>);
/// What the next block comes to, in the order of the source.
type Coming<T> = Result<Receiver<Parsed<T>>>;

/// Parses every line of a source that is not blank and hands the blocks on in order.
///
/// The source is read on one thread and parsed on as many as the machine has, all of which end
/// before this returns. At most a few blocks a thread are in memory.
///
/// # Errors
/// `Io` of the source, and what `take` gives.
pub(super) fn parse<T: Send>(
    source: Source<impl Read + Send>,
    each: impl Fn(u64, Result<&[u8]>) -> T + Sync,
    mut take: impl FnMut(Parsed<T>) -> Result<()>,
) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS_MAX);
    let each = &each;
    thread::scope(|scope| {
        let (tasks, queue) = sync_channel::<Task<T>>(threads);
        let (order, coming) = sync_channel::<Coming<T>>(threads * 2);
        scope.spawn(move || read_blocks(source, &tasks, &order));
        // The last one to go drops it, so that reading ends where nobody parses any more.
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            scope.spawn(move || parse_blocks(&queue, each));
        }
        drop(queue);
        for parsed in coming {
            // Whoever had it to parse panicked; so does the scope, at its end.
            let Ok(parsed) = parsed?.recv() else { break };
            take(parsed)?;
        }
        Ok(())
    })
}

/// Cuts the source into blocks until it ends or nobody takes them any more.
fn read_blocks<T>(
    source: Source<impl Read>,
    tasks: &SyncSender<Task<T>>,
    order: &SyncSender<Coming<T>>,
) {
    let Source {
        reader,
        first,
        longest,
    } = source;
    let (mut reader, mut line) = (BufReader::with_capacity(BLOCK, reader), first);
    loop {
        let block = match read_block(&mut reader, line, longest) {
            Ok(Some(block)) => block,
            Ok(None) => return,
            Err(error) => {
                drop(order.send(Err(error)));
                return;
            }
        };
        line += block.ends.len() as u64;
        let (parsed, when_parsed) = sync_channel(1);
        if order.send(Ok(when_parsed)).is_err() || tasks.send((block, parsed)).is_err() {
            return;
        }
    }
}

fn read_block(reader: &mut impl BufRead, line: u64, longest: u64) -> Result<Option<Block>> {
    let mut block = Block {
        line,
        text: Vec::with_capacity(BLOCK + BLOCK / 4),
        ends: Vec::new(),
        bytes: 0,
    };
    while block.text.len() < BLOCK {
        block.bytes += match read_line(reader, &mut block.text, longest)? {
            Line::End => break,
            Line::Read(bytes) => {
                block.ends.push(Ok(block.text.len()));
                bytes
            }
            Line::TooLong(bytes) => {
                block.ends.push(Err(too_long(longest)));
                bytes
            }
        };
    }
    Ok((!block.ends.is_empty()).then_some(block))
}

/// The error of a line that is longer than it may be.
pub(super) fn too_long(longest: u64) -> Error {
    let message = format!("the line is longer than {longest} bytes");
    Error::new(ErrorKind::Limit, message)
        .with_help("check whether a line feed is missing in the source")
}

/// Parses blocks until there are no more.
fn parse_blocks<T>(queue: &Mutex<Receiver<Task<T>>>, each: &impl Fn(u64, Result<&[u8]>) -> T) {
    loop {
        let task = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((block, parsed)) = task else { return };
        // Nobody waits for it where something before it was wrong.
        drop(parsed.send(block.parse(each)));
    }
}

impl Block {
    fn parse<T>(self, each: impl Fn(u64, Result<&[u8]>) -> T) -> Parsed<T> {
        let lines = self.ends.len() as u64;
        let mut rows = Vec::with_capacity(self.ends.len());
        let mut start = 0;
        for (line, end) in (self.line..).zip(self.ends) {
            let text = end.map(|end| {
                let text = self.text.get(start..end).unwrap_or_default();
                start = end;
                if line == 1 { without_mark(text) } else { text }
            });
            if !text.as_ref().is_ok_and(|text| text.trim_ascii().is_empty()) {
                rows.push(each(line, text));
            }
        }
        Parsed {
            rows,
            bytes: self.bytes,
            lines,
        }
    }
}
