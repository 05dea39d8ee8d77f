//! A shell for catalogs: ask, read the model, grade and import, by hand or from a script.

mod arguments;
mod commands;
mod editor;
mod failure;
mod format;
mod interrupt;
mod operations;
mod parameters;
mod progress;
mod sample;
mod schema;
mod session;
mod statements;
mod terminal;
mod trial;

use std::io::{self, BufRead, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use portolan::Catalog;

use arguments::Arguments;
use failure::Failure;
use interrupt::Interrupts;
use session::{Flow, Session};
use statements::Statements;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output, `head` for one, has seen enough.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let by_hand = arguments.queries.is_empty() && io::stdin().is_terminal();
    let interrupts = Interrupts::install()?;
    let catalog = match &arguments.file {
        Some(path) => Catalog::open(path)?,
        None => sample::load()?,
    };
    let mut session = Session::new(catalog, interrupts, arguments, by_hand);
    if by_hand {
        editor::converse(&mut session, arguments.file.is_none())?;
    } else if arguments.queries.is_empty() {
        run_lines(&mut session, io::stdin().lock())?;
    } else {
        for text in &arguments.queries {
            if run_lines(&mut session, text.as_bytes())? == Flow::Quit {
                break;
            }
        }
    }
    session.close()
}

/// Runs a script up to its end, its `.quit` or its first failure.
fn run_lines(session: &mut Session, script: impl BufRead) -> Result<Flow, Failure> {
    let mut statements = Statements::default();
    for line in script.lines() {
        for statement in statements.push(&line.map_err(Failure::input)?) {
            if session.run(&statement)? == Flow::Quit {
                return Ok(Flow::Quit);
            }
        }
    }
    // The last statement needs no semicolon.
    match statements.finish() {
        Some(statement) => session.run(&statement),
        None => Ok(Flow::Continue),
    }
}
