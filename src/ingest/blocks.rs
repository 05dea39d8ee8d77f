//! Reads JSON lines in blocks and parses them on all cores, in order.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::Value as Json;

use super::lines::{Line, read_line, without_mark};
use super::report::Refused;
use crate::commit::{Row, Writing, json_kind};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;

/// The longest line, in bytes.
const LINE_MAX: u64 = 16 << 20;
/// Lines are handed on in blocks of about so many bytes.
const BLOCK: usize = 256 << 10;
/// More threads than this do not help: one thread has to put in order what they read.
const THREADS_MAX: usize = 8;

/// Whole lines that follow each other.
struct Block {
    number: u64,
    /// The number of the first line, from 1.
    line: u64,
    text: Vec<u8>,
    /// Where each line ends; `Err` where it was too long and is not in the text.
    ends: Vec<std::result::Result<usize, Error>>,
    /// How many bytes of the source it stands for.
    bytes: u64,
}

/// What a block came to.
pub(super) struct Parsed {
    pub(super) rows: Vec<std::result::Result<Row, Refused>>,
    pub(super) bytes: u64,
    pub(super) lines: u64,
}

type Numbered = Result<(u64, Parsed)>;

/// Parses every line of a source against a model and hands the blocks on in order.
///
/// The source is read on one thread and parsed on as many as the machine has, all of which end
/// before this returns. At most a few blocks a thread are in memory.
///
/// # Errors
/// `Io` of the source, and what `take` gives.
pub(super) fn parse(
    source: impl Read + Send,
    model: &Model,
    writing: &Writing,
    mut take: impl FnMut(Parsed) -> Result<()>,
) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS_MAX);
    thread::scope(|scope| {
        let (blocks, waiting) = sync_channel::<Block>(threads);
        let (parsed, arriving) = sync_channel::<Numbered>(threads * 2);
        let failed = parsed.clone();
        scope.spawn(move || read_blocks(source, &blocks, &failed));
        // The last one to go drops it, so that reading ends where nobody parses any more.
        let waiting = std::sync::Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let (waiting, parsed) = (std::sync::Arc::clone(&waiting), parsed.clone());
            scope.spawn(move || parse_blocks(&waiting, &parsed, model, writing));
        }
        drop((parsed, waiting));
        let (mut next, mut early) = (0, BTreeMap::new());
        for arrived in arriving {
            let (number, parsed) = arrived?;
            early.insert(number, parsed);
            while let Some(parsed) = early.remove(&next) {
                take(parsed)?;
                next += 1;
            }
        }
        Ok(())
    })
}

/// Cuts the source into blocks until it ends or nobody takes them any more.
fn read_blocks(source: impl Read, blocks: &SyncSender<Block>, failed: &SyncSender<Numbered>) {
    let (mut reader, mut line) = (BufReader::with_capacity(BLOCK, source), 1);
    for number in 0.. {
        match read_block(&mut reader, number, line) {
            Ok(Some(block)) => {
                line += block.ends.len() as u64;
                if blocks.send(block).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                drop(failed.send(Err(error)));
                return;
            }
        }
    }
}

fn read_block(reader: &mut impl BufRead, number: u64, line: u64) -> Result<Option<Block>> {
    let mut block = Block {
        number,
        line,
        text: Vec::with_capacity(BLOCK + BLOCK / 4),
        ends: Vec::new(),
        bytes: 0,
    };
    while block.text.len() < BLOCK {
        let bytes = match read_line(reader, &mut block.text, LINE_MAX)? {
            Line::End => break,
            Line::Read(bytes) => {
                block.ends.push(Ok(block.text.len()));
                bytes
            }
            Line::TooLong(bytes) => {
                let message = format!("the line is longer than {LINE_MAX} bytes");
                block.ends.push(Err(Error::new(ErrorKind::Limit, message)));
                bytes
            }
        };
        block.bytes += bytes;
    }
    Ok((!block.ends.is_empty()).then_some(block))
}

/// Parses blocks until there are no more or nobody takes them any more.
fn parse_blocks(
    waiting: &Mutex<Receiver<Block>>,
    parsed: &SyncSender<Numbered>,
    model: &Model,
    writing: &Writing,
) {
    loop {
        let block = {
            let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.recv()
        };
        let Ok(block) = block else { return };
        let number = block.number;
        if parsed
            .send(Ok((number, block.parse(model, writing))))
            .is_err()
        {
            return;
        }
    }
}

impl Block {
    fn parse(self, model: &Model, writing: &Writing) -> Parsed {
        let lines = self.ends.len() as u64;
        let mut rows = Vec::with_capacity(self.ends.len());
        let mut start = 0;
        for (line, end) in (self.line..).zip(self.ends) {
            let mut name = "entity".to_owned();
            let read = match end {
                Ok(end) => {
                    let text = self.text.get(start..end).unwrap_or_default();
                    start = end;
                    let text = if line == 1 { without_mark(text) } else { text };
                    if text.trim_ascii().is_empty() {
                        continue;
                    }
                    read(model, text, line, writing, &mut name)
                }
                Err(error) => Err(error),
            };
            rows.push(read.map_err(|error| Refused {
                line,
                name,
                error,
                whole: true,
            }));
        }
        Parsed {
            rows,
            bytes: self.bytes,
            lines,
        }
    }
}

fn read(
    model: &Model,
    text: &[u8],
    line: u64,
    writing: &Writing,
    name: &mut String,
) -> Result<Row> {
    let document: Json = serde_json::from_slice(text).map_err(|error| {
        Error::invalid(format!("not JSON: {error}"))
            .with_help("write one entity a line, as a JSON object")
            .with_source(error)
    })?;
    let Some(fields) = document.as_object() else {
        let message = format!("an entity must be an object, not {}", json_kind(&document));
        return Err(Error::invalid(message));
    };
    let field = |key: &str| fields.get(key).and_then(Json::as_str);
    let Some(blueprint) = field("blueprint") else {
        let message = "an imported entity names its `blueprint`";
        return Err(Error::invalid(message).with_path("/blueprint"));
    };
    Row::read(model, (blueprint, fields), line, writing).inspect_err(|_| {
        let identifier = field("identifier").unwrap_or_default();
        *name = format!("{blueprint} `{identifier}`");
    })
}
