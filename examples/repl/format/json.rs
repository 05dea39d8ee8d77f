//! JSON: one object a row, its keys in the order of the columns.

use std::io::{self, Write};

use serde_json::Value as Json;

use super::cells::Cells;

/// One array of objects, a row a line.
pub(crate) fn write_array(out: &mut impl Write, cells: &Cells) -> io::Result<()> {
    for (at, row) in cells.rows.iter().enumerate() {
        out.write_all(if at == 0 { b"[\n  " } else { b",\n  " })?;
        write_object(out, &cells.columns, row)?;
    }
    out.write_all(if cells.rows.is_empty() {
        b"[]\n"
    } else {
        b"\n]\n"
    })
}

/// An object a line.
pub(crate) fn write_lines(out: &mut impl Write, cells: &Cells) -> io::Result<()> {
    for row in &cells.rows {
        write_object(out, &cells.columns, row)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Written by hand, because a map of JSON would put the keys in order.
fn write_object(out: &mut impl Write, columns: &[String], row: &[Json]) -> io::Result<()> {
    out.write_all(b"{")?;
    for (at, (name, value)) in columns.iter().zip(row).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(out, "{comma}{}: {value}", Json::from(name.as_str()))?;
    }
    out.write_all(b"}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_objects_in_the_order_of_columns() {
        let mut cells = Cells::new(["z", "a\""]);
        let text = |cells: &Cells, write: fn(&mut Vec<u8>, &Cells) -> io::Result<()>| {
            let mut out = Vec::new();
            assert!(write(&mut out, cells).is_ok());
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(text(&cells, write_array), "[]\n");
        assert_eq!(text(&cells, write_lines), "");
        cells.push([Json::from(1), Json::Null]);
        cells.push([Json::from(true), Json::from("x")]);
        let (first, second) = (r#"{"z": 1, "a\"": null}"#, r#"{"z": true, "a\"": "x"}"#);
        assert_eq!(
            text(&cells, write_array),
            format!("[\n  {first},\n  {second}\n]\n")
        );
        assert_eq!(text(&cells, write_lines), format!("{first}\n{second}\n"));
    }
}
