//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::format::Mode;

const EXAMPLES: &str = "\
Examples:
  repl                                    look around the sample catalog
  repl acme.portolan                      open or create a catalog in a file
  repl -c 'MATCH (c:component) RETURN count(*)'
  repl acme.portolan --mode csv < report.txt > report.csv
  repl --param id=cart -c 'MATCH (c:component {$identifier: $id}) RETURN c.$title'

Statements end with a semicolon; the last one of a script may go without.
Lines that begin with a dot are commands: `.help` lists them.";

/// Ask a software catalog, look at its model, grade it and import into it.
#[derive(Debug, Parser)]
#[command(name = "repl", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The file of the catalog, created where it is missing; without it, a sample in memory
    pub(crate) file: Option<PathBuf>,

    /// Run these statements and leave; may be given more than once
    #[arg(short = 'c', long = "command", value_name = "QUERY")]
    pub(crate) queries: Vec<String>,

    /// How answers are printed
    #[arg(long, value_enum, default_value_t = Mode::Table)]
    pub(crate) mode: Mode,

    /// Set a parameter of queries; the value is JSON, or else a text
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) parameters: Vec<(String, String)>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}
