//! Tables that fit the terminal: a line a row, long cells cut, numbers to the right, null dim.

use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell, CellAlignment, ContentArrangement, Row, Table, presets::UTF8_FULL_CONDENSED,
};
use serde_json::Value as Json;

use super::cells::{Cells, bare};
use super::{Page, counted, duration};
use crate::terminal::{harmless, steers};

/// More rows than this are counted but not shown where somebody reads along.
const ROWS_SHOWN_MAX: usize = 1_000;

/// A table whose columns have less room than this is not a table: its rows are paragraphs.
const COLUMN_WIDTH_MIN: usize = 8;

/// What stands for the rest of a cell that is cut.
const CUT: &str = "…";

pub(crate) fn write(out: &mut impl Write, cells: &Cells, page: &Page) -> io::Result<()> {
    let shown = page
        .width
        .map_or(cells.rows.len(), |_| ROWS_SHOWN_MAX.min(cells.rows.len()));
    if let Some(text) = long_text(cells) {
        writeln!(out, "{}", harmless(text.trim_end()))?;
    } else if !cells.rows.is_empty() {
        let rows = cells.rows.get(..shown).unwrap_or_default();
        if is_too_wide(cells, page) {
            write_records(out, &cells.columns, rows)?;
        } else {
            writeln!(out, "{}", table(&cells.columns, rows, page))?;
        }
    }
    let mut footer = counted(cells.rows.len(), "row");
    if shown < cells.rows.len() {
        footer = format!(
            "{footer} ({} shown)",
            counted(shown, "row").replace(" rows", "")
        );
    }
    if let Some(took) = page.took {
        footer = format!("{footer} · {}", duration(took));
    }
    if page.colours {
        writeln!(out, "\x1b[2m{footer}\x1b[0m")
    } else {
        writeln!(out, "{footer}")
    }
}

/// Whether the columns would be too narrow to read.
fn is_too_wide(cells: &Cells, page: &Page) -> bool {
    let columns = cells.columns.len();
    page.width
        .is_some_and(|width| columns > 1 && columns * COLUMN_WIDTH_MIN > usize::from(width))
}

