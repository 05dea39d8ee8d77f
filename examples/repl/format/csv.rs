//! CSV as RFC 4180 has it, lines ending as Unix does; null is an empty field.

use std::io::{self, Write};

use serde_json::Value as Json;

use super::cells::{Cells, bare};

pub(crate) fn write(out: &mut impl Write, cells: &Cells) -> io::Result<()> {
    write_row(out, cells.columns.iter().map(|name| quoted(name)))?;
    for row in &cells.rows {
        write_row(out, row.iter().map(field))?;
    }
    Ok(())
}

fn write_row(out: &mut impl Write, fields: impl Iterator<Item = String>) -> io::Result<()> {
    writeln!(out, "{}", fields.collect::<Vec<_>>().join(","))
}

fn field(value: &Json) -> String {
    if value.is_null() {
        return String::new();
    }
    let text = bare(value);
    // An empty text is not null.
    if text.is_empty() {
        "\"\"".to_owned()
    } else {
        quoted(&text)
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let mut cells = Cells::new(["a", "b,c"]);
        cells.push([Json::Null, Json::from("")]);
        cells.push([Json::from("x \"y\"\nz"), Json::from(vec![1, 2])]);
        let mut out = Vec::new();
        assert!(write(&mut out, &cells).is_ok());
        let text = String::from_utf8_lossy(&out);
        assert_eq!(text, "a,\"b,c\"\n,\"\"\n\"x \"\"y\"\"\nz\",\"[1,2]\"\n");
    }
}
