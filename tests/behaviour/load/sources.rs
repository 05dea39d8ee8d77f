//! Sources that fail, callbacks that panic, limits: then nothing is loaded, and writing goes on.

use std::cell::Cell;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{declare, declared, everything, export, load, stays};
use crate::common::{options, viewer};
use portolan::{Catalog, ErrorKind, ImportOptions};
use serde_json::json;

/// Enough lines for several blocks.
fn orgs(count: usize) -> String {
    let line =
        |at| json!({"blueprint": "org", "identifier": format!("o{at}"), "title": "x".repeat(400)});
    let lines: Vec<String> = (0..count).map(|at| line(at).to_string() + "\n").collect();
    lines.concat()
}

/// What comes after the text.
#[derive(Clone, Copy, Debug)]
enum Then {
    Fail,
    Panic,
}

/// Gives a text in small parts, and then does something else than end.
struct Broken<'a>(&'a [u8], Then);

impl Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            match self.1 {
                Then::Fail => return Err(io::Error::other("the cable was pulled")),
                Then::Panic => panic!("the cable was cut"),
            }
        }
        let part = self.0.len().min(buffer.len()).min(1_000);
        buffer[..part].copy_from_slice(&self.0[..part]);
        self.0 = &self.0[part..];
        Ok(part)
    }
}

/// Whether a catalog is as it was, in memory and in its file, and can be written.
fn untouched(catalog: Catalog, path: &std::path::Path, before: &serde_json::Value) {
    assert_eq!(&everything(&catalog), before);
    let lines = "{\"blueprint\":\"org\",\"identifier\":\"o1\"}";
    assert_eq!(load(&catalog, lines.as_bytes()).commit.seq.0, 3);
    stays(catalog, path);
}

fn with_one(path: &std::path::Path) -> Catalog {
    let catalog = Catalog::open_with(path, options()).unwrap();
    declare(&catalog);
    let mut tx = catalog.write(&viewer()).unwrap();
    tx.upsert("org", &json!({"identifier": "first"})).unwrap();
    tx.commit().unwrap();
    catalog
}

#[test]
fn a_source_that_fails_halfway_loads_nothing() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("c");
    let catalog = with_one(&path);
    let before = everything(&catalog);
    for count in [0, 1, 3_000] {
        let text = orgs(count);
        let source = || Broken(text.as_bytes(), Then::Fail);
        let error = catalog.load(&viewer(), source(), ImportOptions::default());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(error.to_string().contains("cable was pulled"), "{error}");
    }
    untouched(catalog, &path, &before);
}

#[test]
fn a_panic_in_the_source_or_the_progress_loads_nothing() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("c");
    let catalog = with_one(&path);
    let before = everything(&catalog);
    for count in [1, 5_000] {
        let text = orgs(count);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let source = Broken(text.as_bytes(), Then::Panic);
            catalog.load(&viewer(), source, ImportOptions::default())
        }));
        assert!(panicked.is_err());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let options = ImportOptions::default().progress(|_| panic!("enough"));
            catalog.load(&viewer(), text.as_bytes(), options)
        }));
        assert!(panicked.is_err());
    }
    untouched(catalog, &path, &before);
}

#[test]
fn more_rows_than_fit_in_memory_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("c");
    let catalog = with_one(&path);
    let before = everything(&catalog);
    let text = orgs(5_000);
    let options = ImportOptions::default().memory(1 << 20);
    let error = catalog.load(&viewer(), text.as_bytes(), options);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.help().unwrap().contains("in several parts"));
    untouched(catalog, &path, &before);
    // What is overwritten takes no memory.
    let catalog = declared();
    let options = ImportOptions::default().memory(4_000);
    let text = orgs(1).repeat(5_000);
    let report = catalog.load(&viewer(), text.as_bytes(), options).unwrap();
    assert_eq!(report.entity_count(), 1);
}

#[test]
fn a_line_beyond_the_limit_is_left_out_alone() {
    let catalog = declared();
    let mut text = b"{\"blueprint\":\"org\",\"identifier\":\"a\"}\n".to_vec();
    text.resize(text.len() + (16 << 20), b' ');
    text.extend(b"\n{\"blueprint\":\"org\",\"identifier\":\"b\"}");
    let report = load(&catalog, &text);
    assert_eq!(super::refused(&report), [(2, true)]);
    assert_eq!(report.refused[0].error.kind(), ErrorKind::Limit);
    assert_eq!(report.entity_count(), 2);
}