/// A line a value, a paragraph a row.
fn write_records(out: &mut impl Write, columns: &[String], rows: &[Vec<Json>]) -> io::Result<()> {
    let names: Vec<String> = columns.iter().map(|name| one_line(name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for row in rows {
        for (name, value) in names.iter().zip(row) {
            writeln!(out, "{name:width$}  {}", one_line(&brief(value)))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The one value of an answer, where it is a text of many lines, a plan or a readme.
fn long_text(cells: &Cells) -> Option<&str> {
    match cells.rows.as_slice() {
        [row] => match row.as_slice() {
            [Json::String(text)] if text.contains('\n') => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn table(columns: &[String], rows: &[Vec<Json>], page: &Page) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_truncation_indicator(CUT);
    // Cells are cut where the room ends, not at the word before: no cell holds this character.
    table.set_delimiter('\0');
    if page.colours {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    if let Some(width) = page.width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    table.set_header(line(columns.iter().map(|name| Cell::new(one_line(name)))));
    for row in rows {
        table.add_row(line(row.iter().map(cell)));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        let mut values = rows
            .iter()
            .filter_map(|row| row.get(at))
            .filter(|v| !v.is_null());
        if values.clone().next().is_some() && values.all(Json::is_number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn line(cells: impl Iterator<Item = Cell>) -> Row {
    let mut row = Row::from(cells.collect::<Vec<_>>());
    row.max_height(1);
    row
}

fn cell(value: &Json) -> Cell {
    let cell = Cell::new(one_line(&brief(value)));
    if value.is_null() {
        cell.add_attribute(Attribute::Dim)
    } else {
        cell
    }
}

/// Entities by their names, lists of them as well; the other forms of output show them whole.
fn brief(value: &Json) -> String {
    let name = |value: &Json| {
        let (blueprint, identifier) = (value.get("$blueprint")?, value.get("$identifier")?);
        Some(format!("{}/{}", blueprint.as_str()?, identifier.as_str()?))
    };
    if let Some(name) = name(value) {
        return name;
    }
    let names = value.as_array().filter(|values| !values.is_empty());
    let names: Option<Vec<String>> = names.and_then(|values| values.iter().map(name).collect());
    names.map_or_else(|| bare(value), |names| format!("[{}]", names.join(", ")))
}

/// A row is one line: breaks are shown as signs, other control characters not at all, so that no
/// value can steer the terminal.
fn one_line(text: &str) -> String {
    let shown = text.trim_end().chars().filter_map(|c| match c {
        '\n' => Some('↵'),
        '\t' => Some(' '),
        c if steers(c) => None,
        c => Some(c),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn sample() -> Cells {
        let mut cells = Cells::new(["name", "tier"]);
        cells.push([Json::from("Cart\nof \x1b[31mcustomers"), Json::from(1)]);
        cells.push([Json::Null, Json::from(22)]);
        cells
    }

    fn written(cells: &Cells, page: &Page) -> String {
        let mut out = Vec::new();
        assert!(write(&mut out, cells, page).is_ok());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_table_shows_a_line_a_row_and_a_footer() {
        let page = Page {
            took: Some(Duration::from_micros(812)),
            ..Page::default()
        };
        assert_eq!(
            written(&sample(), &page),
            "┌───────────────────────┬──────┐\n\
             │ name                  ┆ tier │\n\
             ╞═══════════════════════╪══════╡\n\
             │ Cart↵of [31mcustomers ┆    1 │\n\
             │ null                  ┆   22 │\n\
             └───────────────────────┴──────┘\n\
             2 rows · 0.8 ms\n"
        );
        assert_eq!(written(&Cells::new(["a"]), &Page::default()), "0 rows\n");
    }

    #[test]
    fn long_cells_are_cut_to_the_width_of_the_terminal() {
        let mut cells = Cells::new(["text"]);
        cells.push([Json::from("long ".repeat(100))]);
        cells.push([Json::from("ö".repeat(100))]);
        let text = written(
            &cells,
            &Page {
                width: Some(40),
                ..Page::default()
            },
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 40),
            "{text}"
        );
        assert_eq!(text.matches(CUT).count(), 2, "{text}");
        assert_eq!(text.lines().count(), 7, "{text}");
    }

    #[test]
    fn a_terminal_is_not_flooded() {
        let mut cells = Cells::new(["n"]);
        (0..ROWS_SHOWN_MAX + 5).for_each(|n| cells.push([Json::from(n)]));
        let text = written(
            &cells,
            &Page {
                width: Some(80),
                ..Page::default()
            },
        );
        assert!(text.ends_with("1,005 rows (1,000 shown)\n"), "{text}");
        let text = written(&cells, &Page::default());
        assert!(text.ends_with("│ 1004 │\n└──────┘\n1,005 rows\n"), "{text}");
    }

    #[test]
    fn entities_are_shown_by_their_names() {
        let entity = json!({"$blueprint": "api", "$identifier": "cart-api", "version": "1"});
        assert_eq!(brief(&entity), "api/cart-api");
        assert_eq!(
            brief(&json!([entity, entity])),
            "[api/cart-api, api/cart-api]"
        );
        assert_eq!(brief(&json!([entity, 1])), json!([entity, 1]).to_string());
        assert_eq!(brief(&json!([])), "[]");
        assert_eq!(
            brief(&json!({"$blueprint": "api"})),
            "{\"$blueprint\":\"api\"}"
        );
    }

    #[test]
    fn rows_of_many_columns_are_paragraphs() {
        let columns = (0..20).map(|at| format!("c{at}")).collect();
        let rows = vec![(0..20).map(Json::from).collect(); 2];
        let cells = Cells { columns, rows };
        let page = Page {
            width: Some(80),
            ..Page::default()
        };
        let text = written(&cells, &page);
        assert!(text.starts_with("c0   0\nc1   1\n"), "{text}");
        assert!(text.ends_with("c19  19\n\n2 rows\n"), "{text}");
        assert!(written(&cells, &Page::default()).starts_with('┌'));
    }

    #[test]
    fn a_plan_is_printed_as_it_is() {
        let mut cells = Cells::new(["plan"]);
        cells.push([Json::from("scan\n  filter\n")]);
        assert_eq!(written(&cells, &Page::default()), "scan\n  filter\n1 row\n");
    }
}
