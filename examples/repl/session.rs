//! One conversation with a catalog: its settings, and how statements are run.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::{Duration, Instant};

use portolan::{Catalog, QueryOptions, Rows, Snapshot, Viewer};

use crate::arguments::Arguments;
use crate::commands;
use crate::failure::Failure;
use crate::format::{self, Cells, Mode, Page};
use crate::interrupt::Interrupts;
use crate::parameters::Parameters;
use crate::statements::Statement;
use crate::terminal;

/// Whether the conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    Quit,
}

/// A catalog, the settings of the shell, and where answers go.
pub(crate) struct Session {
    pub(crate) catalog: Catalog,
    pub(crate) viewer: Viewer,
    pub(crate) parameters: Parameters,
    pub(crate) mode: Mode,
    pub(crate) timer: bool,
    interrupts: Interrupts,
    out: BufWriter<io::Stdout>,
}

impl Session {
    pub(crate) fn new(
        catalog: Catalog,
        interrupts: Interrupts,
        arguments: &Arguments,
        by_hand: bool,
    ) -> Self {
        let mut parameters = Parameters::default();
        for (name, value) in &arguments.parameters {
            parameters.set(name, value);
        }
        Self {
            catalog,
            viewer: Viewer::system("repl"),
            parameters,
            mode: arguments.mode,
            // The output of scripts stays the same from run to run.
            timer: by_hand,
            interrupts,
            out: BufWriter::new(io::stdout()),
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.catalog.read(&self.viewer)
    }

    /// Runs a statement and writes its answer.
    pub(crate) fn run(&mut self, statement: &Statement) -> Result<Flow, Failure> {
        let flow = match statement {
            Statement::Query(text) => self.query(text).map(|()| Flow::Continue),
            Statement::Command(line) => commands::run(self, line),
        };
        self.out.flush()?;
        flow
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    pub(crate) fn close(mut self) -> Result<(), Failure> {
        self.out.flush()?;
        Ok(self.catalog.close()?)
    }

    /// Writes text, which ends its line, without what would steer a terminal.
    pub(crate) fn say(&mut self, text: impl std::fmt::Display) -> Result<(), Failure> {
        let text = terminal::harmless(&text.to_string());
        let end = if text.ends_with('\n') { "" } else { "\n" };
        Ok(write!(self.out, "{text}{end}")?)
    }

    /// Writes cells in the mode of the session.
    pub(crate) fn show(&mut self, cells: &Cells, took: Option<Duration>) -> Result<(), Failure> {
        let page = Page {
            width: width_of(&io::stdout()),
            colours: terminal::colours(&io::stdout()),
            took,
        };
        format::write(&mut self.out, self.mode, cells, &page)?;
        if let (true, Some(took)) = (self.mode != Mode::Table, took) {
            self.out.flush()?;
            terminal::remark(&format::duration(took));
        }
        Ok(())
    }

    fn query(&mut self, text: &str) -> Result<(), Failure> {
        let snapshot = self.snapshot();
        let (rows, took) = self.ask(&snapshot, text)?;
        let cells = Cells::of(&rows);
        self.show(&cells, self.timer.then_some(took))
    }

    fn ask(&self, snapshot: &Snapshot, text: &str) -> Result<(Rows, Duration), Failure> {
        let (rows, took) = timed(|| {
            self.interrupts.guard(|cancel| {
                let options = QueryOptions {
                    cancel,
                    ..QueryOptions::default()
                };
                snapshot.query_with(text, self.parameters.bound(text), &options)
            })
        });
        Ok((rows?, took))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the library never reads the clock; a shell may"
)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// The width to keep to; nothing where the output is not read by eye.
fn width_of(stream: &impl IsTerminal) -> Option<u16> {
    stream
        .is_terminal()
        .then(|| comfy_table::Table::new().width())
        .flatten()
}