#[test]
fn progress_sees_every_line_and_byte() {
    let catalog = declared();
    let text = orgs(3_000);
    let (calls, last) = (Cell::new(0), Cell::new((0, 0, 1)));
    let note = || {
        ImportOptions::default().progress(|progress| {
            assert!(progress.bytes >= last.get().0 || calls.get() == 0);
            calls.set(calls.get() + 1);
            last.set((progress.bytes, progress.lines, progress.total_bytes));
        })
    };
    catalog.load(&viewer(), text.as_bytes(), note()).unwrap();
    assert!(calls.get() > 2);
    assert_eq!(last.get(), (text.len() as u64, 3_000, 0));
    let lines = export(&catalog);
    let copy = Catalog::in_memory_with(options()).unwrap();
    calls.set(0);
    copy.import_export(&viewer(), lines.as_bytes(), note())
        .unwrap();
    assert!(calls.get() > 2);
    assert_eq!(last.get(), (lines.len() as u64, 3_005, 0));
    calls.set(0);
    copy.load(&viewer(), io::empty(), note()).unwrap();
    assert_eq!((calls.get(), last.get()), (1, (0, 0, 0)));
}

/// An export comes whole or not at all, however it fails.
#[test]
fn an_export_that_fails_halfway_leaves_an_empty_catalog() {
    let catalog = declared();
    load(&catalog, orgs(2_000).as_bytes());
    let lines = export(&catalog);
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("c");
    let copy = Catalog::open_with(&path, options()).unwrap();
    let attempts: [(usize, Then); 4] = [
        (40, Then::Fail),
        (lines.len() / 2, Then::Fail),
        (lines.len(), Then::Fail),
        (lines.len() / 2, Then::Panic),
    ];
    for (end, then) in attempts {
        let source = Broken(&lines.as_bytes()[..end], then);
        let attempt = || copy.import_export(&viewer(), source, ImportOptions::default());
        if let Ok(outcome) = catch_unwind(AssertUnwindSafe(attempt)) {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            let message = error.to_string();
            assert!(message.starts_with("the export cannot be read"), "{error}");
        }
    }
    let options = ImportOptions::default().memory(100_000);
    let error = copy.import_export(&viewer(), lines.as_bytes(), options);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(!error.help().unwrap().contains("parts"), "{error:#}");
    assert_eq!(copy.read(&viewer()).seq().0, 0);
    assert_eq!(copy.read(&viewer()).model().blueprints().count(), 0);
    copy.import_export(&viewer(), lines.as_bytes(), ImportOptions::default())
        .unwrap();
    assert_eq!(copy.read(&viewer()).seq().0, 1);
    stays(copy, &path);
}

/// Of several wrong lines the first is named, and of what goes with another the other.
#[test]
fn an_export_names_the_line_that_is_the_reason() {
    let catalog = declared();
    let text = concat!(
        "{\"blueprint\":\"team\",\"identifier\":\"a\",\"relations\":{\"lead\":\"b\"}}\n",
        "{\"blueprint\":\"team\",\"identifier\":\"b\",\"relations\":{\"lead\":\"b\"}}\n",
        "{\"blueprint\":\"org\",\"identifier\":\"o\",\"relations\":{\"friend\":{\"blueprint\":\"org\",\"identifier\":\"o\"}}}\n",
    );
    load(&catalog, text.as_bytes());
    let lines = export(&catalog);
    let attempt = |from: &str, to: &str| {
        let broken = lines.replacen(from, to, 1);
        assert_ne!(broken, lines);
        let copy = Catalog::in_memory_with(options()).unwrap();
        let error = copy.import_export(&viewer(), broken.as_bytes(), ImportOptions::default());
        error.unwrap_err().to_string()
    };
    let error = attempt(
        "\"identifier\":\"b\",\"properties\":{\"size\":3},\"relations\":{\"lead\":\"b\"}",
        "\"identifier\":\"b\",\"properties\":{\"size\":3},\"relations\":{\"lead\":\"c\"}",
    );
    assert!(
        error.starts_with("line 8: team `b`: `/relations/lead`: "),
        "{error}"
    );
    let error = attempt("\"identifier\":\"o\"}}", "\"identifier\":\"p\"}}");
    assert!(
        error.starts_with("line 6: org `o`: `/relations/friend`: "),
        "{error}"
    );
}
