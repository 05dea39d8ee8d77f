//! How answers are printed: as a table, JSON, JSON lines or CSV.

mod cells;
mod csv;
mod json;
mod table;

use std::io::{self, Write};
use std::time::Duration;

use clap::ValueEnum;

pub(crate) use cells::Cells;

use crate::terminal;

/// A form of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    Table,
    Json,
    Csv,
    Jsonl,
}

impl Mode {
    pub(crate) const NAMES: [&str; 4] = ["table", "json", "csv", "jsonl"];
    pub(crate) const CHOICE: &str = "table|json|csv|jsonl";

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }
}

/// Where an answer is printed, and what is said below it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Page {
    /// The columns of the terminal, where there is one.
    pub(crate) width: Option<u16>,
    pub(crate) colours: bool,
    /// How long the answer took, where that is to be told.
    pub(crate) took: Option<Duration>,
}

/// Writes an answer.
pub(crate) fn write(
    out: &mut impl Write,
    mode: Mode,
    cells: &Cells,
    page: &Page,
) -> io::Result<()> {
    if mode == Mode::Table {
        return table::write(out, cells, page);
    }
    let mut text = Vec::new();
    match mode {
        Mode::Json => json::write_array(&mut text, cells)?,
        Mode::Jsonl => json::write_lines(&mut text, cells)?,
        Mode::Table | Mode::Csv => csv::write(&mut text, cells)?,
    }
    if page.width.is_some() {
        // Files get every character; a terminal does not.
        text = terminal::harmless(&String::from_utf8_lossy(&text)).into_bytes();
    }
    out.write_all(&text)
}

/// A duration as people read it: `0.8 ms`.
pub(crate) fn duration(took: Duration) -> String {
    let seconds = took.as_secs_f64();
    match seconds {
        ..1e-4 => format!("{:.0} µs", seconds * 1e6),
        ..10.0 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{seconds:.1} s"),
    }
}

/// A number of things: `1,204 rows`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let plural = if count == 1 { "" } else { "s" };
    format!("{grouped} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn modes_are_named_as_they_are_listed() {
        assert_eq!(Mode::NAMES.join("|"), Mode::CHOICE);
        for (name, mode) in Mode::NAMES.iter().zip(Mode::value_variants()) {
            assert_eq!(Mode::named(name), Some(*mode));
        }
        assert_eq!(Mode::named("xml"), None);
    }

    #[test]
    fn a_file_gets_every_character_and_a_terminal_does_not() {
        let mut cells = Cells::new(["a"]);
        cells.push([Json::from("\u{1b}[31mred\u{9b}0m")]);
        let written = |mode, width| {
            let page = Page {
                width,
                ..Page::default()
            };
            let mut out = Vec::new();
            assert!(write(&mut out, mode, &cells, &page).is_ok());
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(written(Mode::Csv, None), "a\n\u{1b}[31mred\u{9b}0m\n");
        assert_eq!(written(Mode::Csv, Some(80)), "a\n[31mred0m\n");
        assert!(written(Mode::Jsonl, None).contains('\u{9b}'));
        assert!(!written(Mode::Jsonl, Some(80)).contains('\u{9b}'));
    }

    #[test]
    fn counts_and_durations_are_easy_to_read() {
        assert_eq!(counted(0, "row"), "0 rows");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(999, "row"), "999 rows");
        assert_eq!(counted(1_234_567, "row"), "1,234,567 rows");
        assert_eq!(duration(Duration::from_micros(12)), "12 µs");
        assert_eq!(duration(Duration::from_micros(812)), "0.8 ms");
        assert_eq!(duration(Duration::from_millis(12_340)), "12.3 s");
    }
}
